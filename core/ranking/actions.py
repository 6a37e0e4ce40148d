"""Giving a deal or a lead to one of the ranked, and remembering why."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.base.context import Context
from core.base.errors import Refused
from core.base.facts import Fact, plain, record, timeline
from core.base.field_rights import hidden
from core.base.policy import reach_of, require
from core.deals import actions as deals
from core.deals.models import Deal
from core.leads import actions as leads
from core.ranking.models import RankingChoice
from core.ranking.queries import ranking

GIVE = {"deals": deals.change_owner, "leads": leads.change_owner}
KINDS = {"deals": "deal.given", "leads": "lead.given"}
# Reason -> (room, field) of what its sentence tells.
TELLS = {"industry": (("accounts", "industry"),), "territory": (("accounts", "country"), ("accounts", "region")), "language": (("contacts", "language"),), "load": (("deals", "amount"), ("deals", "probability"))}


def give(ctx: Context, given: Any, user_id: UUID | None) -> Any:
    """Make one of the ranked its owner; the fact says who, a row for those who may see rankings where he stood, and by which reasons.
    Refuses whoever is not among them (`owner_unknown`)."""
    require(ctx, "deals.assign", given)
    found = ranking(ctx, given)
    place = next((place for place, one in enumerate(found, 1) if one.person.id == user_id), None)
    if place is None:
        raise Refused("owner_unknown", field="user_id")
    chosen = found[place - 1]
    GIVE[given.ROOM](ctx, given, user_id)
    fact = record(ctx, KINDS[given.ROOM], given, about=(given.account_id,), name=given.name, owner=chosen.person.name)
    reasons = plain([{"code": one.code, "points": one.points, "of": one.of, **one.params} for one in chosen.reasons])
    ctx.session.add(RankingChoice(fact_id=fact.id, user_id=user_id, place=place, people=len(found), points=chosen.points, most=chosen.of, reasons=reasons))
    return given


def last_given(ctx: Context, given: Any) -> Fact | None:
    """The last time that it was given by its ranking; the caller has checked that the actor sees the record."""
    mine = timeline(given.id, limit=1).where(Fact.kind == KINDS[given.ROOM])
    return ctx.session.execute(mine).scalar_one_or_none()


def choice_of(ctx: Context, fact: Fact) -> RankingChoice | None:
    """Why he was chosen who is named by the fact; None where it is not kept, or where his figures are not the actor's to see."""
    require(ctx, "deals.assign")
    reach = reach_of(ctx, Deal)
    among = () if reach is None else (RankingChoice.user_id.in_(reach),)
    return ctx.session.execute(select(RankingChoice).where(RankingChoice.fact_id == fact.id, *among)).scalar_one_or_none()


def known_reasons(ctx: Context, choice: RankingChoice) -> list[dict[str, Any]]:
    """Its reasons of then, without those that tell a field which is hidden from the actor."""
    return [one for one in choice.reasons if not any(name in hidden(ctx, room) for room, name in TELLS.get(one["code"], ()))]
