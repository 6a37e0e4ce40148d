"""Whoever leaves gives all that he looks after to one colleague, and what programs make for him: a handover like any other, begun with
the end of his access."""

from uuid import UUID

from sqlalchemy import select

from core.base.context import Context
from core.base.errors import Refused
from core.base.facts import record
from core.base.policy import has, may, require
from core.handover import giving, planning, queries
from core.handover.run_models import HandoverRun
from core.identity import programs
from core.identity.models import User
from core.leads.assigning import readers


def hand_over(ctx: Context, leaver: User, successor_id: UUID) -> HandoverRun:
    """Give the leaver's records to somebody else, as far as the actor changes them: few at once, more in the background. What had nothing is
    a plan thrown away. Refuses whoever can't take over, or is the leaver (`user_unknown`)."""
    require(ctx, "users.disable", leaver)
    name = planning.successors(ctx, leaver).get(successor_id)
    if name is None:
        raise Refused("user_unknown", field="successor")
    run = planning.plan(ctx, leaver.id, way="one", people_=[successor_id])
    programs.give_what_they_make(ctx, leaver.id, successor_id)
    record(ctx, "user.handed_over", leaver, about=(successor_id,), name=leaver.name, successor=name)
    return giving.start(ctx, run) if run.outcomes["due"] else giving.cancel(ctx, run)


def handed_over(ctx: Context, user_id: UUID) -> list[HandoverRun]:
    """What somebody handed over, the newest first, as long as it can be taken back; for whoever may."""
    if not has(ctx, "handovers.run"):
        return []
    query = select(HandoverRun).where(HandoverRun.from_id == user_id, HandoverRun.state.in_(giving.GIVEN), queries.known_to(ctx))
    rows = ctx.session.execute(query.order_by(HandoverRun.created_at.desc(), HandoverRun.id.desc())).scalars()
    return [run for run in rows if giving.can_be_undone(ctx, run)]


def offered(ctx: Context) -> dict[UUID, str]:
    """key -> name of those who may take over; nobody where the actor may not give others' records away."""
    return readers(ctx, permission="accounts.edit") if may(ctx, "handovers.run") else {}
