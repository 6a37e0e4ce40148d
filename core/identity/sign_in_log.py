"""Who signed in, who tried: written as it happens, read by whoever reads the audit, let go of after 90 days.

A failed try is kept only where its account exists; for any other address the same is written and taken back, so that the time an
answer takes does not tell which is which.
"""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Select, func, insert, select
from sqlalchemy.orm import Session

from core.base.context import Context
from core.base.errors import Refused
from core.base.policy import require
from core.identity import queries
from core.identity.models import SignInEvent
from core.identity.rules import normal_mail
from infra.limits import network

KEPT = timedelta(days=90)


def note(session: Session, user_id: UUID | None, *, way: str, now: datetime, ip: str | None, succeeded: bool = True, outside: bool = False) -> None:
    """Write down one sign-in, or one try that failed (outside: because of the network that it came from). Nothing stays of an
    account that there is not (none)."""
    try:
        with session.begin_nested():
            session.execute(insert(SignInEvent).values(at=now, user_id=user_id, way=way, succeeded=succeeded, network=network(ip), outside=outside))
            _refuse_nobody(user_id)
    except _Nobody:
        return


def note_wrong_password(session: Session, mail: str, *, now: datetime, ip: str | None) -> None:
    """The same by the address that was typed, which is kept nowhere."""
    try:
        _, mail_norm = normal_mail(mail)
    except Refused:
        mail_norm = None
    user = queries.user_by_mail(session, mail_norm) if mail_norm else None
    note(session, user.id if user else None, way="password", now=now, ip=ip, succeeded=False)


class _Nobody(Exception):
    """There is no such account: what was written is taken back."""


def _refuse_nobody(user_id: UUID | None) -> None:
    if user_id is None:
        raise _Nobody


def events(ctx: Context, *, user_id: UUID | None = None, succeeded: bool | None = None, before: tuple[datetime, UUID] | None = None, limit: int = 50) -> list[SignInEvent]:
    """By pages, newest first. `before`: (at, id) of the last one shown."""
    return list(ctx.session.execute(events_query(ctx, user_id=user_id, succeeded=succeeded, before=before).limit(limit)).scalars())


def events_query(ctx: Context, *, user_id: UUID | None = None, succeeded: bool | None = None, before: tuple[datetime, UUID] | None = None) -> Select:
    """The same as a statement, for whoever takes all of them."""
    require(ctx, "audit.read")
    query = select(SignInEvent).where(SignInEvent.at >= ctx.now - KEPT)
    wanted = ((SignInEvent.user_id, user_id), (SignInEvent.succeeded, succeeded))
    query = query.where(*(column == value for column, value in wanted if value is not None))
    if before:
        query = query.where(func.row(SignInEvent.at, SignInEvent.id) < func.row(before[0], before[1]))
    return query.order_by(SignInEvent.at.desc(), SignInEvent.id.desc())
