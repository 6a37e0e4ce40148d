"""Giving a deal or a lead to one of the ranked, and remembering why."""

from typing import Any
from uuid import UUID

from core.base.context import Context
from core.base.errors import Refused
from core.base.facts import Fact, record, timeline
from core.base.policy import require
from core.deals import actions as deals
from core.leads import actions as leads
from core.ranking.queries import ranking

GIVE = {"deals": deals.change_owner, "leads": leads.change_owner}
KINDS = {"deals": "deal.given", "leads": "lead.given"}


def give(ctx: Context, given: Any, user_id: UUID | None) -> Any:
    """Make one of the ranked its owner; the fact says where he stood, and by which reasons. Refuses whoever is not among them (`owner_unknown`)."""
    require(ctx, "deals.assign", given)
    found = ranking(ctx, given)
    place = next((place for place, one in enumerate(found, 1) if one.person.id == user_id), None)
    if place is None:
        raise Refused("owner_unknown", field="user_id")
    chosen = found[place - 1]
    GIVE[given.ROOM](ctx, given, user_id)
    reasons = [{"code": one.code, "points": one.points, "of": one.of, **one.params} for one in chosen.reasons]
    record(ctx, KINDS[given.ROOM], given, about=(given.account_id,), name=given.name, owner=chosen.person.name, place=place, people=len(found), points=chosen.points, of=chosen.of, reasons=reasons)
    return given


def last_given(ctx: Context, given: Any) -> Fact | None:
    """The last time that it was given by its ranking; the caller has checked that the actor sees the record."""
    mine = timeline(given.id, limit=1).where(Fact.kind == KINDS[given.ROOM])
    return ctx.session.execute(mine).scalar_one_or_none()
