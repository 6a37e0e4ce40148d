"""Whoever must do something about a mailbox hears of it: whose it is, of a shared one whoever manages them."""

from uuid import UUID

from core.base.context import Context
from core.base.policy import holds
from core.identity import queries as people
from core.mailboxes.models import Mailbox, MailboxArrival
from core.notifications.telling import notify


def tell_failure(ctx: Context, mailbox: Mailbox, why: str) -> None:
    """It is not read any more, once for each time that it began to fail."""
    notify(ctx, "workspace", _whom(ctx, mailbox), by_itself=True, dedupe=f"mailbox:{mailbox.id}:{why}:{ctx.now:%Y-%m-%dT%H}", say="told.mailbox_login" if why == "login" else "told.mailbox_failed", mailbox=mailbox.name)


def tell_unreadable(ctx: Context, mailbox: Mailbox, arrival: MailboxArrival) -> None:
    """A mail that could not be taken lies there; at most one word a day and mailbox."""
    notify(ctx, "workspace", _whom(ctx, mailbox), by_itself=True, dedupe=f"mailbox:{mailbox.id}:arrivals:{ctx.today}", say="told.mail_kept", mailbox=mailbox.name)


def _whom(ctx: Context, mailbox: Mailbox) -> list[UUID]:
    if not mailbox.shared:
        return [mailbox.owner_id]
    return [user.id for user in people.users(ctx) if user.state == "active" and holds(people.actor_of(user), "mailboxes.manage")]
