"""The forecast as a board: periods as lanes, cards moved to another period by a pointer, keys or a menu; without a script the cards
lead to the form that changes the closing date."""

from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify, request, url_for

from core.base.context import Context
from core.base.errors import Conflict, Refused
from core.base.policy import changes_of, may
from core.base.words import N_
from core.deals import forecast_board as board
from core.deals import queries
from core.deals.forecast import EARLIER, UNDATED, Figures
from core.deals.periods import Period, period_of
from core.deals.whose import staff
from core.identity import queries as people
from infra import i18n
from web.deals.expecting import SHOWN, Asked, asked, chosen, list_url, missing_rates, period_name, sayer
from web.forms import small_int
from web.guard import needs
from web.pages import page
from web.words import say_refusal

bp = Blueprint("forecast", __name__, url_prefix="/deals/forecast")
PUT, UNDATED_NOW = N_("%(name)s is expected in %(period)s now"), N_("%(name)s has no closing date now")


@bp.get("")
@needs("deals.read")
def show(ctx: Context):
    """Four periods side by side. whose=, pipeline=: which deals; period=: with which it begins, a month or a quarter."""
    known = staff(ctx)
    state = asked(ctx, known)
    lanes = board.lanes(ctx, state.scope, state.first, SHOWN)
    return page("deals/forecast.html", lanes=lanes, unrated=missing_rates([lane.figures for lane in lanes]), **_words(ctx, state), **chosen(ctx, state, known), names=known.names)


@bp.get("/lane")
@needs("deals.read")
def lane(ctx: Context):
    """The next cards of a lane, behind a place."""
    state = asked(ctx)
    found = board.more(ctx, state.scope, state.first, request.args.get("lane", ""), request.args.get("after", ""))
    return page("deals/_forecast_cards.html", lane=found, **_words(ctx, state), names=people.user_names(ctx))


@bp.post("/<uuid:id>/period")
@needs("deals.edit")
def move(ctx: Context, id: UUID):
    """The move of a card: how the lanes stand then, and how to take it back. A refusal says why, and the card goes back."""
    deal, seen, state = queries.one_deal(ctx, id), small_int(request.form.get("version")), asked(ctx)
    was, before = deal.closes_on, board.lane_key(deal, state.first)
    try:
        with ctx.session.begin_nested():
            board.put_into_period(ctx, deal, request.form.get("stage_id"), version=seen)
    except (Conflict, Refused) as refusal:
        if refusal.status not in (409, 422):
            raise
        return jsonify(text=say_refusal(refusal, ctx.locale)), refusal.status
    undo = url_for("forecast.move_back", id=id, version=deal.version, was=was.isoformat() if was else None)
    words = _words(ctx, state) | {"names": people.user_names(ctx)}
    return jsonify(text=_said(ctx, deal, state.first.kind), version=deal.version, undo=undo, card=_card(ctx, state, deal, words), lanes=_heads(ctx, state, (before, board.lane_key(deal, state.first)), words))


@bp.post("/<uuid:id>/period/restoration")
@needs("deals.edit")
def move_back(ctx: Context, id: UUID):
    """Undo of a card's last move; the page then looks again."""
    board.put_back(ctx, queries.one_deal(ctx, id), request.args.get("was"), version=small_int(request.args.get("version")) or 0)
    return "", 204


def _heads(ctx: Context, state: Asked, keys: tuple[str, ...], words: dict[str, Any]) -> dict[str, str]:
    """Key of a lane -> its head as it is now."""
    found = board.figures_of(ctx, state.scope, state.first, SHOWN)
    made = {key: board.Lane(key, None, figures=found.get(key) or Figures()) for key in keys}
    shown = {one.key: one for one in (state.first.next(place) for place in range(SHOWN))}
    for key, one in made.items():
        one.period = shown.get(key)
    return {key: page("deals/_forecast_head.html", lane=one, **words).get_data(as_text=True) for key, one in made.items() if key in shown or key in (EARLIER, UNDATED)}


def _card(ctx: Context, state: Asked, deal: Any, words: dict[str, Any]) -> str:
    return page("deals/_forecast_card.html", d=board.card(ctx, state.scope, deal.id), **words).get_data(as_text=True)


def _said(ctx: Context, deal: Any, kind: str) -> str:
    if deal.closes_on is None:
        return i18n.gettext(ctx.locale, UNDATED_NOW, name=deal.name)
    return i18n.gettext(ctx.locale, PUT, name=deal.name, period=period_name(ctx, period_of(deal.closes_on, kind)))


def _words(ctx: Context, state: Asked) -> dict[str, Any]:
    """What the templates of the board ask."""
    editable = may(ctx, "deals.edit")
    return sayer(ctx) | {
        "state": state, "kind": state.first.kind, "lane_name": lambda lane: _lane_name(ctx, lane), "can_move": lambda row: editable and changes_of(ctx, "deals", row.owner_id),
        "opens": lambda word, lane: list_url(ctx, state, word, lane.period, undated=lane.key == UNDATED) if lane.period or lane.key == UNDATED else "",
        "switch": lambda kind: url_for("forecast.show", **state.args(period=period_of(state.first.first, kind).key)), "step": lambda by: url_for("forecast.show", **state.args(period=state.first.next(by).key)),
    }


def _lane_name(ctx: Context, lane: Any) -> str:
    period: Period | None = lane.period
    return period_name(ctx, period) if period else i18n.gettext(ctx.locale, N_("Should have closed") if lane.key == EARLIER else N_("No closing date"))
