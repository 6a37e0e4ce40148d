"""The calendar: what stands on the days of a week or month, moved to another day by pointer, keys, menu or form; and as a feed for other calendars."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, request, url_for

from core.activities import actions as log
from core.activities import queries as activities
from core.base.context import Context
from core.base.errors import Conflict, Refused
from core.base.planned import MOST, Entry, plan
from core.base.planned import Asked as Span
from core.base.policy import has, owners
from core.base.words import N_
from core.deals import actions as deals
from core.deals import queries as deal_queries
from core.identity import people, sign_in_rules, tokens
from infra import calendars, i18n
from web.calendar.saying import Sayer
from web.filters import day as said_day
from web.forms import small_int
from web.guard import by_address, needs
from web.nav import NavItem
from web.pages import page
from web.settings.shown_once import shown_once
from web.words import say_refusal

bp = Blueprint("calendar", __name__, url_prefix="/calendar")
NAV = [NavItem("calendar.show", "calendar", N_("Calendar"), "activities.read", key="g w", group="Sales", order=40)]
WEEK, BACK, AHEAD = timedelta(days=7), timedelta(days=60), timedelta(days=400)
MOVED = N_("%(name)s is on %(day)s now")


@dataclass(frozen=True)
class Asked:
    """What of the calendar is shown: a week or a month, around a day, of whom ("me", "team", "all", or a person's key)."""

    view: str
    day: date
    whose: str

    def args(self, **other: Any) -> dict[str, Any]:
        return {"view": self.view, "day": self.day.isoformat(), "whose": self.whose} | other


@bp.get("/")
@needs("activities.read")
def show(ctx: Context):
    """A week as seven lanes, a month as six weeks of them."""
    asked = _asked(ctx)
    first, number = _span(ctx, asked)
    found = plan(ctx, Span(first, first + timedelta(days=number), _people(ctx, asked.whose)))
    days = [first + timedelta(days=place) for place in range(number)]
    by_day: dict[date, list[Entry]] = {one: [] for one in days}
    for entry in found.entries:
        by_day[entry.on].append(entry)
    return page("calendar/show.html", asked=asked, cut=MOST if found.cut else None, days=days, by_day=by_day, sayer=Sayer(ctx), colleagues=_choices(ctx), step=partial(_step, asked), title_of=_title(ctx, asked, first))


@bp.post("/activities/<uuid:id>/day")
@needs("activities.edit")
def move_activity(ctx: Context, id: UUID):
    """Another day for a next contact; its time stays. A refusal says why, and the card goes back."""
    return _move(ctx, id, _activity_moved)


@bp.post("/deals/<uuid:id>/day")
@needs("deals.edit")
def move_deal(ctx: Context, id: UUID):
    """Another day for the next step of a deal."""
    return _move(ctx, id, _deal_moved)


@bp.post("/activities/<uuid:id>/day/restoration")
@needs("activities.edit")
def move_activity_back(ctx: Context, id: UUID):
    """Undo of a move: the day (was=) and the moment (at=) that it had; the page then looks again."""
    activity, at = activities.one_activity(ctx, id), request.args.get("at")
    _check(activity, small_int(request.args.get("version")) or 0)
    log.move_back(ctx, activity, _day(request.args.get("was", "")), _moment(at) if at else None)
    return "", 204


@bp.post("/deals/<uuid:id>/day/restoration")
@needs("deals.edit")
def move_deal_back(ctx: Context, id: UUID):
    """The same of a deal's next step."""
    _deal_moved(ctx, id, request.args.get("was", ""), small_int(request.args.get("version")) or 0, back=True)
    return "", 204


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


READS = ("activities.read", "deals.read", "accounts.read", "contacts.read")


@bp.get("/feed.ics")
@by_address("activities.read")
def feed_file(ctx: Context):
    """What is planned for whoever the address belongs to: 60 days back, 400 ahead."""
    sayer = Sayer(ctx)
    found = plan(ctx, Span(ctx.today - BACK, ctx.today + AHEAD, [ctx.actor.id] if ctx.actor.id else [], open_only=True))
    events = [
        calendars.Event(f"{entry.noun}-{entry.id}@{ctx.tenant.slug}", sayer.line(entry), entry.on, ctx.now, entry.at, entry.minutes, entry.about, f"{ctx.tenant.url}{entry.path}", entry.version)
        for entry in found.entries
    ]
    return Response(calendars.written(ctx.tenant.name, events), mimetype="text/calendar", headers={"Cache-Control": "private, no-store"})


def _move(ctx: Context, id: UUID, moved: Callable):
    try:
        with ctx.session.begin_nested():
            entry, undo = moved(ctx, id, request.form.get("stage_id", ""), small_int(request.form.get("version")))
    except (Conflict, Refused) as refusal:
        if refusal.status not in (409, 422):
            raise
        return jsonify(text=say_refusal(refusal, ctx.locale)), refusal.status
    card, name = page("calendar/_card.html", e=entry, sayer=Sayer(ctx)).get_data(as_text=True), Sayer(ctx).name(entry)
    return jsonify(text=i18n.gettext(ctx.locale, MOVED, name=name, day=said_day(entry.on)), version=entry.version, undo=undo, card=card, lanes={})


def _activity_moved(ctx: Context, id: UUID, to: str, version: int | None) -> tuple[Entry, str]:
    """Put it on that day; how it stands then, and the address that takes it back."""
    activity, day = activities.one_activity(ctx, id), _day(to)
    _check(activity, version)
    was, at = activity.next_contact_on, activity.next_contact_at
    log.move_to_day(ctx, activity, day)
    ctx.session.flush()  # the card shows the new version
    return _entry(ctx, id, day), _undo("calendar.move_activity_back", id, was, activity.version, at=at.isoformat() if at else None)


def _deal_moved(ctx: Context, id: UUID, to: str, version: int | None, *, back: bool = False) -> tuple[Entry, str]:
    deal, day = deal_queries.one_deal(ctx, id), _day(to)
    _check(deal, version)
    was = deal.next_step_on
    if day < ctx.today and not back:
        raise Refused("moment_past", field="next_step_on")
    deals.edit_deal(ctx, deal, next_step_on=day)
    return _entry(ctx, id, day), _undo("calendar.move_deal_back", id, was, deal.version)


def _undo(endpoint: str, id: UUID, was: date | None, version: int, **more: str | None) -> str:
    return url_for(endpoint, id=id, was=was.isoformat(), version=version, **more) if was else ""


def _check(record: Any, version: int | None) -> None:
    if version is not None and version != record.version:
        raise Conflict("stale")


def _entry(ctx: Context, key: UUID, day: date) -> Entry:
    found = plan(ctx, Span(day, day + timedelta(days=1), only=key)).entries
    if not found:  # a closed deal, or nothing is planned there any more
        raise Conflict("stale")
    return found[0]


def _asked(ctx: Context) -> Asked:
    view = request.args.get("view", "week")
    return Asked(view if view in ("week", "month") else "week", _day(request.args.get("day", ""), ctx.today), request.args.get("whose", "me"))


def _day(text: str, otherwise: date | None = None) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        found = otherwise
    if found is None or not 1900 < found.year < 2200:
        if otherwise is None:
            raise Refused("not_a_date", field="stage_id")
        found = otherwise
    return found


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise Refused("not_a_moment", field="next_contact") from None


def _span(ctx: Context, asked: Asked) -> tuple[date, int]:
    """(first day, number of days): weeks begin where the reader's do."""
    within = asked.day if asked.view == "week" else asked.day.replace(day=1)
    first = within - timedelta(days=(within.weekday() - ctx.week_began.weekday()) % 7)
    return first, 7 if asked.view == "week" else 42


def _step(asked: Asked, by: int) -> str:
    """The week or month before or after."""
    if asked.view == "week":
        return url_for("calendar.show", **asked.args(day=(asked.day + by * WEEK).isoformat()))
    middle = asked.day.replace(day=15) + timedelta(days=30 * by)
    return url_for("calendar.show", **asked.args(day=middle.replace(day=1).isoformat()))


def _title(ctx: Context, asked: Asked, first: date) -> str:
    from babel.dates import format_interval, format_skeleton

    locale = i18n.babel_locale(ctx.locale)
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


def _choices(ctx: Context) -> list[tuple[str, str]]:
    return [(str(key), name) for key, name in sorted(people.user_names(ctx).items(), key=lambda pair: pair[1].casefold()) if key != ctx.actor.id]


