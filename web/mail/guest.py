"""The page of somebody who was asked to a meeting: what, when, where, and his answer. Without sign-in and without script; its address is a key."""

from flask import Blueprint, g, request

from core.base.context import Context
from core.mail import answering, inviting
from core.mail.words import ANSWER_LABELS
from core.post.rules import shown
from infra import limits
from web.guard import stranger
from web.pages import page, quiet, see_other

bp = Blueprint("guest_page", __name__, url_prefix="/meeting")
LOOKS, ANSWERS, WINDOW = 60, 20, 60  # in so many seconds, by one network


@bp.get("/<token>")
@stranger("mail.answer")
def show(ctx: Context, token: str):
    """Asks, and changes nothing: mail scanners follow every link."""
    _count(ctx, "guest_look", LOOKS)
    found = answering.by_token(ctx, token)
    return quiet(page(
        "mail/guest.html", token=token, found=found, title=inviting.title_of(g.lang, found.activity), when=shown(found.guest.meets_at, g.lang, found.zone.key), zone=found.zone.key.replace("_", " "),
        labels=ANSWER_LABELS, said="said" in request.args,
    ))


@bp.post("/<token>/answer")
@stranger("mail.answer")
def create_answer(ctx: Context, token: str):
    """He comes, perhaps, or not."""
    _count(ctx, "guest_answer", ANSWERS)
    answering.answer_by_link(ctx, token, request.form.get("answer", ""))
    return quiet(see_other("guest_page.show", token=token, lang=g.lang, said=1))


@bp.errorhandler(answering.GuestOver)
def over(refusal: answering.GuestOver):
    """The link has had its time."""
    return quiet(page("mail/guest_over.html", status=refusal.status))


def _count(ctx: Context, name: str, limit: int) -> None:
    limits.hit(name, f"{ctx.tenant.id}:{limits.network(request.remote_addr)}", limit, WINDOW)
