"""flask-login over our own session table: no client-side session, no remember cookie (DECISIONS 2)."""

from flask import Flask, g
from flask_login import LoginManager, UserMixin


class SignedIn(UserMixin):
    """What flask-login calls a user. Its id is the session's handle, not the user's key, so that ending the
    session ends it (RELIABILITY V7)."""

    def __init__(self, row):
        self.row = row

    def get_id(self) -> str:
        return str(self.row.id)


def install(app: Flask) -> None:
    """flask_login.current_user is whoever the door has let in during this request."""
    manager = LoginManager()
    manager.session_protection = None
    manager.request_loader(lambda request: SignedIn(g.sign_in) if g.get("sign_in") is not None else None)
    manager.init_app(app, add_context_processor=False)  # no template asks, and asking reads cookies
