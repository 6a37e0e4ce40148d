"""The contact log: entries are written on the page of an account or person; next contacts are made or moved anywhere."""

import json
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, request, url_for

from core.activities import actions, participants, promises, queries, rules
from core.activities.models import Activity
from core.base.context import Context
from core.base.errors import NotFound, Refused
from core.base.policy import may, require
from core.base.words import N_
from core.mail import guests
from core.parties import queries as parties
from infra import i18n
from web.activities import entries, lines
from web.activities import participants as taking_part
from web.activities.forms import LineForm, LogForm, NextStepForm
from web.filters import clock_time, day, weekday
from web.guard import needs
from web.nav import NavItem
from web.pages import page, say, see_other
from web.parties.contacts import show_contact
from web.parties.views import show_account
from web.redirects import safe_next
from web.words import say_refusal

bp = Blueprint("activities", __name__)
NAV = [NavItem("activities.promised", "star", N_("Promises"), "activities.read", key="g k", group="Sales", order=45)]
participants_bp, entries_bp = taking_part.bp, entries.bp
OLDEST = timedelta(days=8)  # a day more than it waits in the browser


@bp.post("/accounts/<uuid:id>/activities")
@needs("activities.log")
def create_for_account(ctx: Context, id: UUID):
    """Log a contact with an account, perhaps with one of its people."""
    account, form = parties.one_account(ctx, id), LogForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            contact = _person(ctx, form.contact_id.data, id)
            _log(ctx, form, account=account, contact=contact)
            return see_other("accounts.show", id=id)
    return show_account(ctx, id, entry=form, status=422)


@bp.post("/contacts/<uuid:id>/activities")
@needs("activities.log")
def create_for_contact(ctx: Context, id: UUID):
    """Log a contact with a person; it stands on the account's timeline too."""
    contact, form = parties.one_contact(ctx, id), LogForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            _log(ctx, form, contact=contact)
            return see_other("contacts.show", id=id)
    return show_contact(ctx, id, entry=form, status=422)


@bp.get("/promises")
@needs("activities.read")
def promised(ctx: Context):
    """What was promised to customers, by whom and until when."""
    state = request.args.get("state") or "open"
    return page("activities/promises.html", rows=promises.promises(ctx, state), state=state, most=promises.MOST)


@bp.get("/activities/new")
@needs("activities.log")
def new(ctx: Context):
    """A line in words, and what was understood of it."""
    return lines.show(ctx, request.args.get("line", ""))


@bp.post("/activities")
@needs("activities.log")
def create(ctx: Context):
    """What was understood, put right where it had to be: planned, or logged."""
    form = LineForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            activity = lines.save(ctx, form)
            _say_logged(ctx, activity)
            return redirect(lines.place_of(activity), code=303)
    return lines.show(ctx, form.line.data or "", form, status=422)


@bp.post("/activities/<uuid:id>/completion")
@needs("activities.edit")
def complete(ctx: Context, id: UUID):
    """The planned contact was made; what comes next is asked for where the button was, without script on a page of its own."""
    activity = queries.one_activity(ctx, id)
    actions.complete_next_contact(ctx, activity)
    undo = url_for("activities.reopen", id=id)
    if not _can_follow_up(ctx, activity):
        say(ctx, N_("Done"), undo=undo)
        return _back(activity)
    if not request.headers.get("HX-Request"):
        say(ctx, N_("Done"), undo=undo)
        return see_other("activities.ask_next_step", id=id, next=safe_next(request.form.get("next")))
    response = page("activities/_next_step.html", **_next_step(ctx, activity, NextStepForm(prefix=_prefix(id))))
    response.headers["HX-Trigger"] = json.dumps({"toast": {"text": i18n.gettext(ctx.locale, N_("Done")), "undo": undo}})
    return response


@bp.get("/activities/<uuid:id>/next-step")
@needs("activities.log")
def ask_next_step(ctx: Context, id: UUID):
    """What comes next, as a page: works without script."""
    activity = queries.one_activity(ctx, id)
    return page("activities/next_step.html", **_next_step(ctx, activity, NextStepForm(prefix=_prefix(id))))


@bp.post("/activities/<uuid:id>/next-step")
@needs("activities.log")
def follow_up(ctx: Context, id: UUID):
    """Plan the next contact, on a day that was suggested or one that was typed."""
    activity, form = queries.one_activity(ctx, id), NextStepForm(request.form, prefix=_prefix(id))
    if form.validate():
        with form.attempt(ctx):
            found = actions.follow_up(
                ctx, activity, said=form.body.data, next_contact=request.form.get("day") or form.next_contact.data, next_contact_note=form.next_contact_note.data,
            )
            _say_logged(ctx, found)
            return redirect(safe_next(request.form.get("next")), code=303)
    return page("activities/next_step.html", status=422, **_next_step(ctx, activity, form))


def _can_follow_up(ctx: Context, activity: Activity) -> bool:
    """May he log, and does he see with whom it was?"""
    if not may(ctx, "activities.log"):
        return False
    try:
        parties.one_contact(ctx, activity.contact_id) if activity.contact_id else parties.one_account(ctx, activity.account_id)
    except NotFound:
        return False
    return True


def _next_step(ctx: Context, activity: Activity, form: NextStepForm) -> dict[str, Any]:
    """What the form for the next step shows: with whom, and days that are likely."""
    key, find = (activity.contact_id, parties.contact_name) if activity.contact_id else (activity.account_id, parties.account_name)
    words = {"day": N_("Tomorrow"), "week": N_("In a week")}
    days = [(on, i18n.gettext(ctx.locale, words[name]) if name in words else weekday(on)) for name, on in rules.suggestions(activity.next_contact_on, ctx.today)]
    return {"activity": activity, "form": form, "name": find(ctx, key), "days": days, "next": safe_next(request.values.get("next")), "place": request.values.get("place", "")}


def _prefix(id: UUID) -> str:
    """Several of these forms may stand on one page."""
    return f"step-{id}-"


@bp.post("/activities/<uuid:id>/reopening")
@needs("activities.edit")
def reopen(ctx: Context, id: UUID):
    """It was not made after all."""
    activity = queries.one_activity(ctx, id)
    actions.reopen_next_contact(ctx, activity)
    say(ctx, N_("Back on the list"))
    return _back(activity)


@bp.post("/activities/<uuid:id>/rescheduling")
@needs("activities.edit")
def reschedule(ctx: Context, id: UUID):
    """Move the next contact; what cannot be read comes back with what to write instead."""
    activity = queries.one_activity(ctx, id)
    was = {"on": activity.next_contact_on, "at": activity.next_contact_at}
    try:
        with ctx.session.begin_nested():
            actions.reschedule(ctx, activity, request.form.get("when", ""), place=request.form.get("place"))
    except Refused as refusal:
        if refusal.status != 422:
            raise
        return page("activities/reschedule.html", activity=activity, several_come=participants.several_come, problem=say_refusal(refusal, ctx.locale), status=422, next=safe_next(request.form.get("next")))
    undo = url_for("activities.move_back", id=id, **{name: value.isoformat() for name, value in was.items() if value}) if was["on"] else None
    say(ctx, N_("Moved to %(day)s"), undo=undo, day=_told(activity))
    return _to_guests(ctx, activity) or _back(activity)


@bp.post("/activities/<uuid:id>/rescheduling/undo")
@needs("activities.edit")
def move_back(ctx: Context, id: UUID):
    """The day that it had, as the toast's address says it."""
    activity = queries.one_activity(ctx, id)
    try:
        on, at = date.fromisoformat(request.args.get("on", "")), request.args.get("at")
        moment = datetime.fromisoformat(at) if at else None
    except ValueError:
        raise Refused("not_a_moment", field="next_contact") from None
    actions.move_back(ctx, activity, on, moment)
    say(ctx, N_("Moved to %(day)s"), day=_told(activity))
    return _back(activity)


@bp.get("/activities/<uuid:id>/rescheduling")
@needs("activities.edit")
def ask_when(ctx: Context, id: UUID):
    """Another day for a next contact, as a page: works without script."""
    activity = queries.one_activity(ctx, id)
    require(ctx, "activities.edit", activity)
    return page("activities/reschedule.html", activity=activity, several_come=participants.several_come, problem='', next=safe_next(request.args.get("next")))


@bp.post("/activities/<uuid:id>/deletion")
@needs("activities.edit")
def delete(ctx: Context, id: UUID):
    """Take an entry out of the log, with a way back."""
    activity = queries.one_activity(ctx, id)
    actions.delete_activity(ctx, activity)
    say(ctx, N_("Entry deleted"), undo=url_for("activities.restore", id=id))
    return _to_guests(ctx, activity) or _back(activity)


@bp.post("/activities/<uuid:id>/restoration")
@needs("activities.edit")
def restore(ctx: Context, id: UUID):
    activity = queries.one_activity(ctx, id, deleted=True)
    actions.restore_activity(ctx, activity)
    say(ctx, N_("The entry is back"))
    return _back(activity)


def _log(ctx: Context, form: LogForm, **about) -> None:
    activity = actions.log_activity(
        ctx, kind=form.kind.data or "note", body=form.body.data, happened_at=form.happened_at.data, next_contact=form.next_contact.data,
        next_contact_note=form.next_contact_note.data, next_contact_kind=form.next_contact_kind.data or None, written_at=_written_at(ctx), place=form.place.data, **about,
    )
    if taking_part.chosen_text():
        ctx.session.flush()  # who takes part names it by key
        participants.add(ctx, activity, **participants.meant(ctx, form.who.data or "", taking_part.chosen_text()))
    _say_logged(ctx, activity)


def _say_logged(ctx: Context, activity: Activity) -> None:
    message = N_("Logged; next contact on %(day)s") if activity.next_contact_on else N_("Logged")
    say(ctx, message, undo=url_for("activities.delete", id=activity.id), day=_told(activity))


def _told(activity: Activity) -> str:
    """Its day, with the time where there is one."""
    return f"{day(activity.next_contact_on)} {clock_time(activity.next_contact_at)}".strip()


def _written_at(ctx: Context) -> datetime | None:
    """When an entry was typed that waited for the network (queue.js); None for any other, and for what can't be."""
    try:
        at = datetime.fromisoformat(request.form.get("_written_at", ""))
    except ValueError:
        return None
    return at if at.tzinfo and ctx.now - OLDEST <= at <= ctx.now else None


def _person(ctx: Context, key: str | None, account_id: UUID):
    """The person that was chosen, of this account and seen by the actor; anybody else does not exist."""
    if not key:
        return None
    try:
        contact = parties.one_contact(ctx, UUID(key))
    except (ValueError, Refused):
        contact = None
    if contact is None or contact.account_id != account_id:
        raise Refused("unknown_value", field="contact_id")
    return contact


def _to_guests(ctx: Context, activity: Activity):
    """To the page that offers to tell the guests, where some of them know it as it was."""
    if not may(ctx, "mail.send") or not any(one.what in ("update", "cancel") for one in guests.asked(ctx, activity)):
        return None
    return see_other("guests.show", id=activity.id, next=safe_next(request.form.get("next")) if request.form.get("next") else _record_url(activity))


def _record_url(activity: Activity) -> str:
    return url_for("accounts.show", id=activity.account_id) if activity.account_id else url_for("contacts.show", id=activity.contact_id)


def _back(activity: Activity):
    """To where the button was, else to the record."""
    if request.form.get("next"):
        return redirect(safe_next(request.form["next"]), code=303)
    return redirect(_record_url(activity), code=303)
