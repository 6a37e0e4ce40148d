"""Who may say yes to something, the one who reaches least far first; and whom of them one asks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from core.approvals.kinds import ApprovalKind, limit_kinds
from core.approvals.limits import ALL, Held, decides, held_by
from core.approvals.rules import Need, rank
from core.base.context import Actor, Context
from core.base.policy import holds
from core.base.records import may_open
from core.identity.models import User
from core.identity.queries import Further, actor_of, further_columns, is_person


@dataclass(frozen=True)
class Able:
    """Somebody who may decide. place: how far he reaches. away: he is absent today; deputies: who of those that may stand in for him is here."""

    user: User
    actor: Actor
    place: tuple[Any, ...]
    away: bool
    deputies: tuple[UUID, ...]

    @property
    def is_reached(self) -> bool:
        return not self.away or bool(self.deputies)

    @property
    def told(self) -> tuple[UUID, ...]:
        """Who is told: himself, or his deputies."""
        return self.deputies if self.away else (self.user.id,)


def able(ctx: Context, kind: ApprovalKind, record: Any, needs: Sequence[Need], *, asker: UUID | None) -> list[Able]:
    """Everybody who sees the record, holds the kind's permission and whose limits reach; never whoever asked. Two statements."""
    everybody = _people(ctx)
    absent: dict[UUID, list[UUID]] = {}
    for user, actor in everybody:
        for key in actor.stands_in_for:
            absent.setdefault(key, []).append(user.id)
    candidates = [(user, actor) for user, actor in everybody if user.id != asker and holds(actor, kind.permission) and may_open(replace(ctx, actor=actor), record)]
    held = held_by(ctx, [user.id for user, _ in candidates])
    own = {asker, getattr(record, "owner_id", None)}
    found = [
        Able(user, actor, _place(actor, needs, held[user.id]), user.id in absent, tuple(sorted(set(absent.get(user.id, ())) - own)))
        for user, actor in candidates if decides(actor, kind, needs, held[user.id])
    ]
    return sorted(found, key=lambda one: (one.place, str(one.user.id)))


def smallest(found: Sequence[Able]) -> list[Able]:
    """Those who reach least far of the ones that are reached today; all of the furthest where nobody is."""
    for _, some in groupby(found, key=lambda one: one.place):
        reached = [one for one in some if one.is_reached]
        if reached:
            return reached
    return list(found)


def _place(actor: Actor, needs: Sequence[Need], held: Held) -> tuple[Any, ...]:
    """Whoever may everything comes last."""
    known = limit_kinds()
    roles = [one.limits for one in held[0] if any(one.uses(need.code) for need in needs if need.code in known)]
    return ALL in actor.permissions, rank(needs, known, roles)


def _people(ctx: Context) -> list[tuple[User, Actor]]:
    """Everybody who works here, with what he may today; one statement."""
    query = select(User, *further_columns()).join(User.role).options(contains_eager(User.role)).where(User.state == "active", is_person())
    found = []
    for row in ctx.session.execute(query, {"now": ctx.now}):
        row.User.further = Further.of(row)
        found.append((row.User, actor_of(row.User)))
    return found
