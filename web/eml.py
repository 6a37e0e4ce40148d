"""A mail as it came, handed out as a file that opens in no browser."""

from uuid import UUID

from flask import Response

from core.base.context import Context
from infra.storage import storage


def as_eml(ctx: Context, raw_key: str, name: UUID) -> Response:
    """The bytes of a mail; the caller has asked whether the actor reads it. Never shown, only kept: it holds whatever a stranger wrote."""
    headers = {"Content-Disposition": f"attachment; filename=mail-{name}.eml", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
    return Response(storage().path(ctx.tenant.id, raw_key).read_bytes(), mimetype="application/octet-stream", headers=headers)
