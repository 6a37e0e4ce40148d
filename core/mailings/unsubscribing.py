"""Leaving: links that need no sign-in and never expire, and what following one does (RFC 8058, RELIABILITY 1.3).

A link carries a keyed hash of the address, never the address, and is signed for one tenant. Who holds no valid link
learns nothing: every answer looks the same.
"""

import base64
import binascii
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert

from core.base.context import Context, TenantRef
from core.base.errors import Forbidden
from core.base.facts import record
from core.base.policy import has
from core.consent.recording import withdraw_by_link
from core.mailings.models import MailingRecipient, MailWish
from core.parties.models import Contact
from core.post import actions as post
from core.post.queries import hash_of
from infra import crypto
from infra.config import settings

# Key id -> purpose of the signing key. A new key gets a new id; the old ones stay, because links never expire.
KEYS = {1: "unsubscribe"}
SIGNING_KEY = 1
LIST = "marketing"
SIGNATURE, HASH = 32, 32
FEWER_DAYS = 30


@dataclass(frozen=True, slots=True)
class Link:
    """What a valid link says: whose address (as a hash), and by which mail it came."""

    address_hash: bytes
    recipient_id: UUID


def make_token(tenant: TenantRef, link: Link) -> str:
    """The token of a link, safe in a URL."""
    body = bytes([SIGNING_KEY]) + link.recipient_id.bytes + link.address_hash
    return _spell(body + _signature(tenant, SIGNING_KEY, link))


def read_token(tenant: TenantRef, token: str) -> Link | None:
    """The link behind a token of this tenant; None for anything else. Takes the same time for every wrong signature."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return None
    # The last character of base64 has spare bits: only one spelling is ours.
    if len(raw) != 1 + 16 + HASH + SIGNATURE or raw[0] not in KEYS or _spell(raw) != token:
        return None
    link = Link(recipient_id=UUID(bytes=raw[1:17]), address_hash=raw[17 : 17 + HASH])
    return link if crypto.same(raw[17 + HASH :], _signature(tenant, raw[0], link)) else None


def _spell(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _signature(tenant: TenantRef, key_id: int, link: Link) -> bytes:
    key = settings().data_key(KEYS[key_id])
    return bytes.fromhex(crypto.sign(key, str(tenant.id), LIST, str(key_id), str(link.recipient_id), link.address_hash.hex()))


def link_for(ctx: Context, address: str, recipient_id: UUID) -> Link:
    """The link that goes into one recipient's mail."""
    return Link(address_hash=hash_of(ctx, address), recipient_id=recipient_id)


def unsubscribe(ctx: Context, token: str) -> bool:
    """No more mailings to the address behind the token, from now on and for good. Letters that are no advertising
    still go. An unknown token changes nothing. Returns whether something changed; twice is as good as once."""
    _let_pass(ctx)
    link = read_token(ctx.tenant, token)
    if link is None:
        return False
    hold_address(ctx, link.address_hash)
    if not post.suppress_hash(ctx, link.address_hash, "marketing", "unsubscribed"):
        return False
    withdraw_by_link(ctx, link.address_hash, _contact_of(ctx, link))
    _note(ctx, link, "mailing.unsubscribed")
    mine = update(MailingRecipient).where(MailingRecipient.id == link.recipient_id, MailingRecipient.unsubscribed_at.is_(None))
    ctx.session.execute(mine.values(unsubscribed_at=ctx.now))
    return True


def want_fewer(ctx: Context, token: str, days: int = FEWER_DAYS) -> bool:
    """At most one mailing in so many days to the address behind the token. Who is out already stays out."""
    _let_pass(ctx)
    link = read_token(ctx.tenant, token)
    if link is None:
        return False
    hold_address(ctx, link.address_hash)
    wish = insert(MailWish).values(address_hash=link.address_hash, days=days, created_at=ctx.now)
    made = ctx.session.execute(wish.on_conflict_do_nothing().returning(MailWish.id)).scalar_one_or_none()
    if made is not None:
        _note(ctx, link, "mailing.fewer", days=days)
    return made is not None


def _let_pass(ctx: Context) -> None:
    # Not `require`: even a closed workspace, which may do nothing at all any more, takes note that somebody leaves.
    if not has(ctx, "mailings.unsubscribe"):
        raise Forbidden(permission="mailings.unsubscribe")


def hold_address(ctx: Context, address_hash: bytes) -> None:
    """Until this transaction ends nobody else sends to this address, and it does not leave: a message is begun wholly
    before somebody left, or not at all; and two mailings at once do not both take the one mail that he still wants."""
    key = int.from_bytes(address_hash[:8], "big", signed=True)
    ctx.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(func.current_schema(), key))))


def wish_days(ctx: Context, address_hash: bytes) -> int | None:
    """The days that somebody wants between two mailings; None where he never said."""
    return ctx.session.execute(select(MailWish.days).where(MailWish.address_hash == address_hash)).scalar_one_or_none()


def _note(ctx: Context, link: Link, fact: str, **params) -> None:
    """On the timeline of the contact that got the mail, where both are still there."""
    contact = _contact_of(ctx, link)
    if contact is not None:
        record(ctx, fact, contact, **params)


def _contact_of(ctx: Context, link: Link) -> Contact | None:
    query = select(Contact).join(MailingRecipient, MailingRecipient.contact_id == Contact.id)
    return ctx.session.execute(query.where(MailingRecipient.id == link.recipient_id)).scalar_one_or_none()
