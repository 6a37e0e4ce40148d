"""After a restore nothing goes out by itself: the backup does not know who got what since it was made."""

from sqlalchemy import select

from core.base.context import Context
from core.base.facts import record
from core.mailings.models import Mailing


def hold(ctx: Context) -> None:
    """Pause every mailing that was being sent when the backup was made; a person resumes or cancels it."""
    for mailing in ctx.session.execute(select(Mailing).where(Mailing.state == "sending").with_for_update()).scalars():
        mailing.state, mailing.pause_reason = "paused", "restore"
        record(ctx, "mailing.held", mailing, name=mailing.name)
