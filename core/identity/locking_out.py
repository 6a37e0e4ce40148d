"""Somebody else got in under a person's name: every way in that he may have made for himself goes."""

from datetime import datetime

from sqlalchemy import delete, update

from core.base.context import Context
from core.identity import actions
from core.identity.models import ApiToken, Passkey, SecondStep, User, UserIdentity


def lock_out(ctx: Context, user: User, *, since: datetime) -> None:
    """The password, all sessions, passkeys and API tokens of a person are worth nothing any more; a second step and a link to the
    company's own sign-in go where they were made after `since`, so that nobody else's stand between him and his new password.
    Whoever calls holds the person's row, and knows that he may."""
    actions.set_password(ctx, user, None)
    ctx.session.execute(delete(Passkey).where(Passkey.user_id == user.id))
    ctx.session.execute(update(ApiToken).where(ApiToken.user_id == user.id, ApiToken.revoked_at.is_(None)).values(revoked_at=ctx.now))
    ctx.session.execute(delete(SecondStep).where(SecondStep.user_id == user.id, SecondStep.confirmed_at >= since))
    ctx.session.execute(delete(UserIdentity).where(UserIdentity.user_id == user.id, UserIdentity.created_at >= since))
