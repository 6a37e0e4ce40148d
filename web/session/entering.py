"""What every way in ends with: the cookie of the new session, and on to a page."""

from flask import Response, make_response, redirect

from tenants import entry
from web import door


def let_in(token: str, target: str) -> Response:
    """Set the cookie and go; also when htmx asked."""
    response = make_response(redirect(target, code=303))
    door.set_session_cookie(response, token)
    entry.note_activity(door.place().tenant)
    return response
