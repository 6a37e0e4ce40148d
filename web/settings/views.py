"""Settings: one's own profile and sessions, and the people of the workspace."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Blueprint, g, make_response, request, url_for
from wtforms.fields.choices import SelectChoice

from core.base.context import Context
from core.base.errors import Conflict
from core.base.policy import has
from core.base.words import N_
from core.handover import leaving as handover
from core.identity import absence, actions, inviting, passkeys, queries, second_step, teams
from core.identity.models import User
from core.identity.seats import seats_promised
from infra import i18n
from infra.limits import check_old_password
from web import devices, door
from web.editing import WAS, as_loaded, changed, chosen, conflict_page, filled, last_change, version_of_form
from web.forms import typed_as
from web.guard import needs
from web.nav import NavItem
from web.pages import page, say, see_other
from web.settings.adoption import bp as adoption_bp  # noqa: F401
from web.settings.agents import named
from web.settings.api_tokens import bp as tokens_bp  # noqa: F401 (found here by its kind)
from web.settings.audit import bp as audit_bp  # noqa: F401
from web.settings.data import bp as takeout_bp  # noqa: F401
from web.settings.fields import bp as fields_bp  # noqa: F401
from web.settings.forms import (
    AS_WORKSPACE,
    LANGUAGES,
    InvitationForm,
    LeavingForm,
    MemberForm,
    PasswordForm,
    ProfileForm,
    format_words,
    labels_of,
    say_density,
)
from web.settings.invitations import bp as invitations_bp  # noqa: F401
from web.settings.invitations import invitation_form
from web.settings.mail_address import bp as mail_address_bp  # noqa: F401
from web.settings.mail_confirmation import bp as mail_confirmation_bp  # noqa: F401
from web.settings.notifications import bp as notifications_bp  # noqa: F401
from web.settings.passkeys import bp as passkeys_bp  # noqa: F401
from web.settings.people import absence_form
from web.settings.people import bp as people_bp  # noqa: F401
from web.settings.programs import bp as programs_bp  # noqa: F401
from web.settings.roles import bp as roles_bp  # noqa: F401
from web.settings.rooms import bp as rooms_bp  # noqa: F401 (found here by its kind)
from web.settings.second_step import bp as second_step_bp  # noqa: F401
from web.settings.sections import sections
from web.settings.sign_in import bp as sign_in_bp  # noqa: F401
from web.settings.single_sign_on import bp as provider_bp  # noqa: F401
from web.settings.skills import bp as skills_bp  # noqa: F401
from web.settings.starters import bp as starters_bp  # noqa: F401
from web.settings.teams import bp as teams_bp  # noqa: F401
from web.settings.workspace import bp as workspace_bp  # noqa: F401

bp = Blueprint("settings", __name__, url_prefix="/settings")
NAV = [NavItem("settings.index", "settings", N_("Settings"), "profile.edit", key="g s", group="Workspace", order=90)]


@bp.get("/")
@needs("profile.edit")
def index(ctx: Context):
    """All sections with a search: where one begins on a phone, and what the search answers without script."""
    return page("settings/index.html", q=request.args.get("q", "").strip()[:100])


@bp.app_context_processor
def listed() -> dict:
    """The list of sections for whichever room's page stands in the settings' frame; made only where it is shown."""
    return {"settings_sections": lambda q="": sections(g.ctx, q)}


@bp.get("/profile")
@needs("profile.edit")
def profile(ctx: Context):
    """Name, language, time zone, password, sessions."""
    return show_profile(ctx)


@bp.post("/profile")
@needs("profile.edit")
def update_profile(ctx: Context):
    """Save what was changed. Another field that was changed in another window stays; the same one is asked about."""
    user = queries.one_user(ctx, ctx.actor.id)
    form, was = filled(ProfileForm, user)
    if form.validate():
        given = chosen(changed(form, was))
        try:
            with form.attempt(ctx):
                actions.change_profile(ctx, version=version_of_form(), original=was, **given)
                say(replace(ctx, locale=user.locale), N_("Profile saved"))
                return see_other("settings.profile")
        except Conflict as conflict:
            return _meet(ctx, user, conflict, given, was, labels=labels_of(form), action="settings.update_profile", back="settings.profile", say={"locale": dict(LANGUAGES).get, "density": say_density} | format_words(AS_WORKSPACE))
    return show_profile(ctx, form=form, was=was, status=422)


@bp.post("/password")
@needs("profile.edit")
def update_password(ctx: Context):
    """A new password ends every session: sign in again with it."""
    form = PasswordForm(request.form)
    if form.validate():
        check_old_password(ctx.tenant.id, ctx.actor.id)
        with form.attempt(ctx):
            user = actions.change_password(ctx, form.old.data, form.new.data)
            response = make_response(see_other("session.new"))
            door.drop_session_cookie(response)
            devices.remember(ctx, response, user)  # he has just proved the old password here
            return response
    return show_profile(ctx, passwords=form, status=422)


@bp.post("/sessions/<uuid:id>/end")
@needs("profile.edit")
def end_session(ctx: Context, id: UUID):
    actions.sign_out(ctx, id)
    say(ctx, N_("Session ended"))
    return see_other("settings.profile")


@bp.post("/sessions/end")
@needs("profile.edit")
def end_sessions(ctx: Context):
    """Sign out everywhere, here too."""
    actions.sign_out(ctx)
    response = make_response(see_other("session.new"))
    door.drop_session_cookie(response)
    return response


@bp.get("/members")
@needs("users.read")
def members(ctx: Context):
    """Everybody who signs in, with role and state."""
    return show_members(ctx)


@bp.post("/members")
@needs("users.manage", fresh=True)
def create_member(ctx: Context):
    form = _member_form(ctx)
    if form.validate():
        with form.attempt(ctx):
            user = actions.add_user(ctx, name=form.name.data, mail=form.mail.data, role=form.role.data, password=form.password.data)
            say(ctx, N_("%(name)s added"), name=user.name)
            return see_other("settings.members")
    return show_members(ctx, form, status=422)


@bp.post("/members/<uuid:id>/role")
@needs("users.manage", fresh=True)
def update_role(ctx: Context, id: UUID):
    """Give the role chosen; where somebody gave another one meanwhile, ask which one it shall be."""
    user, role, was = queries.one_user(ctx, id), request.form.get("role", ""), {"role": request.form.get(WAS + "role", "")}
    if not chosen({"role": role}):
        return see_other("settings.members")
    try:
        with ctx.session.begin_nested():
            actions.give_role(ctx, user, role, version=version_of_form(), original=was["role"])
    except Conflict as conflict:
        roles = {one.code: i18n.gettext(ctx.locale, one.name) for one in queries.roles(ctx)}
        return _meet(ctx, user, conflict, {"role": role}, was, labels={"role": N_("Role")}, action="settings.update_role", back="settings.members", say={"role": roles.get}, id=id)
    say(ctx, N_("Role of %(name)s changed"), name=user.name)
    return see_other("settings.members")


@bp.post("/members/disabling")
@needs("users.disable", fresh=True)
def disable_member(ctx: Context):
    """Take somebody's access away, once his address was typed, and give what he looked after to whoever takes over."""
    form = _leaving_form(ctx, request.form)
    if form.validate():
        with form.attempt(ctx):
            user = queries.one_user(ctx, UUID(form.person.data))
            typed_as(form.typed.data, user.mail)
            run = handover.hand_over(ctx, user, UUID(form.successor.data)) if form.successor.data else None
            actions.disable_user(ctx, user)
            say(ctx, N_("%(name)s can no longer sign in"), name=user.name)
            if run is None or run.state == "cancelled":
                return see_other("settings.members")
            if run.state == "done":
                say(ctx, N_("What %(name)s looked after is handed over"), undo=url_for("handover.create_undo", id=run.id), name=user.name)
            return see_other("handover.show", id=run.id)
    return show_members(ctx, leaving=form, status=422)


def _meet(ctx: Context, user: User, conflict: Conflict, given: dict, was: dict, *, labels: dict, action: str, back: str, say: dict, **values: UUID):
    """The page on which two changes of one person meet."""
    if conflict.code != "conflict":
        raise conflict
    stored = {"role": "role_id"}  # what the audit calls a field that the form calls otherwise
    last = last_change(ctx, user, [stored.get(name, name) for name in conflict.fields])
    return conflict_page(ctx, conflict, given, was, title=user.name, action=url_for(action, **values), back=url_for(back), labels=labels, last=last, say=say)


def show_profile(ctx: Context, form: ProfileForm | None = None, passwords: PasswordForm | None = None, was: dict | None = None, away: Any = None, status: int = 200):
    """One's own page; what was refused stands in its form."""
    user = queries.one_user(ctx, ctx.actor.id)
    was, version = (was, version_of_form()) if was is not None else (as_loaded(ProfileForm(), user), user.version)
    form = form or ProfileForm(obj=user)
    form.say_choices(AS_WORKSPACE)
    return page(
        "settings/profile.html", status=status, was=was, version=version, form=form, passwords=passwords or PasswordForm(),
        user=user, second=second_step.of(ctx.session, user.id), keys=passkeys.passkeys_of(ctx.session, user.id), away=away or absence_form(ctx, user), absences=absence.absences(ctx, user.id), sessions=[(row, named(row.agent)) for row in queries.my_sessions(ctx)], here=g.sign_in.id, last=last_change(ctx, user, was),
    )


def _member_form(ctx: Context) -> MemberForm:
    form = MemberForm(request.form if request.endpoint == "settings.create_member" else None)
    form.role.choices = [(role.code, i18n.gettext(ctx.locale, role.name)) for role in queries.roles(ctx)]
    return form


def _leaving_form(ctx: Context, sent: Any = None) -> LeavingForm:
    """Nobody is chosen beforehand; the owner is not offered, only he himself gives his access away."""
    form, found = LeavingForm(sent), queries.users(ctx)
    able = [user for user in found if user.state == "active" and (not user.is_owner or user.id == ctx.actor.id)]
    form.person.choices = [SelectChoice("", i18n.gettext(ctx.locale, N_("Choose a person"))), *(SelectChoice(str(user.id), f"{user.name}, {user.mail}") for user in able)]
    form.successor.choices = [SelectChoice("", i18n.gettext(ctx.locale, N_("Nobody yet: it stays theirs"))), *(SelectChoice(str(key), name) for key, name in handover.offered(ctx).items())]
    return form


def show_members(ctx: Context, form: MemberForm | None = None, leaving: LeavingForm | None = None, invite: InvitationForm | None = None, status: int = 200):
    """The people and who is invited; what was refused stands in its form."""
    users = queries.users(ctx)
    return page(
        "settings/members.html", status=status, form=form or _member_form(ctx), leaving=leaving or _leaving_form(ctx), hands_over=has(ctx, "handovers.run"), invite=invite or invitation_form(ctx),
        invitations=inviting.invitations(ctx), users=users, awaited=next((user for user in users if user.is_owner and user.mail_confirmed_at is None), None), roles=queries.roles(ctx), teams=teams.teams_of(ctx),
        seats=queries.seats_taken(ctx), promised=seats_promised(ctx), limit=ctx.entitlements.limit("seats"), partners=queries.seats_taken(ctx, partners=True), partners_limit=ctx.entitlements.limit("partner_seats"),
    )
