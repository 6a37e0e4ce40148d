"""After a restore nothing goes out by itself: what waited when the backup was made may have gone since."""

from sqlalchemy import select

from core.activities.models import Guest
from core.base.context import Context
from core.mail.models import MailMessage


def hold(ctx: Context) -> None:
    """Every mail that waited is a draft again; whoever wrote it sends it if it has not gone. What was on its way to guests is offered again."""
    for message in ctx.session.execute(select(MailMessage).where(MailMessage.state == "held").with_for_update()).scalars():
        message.state, message.due_at = "draft", None
    for guest in ctx.session.execute(select(Guest).where(Guest.asking.is_not(None)).with_for_update()).scalars():
        guest.asking = guest.due_at = None
