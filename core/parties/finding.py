"""Search by part of a name: every word that was typed must be in it, whatever its accents, case or script."""

import re
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, cast, func, literal, literal_column, or_, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from core.base.errors import Refused
from core.base.text import CONTROL
from core.parties.models import EAST_ASIAN

LONGEST, MOST_WORDS = 100, 6
IDEOGRAPHS = re.compile("[\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff]")


def words_of(typed: str | None) -> list[str]:
    """What was typed as words; refuses control characters, a line of more than 100 characters is cut."""
    text = (typed or "")[:LONGEST]
    if CONTROL.search(text):
        raise Refused("control_character", field="q")
    return text.split()[:MOST_WORDS]


def found_by(typed: str | None, model: Any, *further: Any) -> ColumnElement[bool] | None:
    """Rows of `model` that have every word in their name or in one of the `further` columns; None for no words."""
    words = words_of(typed)
    return and_(*(_has(word, model, further) for word in words)) if words else None


def _has(word: str, model: Any, further: tuple[Any, ...]) -> ColumnElement[bool]:
    """One word. From three letters on the trigram index finds it anywhere; one or two Latin letters are looked for at
    the beginning of words (that, too, has trigrams); one or two East Asian characters by the index of characters."""
    pattern = _escaped(word)
    east = IDEOGRAPHS.findall(word)
    if len(word) >= 3:
        inside = literal("%").concat(pattern).concat("%")
        return or_(*(column.like(inside) for column in (model.name_fold, *further)))
    if east:
        characters = literal_column(f"({EAST_ASIAN.replace('name_fold', model.__tablename__ + '.name_fold')})", ARRAY(Text))  # noqa: S608 (a table's own name)
        return and_(characters.contains(cast(literal(east, ARRAY(Text)), ARRAY(Text))), model.name_fold.like(literal("%").concat(pattern).concat("%")))
    begins = [column.like(pattern.concat("%")) for column in (model.name_fold, *further)]
    return or_(*begins, model.name_fold.like(literal("% ").concat(pattern).concat("%")))


def _escaped(word: str) -> ColumnElement[str]:
    """The word folded as the names are, with LIKE's own signs escaped after that: folding can make a % (RELIABILITY X28)."""
    folded = func.lower(func.ext.immutable_unaccent(literal(word, Text)))
    for sign in ("\\", "%", "_"):
        folded = func.replace(folded, sign, "\\" + sign)
    return cast(folded, Text)


def plan_afresh(session: Session) -> None:
    """Plan the searches of this transaction for the words they hold. A plan kept for any words, which PostgreSQL
    takes after some runs, knows nothing of how rare they are: two words took three times as long on 100,000 names."""
    session.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))
