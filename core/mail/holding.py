"""After a restore nothing goes out by itself: what waited when the backup was made may have gone since."""

from sqlalchemy import select

from core.base.context import Context
from core.mail.models import MailMessage


def hold(ctx: Context) -> None:
    """Every mail that waited is a draft again; whoever wrote it sends it if it has not gone."""
    for message in ctx.session.execute(select(MailMessage).where(MailMessage.state == "held").with_for_update()).scalars():
        message.state, message.due_at = "draft", None
