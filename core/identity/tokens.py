"""API tokens of people, in the order of their life: make one, whose secret is shown once, and take it back. Those of the workspace are
programs (core.identity.programs).

A token acts for its user and never does more than he may. Bound to a role it does no more than that role either: what it may
is what both allow, it sees and changes as far as the narrower of both, and it ends with the role.
"""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from core.base.context import Context
from core.base.errors import NotFound, Refused, present
from core.base.facts import record
from core.base.policy import permissions, require
from core.base.text import clean
from core.identity import narrowing, queries, roles, sign_in_rules
from core.identity.models import ApiToken
from infra import crypto

LONGEST = 3650


def make_token(
    ctx: Context, *, name: str, allowed: list[str] | None = None, role: str = "", rooms: Iterable[str] | None = None, reading: bool = False, days: int | None = 365, for_feed: bool = False,
) -> tuple[str, ApiToken]:
    """(the token, shown once; its row). allowed: permissions to narrow to, None = all of one's own; role: the code of a role
    beyond which it does nothing; rooms, reading: only there, only to read. for_feed: it opens feeds by
    their address and nothing else. days: None is until it is revoked, refused
    (`token_must_end`) where the workspace's rules want an end. A token makes no token (`beyond_yours`): it could be wider."""
    require(ctx, "tokens.manage")
    refuse_token(ctx)
    _check(allowed)
    check_days(ctx, days)
    secret = "tnd_" + crypto.new_token()
    row = ApiToken(
        name=clean(name, field="name", max_length=100) or "API", token_hash=crypto.token_hash(secret), hint=secret[:8], user_id=ctx.actor.id,
        role_id=_role_id(ctx, role), rooms=narrowing.rooms_of(rooms) if rooms is not None else None, reading=reading, permissions=allowed, for_feed=for_feed,
        expires_at=ctx.now + timedelta(days=days) if days else None,
    )
    ctx.session.add(row)
    record(ctx, "token.created", row, name=row.name)
    return secret, row


def revoke_token(ctx: Context, token_id: UUID) -> None:
    """End one of one's own tokens (an administrator: any); `not_found` for any other."""
    require(ctx, "tokens.revoke")
    row = present(next((row for row in queries.tokens(ctx) if row.id == token_id), None))
    row.revoked_at = ctx.now


def refuse_token(ctx: Context) -> None:
    """A token makes no token: it could be wider."""
    if ctx.actor.token_id is not None:
        raise Refused("beyond_yours")


def check_days(ctx: Context, days: int | None) -> None:
    """How long it lives; none is without an end, where the workspace's rules allow that."""
    if days is not None and not 1 <= days <= LONGEST:
        raise Refused("unknown_value", field="days")
    if days is None and not sign_in_rules.rules_of(ctx).endless_tokens:
        raise Refused("token_must_end", field="days")


def _check(allowed: list[str] | None) -> None:
    for permission in allowed or ():
        if permission not in permissions():
            raise Refused("unknown_permission", field="permissions", name=permission)


def _role_id(ctx: Context, code: str) -> UUID | None:
    if not code:
        return None
    try:
        return roles.one_role(ctx, code).id
    except NotFound:
        raise Refused("unknown_value", field="role") from None
