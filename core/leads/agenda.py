"""Next steps of open leads on days."""

from collections.abc import Iterable

from sqlalchemy import select

from core.base import planned
from core.base.context import Context
from core.base.planned import Asked, Entry
from core.base.policy import changes_of, has, sees
from core.leads.models import OPEN, Lead


def next_steps(ctx: Context, asked: Asked) -> Iterable[Entry]:
    """Of the open leads that the actor sees."""
    if not has(ctx, "leads.read"):
        return
    query = select(Lead.id, Lead.version, Lead.name, Lead.company, Lead.next_step, Lead.next_step_on, Lead.owner_id)
    query = query.where(Lead.state.in_(OPEN), Lead.deleted_at.is_(None), Lead.next_step_on >= asked.first, Lead.next_step_on < asked.after, sees(ctx, Lead))
    if asked.people is not None:
        query = query.where(Lead.owner_id.in_(asked.people))
    if asked.only is not None:
        query = query.where(Lead.id == asked.only)
    editable = has(ctx, "leads.edit")
    for row in ctx.session.execute(query.order_by(Lead.next_step_on, Lead.id).limit(planned.MOST + 1)):
        about = " · ".join(dict.fromkeys(name for name in (row.name, row.company) if name))
        yield Entry("lead", row.id, "step", row.next_step or "", about, row.next_step_on, f"/leads/{row.id}", row.owner_id, row.version, moves=editable and changes_of(ctx, "leads", row.owner_id))


AGENDA = (next_steps,)
