"""Settings: the model fitted to what became of the leads: fit one, read what it is worth, switch it on or off."""

from typing import Any
from uuid import UUID

from flask import Blueprint, url_for

from core.base.context import Context
from core.base.errors import Refused
from core.base.words import N_
from core.identity import queries as people
from core.leads import chances, fitting, model_use
from core.leads.features import Fitted
from core.leads.model_models import LeadModel
from core.leads.model_words import FAILURES
from web.guard import needs
from web.leads.score_settings import signed
from web.pages import page, progress_page, say, see_other
from web.words import say_refusal

bp = Blueprint("lead_model", __name__, url_prefix="/settings/lead-score/model")
# What is listed of a field: the categories that move the chance most.
MOST_FIELDS, MOST_EACH = 12, 3


@bp.get("/")
@needs("leads.manage")
def index(ctx: Context):
    """What is in use, what the newest is worth, and all before it."""
    found, used = fitting.models(ctx), model_use.used(ctx)
    newest = next((one for one in found if one.state == "done"), None)
    return page(
        "leads/model.html", models=found, running=next((one for one in found if one.state == "running"), None), used=used, newest=newest, takes_over=newest is not None and model_use.takes_over(newest),
        enough=fitting.enough(ctx), least=fitting.LEAST_CLOSED, each=fitting.LEAST_EACH, failures=FAILURES, **_told(ctx, newest), **_past(ctx),
    )


@bp.get("/<uuid:id>")
@needs("leads.manage")
def show(ctx: Context, id: UUID):
    """One of the models: what it is worth and what it looks at."""
    model = fitting.one_model(ctx, id)
    return page("leads/model_one.html", model=model, used=model_use.used(ctx), failures=FAILURES, **_told(ctx, model if model.state == "done" else None))


@bp.post("/")
@needs("leads.manage")
def create(ctx: Context):
    """Fit one now."""
    fitting.start(ctx)
    return see_other("lead_model.index")


@bp.get("/<uuid:id>/progress")
@needs("leads.manage")
def progress(ctx: Context, id: UUID):
    """How far it is; at the end the browser is sent to what came of it."""
    model = fitting.one_model(ctx, id)
    return progress_page("leads/_model_progress.html", model.state == "running", url_for("lead_model.index"), running=model)


@bp.post("/<uuid:id>/cancellation")
@needs("leads.manage")
def cancel(ctx: Context, id: UUID):
    fitting.cancel(ctx, fitting.one_model(ctx, id))
    return see_other("lead_model.index")


@bp.post("/<uuid:id>/use")
@needs("leads.manage")
def switch_on(ctx: Context, id: UUID):
    """Use it from now on."""
    model_use.switch_on(ctx, fitting.one_model(ctx, id))
    say(ctx, N_("The model is switched on. Each open lead gets its chance within a minute."))
    return see_other("lead_model.index")


@bp.post("/off")
@needs("leads.manage")
def switch_off(ctx: Context):
    model_use.switch_off(ctx)
    say(ctx, N_("The model is switched off."))
    return see_other("lead_model.index")


def _told(ctx: Context, model: LeadModel | None) -> dict[str, Any]:
    """What a model is worth, and what it looks at: [(field, [(value, in points of the chance)])], what moves it most first."""
    if model is None:
        return {"report": None, "looks": [], "why_not": ""}
    fitted, looks = Fitted(model.model), []
    for field, weights, usual in zip(fitted.fields, fitted.weights, fitted.usual, strict=True):
        label = chances.field_called(ctx, field.name)
        moved = [(chances.value_called(ctx, field, place), fitted.moves(weight - usual)) for place, weight in enumerate(weights) if abs(fitted.moves(weight - usual)) >= 1]
        if label is not None and moved:
            looks.append((label, sorted(moved, key=lambda one: -abs(one[1]))[:MOST_EACH]))
    looks.sort(key=lambda one: -abs(one[1][0][1]))
    said = [(label, [f"{value} {signed(points)}" for value, points in moved]) for label, moved in looks[:MOST_FIELDS]]
    why_not = "" if model.verdict == "better" else say_refusal(Refused(f"lead_model_{model.verdict}"), ctx.locale)
    return {"report": model.report, "looks": said, "usual": fitted.usually(), "why_not": why_not}


def _past(ctx: Context) -> dict[str, Any]:
    """Who had which fitted, and from when to when each was in use."""
    by: dict[UUID, list[Any]] = {}
    for use in model_use.uses(ctx):
        by.setdefault(use.model_id, []).append(use)
    return {"uses": by, "names": people.user_names(ctx)}


def chance_lines(found: chances.Chance | None) -> list[dict[str, str]]:
    """What a lead's chance is made of, for its page."""
    return [{"label": f"{one.label}: {one.value}" if one.value else one.label, "value": signed(one.points)} for one in found.reasons] if found else []
