"""What the host of files answers: one route, for links that a tenant's host has signed (core/files/links.py)."""

from flask import Blueprint, Response, send_file

from core.base.context import Context
from core.files import queries
from core.files.models import Attachment
from web.guard import by_link

bp = Blueprint("handing", __name__)
bp.places = ("files",)
# Types that a reader's program may be told; all else is just bytes. None of these runs in a browser.
TOLD = ("application/pdf", "application/zip", "text/plain", "image/png", "image/jpeg", "image/gif", "image/webp", "application/msword", "application/vnd.")
# Nothing in it may run, load or be framed, even where somebody opens it in a browser after all.
CLOSED = "default-src 'none'; sandbox; frame-ancestors 'none'"


@bp.get("/<uuid:tenant_id>/<uuid:id>")
@by_link("home.read")
def content(ctx: Context, attachment: Attachment) -> Response:
    """The file itself, to keep."""
    return as_download(ctx, attachment)


def as_download(ctx: Context, attachment: Attachment) -> Response:
    """The bytes of a file as an attachment under its name."""
    told = attachment.mimetype if attachment.mimetype.startswith(TOLD) else "application/octet-stream"
    path = queries.bytes_of(ctx, attachment.stored_key)
    return closed(send_file(path, mimetype=told, as_attachment=True, download_name=attachment.name, conditional=False), "private, no-store")


def closed(response: Response, cache: str) -> Response:
    """Bytes that people brought, under headers that let nothing in them run."""
    response.headers["Content-Security-Policy"] = CLOSED
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = cache
    return response
