"""The sign-in page, for the rooms that show it: with the company's own sign-in where there is one."""

from urllib.parse import urlsplit

from flask import Response, g

from core.base.context import Context
from core.identity import single_sign_on
from web.pages import page
from web.session.forms import SignInForm


def sign_in_page(ctx: Context, form: SignInForm, *, status: int = 200, changed: bool = False, moved: bool = False) -> Response:
    """The form, the passkey's button, and the company's own sign-in. The browser may post on to the provider's host alone."""
    provider = single_sign_on.usable(ctx.session)
    if provider is not None:
        parts = urlsplit(provider.discovery["authorization_endpoint"])
        g.form_action = f" {parts.scheme}://{parts.netloc}"
    return page("session/new.html", form=form, workspace=ctx.tenant, changed=changed, moved=moved, provider=provider, status=status)
