"""Settings, one person: further roles, teams, absence; what an administrator sees, and oneself of one's own."""

from typing import Any
from uuid import UUID

from flask import Blueprint, g, request
from wtforms import DateField, SelectField, SelectMultipleField, widgets
from wtforms.validators import InputRequired

from core.base.context import Context
from core.base.words import N_
from core.handover import leaving
from core.identity import absence, passkeys, queries, resetting, roles, second_step, teams, viewing
from core.identity.models import User
from infra import i18n
from infra.limits import check_reset_sent
from web.forms import Form
from web.guard import needs
from web.pages import page, say, see_other
from web.settings.skills import SkillsForm, skills_form

bp = Blueprint("people", __name__, url_prefix="/settings")


class FurtherForm(Form):
    """Roles beside the first one."""

    further = SelectMultipleField(N_("Further roles"), option_widget=widgets.CheckboxInput())


class AbsenceForm(Form):
    """Days away, both included, and who stands in."""

    starts_on = DateField(N_("First day away"), [InputRequired()])
    ends_on = DateField(N_("Last day away"), [InputRequired()])
    deputy_id = SelectField(N_("Deputy"), [InputRequired()])


@bp.get("/members/<uuid:id>")
@needs("users.read")
def show(ctx: Context, id: UUID):
    """Somebody who works here: roles, teams, days away."""
    return show_person(ctx, queries.one_user(ctx, id))


@bp.post("/members/<uuid:id>/roles")
@needs("users.manage", fresh=True)
def update_roles(ctx: Context, id: UUID):
    """The further roles ticked, and no others."""
    user = queries.one_user(ctx, id)
    form = _further_form(ctx, user, request.form)
    if form.validate():
        with form.attempt(ctx):
            roles.give_further_roles(ctx, user, form.further.data)
            say(ctx, N_("Roles of %(name)s saved"), name=user.name)
            return see_other("people.show", id=id)
    return show_person(ctx, user, further=form, status=422)


@bp.post("/members/<uuid:id>/password-letter")
@needs("users.manage", fresh=True)
def send_reset(ctx: Context, id: UUID):
    """A letter with a link to a new password goes to somebody."""
    user = queries.one_user(ctx, id)
    check_reset_sent(ctx.tenant.id, user.mail_norm)
    return _acted(ctx, user, resetting.send, N_("The letter goes to %(mail)s"), mail=user.mail)


@bp.post("/members/<uuid:id>/second-step-reset")
@needs("users.manage", fresh=True)
def reset_second_step(ctx: Context, id: UUID):
    """For somebody who lost his authenticator; he is told by mail."""
    user = queries.one_user(ctx, id)
    return _acted(ctx, user, second_step.reset, N_("The second step of %(name)s is taken away"), name=user.name)


@bp.post("/members/<uuid:id>/passkeys-reset")
@needs("users.manage", fresh=True)
def reset_passkeys(ctx: Context, id: UUID):
    """For somebody who lost his devices; he is told by mail."""
    user = queries.one_user(ctx, id)
    return _acted(ctx, user, passkeys.reset, N_("The passkeys of %(name)s are taken away"), name=user.name)


@bp.post("/members/<uuid:id>/absence")
@needs("users.manage")
def create_absence(ctx: Context, id: UUID):
    """Plan somebody's days away."""
    user = queries.one_user(ctx, id)
    form = absence_form(ctx, user, request.form)
    if planned(ctx, user, form):
        return see_other("people.show", id=id)
    return show_person(ctx, user, away=form, status=422)


@bp.post("/members/<uuid:id>/eyes")
@needs("users.view_as", fresh=True)
def begin_viewing(ctx: Context, id: UUID):
    """Look through somebody's eyes, from the start page on."""
    user = queries.one_user(ctx, id)
    viewing.begin_viewing(ctx, g.sign_in, user)
    say(ctx, N_("You see the workspace as %(name)s does"), name=user.name)
    return see_other("home.index")


@bp.post("/profile/eyes")
@needs("profile.edit")
def end_viewing(ctx: Context):
    """Back to one's own eyes, on the page of whoever it was."""
    user_id = g.sign_in.viewing_id
    viewing.end_viewing(g.sign_in)
    return see_other("people.show", id=user_id) if user_id else see_other("home.index")


@bp.post("/profile/absence")
@needs("profile.edit")
def create_own_absence(ctx: Context):
    """Plan one's own days away."""
    from web.settings.views import show_profile

    user = queries.one_user(ctx, ctx.actor.id)
    form = absence_form(ctx, user, request.form)
    return see_other("settings.profile") if planned(ctx, user, form) else show_profile(ctx, away=form, status=422)


@bp.post("/absences/<uuid:id>/cancellation")
@needs("profile.edit")
def cancel_absence(ctx: Context, id: UUID):
    """Back earlier, or not away at all: one's own, or as an administrator anybody's."""
    found = absence.one_absence(ctx, id)
    mine, user_id = found.user_id == ctx.actor.id, found.user_id
    absence.cancel_absence(ctx, found)
    say(ctx, N_("The absence is cancelled"))
    return see_other("settings.profile") if mine else see_other("people.show", id=user_id)


def _acted(ctx: Context, user: User, act: Any, message: str, **said: Any):
    """Done, and said; a refusal stands above the page."""
    form = Form()
    with form.attempt(ctx):
        act(ctx, user)
        say(ctx, message, **said)
        return see_other("people.show", id=user.id)
    return show_person(ctx, user, way_in=form, status=422)


def planned(ctx: Context, user: User, form: AbsenceForm) -> bool:
    """Was it planned? What was refused stands in the form."""
    if form.validate():
        with form.attempt(ctx):
            made = absence.plan_absence(ctx, user, deputy_id=UUID(form.deputy_id.data), starts_on=form.starts_on.data, ends_on=form.ends_on.data)
            say(ctx, N_("The absence is planned"))
            return made is not None
    return False


def absence_form(ctx: Context, user: User, sent: Any = None) -> AbsenceForm:
    """With everybody who signs in but the one who is away."""
    form = AbsenceForm(sent)
    others = ((str(one.id), one.name) for one in queries.users(ctx) if one.state == "active" and one.id != user.id)
    form.deputy_id.choices = [("", i18n.gettext(ctx.locale, N_("Choose a person"))), *others]
    return form


def _further_form(ctx: Context, user: User, sent: Any = None) -> FurtherForm:
    form = FurtherForm(sent)
    able = [role for role in queries.roles(ctx) if role.code != roles.FIXED and role.id != user.role_id]
    form.further.choices = [(role.code, i18n.gettext(ctx.locale, role.name)) for role in able]
    if sent is None:
        form.further.data = [role.code for role in roles.further_roles(ctx, user)]
    return form


def show_person(ctx: Context, user: User, further: FurtherForm | None = None, away: AbsenceForm | None = None, way_in: Form | None = None, skills: SkillsForm | None = None, status: int = 200):
    """His page; a form that was refused stands in it as it was sent."""
    names = queries.user_names(ctx)
    named = lambda run: ", ".join(sorted(names.get(UUID(key), "") for key in run.counts))  # noqa: E731
    return page(
        "settings/person.html", status=status, user=user, way_in=way_in or Form(), second=second_step.of(ctx.session, user.id), keys=passkeys.passkeys_of(ctx.session, user.id), further=further or _further_form(ctx, user), has=roles.further_roles(ctx, user),
        handed=leaving.handed_over(ctx, user.id), named=named, teams=teams.teams_with(ctx, user.id), away=away or absence_form(ctx, user), absences=absence.absences(ctx, user.id),
        skills=skills or skills_form(ctx, user),
    )
