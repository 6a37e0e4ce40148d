"""Signed words: the stamp on a form that was shown, and the links in letters to senders. Nothing of them is kept."""

import secrets
from datetime import UTC, datetime, timedelta
from uuid import UUID

from core.base.context import Context
from core.base.errors import NotFound, Refused
from infra import crypto
from infra.config import settings

STATUS, CONFIRM = "status", "confirm"
LASTS = {STATUS: timedelta(days=180), CONFIRM: timedelta(days=14)}
SHORT = 40  # hex digits of a signature


class LinkOver(Refused):
    """The link was ours and has had its time. params: form, its code where it takes enquiries still."""

    status = 410


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
    """What stands in a link to the sender's page: key, moment, signature."""
    at = f"{int(ctx.now.timestamp()):08x}"
    return enquiry_id.hex + at + _sign(ctx, purpose, enquiry_id.hex, at)


def read_token(ctx: Context, given: str, purpose: str = STATUS) -> tuple[UUID, datetime | None]:
    """(key of the enquiry, when the link was made); without the moment for links of the time before they had one. NotFound for what we
    never gave out."""
    name, at, signature = given[:32], given[32:-SHORT], given[-SHORT:]
    if not crypto.same(signature, _sign(ctx, purpose, *([name, at] if at else [name]))):
        raise NotFound()
    try:
        return UUID(hex=name), datetime.fromtimestamp(int(at, 16), UTC) if at else None
    except ValueError:
        raise NotFound() from None


def check_end(ctx: Context, made: datetime, purpose: str, **params: str | None) -> None:
    """Refuses a link whose time is over."""
    if ctx.now - made > LASTS[purpose]:
        raise LinkOver("enquiry_link_over", **params)


def fingerprint(ctx: Context, *parts: str) -> str:
    """The same for the same content; keyed, since it may be personal."""
    return _sign(ctx, "content", *parts)


def _sign(ctx: Context, purpose: str, *parts: str) -> str:
    return crypto.sign(settings().data_key("enquiries"), str(ctx.tenant.id), purpose, *parts)[:SHORT]
