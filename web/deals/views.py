"""Deals: list, record page, form, edit in place, moves through the stages, delete and bring back."""

from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for

from core.base.context import Context
from core.base.policy import require
from core.base.words import N_
from core.deals import actions, moving, queries
from core.deals.pipelines import called, stages
from core.deals.rules import FIELDS
from core.deals.words import FORECAST_LABELS, LABELS
from core.identity import queries as people
from core.parties import queries as parties
from web.custom_fields.forms import own_picked, presets, sections, with_own
from web.deals import board, competitors, counted, forecast, forecast_table, lines, past, pipelines, stage_report, team
from web.deals.forms import DealForm, MoveForm, NewDealForm
from web.deals.record import STAGES_WORD, stage_choices
from web.deals.showing import show_deal
from web.editing import version_of_form
from web.forms import small_int
from web.guard import needs
from web.nav import NavItem
from web.pages import page, say, see_other
from web.parties import history as histories
from web.parties.edited import form_of, save_edited
from web.parties.forms import typed
from web.parties.list_page import answer_list
from web.parties.listing import PAGES, PARTY
from web.parties.picking import picked_account, picked_contact
from web.parties.record import FREE
from web.parties.record_routes import add_record_routes

bp = Blueprint("deals", __name__, url_prefix="/deals")
pipelines_bp, board_bp, forecast_bp, figures_bp, past_bp, stages_bp, counted_bp = pipelines.bp, board.bp, forecast.bp, forecast_table.bp, past.bp, stage_report.bp, counted.bp
lines_bp, team_bp, competitors_bp = lines.bp, team.bp, competitors.bp
NAV = [NavItem("deals.show_board", "target-arrow", N_("Deals"), "deals.read", key="g d", group="Sales", order=30)]
histories.FIELDS["deals"], histories.TITLES["deals"], histories.LABELS_IN["deals"] = FIELDS, N_("Deals"), LABELS
PAGES["deals"] = PARTY


@bp.get("")
@needs("deals.read")
def index(ctx: Context):
    """The list: filters, columns, views, sums."""
    return answer_list(ctx, "deals", queries.deals)


@bp.get("/board")
@needs("deals.read")
def show_board(ctx: Context):
    """The board: a pipeline's open stages side by side."""
    return board.board_page(ctx)


@bp.get("/new")
@needs("deals.create")
def new(ctx: Context):
    """An empty form; only the name is needed. account=, contact=, stage=: what it begins with."""
    begins = {"name": request.args.get("name", ""), "account_id": request.args.get("account", ""), "contact_id": request.args.get("contact", ""), "stage_id": request.args.get("stage", "")}
    form = with_own(ctx, NewDealForm)(data=presets(ctx, "deals") | begins | {"owner_id": str(ctx.actor.id), "currency": ctx.tenant.currency})
    return _form(ctx, form)


@bp.post("")
@needs("deals.create")
def create(ctx: Context):
    form = with_own(ctx, NewDealForm)(request.form)
    if form.validate():
        with form.attempt(ctx):
            deal = actions.create_deal(ctx, **(typed(form) | _picked(ctx) | own_picked(ctx, "deals")))
            say(ctx, N_("%(name)s added"), name=deal.name)
            return see_other("deals.show", id=deal.id)
    return _form(ctx, form, status=422)


@bp.get("/<uuid:id>")
@needs("deals.read")
def show(ctx: Context, id: UUID):
    """The record page; for the drawer only its preview."""
    return show_deal(ctx, id)


@bp.post("/<uuid:id>/stage")
@needs("deals.edit")
def move(ctx: Context, id: UUID):
    """Into another stage, unless one on the way asks for something that is missing."""
    deal, form = queries.one_deal(ctx, id), MoveForm(request.form)
    with form.attempt(ctx):
        moving.move_deal(ctx, deal, _key(form.stage_id.data), version=version_of_form(), loss_reason=form.loss_reason.data)
        say_moved(ctx, deal)
        return see_other("deals.show", id=id)
    return show_deal(ctx, id, form, status=422)


@bp.post("/<uuid:id>/stage/restoration")
@needs("deals.edit")
def move_back(ctx: Context, id: UUID):
    """Undo of the last move. version=: at which it left the deal."""
    deal = queries.one_deal(ctx, id)
    moving.move_back(ctx, deal, version=small_int(request.args.get("version")) or 0)
    say(ctx, N_("%(name)s is in %(stage)s again"), name=deal.name, stage=called(stages(ctx)[deal.stage_id], ctx.locale))
    return see_other("deals.show", id=id)


def say_moved(ctx: Context, deal: Any) -> None:
    """What became of it, with a way back."""
    undo = url_for("deals.move_back", id=deal.id, version=deal.version)
    text = {"won": N_("%(name)s is won. Well done."), "lost": N_("%(name)s is lost")}.get(deal.state, N_("%(name)s is in %(stage)s now"))
    say(ctx, text, undo=undo, name=deal.name, stage=called(stages(ctx)[deal.stage_id], ctx.locale))


add_record_routes(bp, queries.one_deal, fields=FIELDS, edit=actions.edit_deal, delete=actions.delete_deal, restore=actions.restore_deal)


@bp.get("/<uuid:id>/edit")
@needs("deals.edit")
def edit(ctx: Context, id: UUID):
    deal = queries.one_deal(ctx, id)
    require(ctx, "deals.edit", deal)
    form, was = form_of(ctx, DealForm, deal, closes_on=deal.closes_on, next_step_on=deal.next_step_on)
    return _form(ctx, form, deal, was)


@bp.post("/<uuid:id>")
@needs("deals.edit")
def update(ctx: Context, id: UUID):
    """Save what was changed. Somebody else's change of other fields stays; of the same field it is asked about."""
    return save_edited(ctx, queries.one_deal(ctx, id), DealForm, actions.edit_deal, picked=_picked, done=lambda: _to_deal(ctx, id), again=_form)


def _to_deal(ctx: Context, id: UUID):
    """Back to the page, or to the list where the deal was handed to somebody whose deals one does not see."""
    return see_other("deals.show", id=id) if queries.deal_name(ctx, id) is not None else see_other("deals.index")


def _key(text: str | None) -> UUID | None:
    return FIELDS["account_id"](text, "stage_id")


def _picked(ctx: Context, was: dict[str, str] | None = None) -> dict[str, str]:
    found = {"account_id": picked_account(ctx, "account_id"), "contact_id": picked_contact(ctx, "contact_id")}
    return {name: key for name, key in found.items() if key is not None and key != (was or {}).get(name, "")}


def _form(ctx: Context, form: DealForm, deal: Any = None, was: dict[str, str] | None = None, *, status: int = 200, version: int | None = None):
    names = people.user_names(ctx)
    form.offer("owner_id", [("", FREE), *((str(key), name) for key, name in names.items())])
    form.offer("forecast", [("", STAGES_WORD), *FORECAST_LABELS.items()])
    if deal is None:
        form.stage_id.choices = stage_choices(ctx)
    typed_ = request.form if request.method == "POST" else None
    account = typed_.get("account_id_text") if typed_ is not None else parties.account_name(ctx, _shown_key(form.account_id.data))
    contact = typed_.get("contact_id_text") if typed_ is not None else parties.contact_name(ctx, _shown_key(form.contact_id.data))
    return page(
        "deals/form.html", status=status, form=form, deal=deal, was=was or {}, own=sections(ctx, form), account_name=account or "", contact_name=contact or "",
        version=version or (deal.version if deal else None),
    )


def _shown_key(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None
