"""Roles, teams and what people hold of them, for programs: what the pages of the settings do."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from core.base.context import Context
from core.base.errors import Refused
from core.base.policy import WIDTHS
from core.base.words import N_
from core.identity import actions, queries, roles, teams
from core.identity.models import SCOPED_ROOMS, User
from core.skills import actions as skills
from core.skills import queries as skill_queries
from web.api import shell
from web.api.views import RoleOut, TeamOut, UserOut

bp = shell.api_blueprint("people_api")
Wide = Annotated[str, Field(json_schema_extra={"enum": list(WIDTHS)})]
Names = Annotated[list[Annotated[str, Field(max_length=60)]], Field(max_length=300)]
Words = Annotated[list[Annotated[str, Field(max_length=60)]], Field(max_length=50)]
Scopes = Annotated[dict[str, tuple[str, str]], Field(max_length=len(SCOPED_ROOMS))]


class RoleFields(shell.Body):
    """scopes: room -> [sees, changes] where they differ from visibility and changing. hidden, protected: fields such as
    "contacts.birthday"."""

    permissions: Names | None = None
    visibility: Wide | None = None
    changing: Wide | None = None
    scopes: Scopes | None = None
    hidden: Names | None = None
    protected: Names | None = None

    def given(self) -> dict[str, Any]:
        """As the use cases know them: a room's exception is two fields."""
        found = super().given()
        scopes = found.pop("scopes", None)
        for room, (sees, changes) in (scopes or {}).items():
            found |= {f"sees_{room}": sees, f"changes_{room}": changes}
        if scopes is not None:
            found |= {f"{verb}_{room}": "" for room in SCOPED_ROOMS if room not in scopes for verb in ("sees", "changes")}
        return found


class RoleIn(RoleFields):
    """A role to make."""

    name: Annotated[str, Field(min_length=1, max_length=60)]


class RolePatch(RoleFields):
    """Changes of a role; what is absent stays as it is."""

    name: Annotated[str, Field(min_length=1, max_length=60)] | None = None


class TeamIn(shell.Body):
    """A team to make. parent_id null: at the top."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    parent_id: UUID | None = None
    is_branch: bool = False


class TeamPatch(shell.Body):
    """Changes of a team; what is absent stays as it is."""

    name: Annotated[str, Field(min_length=1, max_length=60)] | None = None
    parent_id: UUID | None = None
    is_branch: bool | None = None


class MemberIn(shell.Body):
    """Somebody who belongs to a team from now on; leads: speaks for it."""

    user_id: UUID | None = None
    leads: bool = False


class UserPatch(shell.Body):
    """role: the code of the first role. further: the codes of all others. state "disabled" takes access away, for good
    until somebody adds the person again."""

    role: Annotated[str, Field(max_length=60)] | None = None
    further: Names | None = None
    state: Annotated[str, Field(json_schema_extra={"enum": ["disabled"]}, pattern="^disabled$")] | None = None


class SkillsPatch(shell.Body):
    """Each list takes the place of the one before; what is absent stays as it is. languages: codes or names."""

    languages: Words | None = None
    category_ids: Annotated[list[UUID], Field(max_length=50)] | None = None
    words: Words | None = None


class SkillsOut(shell.Out):
    """What a user can do. id, version: the user's. category_ids: parts of the catalogue, each with all below it."""

    id: UUID
    version: int
    languages: list[str]
    category_ids: list[UUID]
    words: list[str]


@shell.resource_route(bp, "POST", "/roles", "roles.manage", body=RoleIn, answer=RoleOut, status=201, summary=N_("Make a role"))
def create_role(ctx: Context, body):
    roles.check_there(ctx, body.given())
    return roles.create_role(ctx, **body.given())


@shell.resource_route(bp, "GET", "/roles/<uuid:id>", "users.read", answer=RoleOut, summary=N_("Get a role"))
def get_role(ctx: Context, id: UUID):
    return roles.role_of(ctx, id)


@shell.resource_route(bp, "PATCH", "/roles/<uuid:id>", "roles.manage", body=RolePatch, answer=RoleOut, versioned=True, summary=N_("Change a role"))
def change_role(ctx: Context, id: UUID, version: int, body):
    return roles.edit_role(ctx, shell.at_version(ctx, roles.role_of(ctx, id), version, "roles.manage"), **body.given())


@shell.resource_route(bp, "DELETE", "/roles/<uuid:id>", "roles.manage", status=204, versioned=True, summary=N_("Delete a role that nobody has"))
def delete_role(ctx: Context, id: UUID, version: int):
    roles.delete_role(ctx, shell.at_version(ctx, roles.role_of(ctx, id), version, "roles.manage"))


@shell.resource_route(bp, "POST", "/teams", "teams.manage", body=TeamIn, answer=TeamOut, status=201, summary=N_("Make a team"))
def create_team(ctx: Context, body):
    return teams.create_team(ctx, **body.all())


@shell.resource_route(bp, "GET", "/teams/<uuid:id>", "users.read", answer=TeamOut, summary=N_("Get a team"))
def get_team(ctx: Context, id: UUID):
    return teams.one_team(ctx, id)


@shell.resource_route(bp, "PATCH", "/teams/<uuid:id>", "teams.manage", body=TeamPatch, answer=TeamOut, versioned=True, summary=N_("Change a team"))
def change_team(ctx: Context, id: UUID, version: int, body):
    return teams.edit_team(ctx, shell.at_version(ctx, teams.one_team(ctx, id), version, "teams.manage"), **body.given())


@shell.resource_route(bp, "DELETE", "/teams/<uuid:id>", "teams.manage", status=204, versioned=True, summary=N_("Delete a team"))
def delete_team(ctx: Context, id: UUID, version: int):
    teams.delete_team(ctx, shell.at_version(ctx, teams.one_team(ctx, id), version, "teams.manage"))


@shell.resource_route(bp, "POST", "/teams/<uuid:id>/members", "teams.manage", body=MemberIn, status=204, summary=N_("Put somebody into a team"))
def put_member(ctx: Context, id: UUID, body):
    team = teams.one_team(ctx, id)
    if body.user_id is None:
        raise Refused("required", field="user_id")
    teams.put_member(ctx, team, body.user_id, leads=body.leads)


@shell.resource_route(bp, "DELETE", "/teams/<uuid:id>/members/<uuid:user_id>", "teams.manage", status=204, versioned=True, summary=N_("Take somebody out of a team"))
def remove_member(ctx: Context, id: UUID, user_id: UUID, version: int):
    teams.remove_member(ctx, shell.at_version(ctx, teams.one_team(ctx, id), version, "teams.manage"), user_id)


@shell.resource_route(bp, "GET", "/users/<uuid:id>/skills", "users.read", answer=SkillsOut, summary=N_("Get the skills of a user"))
def get_skills(ctx: Context, id: UUID):
    return _skills(ctx, queries.one_user(ctx, id))


@shell.resource_route(bp, "PATCH", "/users/<uuid:id>/skills", "users.manage", body=SkillsPatch, answer=SkillsOut, versioned=True, summary=N_("Change the skills of a user"))
def change_skills(ctx: Context, id: UUID, version: int, body):
    user = shell.at_version(ctx, queries.one_user(ctx, id), version, "users.manage")
    return _skills(ctx, skills.set_skills(ctx, user, **body.given()))


def _skills(ctx: Context, user: User) -> SkillsOut:
    his = skill_queries.skills_of(ctx, [user.id])[user.id]
    return SkillsOut(id=user.id, version=user.version, languages=sorted(his.languages), category_ids=sorted(his.categories), words=list(his.words))


@shell.resource_route(bp, "PATCH", "/users/<uuid:id>", "users.manage", body=UserPatch, answer=UserOut, versioned=True, summary=N_("Give a user roles, or take his access away"))
def change_user(ctx: Context, id: UUID, version: int, body):
    user = shell.at_version(ctx, queries.one_user(ctx, id), version, "users.manage")
    if body.role is not None:
        actions.give_role(ctx, user, body.role)
    if body.further is not None:
        roles.give_further_roles(ctx, user, body.further)
    if body.state is not None:
        actions.disable_user(ctx, user)
    return user


