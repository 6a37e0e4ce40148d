"""Links to the host of files: each signed, good for a minute, for one file of one tenant as its bytes are now.

The tenant's host has asked for the right to see the file and gives the link; the host of files asks nobody who he is.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from core.base.context import Context
from core.base.errors import Gone, NotFound
from core.files import queries
from infra import crypto
from infra.config import settings

VALID = timedelta(seconds=60)
# Rooms above whose files are handed out in the same way: (ctx, key) -> the row with its name, mimetype and stored_key, or None.
FURTHER: list[Callable[[Context, UUID], Any]] = []
PURPOSE = "file-link"
TOKEN = re.compile(r"(\d{10})\.([0-9a-f]{16})\.([0-9a-f]{64})", re.ASCII)


def link_to(ctx: Context, attachment: Any) -> str:
    """The address of a file on the host of files; the caller has asked whether the actor sees it."""
    until, mark = str(int((ctx.now + VALID).timestamp())), _mark(attachment)
    signature = crypto.sign(settings().derived_key(PURPOSE), str(ctx.tenant.id), str(attachment.id), mark, until)
    return f"{settings().files_url}/{ctx.tenant.id}/{attachment.id}?token={until}.{mark}.{signature}"


def check(tenant_id: UUID, file_id: UUID, token: str, now: datetime) -> str:
    """The mark of the bytes that a link is for. NotFound for what we never signed, Gone for what we signed too long ago."""
    found = TOKEN.fullmatch(token)
    if found is None:
        raise NotFound()
    until, mark, given = found.groups()
    signed = [crypto.sign(key, str(tenant_id), str(file_id), mark, until) for key in settings().derived_keys(PURPOSE)]
    if not any(crypto.same(given, one) for one in signed):
        raise NotFound()
    if now.timestamp() > int(until):
        raise Gone("file_link_over")
    return mark


def followed(ctx: Context, file_id: UUID, mark: str) -> Any:
    """The file of a checked link, on a record that is still there; NotFound where it was deleted or its bytes are others."""
    attachment = next((found for find in FURTHER if (found := find(ctx, file_id)) is not None), None) or queries.one_file(ctx, file_id)
    if not crypto.same(mark, _mark(attachment)):
        raise NotFound()
    return attachment


def _mark(attachment: Any) -> str:
    """Which bytes: they never change under their key."""
    return crypto.token_hash(attachment.stored_key).hex()[:16]
