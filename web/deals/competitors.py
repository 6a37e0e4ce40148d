"""The list of competitors: how often one meets each, how often one wins, what is known of them."""

from typing import Any
from uuid import UUID

from flask import Blueprint, request

from core.base.context import Context
from core.base.words import N_
from core.deals import competitors
from core.deals.competitors import Met
from core.deals.models import Competitor
from web.deals.part_forms import CompetitorForm
from web.deals.saying import money
from web.editing import typed_value, version_of_form
from web.guard import needs
from web.pages import page, say, see_other

bp = Blueprint("competitors", __name__, url_prefix="/competitors")
FIELDS = ("name", "website", "strengths", "weaknesses")


@bp.get("/")
@needs("deals.read")
def index(ctx: Context):
    return _index(ctx, CompetitorForm())


@bp.post("/")
@needs("competitors.edit")
def create(ctx: Context):
    form = CompetitorForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            say(ctx, N_("%(name)s added"), name=competitors.add_competitor(ctx, **_typed(form)).name)
            return see_other("competitors.index")
    return _index(ctx, form, status=422)


@bp.get("/<uuid:id>")
@needs("competitors.edit")
def edit(ctx: Context, id: UUID):
    row = competitors.one_competitor(ctx, id)
    return _form(ctx, row, CompetitorForm(obj=row))


@bp.post("/<uuid:id>")
@needs("competitors.edit")
def update(ctx: Context, id: UUID):
    row, form = competitors.one_competitor(ctx, id), CompetitorForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            competitors.edit_competitor(ctx, row, version=version_of_form(), **_typed(form))
            say(ctx, N_("%(name)s saved"), name=row.name)
            return see_other("competitors.index")
    return _form(ctx, row, form, status=422)


@bp.post("/<uuid:id>/deletion")
@needs("competitors.edit")
def delete(ctx: Context, id: UUID):
    row, form = competitors.one_competitor(ctx, id), CompetitorForm()
    with form.attempt(ctx):
        competitors.remove_competitor(ctx, row)
        say(ctx, N_("%(name)s deleted"), name=row.name)
        return see_other("competitors.index")
    again = CompetitorForm(obj=row)
    again.form_errors = [*form.form_errors, *(error for field in form for error in field.errors)]
    return _form(ctx, row, again, status=422)


def _typed(form: CompetitorForm) -> dict[str, Any]:
    return {name: typed_value(form[name]) for name in FIELDS}


def _index(ctx: Context, form: CompetitorForm, status: int = 200):
    known, met = competitors.all_competitors(ctx), competitors.met(ctx)
    rows = [(one, met.get(one.id, Met())) for one in known]
    return page("deals/competitors.html", status=status, rows=sorted(rows, key=lambda pair: -(pair[1].open + pair[1].won + pair[1].lost)), form=form, said=_worth)


def _worth(met: Met) -> str:
    """What was lost to them; nothing where a rate is missing."""
    whole = met.taken_worth.sum if met.taken_worth is not None else None
    return money(whole.amount, whole.currency) if whole is not None else ""


def _form(ctx: Context, row: Competitor, form: CompetitorForm, status: int = 200):
    return page("deals/competitor.html", status=status, row=row, form=form)
