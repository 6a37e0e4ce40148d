"""Contact plans: whose turn it is, and in the settings how often customers of which kind are to hear from us."""

from uuid import UUID

from flask import Blueprint, request, url_for
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from core.base.context import Context
from core.base.policy import may
from core.base.words import N_
from core.contact_plans import due, plans
from core.contact_plans.models import ContactPlan
from core.contact_plans.plans import called
from core.views.filtering import key_of
from web.condition_lines import condition_values, lines_of_form, said_conditions, typed_conditions
from web.editing import version_of_form
from web.forms import Form
from web.guard import needs
from web.nav import NavItem
from web.pages import page, say, see_other

bp, plans_bp = Blueprint("contact_plans", __name__), Blueprint("contact_plan_settings", __name__)
NAV = [NavItem("contact_plans.show_turns", "phone-outgoing", N_("Whose turn it is"), "activities.read", key="g h", group="Sales", order=46)]
OWNERS = (("me", N_("Mine")), ("pool", N_("Nobody's")), ("all", N_("All")))


class PlanForm(Form):
    """A plan: for which accounts, how often."""

    name = StringField(N_("Name"), [InputRequired(), Length(max=100)])
    times_a_year = StringField(N_("Times a year"), [InputRequired(), Length(max=3)])


@bp.get("/contact-plan")
@needs("activities.read")
def show_turns(ctx: Context):
    """Accounts whose turn it is by the plans. owner=: me (usual), pool, all, or somebody's key."""
    owner = request.args.get("owner") or "me"
    rows = due.turns(ctx, owner=None if owner == "all" else owner if owner in ("me", "pool") else key_of(owner, "owner"))
    segments = [{"text": text, "href": url_for("contact_plans.show_turns", owner=name), "current": owner == name} for name, text in OWNERS]
    return page("contact_plans/turns.html", rows=rows, segments=segments, most=due.MOST_SHOWN, called=lambda plan: called(plan, ctx.locale), any_plans=bool(rows) or bool(plans.number(ctx)))


@plans_bp.get("/settings/contact-plans/")
@needs("activities.read")
def index(ctx: Context):
    """The plans in their order."""
    return page("contact_plans/index.html", plans=[(one, called(one, ctx.locale), said_conditions(ctx, one.conditions, "accounts")) for one in plans.plans(ctx)])


@plans_bp.get("/settings/contact-plans/new")
@needs("contact_plans.manage")
def new(ctx: Context):
    return _form(ctx, PlanForm(), None)


@plans_bp.post("/settings/contact-plans/")
@needs("contact_plans.manage")
def create(ctx: Context):
    return _saved(ctx, None)


@plans_bp.get("/settings/contact-plans/<uuid:id>")
@needs("contact_plans.manage")
def show(ctx: Context, id: UUID):
    """One plan, to be changed."""
    plan = plans.one_plan(ctx, id)
    return _form(ctx, PlanForm(data={"name": called(plan, ctx.locale), "times_a_year": plan.times_a_year}), plan)


@plans_bp.post("/settings/contact-plans/<uuid:id>")
@needs("contact_plans.manage")
def update(ctx: Context, id: UUID):
    return _saved(ctx, plans.one_plan(ctx, id))


@plans_bp.post("/settings/contact-plans/<uuid:id>/place")
@needs("contact_plans.manage")
def move(ctx: Context, id: UUID):
    """One place up or down: the first that fits an account holds."""
    plans.move_plan(ctx, plans.one_plan(ctx, id), -1 if request.form.get("by") == "up" else 1)
    return see_other("contact_plan_settings.index")


@plans_bp.post("/settings/contact-plans/<uuid:id>/deletion")
@needs("contact_plans.manage")
def delete(ctx: Context, id: UUID):
    plan = plans.one_plan(ctx, id)
    name = called(plan, ctx.locale)
    plans.delete_plan(ctx, plan)
    say(ctx, N_("%(name)s deleted"), name=name)
    return see_other("contact_plan_settings.index")


def _saved(ctx: Context, plan: ContactPlan | None):
    form = PlanForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            version = version_of_form() if plan is not None else None
            made = plans.save_plan(ctx, plan, name=form.name.data, times_a_year=form.times_a_year.data, conditions=typed_conditions(ctx, "accounts"), version=version)
            say(ctx, N_("%(name)s saved"), name=called(made, ctx.locale))
            return see_other("contact_plan_settings.index")
    return _form(ctx, form, plan, status=422)


def _form(ctx: Context, form: PlanForm, plan: ContactPlan | None, *, status: int = 200):
    lines = lines_of_form() if request.method == "POST" else None
    values = condition_values(ctx, plan.conditions if plan else [], lines, "accounts")
    return page("contact_plans/plan.html", status=status, form=form, plan=plan, name=called(plan, ctx.locale) if plan else "", can_manage=may(ctx, "contact_plans.manage"), **values)
