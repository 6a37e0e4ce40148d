"""The list of reasons for which deals are lost: added and taken away by who manages pipelines."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from core.base.context import Context
from core.base.editing import hold_place
from core.base.errors import NotFound, Refused
from core.base.facts import record
from core.base.policy import require
from core.base.text import clean_needed
from core.deals.models import LossReason
from core.deals.pipelines import forget

MOST = 50


def all_reasons(ctx: Context) -> list[LossReason]:
    """Every reason that is offered, by name."""
    return list(ctx.session.execute(select(LossReason).order_by(func.lower(LossReason.name), LossReason.id)).scalars())


def add_reason(ctx: Context, name: Any) -> LossReason:
    """One more. Refuses a name that is there, and more than fifty."""
    require(ctx, "pipelines.manage")
    said = clean_needed(name, field="reason", max_length=100)
    hold_place(ctx, "loss_reason")
    if ctx.session.execute(select(LossReason.id).where(func.lower(LossReason.name) == func.lower(said))).first():
        raise Refused("name_taken_here", field="reason")
    if ctx.session.execute(select(func.count()).select_from(LossReason)).scalar_one() >= MOST:
        raise Refused("too_many_items", field="reason", max=MOST)
    ctx.session.add(row := LossReason(name=said))
    ctx.session.flush()  # the fact names it by key
    record(ctx, "loss_reason.added", row, name=said)
    forget(ctx)
    return row


def remove_reason(ctx: Context, key: UUID) -> str:
    """Offer it no more; deals that were lost for it keep their words. Gives its name."""
    require(ctx, "pipelines.manage")
    row = ctx.session.get(LossReason, key)
    if row is None:
        raise NotFound()
    record(ctx, "loss_reason.removed", row, name=row.name)
    ctx.session.delete(row)
    ctx.session.flush()  # the page that follows reads them anew
    forget(ctx)
    return row.name
