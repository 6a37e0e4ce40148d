"""Devices at which somebody signed in before: whoever sits at one is not shut out by strangers who try his password elsewhere.

A mark dies with another password or address, with the end of access (credential_version), and when its person signs out
everywhere (device_version)."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from core.base.context import Context
from core.base.errors import Refused
from core.identity import queries
from core.identity.models import User
from core.identity.rules import normal_mail
from infra import device_marks

NOBODY = UUID(int=0)


class Known(NamedTuple):
    """Whose device it is, and which."""

    user_id: UUID
    device: str


def known(ctx: Context, mail: str, cookie: str) -> Known | None:
    """Does the person with this address know the device that holds the cookie? The same work for every address."""
    if not cookie:
        return None
    user = _person(ctx.session, mail)
    device = device_marks.device_of(cookie, _whose(ctx.tenant.id, user), ctx.now)
    return Known(user.id, device) if user is not None and device is not None else None


def marked(tenant_id: UUID, user: User, cookie: str, now: datetime) -> str:
    """The cookie of a device at which this person has just proved who he is."""
    return device_marks.with_mark(cookie, _whose(tenant_id, user), now)


def forget_all(session: Session, user_id: UUID) -> None:
    """No device is known to the person any more."""
    table = User.__table__
    session.execute(update(table).where(table.c.id == user_id).values(device_version=table.c.device_version + 1))


def _person(session: Session, mail: str) -> User | None:
    try:
        _, mail_norm = normal_mail(mail)
    except Refused:
        return None
    user = queries.user_by_mail(session, mail_norm)
    return user if user is not None and user.state == "active" else None


def _whose(tenant_id: UUID, user: User | None) -> tuple[str, ...]:
    if user is None:
        return str(tenant_id), str(NOBODY), "0", "0"
    return str(tenant_id), str(user.id), str(user.credential_version), str(user.device_version)
