"""What is found where a name is not written as it was typed: names in Chinese and Hangul by how they are read, words with a
slip of the finger, and what a record was called that has been merged into another since."""

import re
from collections.abc import Sequence
from typing import Any

from rapidfuzz.distance import OSA
from sqlalchemy import (
    ColumnElement,
    Row,
    Select,
    Text,
    and_,
    any_,
    cast,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.orm import Session, aliased

from core.base.finding import IDEOGRAPHS, characters_of, folded, holds, words_of
from core.parties.models import HANGUL, Account, Contact
from core.parties.naming import latin
from core.parties.romanising import of_hangul, of_latin

# A word of so many letters may have a slip in it, a long one two; of those that share so much of their trigrams the likeliest are looked at.
SLIPS, TWO_SLIPS, SHARED, LOOKED_AT = 5, 9, 0.3, 40
# Letters that changed places leave a short word too few trigrams: its words are looked up with the places changed back.
SHORT = 8

LOSERS = {model: (aliased(model), aliased(model)) for model in (Account, Contact)}  # made once: making an alias costs more than the query


def read_so(typed: str, model: Any) -> ColumnElement[bool] | None:
    """Names in Chinese or Hangul whose signs are read as what was typed, word by word; None where it is nothing of that kind."""
    words = words_of(typed)
    found = [_read_so(word, model) for word in words]
    return and_(*found) if found and all(one is not None for one in found) else None


def _read_so(word: str, model: Any) -> ColumnElement[bool] | None:
    hangul = of_hangul(word)
    if hangul is not None:
        initials, pattern = hangul
        called = func.ext.initials(model.name_fold)
        # Two initials have trigrams at the beginning of a word alone; the condition on Hangul is that of the index.
        begins = [called.like(f"%{initials}%")] if len(initials) > 2 else [called.like(f"{initials}%"), called.like(f"% {initials}%")]
        written = literal_column(HANGUL.replace("name_fold", f"{model.__tablename__}.name_fold"))  # noqa: S608 (a constant, and the name of one of two tables)
        return and_(written, or_(*begins), model.name_fold.op("~")(pattern))
    signs = of_latin(word.lower().replace("'", ""))
    if signs is None:
        return None
    characters = characters_of(model.__table__.c.name_fold)
    return and_(*(characters.overlap(cast(literal(list(one), ARRAY(Text)), ARRAY(Text))) for one in signs.held), model.name_fold.op("~")(signs.pattern))


def once_called(typed: str, model: Any) -> ColumnElement[bool] | None:
    """Records into which one was merged that had every word in its name, through merges of merges; None for no words."""
    loser, further = LOSERS[model]
    named = holds(typed, (loser.name_fold,))
    if named is None:
        return None
    gone = select(loser.merged_into.label("id")).where(loser.merged_into.is_not(None), named).limit(LOOKED_AT).cte(f"gone_{model.__tablename__}", recursive=True)
    gone = gone.union(select(further.merged_into).join(gone, further.id == gone.c.id).where(further.merged_into.is_not(None)))
    # As an array made beforehand, as in core.parties.reach_finding.
    return model.id == any_(func.coalesce(select(func.array_agg(gone.c.id)).scalar_subquery(), array([], type_=model.id.type)))


def widen(session: Session) -> None:
    """Let `slipped` find in this transaction what shares little enough."""
    session.execute(text(f"SET LOCAL pg_trgm.word_similarity_threshold = {SHARED}"))


def slipped(typed: str, model: Any, columns: Sequence[Any], alive: Sequence[Any]) -> Select | None:
    """`columns` of the names that share most with what was typed, for `really_near` to look at; None where no word is long enough for a
    slip. To be sent after `widen`."""
    words = words_of(typed)
    if not any(_may_slip(word) for word in words):
        return None
    near = and_(*(_near(word, model) for word in words))
    alike = func.word_similarity(folded(" ".join(words)), model.name_fold)
    return select(*columns).where(*alive, near).order_by(alike.desc(), model.id).limit(LOOKED_AT)


def _may_slip(word: str) -> bool:
    return len(word) >= SLIPS and not IDEOGRAPHS.search(word) and not re.search("[0-9@]", word)


def _near(word: str, model: Any) -> ColumnElement[bool]:
    """Names that hold the word, or (of five letters or more) one that shares so much with it."""
    written = holds(word, (model.name_fold,))
    if not _may_slip(word):
        return written
    ways = [written, folded(word).op("<%")(model.name_fold)]
    if len(word) < SHORT:
        turned = [word[:n] + word[n + 1] + word[n] + word[n + 2:] for n in range(len(word) - 1) if word[n] != word[n + 1]]
        ways += [one for each in turned if (one := holds(each, (model.name_fold,))) is not None]
    return or_(*ways)


def really_near(typed: str, rows: Sequence[Row]) -> list[Row]:
    """Of the rows those in whose names every word stands with a slip at most (letter left out, put in, mistaken, changed places), two
    in a long word; the nearest first."""
    words = [latin(word) for word in words_of(typed)]
    judged = [(row, [_slips(word, latin(row.name)) for word in words if word]) for row in rows]
    near = [(row, sum(slips)) for row, slips in judged if slips and all(slip is not None for slip in slips)]
    return [row for row, _ in sorted(near, key=lambda one: (one[1], one[0].name_fold))]


def _slips(word: str, name: str) -> int | None:
    """How many slips are between a word and the nearest of a name; 0 where the name holds it, None for too many."""
    if word in name:
        return 0
    most = 2 if len(word) >= TWO_SLIPS else 1 if len(word) >= SLIPS else 0
    return min((far for each in name.split() if (far := OSA.distance(word, each, score_cutoff=most)) <= most), default=None)
