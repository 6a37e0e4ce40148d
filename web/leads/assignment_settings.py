"""Settings: to whom leads go that come in by themselves."""

from uuid import UUID

from flask import Blueprint, request
from wtforms import BooleanField, SelectField, SelectMultipleField, StringField, widgets
from wtforms.validators import InputRequired, Length

from core.base.context import Context
from core.base.words import N_
from core.identity import queries as people
from core.leads import assigning
from core.leads.assign_models import LeadAssignment
from core.leads.words import WAY_LABELS
from infra import i18n
from web.condition_lines import condition_values, lines_of_form, said_conditions, typed_conditions
from web.editing import version_of_form
from web.forms import Form, keys_of
from web.guard import needs
from web.pages import page, say, see_other

bp = Blueprint("lead_assignment", __name__, url_prefix="/settings/lead-assignment")


class AssignmentForm(Form):
    """A rule: for which leads, to whom, in which way."""

    name = StringField(N_("Name"), [InputRequired(), Length(max=100)])
    way = SelectField(N_("In which way"), choices=list(WAY_LABELS.items()), validate_choice=False)
    needs_language = BooleanField(N_("Only to somebody who speaks the lead's language"))
    needs_product = BooleanField(N_("Only to somebody who knows what the lead asks for"))
    user_ids = SelectMultipleField(N_("To these people"), option_widget=widgets.CheckboxInput(), validate_choice=False)


@bp.get("/")
@needs("leads.manage")
def index(ctx: Context):
    """The rules in their order."""
    names = people.user_names(ctx)
    rows = [(rule, said_conditions(ctx, rule.conditions), _way(ctx, rule), ", ".join(names[key] for key in rule.user_ids if key in names)) for rule in assigning.rules(ctx)]
    return page("leads/assignments.html", rules=rows)


@bp.get("/new")
@needs("leads.manage")
def new(ctx: Context):
    return _form(ctx, AssignmentForm(data={"way": "turn", "user_ids": []}), None)


@bp.post("/")
@needs("leads.manage")
def create(ctx: Context):
    return _saved(ctx, None)


@bp.get("/<uuid:id>")
@needs("leads.manage")
def show(ctx: Context, id: UUID):
    """One rule, to be changed."""
    rule = assigning.one_rule(ctx, id)
    return _form(ctx, AssignmentForm(data={"name": rule.name, "way": rule.way, "needs_language": rule.needs_language, "needs_product": rule.needs_product, "user_ids": [str(key) for key in rule.user_ids]}), rule)


@bp.post("/<uuid:id>")
@needs("leads.manage")
def update(ctx: Context, id: UUID):
    return _saved(ctx, assigning.one_rule(ctx, id))


@bp.post("/<uuid:id>/place")
@needs("leads.manage")
def move(ctx: Context, id: UUID):
    """One place up or down: the first rule that fits gives the lead."""
    assigning.move_rule(ctx, assigning.one_rule(ctx, id), -1 if request.form.get("by") == "up" else 1)
    return see_other("lead_assignment.index")


@bp.post("/<uuid:id>/deletion")
@needs("leads.manage")
def delete(ctx: Context, id: UUID):
    rule = assigning.one_rule(ctx, id)
    name = rule.name
    assigning.delete_rule(ctx, rule)
    say(ctx, N_("%(name)s deleted"), name=name)
    return see_other("lead_assignment.index")


def _way(ctx: Context, rule: LeadAssignment) -> str:
    """In which way, and what somebody needs for it."""
    needed = [text for on, text in ((rule.needs_language, N_("who speaks the lead's language")), (rule.needs_product, N_("who knows what it asks for"))) if on]
    return ", ".join(i18n.gettext(ctx.locale, text) for text in (WAY_LABELS[rule.way], *needed))


def _saved(ctx: Context, rule: LeadAssignment | None):
    form = AssignmentForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            needs_ = {"needs_language": form.needs_language.data, "needs_product": form.needs_product.data}
            version = version_of_form() if rule is not None else None
            made = assigning.save_rule(ctx, rule, version=version, name=form.name.data, way=form.way.data or "turn", user_ids=keys_of(form.user_ids.data or ()), conditions=typed_conditions(ctx), **needs_)
            say(ctx, N_("%(name)s saved"), name=made.name)
            return see_other("lead_assignment.index")
    return _form(ctx, form, rule, status=422)


def _form(ctx: Context, form: AssignmentForm, rule: LeadAssignment | None, *, status: int = 200):
    form.user_ids.choices = [(str(key), name) for key, name in assigning.readers(ctx).items()]
    form.way.choices = [(code, i18n.gettext(ctx.locale, text)) for code, text in WAY_LABELS.items()]
    lines = lines_of_form() if request.method == "POST" else None
    return page("leads/assignment.html", status=status, form=form, rule=rule, **condition_values(ctx, rule.conditions if rule else [], lines))
