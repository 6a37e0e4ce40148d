"""Up to where roles decide by themselves: read, written by whoever gives roles, and asked of whoever acts."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from core.approvals.kinds import AMOUNT, PERCENT, ApprovalKind, LimitKind, entitling, limit_kinds
from core.approvals.models import ApprovalLimit
from core.approvals.rules import Limits, Need, measured_by, reaches
from core.base import cleaning
from core.base.context import Actor, Context
from core.base.editing import hold
from core.base.errors import Conflict, Gathered, Refused
from core.base.facts import record
from core.base.money import parse_amount
from core.base.policy import has, holds, require
from core.identity.models import ApiToken, Role, User, UserRole
from core.identity.roles import FIXED

THOUSANDS = re.compile(r"[0-9]{1,3}([.,][0-9]{3})+", re.ASCII)
MOST, HUNDRED, ALL = Decimal(10) ** 13, Decimal(100), "*"


@dataclass(frozen=True)
class RoleLimits:
    """A role as far as limits go."""

    permissions: frozenset[str]
    limits: Limits

    @property
    def is_all(self) -> bool:
        return ALL in self.permissions

    def uses(self, code: str) -> bool:
        """Does this limit say anything about whoever has the role?"""
        return self.is_all or not self.permissions.isdisjoint(entitling()[code])


# Of somebody: his roles; where he acts by a token that is bound to a role, that one apart. Each group has to reach.
Held = Sequence[Sequence[RoleLimits]]


def held_by(ctx: Context, people: Iterable[UUID]) -> dict[UUID, Held]:
    """Person -> his roles with their limits; one statement."""
    wanted = sorted(set(people))
    first = select(User.id.label("user_id"), User.role_id.label("role_id")).where(User.id.in_(wanted))
    each = first.union(select(UserRole.user_id, UserRole.role_id).where(UserRole.user_id.in_(wanted))).subquery()
    query = select(each.c.user_id, *_columns()).join(Role, Role.id == each.c.role_id).join(ApprovalLimit, ApprovalLimit.role_id == Role.id, isouter=True)
    found: dict[UUID, dict[UUID, list[Any]]] = {}
    for row in ctx.session.execute(query):
        found.setdefault(row.user_id, {}).setdefault(row.role_id, []).append(row)
    return {person: [[_of(rows) for rows in roles.values()]] for person, roles in found.items()}


def mine(ctx: Context) -> Held:
    """What the actor holds; by a token that is bound to a role no more than that one."""
    found = held_by(ctx, [ctx.actor.id]).get(ctx.actor.id, [[]]) if ctx.actor.id else [[]]
    own = [] if ctx.actor.is_program else found
    return [*own, *bound(ctx)] or [[]]


def bound(ctx: Context) -> Held:
    """The role to which the actor's token is bound; nothing without one."""
    if ctx.actor.token_id is None:
        return []
    query = select(*_columns()).join(ApiToken, ApiToken.role_id == Role.id).outerjoin(ApprovalLimit, ApprovalLimit.role_id == Role.id)
    rows = ctx.session.execute(query.where(ApiToken.id == ctx.actor.token_id)).all()
    return [[_of(rows)]] if rows else []


def _columns() -> tuple[Any, ...]:
    return Role.id.label("role_id"), Role.permissions, ApprovalLimit.code, ApprovalLimit.currency, ApprovalLimit.value


def _of(rows: Sequence[Any]) -> RoleLimits:
    return RoleLimits(frozenset(rows[0].permissions), {(row.code, row.currency or ""): row.value for row in rows if row.code})


def within(need: Need, held: Held) -> bool:
    """Do somebody's limits reach? What has no limit is none."""
    limit = limit_kinds().get(need.code)
    if limit is None:
        return True
    return all(any(one.is_all for one in group) or reaches(need, limit, used_in(group, need.code)) for group in held)


def used_in(group: Sequence[RoleLimits], code: str) -> list[Limits]:
    """The limits of those roles that this one is about."""
    return [one.limits for one in group if one.uses(code)]


def beyond(ctx: Context, kind: ApprovalKind, needs: Sequence[Need]) -> list[Need]:
    """What of it the actor may not decide by himself. The system decides nothing of its own: it is never held up."""
    if ctx.actor.kind == "system" or not needs:
        return []
    held = mine(ctx)
    return [one for one in needs if not (_alone(one) or has(ctx, kind.permission)) or not within(one, held)]


def _alone(need: Need) -> bool:
    limit = limit_kinds().get(need.code)
    return limit is not None and limit.alone


def decides(actor: Actor, kind: ApprovalKind, needs: Sequence[Need], held: Held) -> bool:
    """May somebody say yes to another's request?"""
    return holds(actor, kind.permission) and all(within(one, held) for one in needs)


def limits_of(ctx: Context, role: Role) -> dict[tuple[str, str], Decimal]:
    """(code, currency or "") -> value of what a role is limited by."""
    require(ctx, "users.read")
    return kept(ctx, role)


def kept(ctx: Context, role: Role) -> dict[tuple[str, str], Decimal]:
    """The same, whoever asks."""
    return {(row.code, row.currency or ""): row.value for row in ctx.session.execute(select(ApprovalLimit).where(ApprovalLimit.role_id == role.id)).scalars()}


def all_limits(ctx: Context) -> dict[UUID, dict[tuple[str, str], Decimal]]:
    """Role -> its limits."""
    require(ctx, "users.read")
    found: dict[UUID, dict[tuple[str, str], Decimal]] = {}
    for row in ctx.session.execute(select(ApprovalLimit)).scalars():
        found.setdefault(row.role_id, {})[row.code, row.currency or ""] = row.value
    return found


def set_limits(ctx: Context, role: Role, given: Mapping[tuple[str, str], Any], *, version: int | None = None) -> dict[tuple[str, str], Decimal]:
    """A role has these limits and no others. An empty value is none. Refuses the administrator's role (`role_fixed`), wrong values, and what
    reaches further than the actor's own limits (`limit_beyond_yours`). version: of the role, as it was read."""
    require(ctx, "roles.manage")
    if role.code == FIXED:
        raise Refused("role_fixed")
    hold(ctx, role)
    if version is not None and version != role.version:
        raise Conflict("stale")
    values = cleaned(given)
    before = kept(ctx, role)
    _check_own(ctx, before, values)
    if values == before:
        return values
    ctx.session.execute(delete(ApprovalLimit).where(ApprovalLimit.role_id == role.id))
    ctx.session.add_all(ApprovalLimit(role_id=role.id, code=code, currency=currency or None, value=value) for (code, currency), value in values.items())
    role.updated_at = ctx.now  # its version counts the limits too
    record(ctx, "role.limits_set", role, name=role.name)
    ctx.session.flush()  # the answer shows the new version
    return values


def cleaned(given: Mapping[tuple[str, str], Any]) -> dict[tuple[str, str], Decimal]:
    """Typed values as numbers; all wrong ones are refused together, each by "code" or "code.CUR"."""
    wrong, found = Gathered(), {}
    for (code, currency), value in given.items():
        with wrong.taking():
            kind, field = limit_kinds().get(code), f"{code}.{currency}" if currency else code
            if kind is None or bool(currency) != (kind.unit == AMOUNT):
                raise Refused("unknown_value", field=field)
            if currency:
                cleaning.currency(currency, field)
            number = _number(kind, value, field)
            if number is not None:
                found[code, currency] = number
    wrong.settle()
    return found


def _number(kind: LimitKind, value: Any, field: str) -> Decimal | None:
    if value is None or not str(value).strip():
        return None
    typed = str(value).strip()
    if kind.unit == AMOUNT and THOUSANDS.fullmatch(typed):  # "2,000" is two thousand: a limit has no thousandths
        typed = typed.replace(",", "").replace(".", "")
    number = value if isinstance(value, Decimal) else parse_amount(typed, field=field)
    lowest, highest = (-HUNDRED if kind.least else Decimal(0), HUNDRED) if kind.unit == PERCENT else (Decimal(0), MOST) if kind.unit == AMOUNT else (Decimal(0), Decimal(1))
    if not lowest <= number <= highest:
        raise Refused("limit_out_of_range", field=field, least=lowest, most=highest)
    return number.quantize(Decimal("0.0001"))


def _check_own(ctx: Context, before: Limits, after: Limits) -> None:
    """Nobody gives more than he has, in no currency: where the one that is given has no limit, that of the workspace's own counts. What is
    not changed is not looked at."""
    held, own = mine(ctx), ctx.tenant.currency
    for code in sorted({code for code, _ in (*before, *after)}):
        for currency in beyond_own(ctx, code, after, held, also=before):
            if measured_by(before, code, currency, own) != measured_by(after, code, currency, own):
                raise Refused("limit_beyond_yours", field=f"{code}.{currency}" if currency else code)


def beyond_own(ctx: Context, code: str, given: Limits, held: Held, also: Limits = MappingProxyType({})) -> list[str]:
    """The currencies ("" for what has none) in which these limits reach further than those that the actor holds: in the workspace's own, which
    counts for every other that nobody has a limit in, and in each that somebody has one in. Each group that he holds has to reach as far."""
    kind, own = limit_kinds()[code], ctx.tenant.currency
    groups = [used_in(group, code) for group in held if not any(one.is_all for one in group)]
    named = {currency for limits in (given, also, *(one for group in groups for one in group)) for known, currency in limits if known == code}
    found, worth = [], cache(lambda: kind.worth(ctx))
    for currency in sorted(named | {own}) if kind.unit == AMOUNT else [""]:
        there = measured_by(given, code, currency, own)
        if not all(any(_as_far(worth, kind, measured_by(one, code, currency, own), there) for one in group) for group in groups):
            found.append(currency)
    return found


def _as_far(worth: Callable[[], Callable[[Decimal, str], Decimal | None]], kind: LimitKind, mine: tuple[str, Decimal] | None, given: tuple[str, Decimal] | None) -> bool:
    """Does the first reach at least as far as the second? Two currencies are compared by what they are worth today, and not at all without a rate."""
    if mine is None or given is None:
        return mine is None
    pair = [value if mine[0] == given[0] else kind.worth and worth()(value, currency) for currency, value in (mine, given)]
    if None in pair:
        return False
    return pair[0] <= pair[1] if kind.least else pair[0] >= pair[1]
