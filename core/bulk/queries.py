"""Reads about bulk edits."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from core.base.batches import batches
from core.base.context import Context
from core.base.errors import NotFound
from core.base.field_rights import hidden
from core.base.policy import sees, visible
from core.bulk.models import BulkEdit, BulkEditRow


def runs(ctx: Context, *, limit: int = 50) -> list[BulkEdit]:
    """One's bulk edits, the newest first, without selections that came to nothing; who sees all sees everybody's."""
    query = visible(ctx, BulkEdit).where(BulkEdit.started_at.is_not(None)).order_by(BulkEdit.created_at.desc(), BulkEdit.id.desc()).limit(limit)
    return list(ctx.session.execute(query).scalars())


def one(ctx: Context, run_id: UUID) -> BulkEdit:
    """A run; NotFound where the actor may not know of it."""
    run = ctx.session.execute(visible(ctx, BulkEdit).where(BulkEdit.id == run_id)).scalar_one_or_none()
    if run is None:
        raise NotFound()
    return run


def wanted(ctx: Context, run: BulkEdit) -> dict[str, Any]:
    """What is to be done, without what the actor must not know of such records."""
    away = hidden(ctx, run.kind)
    if run.operation == "tags":
        return {} if "tags" in away else run.wanted
    if (one := next((one for one in batches()[run.kind].reckonings if one.name == run.operation), None)) is not None:
        return {} if one.column in away else run.wanted
    return {name: value for name, value in run.wanted.items() if name not in away}


def rows(ctx: Context, run: BulkEdit, outcomes: Sequence[str], *, after: int = 0, limit: int = 100) -> list[Row]:
    """(position, record_id, name, outcome, before, owner_id) of the run's records with one of these outcomes, as far as the
    actor sees them, in the list's order; before without what he must not know."""
    model, away = batches()[run.kind].model, hidden(ctx, run.kind)
    before: Any = BulkEditRow.before
    for name in sorted({*away, *(("mail_norm",) if "mail" in away else ())}):
        before = before.op("-")(name)
    query = (
        select(BulkEditRow.position, BulkEditRow.record_id, model.name, BulkEditRow.outcome, before.label("before"))
        .join(model, model.id == BulkEditRow.record_id)
        .where(BulkEditRow.run_id == run.id, BulkEditRow.outcome.in_(outcomes), BulkEditRow.position > after, sees(ctx, model))
    )
    return list(ctx.session.execute(query.order_by(BulkEditRow.position).limit(limit)))
