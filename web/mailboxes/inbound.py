"""The door at which a program posts mails, one at a time, as their bytes (message/rfc822). No sign-in, no cookie: the secret of the mailbox."""

from uuid import UUID

from flask import Blueprint, Response, abort, request

from core.base.context import Context
from core.mailboxes import arriving, queries
from infra import limits
from infra.inbox import MOST_BYTES
from web.guard import stranger

bp = Blueprint("inbound", __name__)
SECRET = "X-Mailbox-Secret"  # noqa: S105 (the name of a header)


@bp.post("/inbound/<uuid:id>")
@stranger("mailboxes.deliver")
def create(ctx: Context, id: UUID):
    """Stored before the answer: 202, or 200 where it came before. 401 for a wrong secret and for a mailbox that there is not; 503 while it is
    stopped, so that whoever posts keeps the mail and comes again."""
    limits.hit("inbound", f"{ctx.tenant.id}:{limits.network(request.remote_addr)}", 600, 60)
    mailbox = queries.door_of(ctx, id, request.headers.get(SECRET, ""))
    if mailbox is None:
        return _said("secret", 401)
    if mailbox.state != "on":
        return _said("stopped", 503, **{"Retry-After": "3600"})
    raw = request.get_data(cache=False)
    if len(raw) >= MOST_BYTES:  # a chunked body is cut off silently at the limit (Werkzeug 3.1)
        abort(413)
    if not raw.strip():
        return _said("empty", 422)
    _, new = arriving.store(ctx, mailbox, raw)
    return _said("stored", 202 if new else 200)


def _said(word: str, status: int, **headers: str) -> Response:
    return Response(f"{word}\n", status=status, mimetype="text/plain", headers={"Cache-Control": "no-store", **headers})
