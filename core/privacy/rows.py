"""Statements over any declared table: which rows are a person's, which name him, and how they are emptied."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, JSON, ColumnElement, Table, Text, any_, cast, false, func, literal, or_, select
from sqlalchemy import Uuid as Key
from sqlalchemy.dialects.postgresql import ARRAY as PG_ARRAY

from core.base.model import TenantBase
from core.base.personal import Personal, personal

SHORTEST = 3  # a shorter text would be found everywhere
SYLLABLES = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\U00020000-\U0003ffff]+")


@dataclass
class Person:
    """ids: the keys of his records. sure: his addresses and numbers, which are nobody else's. names: what he is called, which
    others may be too. rows: table -> keys of rows that a person said are about him. mark: what stands in his place."""

    ids: set[UUID] = field(default_factory=set)
    sure: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    rows: dict[str, list[str]] = field(default_factory=dict)
    mark: str = ""

    @property
    def mails(self) -> list[str]:
        return sorted(one.lower() for one in self.sure if "@" in one)


def table_of(name: str) -> Table:
    """A table of the tenant's schema."""
    return TenantBase.metadata.tables[name]


def row_key(table: Table) -> ColumnElement[str]:
    """The primary key as one text."""
    return func.concat_ws("/", *(cast(column, Text) for column in table.primary_key.columns))


def pattern(terms: Collection[str]) -> str | None:
    """A regular expression that finds any of these texts, the longest first; None for none that is long enough. Two signs are
    long enough where a sign is a syllable or a word: 李明, 김수."""
    return _any_of(one for one in map(str.strip, terms) if len(one) >= SHORTEST or (len(one) == SHORTEST - 1 and SYLLABLES.fullmatch(one)))


def short(terms: Collection[str]) -> str | None:
    """The same for names of two letters, such as Bo or Li: to be found as whole words, and as they are written. None for none."""
    return _any_of(one for one in map(str.strip, terms) if len(one) == SHORTEST - 1 and one.isalpha() and not SYLLABLES.fullmatch(one))


def _any_of(terms: Iterable[str]) -> str | None:
    return "|".join(re.escape(one) for one in sorted(set(terms), key=lambda one: (-len(one), one))) or None


def finder(terms: Collection[str]) -> re.Pattern[str] | None:
    """What finds them in a text at hand."""
    anywhere, words = pattern(terms), short(terms)
    parts = [*([anywhere] if anywhere else []), *([rf"(?-i:\b(?:{words})\b)"] if words else [])]
    return re.compile("|".join(parts), re.IGNORECASE) if parts else None


def told(table: Table, columns: Collection[str]) -> ColumnElement[str]:
    """These columns of a row as one text."""
    return func.concat_ws(" ", *(cast(table.c[name], Text) for name in columns)) if columns else literal("")


def names(table: Table, columns: Collection[str], terms: Collection[str], *, words: bool = True) -> ColumnElement[bool]:
    """Rows in which one of these texts stands, case aside; with `words` also the short ones, as whole words."""
    sought, few = pattern(terms), short(terms) if words else None
    found = [*([told(table, columns).op("~*")(sought)] if sought else []), *([told(table, columns).op("~")(_whole(few))] if few else [])]
    return or_(*found) if found and columns else false()


def _whole(few: str) -> str:
    return rf"\m(?:{few})\M"


def own(one: Personal, person: Person) -> ColumnElement[bool]:
    """Rows that hang on the person's record, hold his address, or are children of a row of his."""
    return or_(hung(one, person), *(_child(one, column, parent, person) for column, parent in one.through))


def hung(one: Personal, person: Person) -> ColumnElement[bool]:
    """The same without the children: those stay with their parent, where that one stays."""
    table, found = table_of(one.table), [false()]
    if person.ids:
        found += [table.c[name] == any_(literal(sorted(person.ids), PG_ARRAY(Key))) for name in one.by]
    if person.mails and one.table not in ("contact", "account"):
        found += [func.lower(table.c[name]) == any_(literal(person.mails, PG_ARRAY(Text))) for name in one.at]
    return or_(*found)


def _child(one: Personal, column: str, parent: str, person: Person) -> ColumnElement[bool]:
    above, declared = table_of(parent), personal()[parent]
    return table_of(one.table).c[column].in_(select(above.c.id).where(or_(hung(declared, person), ticked(declared, person))))


def ticked(one: Personal, person: Person) -> ColumnElement[bool]:
    """Rows that a person said are about him."""
    keys = person.rows.get(one.table)
    return row_key(table_of(one.table)) == any_(literal(keys, PG_ARRAY(Text))) if keys else false()


def blank(column: Any, mark: str) -> Any:
    """What an emptied column holds: nothing where that may be, else its empty value, else the pseudonym."""
    if column.nullable:
        return None
    if isinstance(column.type, ARRAY | PG_ARRAY):
        return []
    if isinstance(column.type, JSON):
        return [] if "[]" in str(getattr(column.server_default, "arg", "")) else {}
    return mark


def swapped(column: Any, terms: Collection[str], mark: str) -> ColumnElement:
    """The column with the pseudonym for whatever names the person."""
    text, sought, few = cast(column, Text), pattern(terms), short(terms)
    if sought:
        text = func.regexp_replace(text, sought, mark, "gi")
    if few:
        text = func.regexp_replace(text, _whole(few), mark, "g")
    return cast(text, column.type) if isinstance(column.type, JSON | ARRAY | PG_ARRAY) else text


def stamped(table: Table, now: Any) -> dict[str, Any]:
    """What a write by statement raises itself."""
    return {name: value for name, value in (("version", table.c.get("version")), ("updated_at", now)) if name in table.c} | (
        {"version": table.c.version + 1} if "version" in table.c else {}
    )
