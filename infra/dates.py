"""Days and times in words, as readers of each language write them: Babel's forms, two of them mended.

Babel knows the Russian "24 нояб. 2026 г.", whose full stop meets that of the sentence, and says AM and PM in Korean.
"""

import re
from datetime import date, datetime, time, tzinfo

from babel.dates import format_date, format_datetime, format_skeleton, format_time, get_datetime_format, get_day_names

from infra import i18n

YEAR_MARK = re.compile(r"[\s\u00a0\u202f]г\.")
KOREAN_HALVES = {"AM": "오전", "PM": "오후"}


# What a person may choose instead of his language's own form (core.base.formats).
CHOSEN_DAYS = {"iso": "y-MM-dd", "dots": "dd.MM.y", "slashes": "dd/MM/y", "us": "MM/dd/y"}
CHOSEN_CLOCKS = {"24": "HH:mm", "12": "h:mm a"}


def say_day(value: date, style: str, code: str, chosen: str = "") -> str:
    """A date; style: short, medium, long, full. chosen: one of CHOSEN_DAYS, for the two short ones."""
    if chosen and style in ("short", "medium"):
        return format_date(value, CHOSEN_DAYS[chosen], locale=i18n.babel_locale(code))
    return _mended(format_date(value, style, locale=i18n.babel_locale(code)), code)


def say_moment(value: datetime, style: str, zone: tzinfo, code: str, chosen: str = "", clock: str = "") -> str:
    """A date with its time, where the reader is; hours and minutes, whatever the language adds of its own."""
    if (chosen or clock) and style in ("short", "medium"):
        here = value.astimezone(zone)
        return f"{say_day(here.date(), style, code, chosen)} {say_clock(value, zone, code, clock)}"
    if style == "medium":
        glue = get_datetime_format(style, locale=i18n.babel_locale(code)).replace("'", "")
        return glue.replace("{1}", say_day(value.astimezone(zone).date(), style, code)).replace("{0}", say_clock(value, zone, code))
    return _mended(format_datetime(value, style, tzinfo=zone, locale=i18n.babel_locale(code)), code)


def say_clock(value: datetime | time, zone: tzinfo, code: str, chosen: str = "") -> str:
    """Hours and minutes, where the reader is. chosen: one of CHOSEN_CLOCKS."""
    return _mended(format_time(value, CHOSEN_CLOCKS.get(chosen, "short"), tzinfo=zone, locale=i18n.babel_locale(code)), code)


def weekday(day: int, code: str) -> str:
    """What a day of the week is called where it stands alone; 1 is Monday."""
    return get_day_names("wide", "stand-alone", i18n.babel_locale(code))[day - 1]


def say_month(value: date, code: str) -> str:
    """A month of a year, in the order of the language: "November 2026", "2026년 11월"."""
    return _mended(format_skeleton("yMMMM", value, locale=i18n.babel_locale(code)), code)


def _mended(text: str, code: str) -> str:
    language = i18n.language(code)
    if language == "ru":
        return YEAR_MARK.sub("", text)
    return re.sub(r"\b[AP]M\b", lambda half: KOREAN_HALVES[half[0]], text) if language == "ko" else text
