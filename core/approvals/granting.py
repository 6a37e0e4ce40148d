"""Nobody gives a role that decides further than he may himself: what core.identity asks of the rooms above it before a role is made, changed or
given (found by the name of this module)."""

from collections.abc import Collection

from core.approvals.kinds import limit_kinds
from core.approvals.limits import ALL, Held, RoleLimits, beyond_own, kept, mine, used_in
from core.approvals.models import ApprovalLimit
from core.base.context import Context
from core.base.errors import Refused
from core.base.policy import holds
from core.identity.models import Role


def check(ctx: Context, role: Role) -> None:
    """Refuses a role whose limits reach further than the actor's own (`role_beyond_yours`); one that is being made has none yet, it begins below."""
    if role.id is None or holds(ctx.actor, ALL) or not _used(role):
        return
    held, given = mine(ctx), kept(ctx, role)
    if any(beyond_own(ctx, code, given, held) for code in _used(role)):
        raise Refused("role_beyond_yours", field="permissions")


def begin(ctx: Context, role: Role, before: Collection[str]) -> None:
    """A role that comes to decide about something, and would reach further there than whoever gives it that, begins with his limits: those of one of his
    roles that reaches nowhere further than all that he holds. before: its permissions until now. Without this, what has no limits yet has no end."""
    newly = _used(role) - _codes(before)
    if holds(ctx.actor, ALL) or not newly:
        return
    held, given = mine(ctx), kept(ctx, role)
    for code in sorted(newly):
        if beyond_own(ctx, code, given, held):
            _take_over(ctx, role, code, held)


def _take_over(ctx: Context, role: Role, code: str, held: Held) -> None:
    like = next((limits for group in held for limits in used_in(group, code) if not beyond_own(ctx, code, limits, held)), None)
    if like is not None:
        ctx.session.execute(ApprovalLimit.__table__.delete().where(ApprovalLimit.role_id == role.id, ApprovalLimit.code == code))
        ctx.session.add_all(ApprovalLimit(role_id=role.id, code=code, currency=currency or None, value=value) for (known, currency), value in like.items() if known == code)
        ctx.session.flush()  # what follows reads them


def _used(role: Role) -> set[str]:
    return _codes(role.permissions)


def _codes(permissions: Collection[str]) -> set[str]:
    """The limits that a role with these permissions uses; whoever may everything has none."""
    found = RoleLimits(frozenset(permissions), {})
    return set() if found.is_all else {code for code in limit_kinds() if found.uses(code)}
