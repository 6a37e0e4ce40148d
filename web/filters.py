"""Money, dates, numbers and names in templates: in the reader's language and time zone."""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from urllib.parse import quote
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_skeleton, format_timedelta
from babel.numbers import format_currency, format_decimal, get_currency_precision
from flask import Flask, g
from markupsafe import Markup

from core.base.formats import Formats
from core.base.money import Money
from core.base.words import N_
from infra import dates, i18n, phones
from tenants.entry import utcnow
from web import words


def install(app: Flask) -> None:
    """Register the filters."""
    for function in (said, money, amount, price, number, day, weekday, moment, clock_time, planned, country, language, ago, initials, hue, fact):
        app.jinja_env.filters[NAMES.get(function.__name__, function.__name__)] = function


NONE_CHOSEN = Formats()
CENT = Decimal("0.01")
NAMES = {"day": "date", "moment": "datetime", "clock_time": "time"}


def _lang() -> str:
    return g.get("lang", "en")


def _locale():
    return i18n.babel_locale(_lang())


def zone() -> ZoneInfo:
    ctx = g.get("ctx")
    return ctx.zone if ctx else ZoneInfo("UTC")


def _formats() -> Formats:
    return getattr(g.get("ctx"), "formats", None) or NONE_CHOSEN


def _now() -> datetime:
    ctx = g.get("ctx")
    return ctx.now if ctx else utcnow()


def said(message: str) -> str:
    """A message in the reader's language. Not `_`, which takes what it is given for safe text: a label may be a file's own."""
    return i18n.gettext(_lang(), message)


def money(value: Money | None) -> str:
    return "" if value is None else _marked(format_currency(value.amount, value.currency, locale=_locale()))


def amount(value: Decimal | None, currency: str | None) -> str:
    """So much of a currency by its code, with its own decimals: 99.90 EUR. An annual revenue goes without them: `number`."""
    if value is None:
        return ""
    digits = get_currency_precision(currency) if currency else 2
    return f"{_marked(format_decimal(value, '#,##0.' + '0' * digits if digits else '#,##0', locale=_locale()))} {currency or ''}".strip()


def price(value: Decimal | None, currency: str | None) -> str:
    """What one piece costs: with the decimals of its currency, and as many more as it was given: 0.0375 EUR."""
    if value is None:
        return ""
    digits = get_currency_precision(currency) if currency else 2
    places = max(digits, -int(value.normalize().as_tuple().exponent))
    return f"{_marked(format_decimal(value, '#,##0.' + '0' * places if places else '#,##0', locale=_locale(), decimal_quantization=False))} {currency or ''}".strip()


def money_of(amount: Decimal | None, currency: str | None) -> str:
    """An amount with its currency: both digits of its cents, or none where it has no cents."""
    if amount is None:
        return ""
    whole = amount == amount.to_integral()
    said = number(amount.to_integral() if whole else amount.quantize(CENT))
    return f"{said if whole else _padded(said)} {currency or ''}".strip()


def _padded(said: str) -> str:
    """A number with both digits of its cents."""
    return said if said[-3:-2] and not said[-3].isdigit() else f"{said}0"


def phone(value: str | None, region: str | None) -> str:
    """A number as the world writes it, where it is one that can be called; else as it was typed."""
    found = phones.known(value, region) if value else None
    return found.international if found else value or ""


def web_address(value: str | None) -> str:
    """Where a web address leads: always by http or https."""
    return "" if not value else value if value.lower().startswith(("http://", "https://")) else f"https://{value}"


def month(at: date | datetime) -> str:
    """The month of a day or a moment, as the reader's clock had it: November 2026."""
    return format_skeleton("yMMMM", at.astimezone(zone()) if isinstance(at, datetime) else at, locale=_locale())


def weekday(on: date) -> str:
    """A day with its weekday: Tue, Dec 8."""
    return format_skeleton("MMMEd", on, locale=_locale())


def number(value: int | Decimal | None) -> str:
    return "" if value is None else _marked(format_decimal(value, locale=_locale()))


# number_format -> (between thousands, before decimals); thin space, as the languages write that have one.
MARKS = {"point": (",", "."), "comma": (".", ","), "space": ("\u202f", ",")}


def _marked(text: str) -> str:
    """A number with the marks that the reader chose; only those between digits are marks."""
    chosen = MARKS.get(_formats().number_format)
    if chosen is None:
        return text
    symbols = _locale().number_symbols["latn"]
    return re.sub(r"(?<=\d)[.,'\s\u2019](?=\d)", lambda mark: chosen[mark[0] == symbols["decimal"]], text)


def day(value: date | datetime | None, style: str = "medium") -> str:
    """A date where the reader is."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(zone()).date()
    return dates.say_day(value, style, _lang(), _formats().date_format)


def moment(value: datetime | None, style: str = "medium") -> str:
    return "" if value is None else dates.say_moment(value, style, zone(), _lang(), _formats().date_format, _formats().clock)


def clock_time(value: datetime | None) -> str:
    return "" if value is None else dates.say_clock(value, zone(), _lang(), _formats().clock)


def planned(on: date, at: datetime | None) -> str:
    """When something is to happen, as one says it: "Today 15:30", "Tomorrow", "Friday 10:00" within a week, else the date."""
    today = _now().astimezone(zone()).date()
    ahead, near = (on - today).days, {-1: N_("Yesterday"), 0: N_("Today"), 1: N_("Tomorrow")}
    if ahead in near:
        told = i18n.gettext(_lang(), near[ahead])
    elif 1 < ahead < 7:
        told = format_date(on, "EEEE", locale=_locale())
    else:
        told = format_skeleton("MMMd", on, locale=_locale()) if on.year == today.year and not _formats().date_format else day(on)
    return f"{told} {clock_time(at)}" if at else told


def country(code: str | None) -> str:
    """A country's name where its code is kept ("DE"); what else was typed stays."""
    return _locale().territories.get(code, code) if code else ""


def language(code: str | None) -> str:
    """A language's name where its code is kept ("ko"); what else was typed stays."""
    return _locale().languages.get(code.lower(), code) if code else ""


def ago(value: datetime | None) -> Markup:
    """Relative within a week, else the date; always with the exact time in <time>."""
    if value is None:
        return Markup("")
    distance = value - _now() or timedelta(seconds=-1)  # this very moment is over, not to come
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
