"""After a restore nobody is written to about what he was told before: the backup does not know what went out since."""

from sqlalchemy import update

from core.base.context import Context
from core.notifications.models import Notification


def hold(ctx: Context) -> None:
    """What waited for a morning's letter stays on the page of notifications alone."""
    ctx.session.execute(update(Notification).where(Notification.in_digest, Notification.digested_at.is_(None)).values(digested_at=ctx.now))
