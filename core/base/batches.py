"""Records of which many may be changed by one bulk edit. A room declares it in its `batched.py` (`BATCHES = (Batched(…),)`), as plain values
and functions; core.bulk chooses, previews, writes, tells and takes back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement

from core.base.context import Context
from core.base.registry import modules

Values = Mapping[str, Any]
# Records that are left out, and as what they are counted (core.bulk.models.OUTCOMES).
LeftOut = tuple[ColumnElement[bool], str]


@dataclass(frozen=True)
class Chain:
    """A field that names another record of the same kind and must not lead back to its own. hold(ctx): the lock under which such links
    are changed. above(ctx, keys): which record each of them, and each of those above, leads to."""

    hold: Callable[[Context], None]
    above: Callable[[Context, set[UUID]], dict[UUID, UUID]]


@dataclass(frozen=True)
class Reckoning:
    """An operation that works a field of each record out of what stands in it.

    name: of the operation. column: of the field. beside: columns that it goes by too. clean(ctx, given): what is asked, as JSON, clean; given
    that again it gives the same. worked(wanted, old): the new value, of the texts that stand in the columns; or why the record is left out."""

    name: str
    column: str
    beside: tuple[str, ...]
    clean: Callable[[Context, Values], dict[str, Any]]
    worked: Callable[[Values, Mapping[str, str | None]], Any]

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.column, *self.beside)


@dataclass(frozen=True)
class Batched:
    """A kind of records.

    kind: the room, and how its permissions begin; subject: what its facts are about. fields: the cleaners of the room's use cases. apart:
    fields that are a record's own, so that no two have the same. where(ctx, filters): which the actor sees in the list, as far as they may
    be chosen. check(ctx, values): refuses what no record may be given. settle(ctx, values): with the columns that follow from them. hung:
    columns that name an account or person, whose timelines tell it too. chains: field -> what it must not lead back to. beside(name): columns
    beside a field that go wherever it goes; stamped(ctx, values): what is written into them. left_out(ctx, operation, values): which
    records are not changed so. followed(ctx, operation, keys): these were changed, or put back. came_back(ctx, moments): these came back
    out of the recycle bin, each with the moment at which it went. reckonings: operations that work a field out."""

    kind: str
    subject: str
    model: Any
    fields: Mapping[str, Callable[[Any, str], Any]]
    where: Callable[[Context, Any], list]
    check: Callable[[Context, Values], None]
    apart: frozenset[str] = frozenset()
    settle: Callable[[Context, dict[str, Any]], dict[str, Any]] = lambda ctx, values: values
    hung: tuple[str, ...] = ()
    chains: Mapping[str, Chain] = field(default_factory=dict)
    beside: Callable[[str], tuple[str, ...]] = lambda name: ()
    stamped: Callable[[Context, Values], dict[str, Any]] = lambda ctx, values: {}
    left_out: Callable[[Context, str, Values], list[LeftOut]] = lambda ctx, operation, values: []
    followed: Callable[[Context, str, Sequence[UUID]], None] = lambda ctx, operation, keys: None

    came_back: Callable[[Context, Mapping[UUID, datetime]], None] = lambda ctx, moments: None
    reckonings: tuple[Reckoning, ...] = ()

    @property
    def is_owned(self) -> bool:
        """Does somebody answer for each of them?"""
        return "owner_id" in self.fields

    @property
    def is_tagged(self) -> bool:
        return "tags" in self.fields


@lru_cache
def batches() -> dict[str, Batched]:
    """What the rooms declare, by kind."""
    return {one.kind: one for module in modules("batched") for one in module.BATCHES}
