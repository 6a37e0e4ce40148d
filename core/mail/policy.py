"""Who corresponds with customers, and who decides how. What is read is decided by each conversation (core.mail.reading)."""

from core.base.context import Context
from core.base.policy import ALWAYS, READ, SEND, WRITE, Rule
from core.base.rooms import RoomSwitch
from core.base.words import N_


def is_owner(ctx: Context, thread: object) -> bool:
    """Only whose conversation it is says who else may read it."""
    return getattr(thread, "owner_id", None) in (None, ctx.actor.id) or ctx.actor.kind == "system"


PERMISSIONS = {
    "mail.read": Rule(READ),
    "mail.write": Rule(WRITE),
    "mail.send": Rule(SEND),
    # Who else may read a conversation.
    "mail.open": Rule(WRITE),
    # Whoever was asked to come answers by his link.
    "mail.answer": Rule(ALWAYS),
    # Templates, and what holds for everybody.
    "mail.manage": Rule(WRITE),
}
ROOM_SWITCH = RoomSwitch(
    "mail", N_("Mail"), "mail", N_("Conversations by mail with customers: written from their records, answers found again there, each as private as it should be."),
    ("mail", "mailboxes"), jobs=("mail", "mailboxes"), facts=("mail", "mail_template", "mailbox"), told=("received",), tables=("mailbox", "mail_thread", "mail_message", "mail_link", "mail_attachment", "mail_template", "mail_rules", "mail_preference"),
)
