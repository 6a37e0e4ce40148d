"""What a form brought and nobody took up is deleted after a time; what became a lead goes with its lead."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from core.base.context import Context
from core.base.stepping import Door
from core.intake.deciding import SHOWN
from core.intake.models import Enquiry

KEPT, AT_ONCE = timedelta(days=90), 1000


def over(now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Held back, waiting for a confirmation or thrown away, and nobody decided about it lately."""
    return Enquiry.state.in_(SHOWN), Enquiry.created_at < now - KEPT, Enquiry.updated_at < now - KEPT


def has_any(session: Session) -> bool:
    """Is there anything that could become old?"""
    return session.execute(select(Enquiry.id).where(Enquiry.state.in_(SHOWN)).limit(1)).first() is not None


def tidy(door: Door) -> int:
    """Delete all that is over, the oldest first, a few in a transaction; says how many."""
    done, more = 0, True
    while more:
        with door() as ctx:
            gone = _step(ctx)
        done, more = done + gone, gone == AT_ONCE
    return done


def _step(ctx: Context) -> int:
    """Who decides about one at this moment keeps it."""
    old = select(Enquiry.id).where(*over(ctx.now)).order_by(Enquiry.created_at).limit(AT_ONCE).with_for_update(skip_locked=True)
    keys = list(ctx.session.execute(old).scalars())
    ctx.session.execute(delete(Enquiry).where(Enquiry.id.in_(keys)).execution_options(synchronize_session=False))
    return len(keys)
