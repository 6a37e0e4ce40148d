"""Settings: by which rules leads are scored."""

from typing import Any
from uuid import UUID

from flask import Blueprint, request
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from core.base.context import Context
from core.base.words import N_
from core.leads import scoring
from core.leads.score_models import LeadRule
from core.leads.words import RULE_KIND_LABELS
from infra import i18n
from web.condition_lines import condition_values, lines_of_form, said_conditions, typed_conditions
from web.forms import Form
from web.guard import needs
from web.pages import page, say, see_other

bp = Blueprint("lead_score", __name__, url_prefix="/settings/lead-score")


class RuleForm(Form):
    """A rule. Its conditions are lines of their own: field, comparison, value."""

    name = StringField(N_("Name"), [InputRequired(), Length(max=100)])
    kind = SelectField(N_("What it looks at"), choices=list(RULE_KIND_LABELS.items()), validate_choice=False)
    points = StringField(N_("Points"), [InputRequired(), Length(max=5)])
    days = StringField(N_("For every so many days"), [Length(max=4)])


@bp.get("/")
@needs("leads.manage")
def index(ctx: Context):
    """The rules with what each gives, and the way to one more."""
    return page("leads/score.html", rules=[(rule, scoring.called(rule, ctx.locale), _said(ctx, rule)) for rule in scoring.rules(ctx)])


@bp.get("/new")
@needs("leads.manage")
def new(ctx: Context):
    return _form(ctx, RuleForm(data={"kind": "condition", "points": "10"}), None)


@bp.post("/")
@needs("leads.manage")
def create(ctx: Context):
    return _saved(ctx, None)


@bp.get("/<uuid:id>")
@needs("leads.manage")
def show(ctx: Context, id: UUID):
    """One rule, to be changed."""
    rule = scoring.one_rule(ctx, id)
    form = RuleForm(data={"name": scoring.called(rule, ctx.locale), "kind": rule.kind, "points": str(rule.points), "days": str(rule.days or "")})
    return _form(ctx, form, rule)


@bp.post("/<uuid:id>")
@needs("leads.manage")
def update(ctx: Context, id: UUID):
    return _saved(ctx, scoring.one_rule(ctx, id))


@bp.post("/<uuid:id>/deletion")
@needs("leads.manage")
def delete(ctx: Context, id: UUID):
    rule = scoring.one_rule(ctx, id)
    name = scoring.called(rule, ctx.locale)
    scoring.delete_rule(ctx, rule)
    say(ctx, N_("%(name)s deleted"), name=name)
    return see_other("lead_score.index")


def _saved(ctx: Context, rule: LeadRule | None):
    form = RuleForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            name = form.name.data
            if rule is not None and name == scoring.called(rule, ctx.locale):
                name = rule.name  # shown in the reader's language: nobody renamed it
            scoring.save_rule(ctx, rule, name=name, kind=form.kind.data, points=form.points.data, days=form.days.data, conditions=typed_conditions(ctx))
            say(ctx, N_("%(name)s saved. All leads are scored anew."), name=form.name.data)
            return see_other("lead_score.index")
    return _form(ctx, form, rule, status=422)


def _form(ctx: Context, form: RuleForm, rule: LeadRule | None, *, status: int = 200):
    form.kind.choices = [(code, i18n.gettext(ctx.locale, text)) for code, text in RULE_KIND_LABELS.items()]
    lines = lines_of_form() if request.method == "POST" else None
    return page("leads/score_rule.html", status=status, form=form, rule=rule, **condition_values(ctx, rule.conditions if rule else [], lines))


def _said(ctx: Context, rule: LeadRule) -> str:
    """What the rule looks at, in words."""
    _ = lambda text, **params: i18n.gettext(ctx.locale, text, **params)  # noqa: E731
    if rule.kind == "condition":
        return said_conditions(ctx, rule.conditions)
    return _(N_("Every %(days)s days, ten times at most"), days=rule.days) if rule.kind == "age" else _(RULE_KIND_LABELS[rule.kind])


def signed(points: int) -> str:
    """Points as they are shown: +10, −5."""
    return f"+{points}" if points > 0 else str(points).replace("-", "−")


def reasons(ctx: Context, found: tuple[int, list[tuple[str, int]]] | None) -> list[dict[str, Any]]:
    """What a lead's score is made of, for its page."""
    return [{"label": name, "value": signed(points)} for name, points in found[1]] if found else []
