"""Money, dates, numbers and names in templates: in the reader's language and time zone."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from urllib.parse import quote
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time, format_timedelta
from babel.numbers import format_currency, format_decimal
from flask import Flask, g
from markupsafe import Markup

from core.base.money import Money
from infra.i18n import babel_locale
from tenants.entry import utcnow
from web import words


def install(app: Flask) -> None:
    """Register the filters."""
    for function in (money, number, day, moment, clock_time, ago, initials, hue, fact):
        app.jinja_env.filters[NAMES.get(function.__name__, function.__name__)] = function


NAMES = {"day": "date", "moment": "datetime", "clock_time": "time"}


def _locale():
    return babel_locale(g.get("lang", "en"))


def _zone() -> ZoneInfo:
    ctx = g.get("ctx")
    return ctx.zone if ctx else ZoneInfo("UTC")


def _now() -> datetime:
    ctx = g.get("ctx")
    return ctx.now if ctx else utcnow()


def money(value: Money | None) -> str:
    return "" if value is None else format_currency(value.amount, value.currency, locale=_locale())


def number(value: int | Decimal | None) -> str:
    return "" if value is None else format_decimal(value, locale=_locale())


def day(value: date | datetime | None, style: str = "medium") -> str:
    """A date where the reader is."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(_zone()).date()
    return format_date(value, style, locale=_locale())


def moment(value: datetime | None, style: str = "medium") -> str:
    return "" if value is None else format_datetime(value, style, tzinfo=_zone(), locale=_locale())


def clock_time(value: datetime | None) -> str:
    return "" if value is None else format_time(value, "short", tzinfo=_zone(), locale=_locale())


def ago(value: datetime | None) -> Markup:
    """Relative within a week, else the date; always with the exact time in <time>."""
    if value is None:
        return Markup("")
    distance = value - _now()
    near = abs(distance) < timedelta(days=7)
    shown = format_timedelta(distance, add_direction=True, locale=_locale()) if near else day(value)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(value.isoformat(), moment(value), shown)


def initials(name: str | None) -> str:
    """Up to two letters that stand for a name; one for Chinese and Korean."""
    parts = [p for p in (name or "?").split() if p[0].isalnum()] or ["?"]
    if ord(parts[0][0]) > 0x2E80:
        return parts[0][0]
    return (parts[0][0] + (parts[-1][0] if len(parts) > 1 else "")).upper()


HUES = ("blue", "green", "amber", "red", "violet", "cyan", "pink")
DIGITS = {character: value for value, character in enumerate("0123456789abcdefghijklmnopqrstuvwxyz", 1)}


def hue(key: object) -> str:
    """A stable colour name for a key: the one that ui.hue_of gives it, without the cost of a macro on every row."""
    return _hue_of(key.hex[-4:] if isinstance(key, UUID) else quote(str(key)).lower()[-4:])


@lru_cache(maxsize=4096)
def _hue_of(end: str) -> str:
    n = 0
    for character in end:
        n = n * 5 + DIGITS.get(character, 0)
    return HUES[n % 7]


def fact(value, **more) -> Markup:
    """A fact as a sentence."""
    return words.say_fact(value.kind, {"actor": value.actor_name, **value.params}, g.get("lang", "en"), **more)
