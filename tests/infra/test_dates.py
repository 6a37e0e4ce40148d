"""Days and times in the form of each language."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from infra.dates import say_clock, say_day, say_moment, say_month

DAY, MOMENT, SEOUL = date(2026, 11, 24), datetime(2026, 11, 24, 7, 5, tzinfo=UTC), ZoneInfo("Asia/Seoul")


@pytest.mark.parametrize("style", ["medium", "long", "full"])
def test_a_russian_year_brings_no_full_stop_of_its_own(style):
    assert say_day(DAY, style, "ru").endswith("2026")
    assert "г." not in say_moment(MOMENT, style, SEOUL, "ru")


@pytest.mark.parametrize(("language", "said"), [("en", "Nov 24, 2026, 4:05\u202fPM"), ("es", "24 nov 2026, 16:05"), ("zh", "2026年11月24日 16:05"), ("ko", "2026. 11. 24. 오후 4:05"), ("ru", "24 нояб. 2026, 16:05")])
def test_nobody_is_told_seconds(language, said):
    assert say_moment(MOMENT, "medium", SEOUL, language) == said


def test_koreans_read_their_own_halves_of_the_day():
    assert say_clock(MOMENT, SEOUL, "ko") == "오후 4:05" and "오후 4:05" in say_moment(MOMENT, "short", SEOUL, "ko")
    assert say_clock(MOMENT, ZoneInfo("UTC"), "ko") == "오전 7:05" and say_clock(MOMENT, SEOUL, "en").endswith("PM")


@pytest.mark.parametrize(("language", "month"), [("en", "November 2026"), ("es", "noviembre de 2026"), ("zh", "2026年11月"), ("ko", "2026년 11월"), ("ru", "ноябрь 2026")])
def test_a_month_and_its_year_stand_in_the_order_of_the_language(language, month):
    assert say_month(DAY, language) == month
