"""Who is best suited for a deal or a lead, for programs; and giving it to one of them."""

from typing import Any
from uuid import UUID

from core.base.context import Context
from core.base.facts import plain
from core.base.words import N_
from core.deals import queries as deals
from core.leads import queries as leads
from core.ranking import actions
from core.ranking.queries import ranking
from web.api import shell
from web.deals.api import DealOut
from web.leads.api import LeadOut

bp, leads_bp = shell.api_blueprint("ranking_api"), shell.api_blueprint("lead_ranking_api")
leads_bp.room = "leads"


class ReasonOut(shell.Out):
    """points: what it gives, most: its weight (an absence takes). figures: what its points come from."""

    code: str
    points: int
    most: int
    figures: dict[str, Any]


class RankedOut(shell.Out):
    """One person, the best first."""

    user_id: UUID
    name: str
    points: int
    most: int
    reasons: list[ReasonOut]


class AssignmentIn(shell.Body):
    """To whom it is given: one of its ranking."""

    user_id: UUID | None = None


@shell.resource_route(bp, "GET", "/rankings/deals/<uuid:id>", "deals.assign", answer=RankedOut, paged=True, summary=N_("Rank the people to whom a deal may be given"))
def rank_deal(ctx: Context, id: UUID):
    return _ranked(ctx, deals.one_deal(ctx, id))


@shell.resource_route(leads_bp, "GET", "/rankings/leads/<uuid:id>", "deals.assign", answer=RankedOut, paged=True, summary=N_("Rank the people to whom a lead may be given"))
def rank_lead(ctx: Context, id: UUID):
    return _ranked(ctx, leads.one_lead(ctx, id))


@shell.resource_route(bp, "POST", "/rankings/deals/<uuid:id>/assignments", "deals.assign", body=AssignmentIn, answer=DealOut, summary=N_("Give a deal to one of its ranking"))
def give_deal(ctx: Context, id: UUID, body):
    return actions.give(ctx, deals.one_deal(ctx, id), body.user_id)


@shell.resource_route(leads_bp, "POST", "/rankings/leads/<uuid:id>/assignments", "deals.assign", body=AssignmentIn, answer=LeadOut, summary=N_("Give a lead to one of its ranking"))
def give_lead(ctx: Context, id: UUID, body):
    return actions.give(ctx, leads.one_lead(ctx, id), body.user_id)


def _ranked(ctx: Context, record: Any) -> shell.Page:
    reasons = lambda one: [ReasonOut(code=why.code, points=why.points, most=why.of, figures=plain(why.params)) for why in one.reasons]  # noqa: E731
    return shell.Page([RankedOut(user_id=one.person.id, name=one.person.name, points=one.points, most=one.of, reasons=reasons(one)) for one in ranking(ctx, record)], None)
