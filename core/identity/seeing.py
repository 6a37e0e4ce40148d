"""Who sees a record, and why: the question that every other rule is measured by."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import contains_eager

from core.base.context import Actor, Context
from core.base.policy import WIDTHS, holds, room_of, shared_keys, width
from core.identity.models import Team, TeamMember, User
from core.identity.queries import Further, actor_of, further_columns


@dataclass(frozen=True, slots=True)
class Sight:
    """One person who sees a record. reason: nobodys, owner, deputy, team, branch, all, shared. by: whose absence, which team or
    branch, which role. changes: may he change it, too?"""

    user_id: UUID
    name: str
    reason: str
    by: str
    changes: bool


class Tree:
    """The teams in memory, for asking about many people at once; what core.identity.queries.COLLEAGUES is for one."""

    def __init__(self, ctx: Context):
        rows = ctx.session.execute(select(Team.id, Team.parent_id, Team.is_branch, Team.name)).all()
        self.parents = {row.id: row.parent_id for row in rows}
        self.branches = {row.id for row in rows if row.is_branch}
        self.names = {row.id: row.name for row in rows}
        self.teams: dict[UUID, set[UUID]] = {}
        for user_id, team_id in ctx.session.execute(select(TeamMember.user_id, TeamMember.team_id)):
            self.teams.setdefault(user_id, set()).add(team_id)

    def shared(self, user_id: UUID, owner_id: UUID, wide: str) -> UUID | None:
        """The team of the user's (or its branch) that the owner belongs to or stands below; None where there is none."""
        tops = {self.top(team_id) if wide == "branch" else team_id for team_id in self.teams.get(user_id, ())}
        for team_id in self.teams.get(owner_id, ()):
            for above in self.above(team_id):
                if above in tops:
                    return above
        return None

    def above(self, team_id: UUID | None) -> Iterator[UUID]:
        """The team itself, the one above it, up to the top."""
        while team_id is not None:
            yield team_id
            team_id = self.parents[team_id]

    def top(self, team_id: UUID) -> UUID:
        """The nearest branch, or the top where there is none."""
        last = team_id
        for last in self.above(team_id):
            if last in self.branches:
                break
        return last


def who_sees(ctx: Context, record: Any) -> list[Sight]:
    """Everybody who signs in and sees the record, by name, with the first reason that holds. The caller has checked
    that the actor sees it himself. What belongs to nobody by its kind (a product), everybody sees who reads that room."""
    room, owned, tree = room_of(record), hasattr(record, "owner_id"), Tree(ctx)
    owner_id = record.owner_id if owned else None
    owner = ctx.session.execute(select(User.name).where(User.id == owner_id)).scalar_one_or_none() or ""
    query = select(User, *further_columns()).join(User.role).options(contains_eager(User.role)).where(User.state == "active")
    found = []
    for row in ctx.session.execute(query.order_by(func.lower(User.name), User.id), {"now": ctx.now}):
        row.User.further = Further.of(row)
        actor = actor_of(row.User)
        sees, changes = width(actor, room) if owned else ("all", "all")
        reason, team_id = _reason(tree, actor, owner_id, sees)
        reason = reason or ("shared" if record.id in shared_keys(actor, record) else None)
        if reason and holds(actor, f"{room}.read"):
            by = {"deputy": owner, "all": row.User.role.name}.get(reason) or tree.names.get(team_id, "")
            reached = _reason(tree, actor, owner_id, changes)[0] is not None or record.id in shared_keys(actor, record, writing=True)
            may_change = holds(actor, f"{room}.edit") and reached
            found.append(Sight(actor.id, actor.name, reason, by, may_change))
    return found


def _reason(tree: Tree, actor: Actor, owner_id: UUID | None, wide: str) -> tuple[str | None, UUID | None]:
    """(why the actor reaches records of that owner, the team it is by)."""
    if owner_id is None:
        return (None if wide == "named" else "nobodys"), None
    if owner_id == actor.id:
        return "owner", None
    if owner_id in actor.stands_in_for:
        return "deputy", None
    if wide == "all":
        return "all", None
    for near in WIDTHS[2 : WIDTHS.index(wide) + 1]:
        team_id = tree.shared(actor.id, owner_id, near)
        if team_id is not None:
            return near, team_id
    return None, None
