"""Guests of a planned meeting: who they are, what each of them knows and said, whom a mail would go to; told by a button alone, and stopped while it waits."""

from uuid import UUID

from flask import Blueprint, redirect, request, url_for

from core.activities.models import Activity
from core.base.context import Context
from core.base.errors import Refused
from core.base.policy import may, require
from core.base.words import N_
from core.mail import guests, inviting
from core.mail.words import ANSWER_LABELS
from web.guard import needs
from web.pages import page, say
from web.redirects import safe_next
from web.words import say_refusal

bp = Blueprint("guests", __name__, url_prefix="/activities")
bp.room = "mail"
HUES = {"waiting": "grey", "accepted": "green", "declined": "red", "tentative": "amber"}
WHAT = {"request": N_("Gets an invitation"), "update": N_("Is told of the change"), "cancel": N_("Is told that it is off")}
WHY = {guests.NO_MAIL: N_("Has no address"), guests.RESTRICTED: N_("Must not be worked with")}


@bp.get("/<uuid:id>/guests")
@needs("mail.read")
def show(ctx: Context, id: UUID):
    """Who is asked, and who would be told what now: nothing goes before somebody says so."""
    return _page(ctx, guests.meeting(ctx, id))


@bp.post("/<uuid:id>/guests/notices")
@needs("mail.send")
def create_notice(ctx: Context, id: UUID):
    """Tell those who do not know it as it stands."""
    activity = guests.meeting(ctx, id)
    try:
        with ctx.session.begin_nested():
            inviting.tell(ctx, activity)
    except Refused as refusal:
        if refusal.status != 422:
            raise
        return _page(ctx, activity, say_refusal(refusal, ctx.locale), status=422)
    say(ctx, N_("The guests are told in a moment"), undo=url_for("guests.stop", id=id, next=_next()))
    return redirect(url_for("guests.show", id=id, next=_next()), code=303)


@bp.post("/<uuid:id>/guests/notices/stopping")
@needs("mail.send")
def stop(ctx: Context, id: UUID):
    """Nothing of what waits goes."""
    activity = guests.meeting(ctx, id)
    try:
        with ctx.session.begin_nested():
            inviting.stop(ctx, activity)
        say(ctx, N_("Stopped. Nobody was told."))
    except Refused as refusal:
        if refusal.code != "guests_gone":
            raise
        say(ctx, N_("The mails to the guests have gone already: they can't be stopped any more."), kind="error")
    return redirect(url_for("guests.show", id=id, next=_next()), code=303)


def _page(ctx: Context, activity: Activity, problem: str = "", status: int = 200):
    require(ctx, "activities.read", activity)
    found = guests.asked(ctx, activity)
    return page(
        "mail/guests.html", status=status, activity=activity, rows=found, problem=problem, title=inviting.title_of(ctx.locale, activity), organizer=inviting.organizer_of(ctx, activity),
        can_tell=may(ctx, "mail.send") and may(ctx, "activities.edit", activity), on=guests.is_on(activity), to_tell=[one for one in found if one.what], waits=[one for one in found if one.due_at],
        labels=ANSWER_LABELS, hues=HUES, what=WHAT, why=WHY, next=_next(),
    )


def _next() -> str:
    return safe_next(request.values.get("next"))
