"""Who uses the workspace, for programs: means of the roles, and people for who manages them."""

from uuid import UUID

from core.adoption import queries
from core.base.context import Context
from core.base.words import N_
from web.api import shell

bp = shell.api_blueprint("adoption_api")


class RoleUseOut(shell.Out):
    """Means of the last 28 days. Figures are null where so few have the role that they would tell of a person."""

    role_id: UUID
    name: str
    people: int
    score: int | None
    active_days: float | None
    written: float | None
    next_step: float | None


class UseOut(shell.Out):
    """What somebody did in the last 28 days. contacts: how many are his, planned: of how many a next step is planned."""

    user_id: UUID
    name: str
    role_id: UUID
    score: int
    active_days: int
    created: int
    updated: int
    contacts: int
    planned: int
    last_sign_in: shell.Moment | None



@shell.resource_route(bp, "GET", "/adoption/roles", "users.read", paged=True, answer=RoleUseOut, summary=N_("List how much each role uses the workspace"))
def list_role_use(ctx: Context):
    return shell.Page(queries.roles(ctx), None)


@shell.resource_route(bp, "GET", "/adoption/people", "users.manage", paged=True, answer=UseOut, summary=N_("List how much each person uses the workspace"))
def list_use(ctx: Context):
    return shell.Page(queries.people(ctx), None)
