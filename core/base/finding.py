"""Search by part of a text: every word that was typed must be in it, whatever its accents, case or script.

What is searched is folded (lower case, no accents) by the database in a column that it computes itself, so that an
import in one statement and a form agree.
"""

import re
from collections.abc import Iterable
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, Text, and_, cast, func, literal, literal_column, or_, text, union_all
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from core.base.errors import Refused
from core.base.text import CONTROL

LONGEST, MOST_WORDS = 100, 6
# Of the rows that hold the words so many are looked at: whoever types one letter gets good answers, not all of them.
MOST_LOOKED_AT = 1000
ESCAPED, BACKSLASH = re.compile(r"([\\%_])"), r"\\\1"
IDEOGRAPHS = re.compile("[\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff]")
TRIGRAMS = "ext.gin_trgm_ops"
# What was written last waits in a list that every search reads through: of 64 kB it costs a search nothing, of the usual
# 4 MB it made one after an import ten times slower.
SOON = {"gin_pending_list_limit": 64}
FOLDED = "lower(ext.immutable_unaccent({column}))"
# The Chinese, Japanese and Korean characters of a text, one by one: a term of one or two of them has no trigram
# that would find it, so it is looked up by its characters and then compared.
EAST_ASIAN = "string_to_array(regexp_replace({folded}, '[^\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff]', '', 'g'), NULL)"


def words_of(typed: str | None) -> list[str]:
    """What was typed as words; refuses control characters, a line of more than 100 characters is cut."""
    line = (typed or "")[:LONGEST]
    if CONTROL.search(line):
        raise Refused("control_character", field="q")
    return line.split()[:MOST_WORDS]


def characters_of(column: Any) -> ColumnElement[list[str]]:
    """The East Asian characters of a folded column, spelled as the index on them spells it."""
    return literal_column(f"({EAST_ASIAN.format(folded=f'{column.table.name}.{column.name}')})", ARRAY(Text))  # noqa: S608 (names of our own models)


def holds(typed: str | None, folded: tuple[Any, ...], characters: Any = None) -> ColumnElement[bool] | None:
    """Rows that have every word in one of the `folded` columns; None for no words. characters: the East Asian
    characters of the first of them, where an index has them."""
    words = words_of(typed)
    return and_(*(_has(word, folded, characters) for word in words)) if words else None


def _has(word: str, folded: tuple[Any, ...], characters: Any) -> ColumnElement[bool]:
    """One word. From three letters on the trigram index finds it anywhere; one or two Latin letters are looked for at
    the beginning of words (that, too, has trigrams); one or two East Asian characters by the index of characters."""
    inside = _pattern("%", word, "%")
    east = IDEOGRAPHS.findall(word)
    if len(word) >= 3 or (east and characters is None):
        return or_(*(column.like(inside) for column in folded))
    if east:
        return and_(characters.contains(cast(literal(east, ARRAY(Text)), ARRAY(Text))), folded[0].like(inside))
    begins = _pattern("", word, "%")
    return or_(*(column.like(begins) for column in folded), folded[0].like(_pattern("% ", word, "%")))


def folded(typed: str) -> ColumnElement[str]:
    """What was typed, folded as the texts are: by the database, which folds those, where it is more than ASCII."""
    return literal(typed.lower(), Text) if typed.isascii() else func.lower(func.ext.immutable_unaccent(literal(typed, Text)))


def _pattern(before: str, word: str, after: str) -> ColumnElement[str]:
    """A pattern of LIKE whose own signs are escaped in the word after it is folded: folding can make a % (RELIABILITY X28)."""
    if word.isascii():
        return literal(f"{before}{re.sub(ESCAPED, BACKSLASH, word.lower())}{after}", Text)
    found = folded(word)
    for sign in ("\\", "%", "_"):
        found = func.replace(found, sign, "\\" + sign)
    return cast(literal(before).concat(found).concat(after), Text)


def plan_afresh(session: Session) -> None:
    """Plan the searches of this transaction for the words they hold. A plan kept for any words, which PostgreSQL
    takes after some runs, knows nothing of how rare they are: two words took three times as long on 100,000 names."""
    session.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))


def first_of_each(session: Session, parts: list[Select], kinds: Iterable[str], limit: int) -> list[Row]:
    """The best rows of each of the `kinds`, in that order, by one statement. A part selects kind, id, rank and name_fold
    (what it is sorted by within its kind) beside what it shows; a row that two parts found stands once."""
    if not parts:
        return []
    plan_afresh(session)
    found: dict[str, dict[UUID, Row]] = {kind: {} for kind in kinds}
    for row in sorted(session.execute(union_all(*parts)), key=lambda row: (row.rank, row.name_fold)):
        found[row.kind].setdefault(row.id, row)
    return [row for rows in found.values() for row in islice(rows.values(), limit)]
