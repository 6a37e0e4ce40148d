"""Settings: one's own profile and sessions, and the people of the workspace."""

from dataclasses import replace
from uuid import UUID

from flask import Blueprint, g, make_response, request

from core.base import policy
from core.base.context import Context
from core.base.words import N_
from core.identity import actions, queries
from infra.limits import check_old_password
from web import door
from web.guard import needs
from web.nav import NavItem
from web.pages import page, say, see_other
from web.settings.agents import named
from web.settings.api_tokens import bp as tokens_bp  # noqa: F401 (found here by its kind)
from web.settings.audit import bp as audit_bp  # noqa: F401
from web.settings.data import bp as takeout_bp  # noqa: F401
from web.settings.forms import MemberForm, PasswordForm, ProfileForm
from web.settings.sections import sections
from web.settings.workspace import bp as workspace_bp  # noqa: F401

bp = Blueprint("settings", __name__, url_prefix="/settings")
NAV = [NavItem("settings.index", "settings", N_("Settings"), "profile.edit", key="g s", group="Workspace", order=90)]


@bp.get("/")
@needs("profile.edit")
def index(ctx: Context):
    """The first section that everybody has."""
    return see_other("settings.profile")


@bp.get("/profile")
@needs("profile.edit")
def profile(ctx: Context):
    """Name, language, time zone, password, sessions."""
    return _profile(ctx)


@bp.post("/profile")
@needs("profile.edit")
def update_profile(ctx: Context):
    form = ProfileForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            actions.change_profile(ctx, name=form.name.data, locale=form.locale.data, timezone=form.timezone.data)
            say(replace(ctx, locale=form.locale.data), N_("Profile saved"))
            return see_other("settings.profile")
    return _profile(ctx, form=form, status=422)


@bp.post("/password")
@needs("profile.edit")
def update_password(ctx: Context):
    """A new password ends every session: sign in again with it."""
    form = PasswordForm(request.form)
    if form.validate():
        check_old_password(ctx.tenant.id, ctx.actor.id)
        with form.attempt(ctx):
            actions.change_password(ctx, form.old.data, form.new.data)
            response = make_response(see_other("session.new"))
            door.drop_session_cookie(response)
            return response
    return _profile(ctx, passwords=form, status=422)


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
    return _members(ctx, _member_form(ctx))


@bp.post("/members")
@needs("users.manage")
def create_member(ctx: Context):
    form = _member_form(ctx)
    if form.validate():
        with form.attempt(ctx):
            user = actions.add_user(ctx, name=form.name.data, mail=form.mail.data, role=form.role.data, password=form.password.data)
            say(ctx, N_("%(name)s added"), name=user.name)
            return see_other("settings.members")
    return _members(ctx, form, status=422)


@bp.post("/members/<uuid:id>/role")
@needs("users.manage")
def update_role(ctx: Context, id: UUID):
    user = actions.give_role(ctx, queries.one_user(ctx, id), request.form.get("role", ""))
    say(ctx, N_("Role of %(name)s changed"), name=user.name)
    return see_other("settings.members")


@bp.post("/members/<uuid:id>/disabling")
@needs("users.disable")
def disable_member(ctx: Context, id: UUID):
    user = actions.disable_user(ctx, queries.one_user(ctx, id))
    say(ctx, N_("%(name)s can no longer sign in"), name=user.name)
    return see_other("settings.members")


def _profile(ctx: Context, form: ProfileForm | None = None, passwords: PasswordForm | None = None, status: int = 200):
    user = queries.one_user(ctx, ctx.actor.id)
    return page(
        "settings/profile.html", status=status, form=form or ProfileForm(obj=user), passwords=passwords or PasswordForm(),
        user=user, sessions=[(row, named(row.agent)) for row in queries.my_sessions(ctx)], here=g.sign_in.id, sections=sections(ctx),
    )


def _member_form(ctx: Context) -> MemberForm:
    form = MemberForm(request.form if request.method == "POST" else None)
    form.role.choices = [(role.code, role.name) for role in queries.roles(ctx)]
    return form


def _members(ctx: Context, form: MemberForm, status: int = 200):
    return page(
        "settings/members.html", status=status, form=form, users=queries.users(ctx), roles=queries.roles(ctx),
        seats=queries.seats_taken(ctx), limit=ctx.entitlements.limit("seats"), sections=sections(ctx),
    )
