"""Reads about outgoing mail and suppressions."""

from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

from sqlalchemy import func, or_, select

from core.base.context import Context
from core.base.errors import NotFound, Refused
from core.base.policy import require, visible
from core.identity.rules import normal_mail
from core.post.models import OutgoingMail, Suppression
from core.post.rules import mail_hash
from infra.config import settings


def one(ctx: Context, mail_id: UUID) -> OutgoingMail:
    """One mail; 404 where there is none."""
    require(ctx, "audit.read")
    mail = ctx.session.execute(visible(ctx, OutgoingMail).where(OutgoingMail.id == mail_id)).scalar_one_or_none()
    if mail is None:
        raise NotFound()
    return mail


def mails(ctx: Context, *, states: tuple[str, ...] = (), about: UUID | None = None, limit: int = 50) -> list[OutgoingMail]:
    """Newest first; of certain states, or about one record."""
    require(ctx, "audit.read")
    query = visible(ctx, OutgoingMail).order_by(OutgoingMail.created_at.desc(), OutgoingMail.id.desc()).limit(limit)
    if states:
        query = query.where(OutgoingMail.state.in_(states))
    if about:
        query = query.where(OutgoingMail.about_id == about)
    return list(ctx.session.execute(query).scalars())


def counts(ctx: Context) -> dict[str, int]:
    """State -> number of mails."""
    require(ctx, "audit.read")
    return dict(ctx.session.execute(select(OutgoingMail.state, func.count()).group_by(OutgoingMail.state)).all())


def hash_of(ctx: Context, mail: str) -> bytes:
    """The keyed hash under which an address is suppressed in this tenant."""
    return mail_hash(settings().data_key("suppression"), ctx.tenant.id, normal_mail(mail)[1])


def hashing(ctx: Context) -> Callable[[str], bytes]:
    """What gives the same hash of an address as records keep it: it was checked when it was written, and checking each of a list
    again takes longer than all the rest of the list."""
    key, tenant = settings().data_key("suppression"), ctx.tenant.id
    return lambda mail: mail_hash(key, tenant, mail.casefold())


def is_suppressed(ctx: Context, mail: str, purpose: str = "marketing", list_id: UUID | None = None) -> bool:
    """May we not write to this address for this purpose? Transactional mail heeds only the scope "all"."""
    return bool(suppressed(ctx, [mail], purpose, list_id))


def suppressed(ctx: Context, mails: list[str], purpose: str = "marketing", list_id: UUID | None = None) -> set[str]:
    """Those of many addresses that may not be written to, in one statement."""
    by_hash = {hash_of(ctx, mail): mail for mail in mails}
    scope = Suppression.scope == "all"
    if purpose == "marketing":
        scope = or_(Suppression.scope.in_(("all", "marketing")), Suppression.list_id == list_id)
    query = select(Suppression.mail_hash).where(Suppression.mail_hash.in_(by_hash), scope)
    return {by_hash[found] for found in ctx.session.execute(query).scalars()}


def reasons(ctx: Context, mails: list[str], *, kept: bool = False) -> dict[str, set[str]]:
    """Address -> why it gets no advertising, of those that get none; one statement. What is no address is passed over. kept: as records keep them (`hashing`)."""
    hashed_as = hashing(ctx)
    by_hash = {hashed_as(mail): mail for mail in mails} if kept else {}
    for mail in () if kept else mails:
        with suppress(Refused):
            by_hash[hash_of(ctx, mail)] = mail
    query = select(Suppression.mail_hash, Suppression.reason).where(Suppression.mail_hash.in_(by_hash), Suppression.scope.in_(("all", "marketing")))
    found: dict[str, set[str]] = {}
    for hashed, reason in ctx.session.execute(query):
        found.setdefault(by_hash[hashed], set()).add(reason)
    return found
