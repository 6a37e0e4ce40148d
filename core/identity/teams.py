"""Use cases about the tree of teams: make, change, take away, who belongs to them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from core.base import editing
from core.base.context import Context
from core.base.errors import Refused, present
from core.base.facts import record
from core.base.policy import require
from core.base.text import clean_needed
from core.identity.models import Team, TeamMember, User

DEEPEST = 8


def team_name(value: Any, field: str) -> str:
    """What a team is called: one line."""
    return clean_needed(value, field=field, max_length=80)


def parent_key(value: Any, field: str) -> UUID | None:
    """The key of the team above; empty for the top."""
    if isinstance(value, UUID) or not value:
        return value or None
    try:
        return UUID(str(value))
    except ValueError:
        raise Refused("unknown_value", field=field) from None


def ticked(value: Any, field: str) -> bool:
    return value if isinstance(value, bool) else str(value or "").lower() in ("1", "true", "y", "yes", "on")


TEAM_FIELDS = {"name": team_name, "parent_id": parent_key, "is_branch": ticked}


@dataclass(slots=True)
class Node:
    """A team where it stands in the tree. members: (user's key, name, leads), by name; depth: 0 at the top."""

    team: Team
    depth: int
    members: list[tuple[UUID, str, bool]] = field(default_factory=list)


def tree(ctx: Context) -> list[Node]:
    """All teams, each behind the one it stands under, by name."""
    below: dict[UUID | None, list[Team]] = {}
    for team in ctx.session.execute(select(Team).order_by(func.lower(Team.name), Team.id)).scalars():
        below.setdefault(team.parent_id, []).append(team)
    members: dict[UUID, list[tuple[UUID, str, bool]]] = {}
    query = select(TeamMember.team_id, User.id, User.name, TeamMember.leads).join(User, User.id == TeamMember.user_id)
    for team_id, *person in ctx.session.execute(query.order_by(TeamMember.leads.desc(), func.lower(User.name))):
        members.setdefault(team_id, []).append(tuple(person))
    found: list[Node] = []

    def walk(parent: UUID | None, depth: int) -> None:
        for team in below.get(parent, ()):
            found.append(Node(team, depth, members.get(team.id, [])))
            walk(team.id, depth + 1)

    walk(None, 0)
    return found


def one_team(ctx: Context, team_id: UUID) -> Team:
    return present(ctx.session.get(Team, team_id))


def create_team(ctx: Context, *, name: str, parent_id: UUID | None = None, is_branch: bool = False) -> Team:
    """A new team, below another or at the top. Refuses a name that its neighbours have (`team_name_taken`)."""
    require(ctx, "teams.manage")
    _hold_tree(ctx)
    values = editing.cleaned(TEAM_FIELDS, {"name": name, "parent_id": parent_id, "is_branch": is_branch})
    _check_place(ctx, None, values["parent_id"])
    _check_name(ctx, values["name"], values["parent_id"], None)
    team = Team(**values)
    ctx.session.add(team)
    record(ctx, "team.created", team, name=team.name)
    return team


def edit_team(ctx: Context, team: Team, *, version: int | None = None, original: Mapping[str, Any] | None = None, **given: Any) -> Team:
    """Rename, move with all that stands below, make it a branch or no longer one. Refuses a place below itself."""
    require(ctx, "teams.manage")
    _hold_tree(ctx)
    changes = editing.changes(ctx, team, editing.cleaned(TEAM_FIELDS, given), version=version, original=editing.cleaned_as_was(TEAM_FIELDS, original))
    if "parent_id" in changes:
        _check_place(ctx, team, changes["parent_id"])
    if {"name", "parent_id"} & set(changes):
        _check_name(ctx, changes.get("name", team.name), changes.get("parent_id", team.parent_id), team)
    for name, value in changes.items():
        setattr(team, name, value)
    if changes:
        record(ctx, "team.edited", team, name=team.name)
    return team


def delete_team(ctx: Context, team: Team) -> None:
    """Take a team away; what stands below it moves up, its people stay what they are."""
    require(ctx, "teams.manage")
    _hold_tree(ctx)
    editing.hold(ctx, team)
    for name in ctx.session.execute(select(Team.name).where(Team.parent_id == team.id)).scalars():
        _check_name(ctx, name, team.parent_id, team)
    record(ctx, "team.deleted", team, name=team.name)
    ctx.session.execute(update(Team).where(Team.parent_id == team.id).values(parent_id=team.parent_id, version=Team.version + 1))
    ctx.session.delete(team)


def put_member(ctx: Context, team: Team, user_id: UUID, *, leads: bool = False) -> None:
    """Somebody who works here belongs to the team from now on, and leads it or not. Refuses anybody else (`user_unknown`)."""
    require(ctx, "teams.manage")
    editing.hold(ctx, team)
    user = ctx.session.get(User, user_id)
    member = _member(ctx, team, user_id)
    if user is None or (member is None and user.state != "active"):
        raise Refused("user_unknown", field="person")
    if member is None:
        ctx.session.add(TeamMember(team_id=team.id, user_id=user_id, leads=leads))
        record(ctx, "team.member_added", team, about=(user_id,), name=team.name, person=user.name)
    elif member.leads != leads:
        member.leads = leads
        record(ctx, "team.lead_changed", team, about=(user_id,), name=team.name, person=user.name)


def remove_member(ctx: Context, team: Team, user_id: UUID) -> None:
    """He no longer belongs to the team. NotFound where he did not."""
    require(ctx, "teams.manage")
    editing.hold(ctx, team)
    member = present(_member(ctx, team, user_id))
    record(ctx, "team.member_removed", team, about=(user_id,), name=team.name, person=ctx.session.get_one(User, user_id).name)
    ctx.session.delete(member)


def _member(ctx: Context, team: Team, user_id: UUID) -> TeamMember | None:
    return ctx.session.execute(select(TeamMember).where(TeamMember.team_id == team.id, TeamMember.user_id == user_id)).scalar_one_or_none()


def surroundings(ctx: Context, team: Team) -> tuple[list[tuple[UUID, str, bool]], list[str]]:
    """(a team's own people as (user's key, name, leads), who leads first; names of the teams below it)."""
    nodes = tree(ctx)
    at = next(n for n, node in enumerate(nodes) if node.team.id == team.id)
    return nodes[at].members, [node.team.name for node in takewhile(lambda node: node.depth > nodes[at].depth, nodes[at + 1 :])]


def teams_with(ctx: Context, user_id: UUID) -> list[tuple[Team, bool]]:
    """(team, does he lead it) of one person, by name."""
    query = select(Team, TeamMember.leads).join(TeamMember, TeamMember.team_id == Team.id).where(TeamMember.user_id == user_id)
    return [tuple(row) for row in ctx.session.execute(query.order_by(func.lower(Team.name)))]


def teams_of(ctx: Context) -> dict[UUID, list[str]]:
    """User's key -> names of his teams."""
    found: dict[UUID, list[str]] = {}
    for user_id, name in ctx.session.execute(select(TeamMember.user_id, Team.name).join(Team, Team.id == TeamMember.team_id).order_by(func.lower(Team.name))):
        found.setdefault(user_id, []).append(name)
    return found


def _hold_tree(ctx: Context) -> None:
    """One at a time: two who hang A under B and B under A at once would each find no circle."""
    editing.hold_place(ctx, "teams")


def _check_place(ctx: Context, team: Team | None, parent_id: UUID | None) -> None:
    """Refuses a parent that is not there, one below the team itself, and a tree that grows too deep."""
    if parent_id is None:
        return
    parents = dict(ctx.session.execute(select(Team.id, Team.parent_id)).all())
    if parent_id not in parents:
        raise Refused("team_unknown", field="parent_id")
    above, at = 0, parent_id
    while at is not None:
        if team is not None and at == team.id:
            raise Refused("team_cycle", field="parent_id")
        above, at = above + 1, parents[at]
    if above + (_height(parents, team.id) if team is not None else 1) > DEEPEST:
        raise Refused("team_too_deep", field="parent_id", max=DEEPEST)


def _height(parents: Mapping[UUID, UUID | None], team_id: UUID) -> int:
    return 1 + max((_height(parents, child) for child, parent in parents.items() if parent == team_id), default=0)


def _check_name(ctx: Context, name: str, parent_id: UUID | None, but: Team | None) -> None:
    beside = Team.parent_id == parent_id if parent_id else Team.parent_id.is_(None)
    query = select(Team.id).where(func.lower(Team.name) == func.lower(name), beside)
    if but is not None:
        query = query.where(Team.id != but.id)
    if ctx.session.execute(query).first():
        raise Refused("team_name_taken", field="name", name=name)
