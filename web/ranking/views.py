"""Whom to give a deal or a lead to: people ranked, each reason in words; one key gives it to the first."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for

from core.base.context import Context
from core.base.errors import Refused
from core.base.money import Money
from core.base.words import N_
from core.deals import queries as deals
from core.leads import queries as leads
from core.ranking import actions
from core.ranking.queries import ranking
from core.ranking.rules import Ranked, Reason
from core.ranking.words import REASON_LABELS, REASONS
from core.views.filtering import key_of
from infra import i18n
from web.filters import country, day, language, money, number
from web.guard import needs
from web.pages import page, say, see_other
from web.words import say_refusal

bp, leads_bp = Blueprint("ranking", __name__), Blueprint("lead_ranking", __name__)
leads_bp.room = "leads"
ONE = {"deals": deals.one_deal, "leads": leads.one_lead}


@bp.get("/rankings/deals/<uuid:id>")
@needs("deals.assign")
def show_deal(ctx: Context, id: UUID):
    """Who is best suited for a deal."""
    return _show(ctx, "deals", id)


@leads_bp.get("/rankings/leads/<uuid:id>")
@needs("deals.assign")
def show_lead(ctx: Context, id: UUID):
    """Who is best suited for a lead."""
    return _show(ctx, "leads", id)


@bp.post("/rankings/deals/<uuid:id>/assignment")
@needs("deals.assign")
def give_deal(ctx: Context, id: UUID):
    return _give(ctx, "deals", id)


@leads_bp.post("/rankings/leads/<uuid:id>/assignment")
@needs("deals.assign")
def give_lead(ctx: Context, id: UUID):
    return _give(ctx, "leads", id)


def _give(ctx: Context, room: str, id: UUID):
    record = ONE[room](ctx, id)
    try:
        actions.give(ctx, record, key_of(request.form.get("user_id", ""), "user_id"))
    except Refused as refusal:
        return _show(ctx, room, id, problem=say_refusal(refusal, ctx.locale), status=422)
    say(ctx, N_("%(name)s is given"), name=record.name)
    return see_other(f"{room}.show", id=id)


def _show(ctx: Context, room: str, id: UUID, *, problem: str = "", status: int = 200):
    record = ONE[room](ctx, id)
    found = ranking(ctx, record)
    return page(
        "ranking/show.html", status=status, record=record, room=room, ranked=[(one, _lines(ctx, one)) for one in found], problem=problem, post=url_for({"deals": "ranking.give_deal", "leads": "lead_ranking.give_lead"}[room], id=id), last=_last(ctx, record),
        rooms=i18n.gettext(ctx.locale, {"deals": N_("Deals"), "leads": N_("Leads")}[room]), back=url_for(f"{room}.show", id=id), list_url=url_for(f"{room}.index"),
    )


def _lines(ctx: Context, one: Ranked) -> list[tuple[str, str, Reason]]:
    """(label, sentence, reason) of each, those that weigh most first."""
    return [(i18n.gettext(ctx.locale, REASON_LABELS[reason.code]), said(ctx, reason), reason) for reason in sorted(one.reasons, key=lambda reason: -abs(reason.of))]


def said(ctx: Context, reason: Reason) -> str:
    """A reason as a sentence; one that was remembered has its values as JSON."""
    code, params = reason.code, dict(reason.params)
    if code == "load":
        code = "load" if params["amount"] is not None else "load_unrated"
    if code == "language":
        code = "language_skill" if params.get("skilled") else "language" if params["speaks"] else "language_won"
    return i18n.gettext(ctx.locale, REASONS[code], **{name: _value(params, name) for name in params})


def _value(params: dict[str, Any], name: str) -> str:
    value = params[name]
    if name == "amount":
        return money(Money(Decimal(value), params["currency"])) if value is not None else ""
    if name == "until":
        return day(date.fromisoformat(value) if isinstance(value, str) else value)
    if name in ("language", "place"):
        return language(value) if name == "language" else country(value) if len(value) == 2 and value.isupper() else value
    return number(value) if type(value) is int else value


def _last(ctx: Context, record: Any) -> dict[str, Any] | None:
    """When it was last given by this page, by whom, to whom, and the reasons of then where they are the actor's to see."""
    fact = actions.last_given(ctx, record)
    if fact is None:
        return None
    choice = actions.choice_of(ctx, fact)
    known = actions.known_reasons(ctx, choice) if choice else []
    then = [Reason(one["code"], one["points"], one["of"], {name: value for name, value in one.items() if name not in ("code", "points", "of")}) for one in known]
    return {"at": fact.at, "who": fact.actor_name, "owner": fact.params["owner"], "choice": choice, "lines": [(i18n.gettext(ctx.locale, REASON_LABELS[one.code]), said(ctx, one), one) for one in then]}
