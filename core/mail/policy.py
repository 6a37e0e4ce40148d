"""Who corresponds with customers, and who decides how. What is read is decided by each conversation (core.mail.reading)."""

from core.base.context import Context
from core.base.policy import READ, SEND, WRITE, Rule


def is_owner(ctx: Context, thread: object) -> bool:
    """Only whose conversation it is says who else may read it."""
    return getattr(thread, "owner_id", None) in (None, ctx.actor.id) or ctx.actor.kind == "system"


PERMISSIONS = {
    "mail.read": Rule(READ),
    "mail.write": Rule(WRITE),
    "mail.send": Rule(SEND),
    # Who else may read a conversation.
    "mail.open": Rule(WRITE, is_owner),
    # Templates, and what holds for everybody.
    "mail.manage": Rule(WRITE),
}
