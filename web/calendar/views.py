"""The calendar: what stands on a day and its hours, a week or a month, moved by pointer, keys, menu or form; and as a feed for other calendars."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, request, url_for

from core.activities import actions as log
from core.activities import calendar_in
from core.activities import queries as activities
from core.base.context import Context
from core.base.planned import MOST, Entry, plan
from core.base.planned import Asked as Span
from core.base.policy import has, owners
from core.base.words import N_
from core.identity import sign_in_rules, tokens
from infra import calendars, i18n
from web.calendar import bringing, inviting, moving
from web.calendar.hours import days_with_hours
from web.calendar.saying import Sayer
from web.forms import small_int
from web.guard import by_address, needs
from web.nav import NavItem
from web.pages import page, say, see_other
from web.settings.shown_once import shown_once

bp = Blueprint("calendar", __name__, url_prefix="/calendar")
NAV = [NavItem("calendar.show", "calendar", N_("Calendar"), "activities.read", key="g w", group="Sales", order=40)]
DAY, WEEK, BACK, AHEAD = timedelta(days=1), timedelta(days=7), timedelta(days=60), timedelta(days=400)
LENGTHS = {"day": 1, "week": 7, "month": 42}
ELSEWHERE = timedelta(days=2)  # from -11 to +14: so far apart may be the days of one moment, for whoever is to do it and for the reader


@dataclass(frozen=True)
class Asked:
    """What of the calendar is shown: a day, a week or a month, around a day, of whom ("me", "team", "all", or a person's key), with birthdays."""

    view: str
    day: date
    whose: str
    birthdays: bool = True

    def args(self, **other: Any) -> dict[str, Any]:
        return {"view": self.view, "day": self.day.isoformat(), "whose": self.whose} | ({} if self.birthdays else {"birthdays": "off"}) | other


@bp.get("/")
@needs("activities.read")
def show(ctx: Context):
    """A day with its hours, a week as seven of them, a month as six weeks of days."""
    asked = _asked(ctx)
    first, number = _span(ctx, asked)
    days = [first + timedelta(days=place) for place in range(number)]
    beside = timedelta() if asked.view == "month" else ELSEWHERE
    found = plan(ctx, Span(first - beside, first + timedelta(days=number) + beside, _people(ctx, asked.whose), birthdays=asked.birthdays))
    shown = {"days": days, "cut": MOST if found.cut else None, "sayer": Sayer(ctx), "step": partial(_step, asked), "title_of": _title(ctx, asked, first)}
    if asked.view == "month":
        by_day: dict[date, list[Entry]] = {one: [] for one in days}
        for entry in found.entries:
            by_day[entry.on].append(entry)
        return page("calendar/show.html", asked=asked, by_day=by_day, **shown)
    with_hours = days_with_hours(days, found.entries, ctx.zone)
    return page("calendar/show.html", asked=asked, with_hours=with_hours, own_hours=any(one.changed for one in with_hours), **shown)


@bp.post("/activities/<uuid:id>/day")
@needs("activities.edit")
def move_activity(ctx: Context, id: UUID):
    """Another day or hour for a next contact; on another day its time stays. A refusal says why, and the card goes back."""
    return moving.move(ctx, id, moving.activity_moved)


@bp.post("/deals/<uuid:id>/day")
@needs("deals.edit")
def move_deal(ctx: Context, id: UUID):
    """Another day for the next step of a deal."""
    return moving.move(ctx, id, moving.deal_moved)


@bp.post("/leads/<uuid:id>/day")
@needs("leads.edit")
def move_lead(ctx: Context, id: UUID):
    """Another day for the next step of a lead."""
    return moving.move(ctx, id, moving.lead_moved)


@bp.post("/activities/<uuid:id>/day/restoration")
@needs("activities.edit")
def move_activity_back(ctx: Context, id: UUID):
    """Undo of a move: the day (was=) and the moment (at=) that it had; the page then looks again."""
    activity, at = activities.one_activity(ctx, id), request.args.get("at")
    moving.check(activity, small_int(request.args.get("version")) or 0)
    log.move_back(ctx, activity, moving.day(request.args.get("was", "")), moving.moment(at) if at else None)
    return "", 204


@bp.post("/deals/<uuid:id>/day/restoration")
@needs("deals.edit")
def move_deal_back(ctx: Context, id: UUID):
    """The same of a deal's next step."""
    moving.deal_moved(ctx, id, request.args.get("was", ""), small_int(request.args.get("version")) or 0, back=True)
    return "", 204


@bp.post("/leads/<uuid:id>/day/restoration")
@needs("leads.edit")
def move_lead_back(ctx: Context, id: UUID):
    """The same of a lead's next step."""
    moving.lead_moved(ctx, id, request.args.get("was", ""), small_int(request.args.get("version")) or 0, back=True)
    return "", 204


@bp.get("/activities/<uuid:id>/invitation.ics")
@needs("activities.read")
def invitation(ctx: Context, id: UUID):
    """A next contact as a file that asks whom it is with to come."""
    return Response(inviting.invitation(ctx, id), mimetype="text/calendar", headers={"Content-Disposition": "attachment; filename=invitation.ics", "Cache-Control": "private, no-store"})


@bp.get("/file")
@needs("activities.log")
def ask_file(ctx: Context):
    """A calendar file, to be looked at before anything of it comes in."""
    return bringing.show(ctx, bringing.CalendarFileForm())


@bp.post("/file")
@needs("activities.log")
def look_into_file(ctx: Context):
    """What of it may become next contacts, and why the rest stays out."""
    return bringing.look(ctx)


@bp.post("/file/events")
@needs("activities.log")
def bring_in(ctx: Context):
    """The events that were chosen."""
    return bringing.bring(ctx)


@bp.post("/file/undo")
@needs("activities.edit")
def take_back(ctx: Context):
    """What came in together goes together, but for what was made since."""
    say(ctx, N_("Taken back: %(count)s"), count=calendar_in.take_back(ctx, moving.moment(request.args.get("at", ""))))
    return see_other("calendar.show")


@bp.get("/feed")
@needs("tokens.read")
def feed(ctx: Context):
    """How to see this calendar in another one."""
    return page("calendar/feed.html", can_make=has(ctx, "tokens.manage"))


@bp.post("/feed")
@needs("tokens.manage", fresh=True)
def create_feed(ctx: Context):
    """An address that shows one's own days to whoever has it. It is a token that opens this alone, ended among one's API tokens."""
    days = None if sign_in_rules.rules_of(ctx).endless_tokens else 365
    secret, row = tokens.make_token(ctx, name=i18n.gettext(ctx.locale, N_("Calendar feed")), allowed=[name for name in READS if has(ctx, name)], reading=True, days=days, for_feed=True)
    ctx.session.flush()
    address = f"{ctx.tenant.url}{url_for('calendar.feed_file', key=secret)}"
    return shown_once(lambda **values: page("calendar/feed.html", can_make=True, **(values | {"secret": address})), address, row)


READS = ("activities.read", "deals.read", "leads.read", "accounts.read", "contacts.read")


@bp.get("/feed.ics")
@by_address("activities.read")
def feed_file(ctx: Context):
    """What is planned for whoever the address belongs to: 60 days back, 400 ahead."""
    sayer = Sayer(ctx)
    found = plan(ctx, Span(ctx.today - BACK, ctx.today + AHEAD, [ctx.actor.id] if ctx.actor.id else [], open_only=True))
    events = [
        calendars.Event(inviting.uid_of(ctx, entry), sayer.line(entry), entry.on, ctx.now, entry.at, entry.minutes, sayer.about(entry), f"{ctx.tenant.url}{entry.path}", entry.version, location=entry.place)
        for entry in found.entries
    ]
    return Response(calendars.written(ctx.tenant.name, events), mimetype="text/calendar", headers={"Cache-Control": "private, no-store"})


def _asked(ctx: Context) -> Asked:
    view = request.args.get("view", "week")
    return Asked(view if view in LENGTHS else "week", moving.day(request.args.get("day", ""), ctx.today), request.args.get("whose", "me"), request.args.get("birthdays") != "off")


def _span(ctx: Context, asked: Asked) -> tuple[date, int]:
    """(first day, number of days): weeks begin where the reader's do."""
    if asked.view == "day":
        return asked.day, LENGTHS["day"]
    within = asked.day if asked.view == "week" else asked.day.replace(day=1)
    return within - timedelta(days=(within.weekday() - ctx.week_began.weekday()) % 7), LENGTHS[asked.view]


def _step(asked: Asked, by: int) -> str:
    """The day, week or month before or after."""
    if asked.view != "month":
        return url_for("calendar.show", **asked.args(day=(asked.day + by * (WEEK if asked.view == "week" else DAY)).isoformat()))
    middle = asked.day.replace(day=15) + timedelta(days=30 * by)
    return url_for("calendar.show", **asked.args(day=middle.replace(day=1).isoformat()))


def _title(ctx: Context, asked: Asked, first: date) -> str:
    from babel.dates import format_interval, format_skeleton

    locale = i18n.babel_locale(ctx.locale)
    if asked.view == "day":
        return format_skeleton("yMMMEd", asked.day, locale=locale)
    return format_skeleton("yMMMM", asked.day, locale=locale) if asked.view == "month" else format_interval(first, first + timedelta(days=6), "yMMMd", locale=locale)


def _people(ctx: Context, whose: str) -> Collection[UUID] | None:
    """Whose days: one's own, one's team's, everybody's, one person's; always only as far as the actor sees."""
    if whose == "all":
        return None
    if whose == "team":
        return owners(ctx, "team") or [ctx.actor.id]
    try:
        return [UUID(whose)]
    except ValueError:
        return [ctx.actor.id] if ctx.actor.id else []
