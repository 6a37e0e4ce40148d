"""Settings: the pipelines, their stages and the teams that work in them."""

from uuid import UUID

from flask import Blueprint, request
from wtforms.fields import SelectChoice

from core.base.context import Context
from core.base.policy import may
from core.base.words import N_
from core.custom_fields.fields import fields_of
from core.deals import pipelines, reasons, staging
from core.deals.models import CRITERIA, DealStage
from core.deals.moving import criterion_label
from core.deals.pipelines import called
from core.deals.words import FORECAST_LABELS, STATE_LABELS
from core.identity import teams
from infra import i18n
from web.deals.forms import PipelineForm, ReasonForm, StageForm, stage_values
from web.editing import version_of_form
from web.forms import keys_of
from web.guard import needs
from web.pages import page, say, see_other

bp = Blueprint("pipelines", __name__, url_prefix="/settings/pipelines")
SAVED = N_("%(name)s saved")


@bp.get("/")
@needs("deals.read")
def index(ctx: Context):
    """All pipelines with their stages, and a form for one more."""
    return _index(ctx, PipelineForm())


@bp.post("/")
@needs("pipelines.manage")
def create(ctx: Context):
    form = PipelineForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            row = pipelines.create_pipeline(ctx, name=form.name.data)
            say(ctx, N_("%(name)s added"), name=called(row, ctx.locale))
            return see_other("pipelines.show", id=row.id)
    return _index(ctx, form, status=422)


@bp.get("/<uuid:id>")
@needs("pipelines.manage")
def show(ctx: Context, id: UUID):
    """One pipeline: its name and teams, its stages, and a form for one more."""
    return _show(ctx, id)


@bp.post("/<uuid:id>")
@needs("pipelines.manage")
def update(ctx: Context, id: UUID):
    way, form = pipelines.one_way(ctx, id), PipelineForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            pipelines.change_pipeline(ctx, way.row, name=form.name.data, team_ids=keys_of(form.team_ids.data or ()))
            say(ctx, SAVED, name=called(way.row, ctx.locale))
            return see_other("pipelines.show", id=id)
    return _show(ctx, id, form=form, status=422)


@bp.post("/<uuid:id>/archiving")
@needs("pipelines.manage")
def archive(ctx: Context, id: UUID):
    """Away with it; refused while open deals stand in it."""
    way, form = pipelines.one_way(ctx, id), PipelineForm()
    with form.attempt(ctx):
        pipelines.archive_pipeline(ctx, way.row)
        say(ctx, N_("%(name)s is put away"), name=called(way.row, ctx.locale))
        return see_other("pipelines.index")
    return _show(ctx, id, form=_of(ctx, way, form), status=422)


@bp.post("/<uuid:id>/stages")
@needs("pipelines.manage")
def create_stage(ctx: Context, id: UUID):
    way, form = pipelines.one_way(ctx, id), StageForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            stage = staging.add_stage(ctx, way.row, kind=form.kind.data, **stage_values(form))
            say(ctx, N_("%(name)s added"), name=called(stage, ctx.locale))
            return see_other("pipelines.show", id=id)
    return _show(ctx, id, stage_form=form, status=422)


@bp.get("/stages/<uuid:id>")
@needs("pipelines.manage")
def edit_stage(ctx: Context, id: UUID):
    stage = staging.one_stage(ctx, id)
    data = {"name": called(stage, ctx.locale), "kind": stage.kind, "probability": stage.probability, "stale_after": stage.stale_after or "", "colour": stage.colour, "forecast": stage.forecast, "criteria": stage.criteria}
    return _stage(ctx, stage, StageForm(data=data))


@bp.post("/stages/<uuid:id>")
@needs("pipelines.manage")
def update_stage(ctx: Context, id: UUID):
    stage, form = staging.one_stage(ctx, id), StageForm(request.form)
    form.kind.data = stage.kind
    if form.validate():
        with form.attempt(ctx):
            staging.change_stage(ctx, stage, version=version_of_form(), **stage_values(form))
            say(ctx, SAVED, name=called(stage, ctx.locale))
            return see_other("pipelines.show", id=stage.pipeline_id)
    return _stage(ctx, stage, form, status=422)


@bp.post("/stages/<uuid:id>/place")
@needs("pipelines.manage")
def move_stage(ctx: Context, id: UUID):
    """One place up or down among those of its kind."""
    stage = staging.one_stage(ctx, id)
    staging.move_stage(ctx, stage, -1 if request.form.get("by") == "up" else 1)
    return see_other("pipelines.show", id=stage.pipeline_id)


@bp.post("/stages/<uuid:id>/deletion")
@needs("pipelines.manage")
def delete_stage(ctx: Context, id: UUID):
    """Away with a stage in which no deal ever stood."""
    stage, form = staging.one_stage(ctx, id), StageForm()
    name, pipeline = called(stage, ctx.locale), stage.pipeline_id
    with form.attempt(ctx):
        staging.remove_stage(ctx, stage)
        say(ctx, N_("%(name)s deleted"), name=name)
        return see_other("pipelines.show", id=pipeline)
    data = StageForm(data={"name": name, "kind": stage.kind, "probability": stage.probability, "stale_after": stage.stale_after or "", "colour": stage.colour, "forecast": stage.forecast, "criteria": stage.criteria})
    data.form_errors = [*form.form_errors, *(error for field in form for error in field.errors)]
    return _stage(ctx, stage, data, status=422)


@bp.post("/reasons")
@needs("pipelines.manage")
def create_reason(ctx: Context):
    """One more reason that is offered where a deal is lost."""
    form = ReasonForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            say(ctx, N_("%(name)s added"), name=reasons.add_reason(ctx, form.reason.data).name)
            return see_other("pipelines.index")
    return _index(ctx, PipelineForm(), reason=form, status=422)


@bp.post("/reasons/<uuid:id>/deletion")
@needs("pipelines.manage")
def delete_reason(ctx: Context, id: UUID):
    """Offered no more; deals keep their words."""
    say(ctx, N_("%(name)s deleted"), name=reasons.remove_reason(ctx, id))
    return see_other("pipelines.index")


def _index(ctx: Context, form: PipelineForm, *, reason: ReasonForm | None = None, status: int = 200):
    return page("deals/pipelines.html", status=status, ways=pipelines.ways(ctx), called=lambda row: called(row, ctx.locale), form=form, reason=reason or ReasonForm(), reasons=reasons.all_reasons(ctx))


def _of(ctx: Context, way: pipelines.Way, refused: PipelineForm | None = None) -> PipelineForm:
    form = PipelineForm(data={"name": called(way.row, ctx.locale), "team_ids": [str(key) for key in way.teams]})
    if refused is not None:
        form.form_errors = [*refused.form_errors, *(error for field in refused for error in field.errors)]
    return form


def _show(ctx: Context, id: UUID, *, form: PipelineForm | None = None, stage_form: StageForm | None = None, status: int = 200):
    way = pipelines.one_way(ctx, id)
    form = form or _of(ctx, way)
    form.team_ids.choices = [(str(node.team.id), node.team.name) for node in teams.tree(ctx)] if may(ctx, "users.read") else []
    return page("deals/pipeline.html", status=status, way=way, called=lambda row: called(row, ctx.locale), asks=lambda name: criterion_label(ctx, name), form=form, stage_form=_offered(ctx, stage_form or StageForm()))


def _stage(ctx: Context, stage: DealStage, form: StageForm, status: int = 200):
    row = pipelines.one_way(ctx, stage.pipeline_id).row
    return page("deals/stage.html", status=status, stage=stage, pipeline=row, name=called(stage, ctx.locale), pipeline_name=called(row, ctx.locale), form=_offered(ctx, form))


def _offered(ctx: Context, form: StageForm) -> StageForm:
    for field, words in ((form.kind, STATE_LABELS), (form.forecast, FORECAST_LABELS)):
        field.choices = [SelectChoice(word, i18n.gettext(ctx.locale, text)) for word, text in words.items()]
    form.criteria.choices = [(name, criterion_label(ctx, name)) for name in (*CRITERIA, *(one.name for one in fields_of(ctx, "deals")))]
    return form
