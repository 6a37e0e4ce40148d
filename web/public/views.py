"""Pages of a tenant for people who are not signed in: leaving its mailings. No script, no cookie, no sign-in needed."""

from flask import Blueprint, Response, request

from core.mailings import unsubscribing
from web.guard import stranger
from web.pages import page

bp = Blueprint("public", __name__)


@bp.get("/unsubscribe/<token>")
@stranger()
def unsubscribe(ctx, token):
    """Asks, and changes nothing: mail scanners and previews follow every link (RELIABILITY X27)."""
    return _quiet(page("public/unsubscribe.html"))


@bp.post("/unsubscribe/<token>")
@stranger("mailings.unsubscribe")
def leave(ctx, token):
    """Leaves. Mail programs post here by themselves (RFC 8058): no CSRF token, no cookie, no redirect, the same
    answer for every token."""
    fewer = request.form.get("choice") == "fewer"
    if fewer:
        unsubscribing.want_fewer(ctx, token)
    else:
        unsubscribing.unsubscribe(ctx, token)
    return _quiet(page("public/unsubscribed.html", fewer=fewer, days=unsubscribing.FEWER_DAYS))


def _quiet(response: Response) -> Response:
    """The address of the page is a key: nobody keeps it, nobody lists it."""
    response.headers.update({"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"})
    return response
