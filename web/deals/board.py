"""The board: lanes of cards, moved by a pointer, by keys or by a menu; without a script the cards lead to the form that moves."""

from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify, request, url_for

from core.base.context import Context
from core.base.errors import Conflict, NotFound, Refused
from core.base.policy import changes_of, may
from core.base.words import N_
from core.deals import board, moving, pipelines, queries, staging
from core.deals.pipelines import called
from core.identity import queries as people
from core.views.filtering import Filters
from infra import i18n
from web.deals.saying import days_since, is_stale, money, step_state
from web.forms import small_int
from web.guard import needs
from web.pages import page
from web.parties.listing import filters_of
from web.words import say_refusal

bp = Blueprint("board", __name__, url_prefix="/deals/board")
WON, LOST, MOVED = N_("%(name)s is won. Well done."), N_("%(name)s is lost"), N_("%(name)s is in %(stage)s now")


def board_page(ctx: Context):
    """A pipeline's open stages side by side. pipeline=: which one; owner=, q=, tag=, filter[…]: of its deals those that the list would show."""
    mine = pipelines.working(ctx)
    way = next((one for one in mine if str(one.id) == request.args.get("pipeline")), mine[0] if mine else None)
    lanes = board.lanes(ctx, way, _filters()) if way else []
    return page("deals/board.html", ways=mine, way=way, lanes=lanes, ends=[one for one in way.stages if one.kind != "open"] if way else [], kept=kept(), **_words(ctx))


@bp.get("/lanes/<uuid:id>")
@needs("deals.read")
def lane(ctx: Context, id: UUID):
    """The next cards of a lane, behind a place."""
    stage = staging.one_stage(ctx, id)
    if not pipelines.one_way(ctx, stage.pipeline_id).works:
        raise NotFound()
    return page("deals/_cards.html", lane=board.more(ctx, stage, request.args.get("after", ""), _filters()), kept=kept(), **_words(ctx))


@bp.post("/<uuid:id>/stage")
@needs("deals.edit")
def move(ctx: Context, id: UUID):
    """The move of a card: how the lanes stand then, and how to take it back. A refusal says why, and the card goes back."""
    deal, seen = queries.one_deal(ctx, id), small_int(request.form.get("version"))
    before = deal.stage_id
    try:
        with ctx.session.begin_nested():
            moving.move_deal(ctx, deal, _key(request.form.get("stage_id")), version=seen, loss_reason=request.form.get("loss_reason"))
    except (Conflict, Refused) as refusal:
        if refusal.status not in (409, 422):
            raise
        return jsonify(text=say_refusal(refusal, ctx.locale), needs=refusal.field if refusal.code == "loss_reason_needed" else ""), refusal.status
    words = _words(ctx)
    return jsonify(text=_said(ctx, deal), version=deal.version, undo=url_for("board.move_back", id=id, version=deal.version), card=_card(ctx, deal, words) if deal.state == "open" else "", lanes=_heads(ctx, (before, deal.stage_id), words))


@bp.post("/<uuid:id>/stage/restoration")
@needs("deals.edit")
def move_back(ctx: Context, id: UUID):
    """Undo of a card's last move; the page then looks again."""
    moving.move_back(ctx, queries.one_deal(ctx, id), version=small_int(request.args.get("version")) or 0)
    return "", 204


def kept() -> dict[str, str]:
    """What the address narrows the board by, for the next one."""
    return {name: value for name, value in request.args.items() if value and (name in ("owner", "q", "tag") or name.startswith("filter["))}


def _filters() -> Filters:
    return filters_of(kept())


def _heads(ctx: Context, keys: tuple[UUID, ...], words: dict[str, Any]) -> dict[str, str]:
    """Key of a lane -> its head as it is now."""
    known = pipelines.stages(ctx)
    found = board.sums_of(ctx, keys, [known[key] for key in keys if key in known and known[key].kind == "open"], _filters())
    return {str(one.stage.id): page("deals/_head.html", lane=one, **words).get_data(as_text=True) for one in found}


def _card(ctx: Context, deal: Any, words: dict[str, Any]) -> str:
    return page("deals/_card.html", d=board.card(ctx, deal.id), stage=pipelines.stages(ctx)[deal.stage_id], **words).get_data(as_text=True)


def _said(ctx: Context, deal: Any) -> str:
    text = {"won": WON, "lost": LOST}.get(deal.state, MOVED)
    return i18n.gettext(ctx.locale, text, name=deal.name, stage=called(pipelines.stages(ctx)[deal.stage_id], ctx.locale))


def _words(ctx: Context) -> dict[str, Any]:
    """What the templates of cards ask."""
    names, editable = people.user_names(ctx), may(ctx, "deals.edit")
    return {
        "called": lambda row: called(row, ctx.locale), "money": money, "step": lambda on: step_state(ctx, on), "days": lambda when: days_since(ctx, when), "stale": lambda stage, when: is_stale(ctx, stage, when),
        "names": names, "says": lambda sums: ", ".join(money(one.amount, one.currency) for one in sums), "can_move": lambda row: editable and changes_of(ctx, "deals", row.owner_id),
    }


def _key(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
