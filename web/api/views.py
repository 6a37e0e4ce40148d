"""The API's own routes: its description for programs and people, and who one is."""

from uuid import UUID

from flask import Blueprint, Flask, Response, current_app, g, request
from pydantic import field_serializer

from core.base import policy
from core.base.rooms import permissions_off
from core.base.words import N_
from core.identity import queries
from core.identity.models import Role, Team, User
from web import door
from web.api import openapi, shell
from web.custom_fields import describing
from web.guard import public
from web.pages import page

bp = Blueprint("api", __name__, url_prefix="/api")
bp.places = ("tenant", "apex")
me_bp = shell.api_blueprint("api_me")


@bp.record_once
def _install(state) -> None:
    app: Flask = state.app
    app.after_request(shell.tell_rate)


@bp.get("/v1/openapi.json")
@public
def description() -> Response:
    """The description, for programs; needs no sign-in. With a token the workspace's own fields stand in it."""
    if g.place.tenant is not None and "Authorization" in request.headers:
        shell.check_rate()
        with door.with_token() as ctx:
            return describing.document(ctx)
    return openapi.document()


@bp.get("/docs")
@public
def docs() -> Response:
    """The description, for people."""
    groups: dict[str, list] = {}
    for rule, operation in openapi.operations(current_app, openapi.rooms_off_here()):
        groups.setdefault(operation.tag, []).append((openapi.path_of(rule), operation))
    return page("api/docs.html", groups=groups, introduction=openapi.INTRODUCTION)


class MeOut(shell.Out):
    """Whose token this is, and what it may do."""

    id: UUID
    name: str
    mail: str
    role: str
    locale: str
    timezone: str
    visibility: str
    permissions: list[str]
    workspace: str


class UserOut(shell.Out):
    """A user of the workspace."""

    id: UUID
    name: str
    mail: str
    state: str
    locale: str
    timezone: str
    created_at: shell.Moment
    version: int


@shell.resource_route(me_bp, "GET", "/me", "profile.edit", answer=MeOut, summary=N_("Whose token this is"))
def get_me(ctx):
    actor = ctx.actor
    return MeOut(
        id=actor.id, name=actor.name, mail=actor.mail, role=actor.role, locale=ctx.locale, timezone=ctx.timezone, visibility=actor.visibility,
        permissions=sorted(actor.permissions - permissions_off(ctx.tenant.rooms_off)), workspace=ctx.tenant.name,
    )


USERS = shell.Listing({
    "id": shell.Column(User.id), "name": shell.Column(User.name, sort=True), "mail": shell.Column(User.mail_norm, ops=("eq",)),
    "state": shell.Column(User.state, ops=("eq",)), "created_at": shell.Column(User.created_at, sort=True),
}, default="name")


@shell.resource_route(me_bp, "GET", "/users", "users.read", listing=USERS, answer=UserOut, summary=N_("List users"))
def list_users(ctx, asked):
    return asked.page(ctx, policy.visible(ctx, User).where(queries.is_person()))


class RoleOut(shell.Out):
    """A role: what its people may do, and how far they see and change (own, team, branch, all). scopes: rooms where that
    differs, as [sees, changes]; "" is the role's own reach. hidden, protected: fields ("contacts.birthday") that they do not read, or do not write."""

    id: UUID
    code: str
    name: str
    permissions: list[str]
    visibility: str
    changing: str
    scopes: dict[str, list[str]]
    hidden: list[str]
    protected: list[str]
    version: int

    @field_serializer("permissions")
    def _there(self, value: list[str]) -> list[str]:
        """Without those of rooms that are off."""
        return [name for name in value if name not in permissions_off(g.ctx.tenant.rooms_off)]

    @field_serializer("hidden", "protected")
    def _of_rooms_there(self, value: list[str]) -> list[str]:
        return [name for name in value if name.partition(".")[0] not in g.ctx.tenant.rooms_off]


class TeamOut(shell.Out):
    """A team in the tree. parent_id null: at the top."""

    id: UUID
    name: str
    parent_id: UUID | None
    is_branch: bool
    created_at: shell.Moment
    version: int


ROLES = shell.Listing({"id": shell.Column(Role.id), "name": shell.Column(Role.name, sort=True), "code": shell.Column(Role.code, ops=("eq",))}, default="name")
TEAMS = shell.Listing({
    "id": shell.Column(Team.id), "name": shell.Column(Team.name, sort=True), "parent_id": shell.Column(Team.parent_id), "is_branch": shell.Column(Team.is_branch),
}, default="name")


@shell.resource_route(me_bp, "GET", "/roles", "users.read", listing=ROLES, answer=RoleOut, summary=N_("List roles"))
def list_roles(ctx, asked):
    return asked.page(ctx, policy.visible(ctx, Role))


@shell.resource_route(me_bp, "GET", "/teams", "users.read", listing=TEAMS, answer=TeamOut, summary=N_("List teams"))
def list_teams(ctx, asked):
    return asked.page(ctx, policy.visible(ctx, Team))


@shell.resource_route(me_bp, "GET", "/users/<uuid:id>", "users.read", answer=UserOut, summary=N_("Get a user"))
def get_user(ctx, id):
    return queries.one_user(ctx, id)
