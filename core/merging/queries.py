"""Reads about merges, and where a merged record has gone."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from core.base.context import Context
from core.base.errors import NotFound
from core.base.policy import may, sees, visible
from core.merging import choosing, moving
from core.merging.choosing import MODELS
from core.merging.models import Merge
from core.merging.running import MOST
from core.merging.undoing import can_be_undone


def runs(ctx: Context, *, limit: int = 50) -> list[Merge]:
    """One's merges, the newest first; who sees all sees everybody's."""
    query = visible(ctx, Merge).order_by(Merge.created_at.desc(), Merge.id.desc()).limit(limit)
    return list(ctx.session.execute(query).scalars())


def one(ctx: Context, run_id: UUID) -> Merge:
    """A merge; NotFound where the actor may not know of it."""
    run = ctx.session.execute(visible(ctx, Merge).where(Merge.id == run_id)).scalar_one_or_none()
    if run is None:
        raise NotFound()
    return run


def undoable(ctx: Context, record: Any) -> list[Merge]:
    """The merges that made this record what it is and that the actor can take back, the newest first."""
    if not may(ctx, "merges.run"):
        return []
    query = visible(ctx, Merge).where(Merge.survivor_id == record.id, Merge.kind == record.__tablename__, Merge.state != "undone")
    return [run for run in ctx.session.execute(query.order_by(Merge.created_at.desc()).limit(20)).scalars() if can_be_undone(ctx, run)]


def candidates(ctx: Context, kind: str, keys: Sequence[UUID]) -> list[Any]:
    """The records to be merged, in the order asked for, as far as the actor sees them; ten at most."""
    model = MODELS[kind]
    found = {one.id: one for one in ctx.session.execute(visible(ctx, model).where(moving.among(model.id, list(keys)), model.deleted_at.is_(None))).scalars()}
    return [found[key] for key in dict.fromkeys(keys) if key in found][:MOST]


def preview(ctx: Context, kind: str, records: Sequence[Any]) -> dict[str, tuple[int, int]]:
    """What would move and what would stay, by the child's name (core.merging.moving.counted)."""
    return moving.counted(ctx, kind, records[0].id, [one.id for one in records[1:]])


def differing(ctx: Context, kind: str, records: Sequence[Any]) -> list[str]:
    """The fields in which the records differ and that the actor may choose."""
    return [name for name in choosing.fields(ctx, kind) if len({repr(getattr(one, name) or None) for one in records}) > 1]


def left(ctx: Context, run: Merge, outcomes: Sequence[str]) -> list[Row]:
    """(child, outcome, rows) of what was not moved, or not put back."""
    return list(ctx.session.execute(moving.rows_of(run, outcomes)))


def survivor_of(ctx: Context, kind: str, key: UUID) -> UUID | None:
    """Where a merged record has gone, through merges of merges; None where it was not merged, or the actor does not see
    what it became."""
    model, seen = MODELS[kind], set()
    while key not in seen:
        seen.add(key)
        row = ctx.session.execute(select(model.merged_into, model.deleted_at, sees(ctx, model).label("seen")).where(model.id == key)).one_or_none()
        if row is None or row.merged_into is None:
            return key if row is not None and row.seen and row.deleted_at is None and len(seen) > 1 else None
        key = row.merged_into
    return None
