"""The token of a conversation in the address that answers go to: signed by us, so that it and not a sender's name decides where an answer belongs.

replies@acme.example becomes replies+r-<conversation>-<signature>@acme.example. Servers may write an address in any case, so it is in small letters and
digits alone; it fits the 64 signs that may stand before the @.
"""

import re
from base64 import b32decode, b32encode
from collections.abc import Iterable
from uuid import UUID

from core.base.context import Context
from infra.config import settings
from infra.crypto import same, sign

PURPOSE = "mail-reply"
GUEST = "meeting-answer"
TOKEN, GUEST_TOKEN = (re.compile(rf"\+{sign}-([a-z2-7]{{26}})-([a-z2-7]{{16}})$") for sign in "rg")
LONGEST_LOCAL = 64
LONGEST_BASE = LONGEST_LOCAL - len("+r--") - 26 - 16


def address(ctx: Context, base: str, thread_id: UUID) -> str:
    """The reply address of a conversation, made of one that takes +words."""
    local, _, domain = base.rpartition("@")
    return f"{local}+r-{_told(thread_id)}-{_signed(ctx, thread_id, PURPOSE)}@{domain}"


def guest_address(ctx: Context, base: str, guest_id: UUID) -> str:
    """The same for the answer of somebody who is asked to come."""
    local, _, domain = base.rpartition("@")
    return f"{local}+g-{_told(guest_id)}-{_signed(ctx, guest_id, GUEST)}@{domain}"


def thread_named(ctx: Context, addresses: Iterable[str]) -> UUID | None:
    """The conversation whose token stands in one of these addresses; None where there is none, or none of ours."""
    return _named(ctx, addresses, TOKEN, PURPOSE)


def guest_named(ctx: Context, addresses: Iterable[str]) -> UUID | None:
    """The same of a guest."""
    return _named(ctx, addresses, GUEST_TOKEN, GUEST)


def _named(ctx: Context, addresses: Iterable[str], token: re.Pattern[str], purpose: str) -> UUID | None:
    for one in addresses:
        found = token.search(one.rpartition("@")[0].lower())
        if found is None:
            continue
        key = UUID(bytes=b32decode(found[1].upper() + "======"))
        if same(found[2], _signed(ctx, key, purpose)):
            return key
    return None


def _told(thread_id: UUID) -> str:
    return b32encode(thread_id.bytes).decode().rstrip("=").lower()


def _signed(ctx: Context, thread_id: UUID, purpose: str) -> str:
    """80 bits: nobody guesses them by sending mails."""
    mac = bytes.fromhex(sign(settings().data_key(purpose), str(ctx.tenant.id), str(thread_id)))
    return b32encode(mac[:10]).decode().lower()
