"""Who takes part in a call, visit or meeting: shown, asked, taken out."""

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, request, url_for

from core.activities import participants, queries
from core.activities.models import Activity
from core.base.context import Context
from core.base.policy import may, require
from core.base.words import N_
from core.mail import guests
from web.activities.forms import ParticipantForm
from web.guard import needs
from web.pages import page, say
from web.redirects import safe_next

bp = Blueprint("participants", __name__, url_prefix="/activities")


@bp.get("/participants/options")
@needs("activities.log")
def options(ctx: Context):
    """Options of the field that names somebody who takes part."""
    return page("activities/participant_options.html", found=participants.offered(ctx, request.args.get("q", "")))


@bp.get("/<uuid:id>/participants")
@needs("activities.read")
def show(ctx: Context, id: UUID):
    """Who takes part, as a page: works without script."""
    return _page(ctx, queries.one_activity(ctx, id), ParticipantForm())


@bp.post("/<uuid:id>/participants")
@needs("activities.edit")
def create(ctx: Context, id: UUID):
    """One more takes part."""
    activity, form = queries.one_activity(ctx, id), ParticipantForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            participants.add(ctx, activity, **participants.meant(ctx, form.who.data or "", chosen_text()))
            say(ctx, N_("%(name)s takes part"), name=chosen_text())
            return _back(activity)
    return _page(ctx, activity, form, status=422)


@bp.post("/participants/<uuid:id>/deletion")
@needs("activities.edit")
def delete(ctx: Context, id: UUID):
    activity, found = participants.one_participant(ctx, id)
    participants.remove(ctx, activity, found.Participant)
    say(ctx, N_("%(name)s takes part no longer"), name=found.name)
    return _back(activity)


def chosen_text() -> str:
    """What stands in the field, as it is kept where nothing of the list was chosen."""
    return " ".join(request.form.get("who_text", "").split())


def _page(ctx: Context, activity: Activity, form: Any, status: int = 200):
    require(ctx, "activities.read", activity)
    asks = may(ctx, "mail.send") and guests.is_on(activity)
    found = guests.asked(ctx, activity) if asks else []
    return page(
        "activities/participants.html", status=status, activity=activity, form=form, text=chosen_text(), rows=participants.participants(ctx, activity),
        can_edit=may(ctx, "activities.edit", activity) and participants.several_come(activity), asks=asks and bool(found), to_tell=any(one.what for one in found), next=safe_next(request.values.get("next")),
    )


def _back(activity: Activity):
    """To the list of those who take part, from where one came."""
    return redirect(url_for("participants.show", id=activity.id, next=safe_next(request.form.get("next"))), code=303)
