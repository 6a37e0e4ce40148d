"""The sender's page: how his enquiry stands, without sign-in; and where he confirms that it was him. Its address is a key."""

from flask import Blueprint, g, request

from core.base.context import Context
from core.intake import links, receiving
from core.intake.standing import standing
from infra import limits
from web.guard import stranger
from web.pages import page, quiet, see_other

bp = Blueprint("enquiry_page", __name__, url_prefix="/enquiry")
LOOKS = (60, 60)  # in so many seconds, by one network


@bp.get("/<token>")
@stranger("enquiries.send")
def show(ctx: Context, token: str):
    """Received on, who answers for it, by when, and what he is told."""
    _count(ctx)
    enquiry = receiving.by_token(ctx, token)
    return quiet(page("intake/status.html", standing=standing(ctx, enquiry), confirmed="confirmed" in request.args))


@bp.get("/<token>/confirmation")
@stranger("enquiries.send")
def ask(ctx: Context, token: str):
    """Asks, and changes nothing: mail scanners follow every link."""
    _count(ctx)
    enquiry = receiving.by_token(ctx, token, links.CONFIRM)
    return quiet(page("intake/confirm.html", token=token, enquiry=enquiry))


@bp.post("/<token>/confirmation")
@stranger("enquiries.send")
def confirm(ctx: Context, token: str):
    """It was him; on to the page that says how it stands."""
    _count(ctx)
    enquiry = receiving.confirm(ctx, token)
    return quiet(see_other("enquiry_page.show", token=links.token(ctx, enquiry.id), lang=request.args.get("lang"), confirmed=1))


@bp.errorhandler(links.LinkOver)
def over(refusal: links.LinkOver):
    """The link has had its time; how to write again, where the form is open."""
    return quiet(page("intake/over.html", status=refusal.status, code=refusal.params.get("form"), tenant=g.place.tenant))


def _count(ctx: Context) -> None:
    limits.hit("enquiry_look", f"{ctx.tenant.id}:{limits.network(request.remote_addr)}", *LOOKS)
