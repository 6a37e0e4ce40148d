"""Settings: the address that one signed up with is one's own. The page behind the link of its letter, and the letter once more."""

from flask import Blueprint

from core.base.context import Context
from core.base.errors import NotFound
from core.base.words import N_
from core.identity import confirmed_mail, queries
from infra.limits import check_mail_change
from web.forms import Form
from web.guard import needs
from web.pages import page, quiet, say, see_other

bp = Blueprint("mail_confirmation", __name__, url_prefix="/settings/mail-confirmation")


@bp.post("/")
@needs("profile.edit")
def create(ctx: Context):
    """The letter once more."""
    check_mail_change(ctx.tenant.id, ctx.actor.id, queries.one_user(ctx, ctx.actor.id).mail)
    user = confirmed_mail.send_again(ctx)
    if user is not None:
        say(ctx, N_("A letter goes to %(mail)s"), mail=user.mail)
    return see_other("mail_address.edit")


@bp.get("/<token>")
@needs("profile.edit")
def show(ctx: Context, token: str):
    """Asks whether to confirm, and changes nothing: mail scanners follow every link (RELIABILITY X27)."""
    try:
        return quiet(page("settings/mail_confirmation.html", user=confirmed_mail.find(ctx, token)))
    except NotFound as refusal:
        return _over(refusal)


@bp.post("/<token>")
@needs("profile.edit")
def confirm(ctx: Context, token: str):
    """The address is confirmed, and invitations that waited for it go out."""
    try:
        sent = confirmed_mail.confirm(ctx, token)
    except NotFound as refusal:
        return _over(refusal)
    say(ctx, N_("Your mail address is confirmed. Invitations that go out now: %(n)s") if sent else N_("Your mail address is confirmed"), n=sent)
    return quiet(see_other("home.index"))


def _over(refusal: NotFound):
    form = Form()
    form.take(refusal)
    return quiet(page("settings/mail_address_over.html", text=form.problem, status=404))
