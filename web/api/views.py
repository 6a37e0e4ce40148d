"""The API's own routes: its description for programs and people, and who one is."""

from uuid import UUID

from flask import Blueprint, Flask, Response, current_app

from core.base import policy
from core.base.words import N_
from core.identity import queries
from core.identity.models import User
from web.api import openapi, shell
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
    """The description, for programs; needs no sign-in."""
    return openapi.document()


@bp.get("/docs")
@public
def docs() -> Response:
    """The description, for people."""
    groups: dict[str, list] = {}
    for rule, operation in openapi.operations(current_app):
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


@shell.resource_route(me_bp, "GET", "/me", "profile.edit", answer=MeOut, summary=N_("Whose token this is"))
def get_me(ctx):
    actor = ctx.actor
    return MeOut(
        id=actor.id, name=actor.name, mail=actor.mail, role=actor.role, locale=ctx.locale, timezone=ctx.timezone, visibility=actor.visibility,
        permissions=sorted(actor.permissions), workspace=ctx.tenant.name,
    )


USERS = shell.Listing({
    "id": shell.Column(User.id), "name": shell.Column(User.name, sort=True), "mail": shell.Column(User.mail_norm, ops=("eq",)),
    "state": shell.Column(User.state, ops=("eq",)), "created_at": shell.Column(User.created_at, sort=True),
}, default="name")


@shell.resource_route(me_bp, "GET", "/users", "users.read", listing=USERS, answer=UserOut, summary=N_("List users"))
def list_users(ctx, asked):
    return asked.page(ctx, policy.visible(ctx, User))


@shell.resource_route(me_bp, "GET", "/users/<uuid:id>", "users.read", answer=UserOut, summary=N_("Get a user"))
def get_user(ctx, id):
    return queries.one_user(ctx, id)
