"""The cookie by which a device is known where somebody signed in before (infra.device_marks): for signing in alone, no session."""

from flask import Response, request

from core.base.context import Context
from core.identity import known_devices
from core.identity.models import User
from infra.config import settings
from infra.device_marks import VALID
from infra.limits import check_known_device, check_sign_in
from web import door

LONGEST = 400


def cookie_name() -> str:
    return door.cookie_name() + "-device"


def held() -> str:
    """The marks that this browser sent; nothing longer than we ever write."""
    cookie = request.cookies.get(cookie_name(), "")
    return cookie if len(cookie) <= LONGEST else ""


def check_tries(ctx: Context, mail: str) -> None:
    """Before a password is looked at: a device that the person knows has counts of its own, everybody else those of the account
    and the network; raises TooOften."""
    found = known_devices.known(ctx, mail, held())
    if found is not None:
        check_known_device(ctx.tenant.id, found.user_id, found.device)
    else:
        check_sign_in(str(ctx.tenant.id), mail, request.remote_addr or "")


def remember(ctx: Context, response: Response, user: User) -> None:
    """This device is known to the person from now on, for 180 days after his last sign-in."""
    set_cookie(response, known_devices.marked(ctx.tenant.id, user, held(), ctx.now))


def set_cookie(response: Response, marks: str) -> None:
    response.set_cookie(
        cookie_name(), marks, max_age=int(VALID.total_seconds()), secure=settings().cookie_secure, httponly=True, samesite="Lax", path="/",
    )
