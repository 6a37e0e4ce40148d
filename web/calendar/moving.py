"""An entry put elsewhere: on another day, at another hour, on a day without a time; how it stands then, and the address that takes it back."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import jsonify, request, url_for

from core.activities import actions as log
from core.activities import queries as activities
from core.base.context import Context
from core.base.errors import Conflict, Refused
from core.base.planned import Asked, Entry, plan
from core.base.words import N_
from core.deals import actions as deals
from core.deals import queries as deal_queries
from core.leads import actions as leads
from core.leads import queries as lead_queries
from infra import i18n
from web.calendar.saying import Sayer
from web.filters import clock_time
from web.filters import day as said_day
from web.forms import small_int
from web.pages import page
from web.words import say_refusal

MOVED = N_("%(name)s is on %(day)s now")
YEARS = range(1900, 2200)


def move(ctx: Context, id: UUID, moved: Callable):
    """Answer with the card as it is then; a refusal says why, and the card goes back."""
    try:
        with ctx.session.begin_nested():
            entry, undo = moved(ctx, id, request.form.get("stage_id", ""), small_int(request.form.get("version")))
    except (Conflict, Refused) as refusal:
        if refusal.status not in (409, 422):
            raise
        return jsonify(text=say_refusal(refusal, ctx.locale)), refusal.status
    sayer = Sayer(ctx)
    card = page("calendar/_card.html", e=entry, sayer=sayer, stays=False).get_data(as_text=True)
    on = f"{said_day(entry.at)} {clock_time(entry.at)}" if entry.at else said_day(entry.on)
    return jsonify(text=i18n.gettext(ctx.locale, MOVED, name=sayer.name(entry), day=on), version=entry.version, undo=undo, card=card, lanes={})


def activity_moved(ctx: Context, id: UUID, to: str, version: int | None) -> tuple[Entry, str]:
    """to: a day, on which it keeps its time; a moment; or a day and a mere T, on which it has no time."""
    activity = activities.one_activity(ctx, id)
    check(activity, version)
    was, at = activity.next_contact_on, activity.next_contact_at
    if len(to) > len("2026-11-30T"):
        log.move_to_moment(ctx, activity, moment(to))
    else:
        log.move_to_day(ctx, activity, day(to.removesuffix("T")), timed=not to.endswith("T"))
    ctx.session.flush()  # the card shows the new version
    return entry_on(ctx, id, activity.next_contact_on), _undo("calendar.move_activity_back", id, was, activity.version, at=at.isoformat() if at else None)


def deal_moved(ctx: Context, id: UUID, to: str, version: int | None, *, back: bool = False) -> tuple[Entry, str]:
    """The next step of a deal."""
    return _step_moved(ctx, deal_queries.one_deal(ctx, id), deals.edit_deal, "calendar.move_deal_back", to, version, back)


def lead_moved(ctx: Context, id: UUID, to: str, version: int | None, *, back: bool = False) -> tuple[Entry, str]:
    """The next step of a lead."""
    return _step_moved(ctx, lead_queries.one_lead(ctx, id), leads.edit_lead, "calendar.move_lead_back", to, version, back)


def _step_moved(ctx: Context, record: Any, edit: Callable, undone_at: str, to: str, version: int | None, back: bool) -> tuple[Entry, str]:
    """A next step has a day and no time: an hour means its day."""
    on = moment(to).astimezone(ctx.zone).date() if len(to) > len("2026-11-30T") else day(to.removesuffix("T"))
    check(record, version)
    was = record.next_step_on
    if on < ctx.today and not back:
        raise Refused("moment_past", field="next_step_on")
    edit(ctx, record, next_step_on=on)
    return entry_on(ctx, record.id, on), _undo(undone_at, record.id, was, record.version)


def check(record: Any, version: int | None) -> None:
    if version is not None and version != record.version:
        raise Conflict("stale")


def day(text: str, otherwise: date | None = None) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = otherwise
    if found is None or found.year not in YEARS:
        if otherwise is None:
            raise Refused("not_a_date", field="stage_id")
        found = otherwise
    return found


def moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or found.year not in YEARS:
        raise Refused("not_a_moment", field="next_contact")
    return found.astimezone(UTC)


def _undo(endpoint: str, id: UUID, was: date | None, version: int, **more: str | None) -> str:
    return url_for(endpoint, id=id, was=was.isoformat(), version=version, **more) if was else ""


def entry_on(ctx: Context, key: UUID, on: date) -> Entry:
    """How it stands on that day."""
    found = plan(ctx, Asked(on, on + timedelta(days=1), only=key)).entries
    if not found:  # a closed deal, or nothing is planned there any more
        raise Conflict("stale")
    return found[0]
