"""After a restore no mailbox is read by itself: the backup does not know what came since, and a copy must not take it from the true one."""

from sqlalchemy import select, update

from core.base.context import Context
from core.base.facts import record
from core.mailboxes.models import Mailbox, MailboxState


def hold(ctx: Context) -> None:
    """Every mailbox waits until a person has it go on."""
    for mailbox in ctx.session.execute(select(Mailbox).where(Mailbox.state == "on").with_for_update()).scalars():
        mailbox.state = "held"
        record(ctx, "mailbox.held", mailbox, name=mailbox.name)
    ctx.session.execute(update(MailboxState).values(next_at=None, looking=False, stop=False))
