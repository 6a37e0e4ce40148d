"""Signed words: the stamp on a form that was shown, and the links in letters to senders. Nothing of them is kept."""

import secrets
from datetime import UTC, datetime
from uuid import UUID

from core.base.context import Context
from core.base.errors import NotFound
from infra import crypto
from infra.config import settings

STATUS, CONFIRM = "status", "confirm"
SHORT = 40  # hex digits of a signature


def stamp(ctx: Context, form_id: UUID) -> str:
    """When the form was shown, with a word used once: "seconds.word.signature"."""
    at, word = str(int(ctx.now.timestamp())), secrets.token_hex(8)
    return f"{at}.{word}.{_sign(ctx, 'stamp', str(form_id), at, word)}"


def read_stamp(ctx: Context, form_id: UUID, given: str) -> tuple[datetime | None, str]:
    """(when it was shown, its word); (None, "") for a stamp that is not ours, or another form's."""
    at, _, rest = (given or "").partition(".")
    word, _, signature = rest.partition(".")
    if not (at.isascii() and at.isdigit() and len(at) < 12 and crypto.same(signature, _sign(ctx, "stamp", str(form_id), at, word))):
        return None, ""
    return datetime.fromtimestamp(int(at), UTC), word


def box(ctx: Context, form_id: UUID, wording_id: UUID) -> str:
    """What a form's box for consent sends: which words stood beside it."""
    return wording_id.hex + _sign(ctx, "box", str(form_id), wording_id.hex)


def read_box(ctx: Context, form_id: UUID, given: str | None) -> UUID | None:
    """The wording that was shown; None for what no page of this form had."""
    name, signature = (given or "")[:32], (given or "")[32:]
    return UUID(hex=name) if crypto.same(signature, _sign(ctx, "box", str(form_id), name)) else None


def token(ctx: Context, enquiry_id: UUID, purpose: str = STATUS) -> str:
    """What stands in a link to the sender's page."""
    return enquiry_id.hex + _sign(ctx, purpose, enquiry_id.hex)


def read_token(ctx: Context, given: str, purpose: str = STATUS) -> UUID:
    """The key of the enquiry; NotFound for what we never gave out."""
    name, signature = given[:32], given[32:]
    if not crypto.same(signature, _sign(ctx, purpose, name)):
        raise NotFound()
    try:
        return UUID(hex=name)
    except ValueError:
        raise NotFound() from None


def fingerprint(ctx: Context, *parts: str) -> str:
    """The same for the same content; keyed, since it may be personal."""
    return _sign(ctx, "content", *parts)


def _sign(ctx: Context, purpose: str, *parts: str) -> str:
    return crypto.sign(settings().data_key("enquiries"), str(ctx.tenant.id), purpose, *parts)[:SHORT]
