"""Which columns a statement reads: found out once for each form of statement, since hundreds are looked at for each page."""

from collections.abc import Iterator
from itertools import chain
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement
from sqlalchemy.sql import visitors

CUSTOM, FIND = "custom", "custom_find"  # the tenant's own values of a record, and what a search finds them by
KEPT = "tendero_read"


class Read(NamedTuple):
    """What a statement reads, whoever sends it: (table, column); of own values (table, column, what the statement says of the keys)."""

    columns: frozenset[tuple[str, str]]
    own: tuple[tuple[str, str, tuple[str, ...] | None], ...]


def read_by(compiled: Any) -> Read:
    """Found out once for all statements of one form: they share what SQLAlchemy compiled, whose key holds their columns and what is said
    of them."""
    found = compiled.__dict__.get(KEPT)
    if found is None:
        found = compiled.__dict__[KEPT] = _read_in(compiled.statement)
    return found


def _read_in(statement: Any) -> Read:
    columns, own = set(), set()
    for element in chain(visitors.iterate(statement), _whole(statement)):
        for column in element.base_columns if element.__visit_name__ == "column" else ():
            key = (getattr(getattr(column, "table", None), "name", ""), getattr(column, "name", ""))
            columns.add(key)
            if key[1] in (CUSTOM, FIND):
                own.add((*key, element._annotations.get(CUSTOM)))
    return Read(frozenset(columns), tuple(own))


def _whole(statement: Any) -> Iterator[ColumnElement]:
    """The columns of tables and subqueries that a statement selects as a whole: they are named nowhere in it."""
    for one in (statement, *getattr(statement, "selects", ())):
        for described in getattr(one, "column_descriptions", ()):
            if isinstance(described["expr"], ColumnElement):
                yield described["expr"]
