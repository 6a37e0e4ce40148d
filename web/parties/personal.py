"""What suits a person, as pages say it: birthday and age, preferred channel and hours, what time it is there now."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton, format_timedelta
from flask import g

from core.base.context import Context
from core.base.words import N_
from core.parties import birthdays
from core.parties.hours import is_open, parts, runs
from core.parties.words import CHOICE_LABELS
from infra import i18n
from web.filters import clock_time, day

SOON = 31  # days before a birthday at which a page says so


def said_choice(field: str, value: str | None) -> str:
    """A value of a list in the reader's language."""
    return _(CHOICE_LABELS[field].get(value, value)) if value else ""


def channel(value: str | None) -> str:
    """The preferred channel in words."""
    return said_choice("preferred_channel", value)


def relief(value: str | None) -> str:
    """Why no tax is due, in words."""
    return said_choice("tax_relief", value)


def hours(kept: str | None) -> str:
    """Preferred hours with the days as the reader calls them."""
    if not kept:
        return ""
    days, begin, end = parts(kept)
    names = i18n.babel_locale(g.get("lang", "en")).days["format"]["abbreviated"]
    named = ", ".join(names[first] if first == last else f"{names[first]}\u2013{names[last]}" for first, last in runs(days)) if len(days) < 7 else ""
    return " ".join(part for part in (named, f"{begin}\u2013{end}" if begin else "") if part)


def zone(name: str | None) -> str:
    """A time zone's name, to be read."""
    return (name or "").replace("_", " ")


def zone_now(name: str | None) -> str:
    """The same with what time it is there."""
    ctx = g.get("ctx")
    if not name or ctx is None:
        return zone(name)
    return _(N_("%(zone)s, %(time)s there now"), zone=zone(name), time=time_there(ctx, name))


def time_there(ctx: Context, name: str) -> str:
    """The time of day in a zone, as the reader reads times."""
    return clock_time(ctx.now.astimezone(ZoneInfo(name)).replace(tzinfo=ctx.zone))


def birthday(value: date | None) -> str:
    """The date with the age, and how soon it is where that is near."""
    return ", ".join(part for part in born(value) if part)


def born(value: date | None) -> tuple[str, str]:
    """(the date, age and how soon it is). The year is left out where it is none."""
    ctx = g.get("ctx")
    if value is None or ctx is None:
        return day(value), ""
    found = birthdays.coming(value, ctx.today)
    notes = [] if found.age_now is None else [_(N_("%(age)s years old"), age=found.age_now)]
    notes += [when(found.on, ctx.today)] if (found.on - ctx.today).days <= SOON else []
    told = day(value) if value.year > birthdays.NO_YEAR else format_skeleton("MMMMd", value, locale=i18n.babel_locale(g.get("lang", "en")))
    return told, ", ".join(notes)


def when(on: date, today: date) -> str:
    """Today, tomorrow, or in so many days."""
    ahead = (on - today).days
    near = {0: N_("today"), 1: N_("tomorrow")}
    return _(near[ahead]) if ahead in near else format_timedelta(on - today, granularity="day", threshold=10**6, add_direction=True, locale=i18n.babel_locale(g.get("lang", "en")))


def glance(ctx: Context, contact: Any) -> dict[str, Any]:
    """What the top of a person's page says: his birthday, and whether now is a good time by his own clock."""
    found: dict[str, Any] = {"born": born(contact.birthday) if contact.birthday else None, "there": None}
    if contact.preferred_hours or contact.timezone:
        there = ctx.now.astimezone(ZoneInfo(contact.timezone or ctx.timezone))
        good = is_open(contact.preferred_hours, there) if contact.preferred_hours else None
        found["there"] = {"time": clock_time(there.replace(tzinfo=ctx.zone)), "hours": hours(contact.preferred_hours), "good": good}
    return found


def _(text: str, **params: Any) -> str:
    return i18n.gettext(g.get("lang", "en"), text, **params)
