"""Kinds of records that other rooms hang something on: comments, followers, files, notifications.

A room declares its own in its models.py, `RECORD_KINDS = (RecordKind(Account, "accounts.read", "/accounts/{id}", discussed=True),)`.
Whoever hangs something on a record keeps (kind, key) and knows nothing of its room; it is seen by whoever sees the record.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, func, literal, or_, select

from core.base.context import Context
from core.base.editing import read_anew
from core.base.errors import NotFound, Refused
from core.base.policy import has, is_visible, sees, visible


@dataclass(frozen=True)
class RecordKind:
    """model: its table's name is the kind's. permission: what reading takes. path: the page of one. title: what it is
    called by. discussed: people comment on it, follow it and put files there. shared: one of them can be shown to others by name. waited: whoever hangs something
    on one waits for who is just changing it, and the other way round."""

    model: Any
    permission: str
    path: str
    title: str = "name"
    discussed: bool = False
    shared: bool = True
    waited: bool = False

    @property
    def name(self) -> str:
        return self.model.__tablename__


def kinds(*, discussed: bool = False) -> dict[str, RecordKind]:
    """Every declared kind by name; discussed: only those that people discuss."""
    from core.base.registry import collect_record_kinds

    found = collect_record_kinds()
    return {name: kind for name, kind in found.items() if kind.discussed} if discussed else found


def kind_of(record: Any) -> str:
    """The kind of a record."""
    return record.__tablename__


def path_of(kind: str | None, key: UUID | None) -> str | None:
    """Where the page of a record lies on its tenant's host; None for no record."""
    found = kinds().get(kind or "")
    return found.path.format(id=key) if found else None


def readable(ctx: Context, kind: RecordKind) -> ColumnElement[bool]:
    """The rows of that kind that the actor may open: alive, within his reach, and of a room that he reads."""
    if not has(ctx, kind.permission):
        return false()
    alive = [kind.model.deleted_at.is_(None)] if hasattr(kind.model, "deleted_at") else []
    return and_(*alive, sees(ctx, kind.model))


def on_readable(ctx: Context, kind_column: Any, key_column: Any, *, discussed: bool = False) -> ColumnElement[bool]:
    """Rows that hang on a record which the actor may open."""
    found = []
    for name, kind in kinds(discussed=discussed).items():
        there = select(literal(1)).select_from(kind.model).where(kind.model.id == key_column, readable(ctx, kind)).exists()
        found.append(and_(kind_column == name, there))
    return or_(*found)


def facts_above(ctx: Context, type_column: Any, key_column: Any) -> list[ColumnElement[bool]]:
    """A fact about a record of a room above (a deal) stands on its account's timeline too: for those who may open that record."""
    above = {name: kind for name, kind in kinds().items() if name not in ("account", "contact") and hasattr(kind.model, "account_id")}
    return [or_(type_column != name, select(literal(1)).where(kind.model.id == key_column, readable(ctx, kind)).exists()) for name, kind in above.items()]


def with_titles(ctx: Context, query: Select, kind_column: Any, key_column: Any) -> tuple[Select, Any, Any]:
    """(the query joined to the records that the actor may open, their title, is there one that he may open)."""
    titles, there = [], []
    for name, kind in kinds().items():
        query = query.join(kind.model, and_(kind_column == name, kind.model.id == key_column, readable(ctx, kind)), isouter=True)
        titles.append(getattr(kind.model, kind.title))
        there.append(kind.model.id.is_not(None))
    return query, func.coalesce(*titles), or_(*there)


def find(ctx: Context, kind: str, key: UUID) -> Any:
    """A record that is discussed and that the actor may open; NotFound otherwise. An unknown kind is `unknown_value`."""
    found = kinds(discussed=True).get(kind)
    if found is None:
        raise Refused("unknown_value", field="record_kind")
    record = ctx.session.execute(visible(ctx, found.model).where(found.model.id == key, readable(ctx, found))).scalar_one_or_none()
    if record is None:
        raise NotFound()
    return record


def may_open(ctx: Context, record: Any) -> bool:
    """The twin of `readable` for one record that is loaded."""
    kind = kinds()[kind_of(record)]
    return has(ctx, kind.permission) and getattr(record, "deleted_at", None) is None and is_visible(ctx, record)


def check_open(ctx: Context, record: Any) -> None:
    """Before something is hung on a record: refuses whoever may not open it, as it stands once nobody is at it who must be waited for."""
    if kinds()[kind_of(record)].waited:
        read_anew(ctx, record, {"read": True})
    if not may_open(ctx, record):
        find(ctx, kind_of(record), record.id)  # says why


def title_of(record: Any) -> str:
    """What a record is called."""
    return getattr(record, kinds()[kind_of(record)].title)
