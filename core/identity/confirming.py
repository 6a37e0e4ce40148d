"""Step-up: what is dangerous asks once more who sits there, at most ten minutes before (RELIABILITY V6)."""

from datetime import datetime, timedelta

from core.base.context import Context
from core.base.errors import Refused
from core.identity import passkeys, second_step
from core.identity.models import SignIn, SignInStep
from core.identity.rules import PASSWORD_MAX
from infra import crypto
from infra.passkeys import Host

FRESH = timedelta(minutes=10)


def is_fresh(sign_in: SignIn, now: datetime) -> bool:
    """Has this session's person proved who he is within the last ten minutes?"""
    return sign_in.confirmed_at is not None and now - sign_in.confirmed_at <= FRESH


def confirm(ctx: Context, sign_in: SignIn, secret: str) -> None:
    """Take the person's password, or a code of his second step; refuses anything else (`confirm_wrong`)."""
    user = sign_in.user
    if not second_step.take(ctx.session, ctx.tenant.id, user.id, secret, ctx.now) and not _is_password(user.password_hash, secret):
        raise Refused("confirm_wrong", field="secret")
    sign_in.confirmed_at = ctx.now


def confirm_by_passkey(ctx: Context, sign_in: SignIn, host: Host, step: SignInStep | None, answer: str) -> None:
    """Take an answer of one of the person's own passkeys; refuses everything else (`confirm_wrong`), another person's too."""
    try:
        user = passkeys.prove(ctx.session, host, step, answer, now=ctx.now)
    except Refused:
        raise Refused("confirm_wrong", field="secret") from None
    if user.id != sign_in.user_id:
        raise Refused("confirm_wrong", field="secret")
    sign_in.confirmed_at = ctx.now


def _is_password(stored: str | None, secret: str) -> bool:
    return crypto.check_password(stored, secret[: PASSWORD_MAX + 1])
