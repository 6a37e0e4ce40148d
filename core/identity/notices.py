"""Letters to people about their own way in: what was changed, so that whoever did not do it himself notices."""

from typing import Any

from core.base.context import Context
from core.base.outbox import defer
from core.identity.models import User


def tell(ctx: Context, user: User, letter: str, **params: Any) -> None:
    """Have a letter of core/post/letters.py written to a user, in his language, once this transaction commits."""
    ctx.session.flush()  # the order names the user by key
    defer(ctx, "identity.mail_notice", user_id=user.id, letter=letter, params={"when": ctx.now, **params})
