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
TOKEN = re.compile(r"\+r-([a-z2-7]{26})-([a-z2-7]{16})$")
LONGEST_LOCAL = 64
LONGEST_BASE = LONGEST_LOCAL - len("+r--") - 26 - 16


def address(ctx: Context, base: str, thread_id: UUID) -> str:
    """The reply address of a conversation, made of one that takes +words."""
    local, _, domain = base.rpartition("@")
    return f"{local}+r-{_told(thread_id)}-{_signed(ctx, thread_id)}@{domain}"


def thread_named(ctx: Context, addresses: Iterable[str]) -> UUID | None:
    """The conversation whose token stands in one of these addresses; None where there is none, or none of ours."""
    for one in addresses:
        found = TOKEN.search(one.rpartition("@")[0].lower())
        if found is None:
            continue
        thread_id = UUID(bytes=b32decode(found[1].upper() + "======"))
        if same(found[2], _signed(ctx, thread_id)):
            return thread_id
    return None


def _told(thread_id: UUID) -> str:
    return b32encode(thread_id.bytes).decode().rstrip("=").lower()


def _signed(ctx: Context, thread_id: UUID) -> str:
    """80 bits: nobody guesses them by sending mails."""
    mac = bytes.fromhex(sign(settings().data_key(PURPOSE), str(ctx.tenant.id), str(thread_id)))
    return b32encode(mac[:10]).decode().lower()
