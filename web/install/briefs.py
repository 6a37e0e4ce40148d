"""Which answers the service worker may keep, and whose they are (DECISIONS 5)."""

import hashlib
import re
from urllib.parse import quote
from uuid import UUID

from flask import Response, g, request

from core.base.context import Context

MOST = 20
RECORD = re.compile(r"/(accounts|contacts)/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:/brief)?")


def record_of(path: str) -> tuple[str, UUID] | None:
    """(room, key) of a record's page or its brief; None for every other address."""
    found = RECORD.fullmatch(path)
    return (found[1], UUID(found[2])) if found else None


def brief(response: Response, name: str) -> Response:
    """Mark a record's whole page as one that stays readable without a network. Not while somebody looks through another's eyes."""
    if response.status_code == 200 and not g.get("viewing"):
        response.headers["X-Brief"] = quote(name)
    return response


def whose(response: Response) -> Response:
    """Every page says for whom and under which rights it was made: where that changes, the worker lets go of all."""
    ctx = g.get("ctx")
    if ctx is not None and g.get("sign_in") is not None and not g.get("viewing") and request.method == "GET" and "HX-Request" not in request.headers and response.mimetype == "text/html":
        response.headers["X-Person"] = mark(ctx)
    return response


def mark(ctx: Context) -> str:
    """The same while person, rights and language are; says nothing of them."""
    actor = ctx.actor
    rights = (sorted(actor.permissions), actor.visibility, actor.changing, sorted(actor.scopes.items()), sorted(map(str, actor.stands_in_for)), sorted(actor.hidden), ctx.locale)
    return hashlib.sha256(repr((str(actor.id), rights)).encode()).hexdigest()[:24]
