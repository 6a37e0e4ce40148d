"""Days and times as people write them."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from core.activities.rules import When, parse_when
from core.base.errors import Refused

SUNDAY = date(2026, 11, 22)


@pytest.mark.parametrize(("text", "day", "clock"), [
    ("today", date(2026, 11, 22), None), ("Tomorrow", date(2026, 11, 23), None), ("tomorrow 10:00", date(2026, 11, 23), time(10)), ("tomorrow at 9:30 am", date(2026, 11, 23), time(9, 30)),
    ("fri", date(2026, 11, 27), None), ("Friday 4pm", date(2026, 11, 27), time(16)), ("next mon", date(2026, 11, 23), None), ("sun", date(2026, 11, 29), None),
    ("+3d", date(2026, 11, 25), None), ("+2w 12am", date(2026, 12, 6), time(0)), ("in 3 days", date(2026, 11, 25), None), ("in 2 weeks", date(2026, 12, 6), None),
    ("+3m", date(2027, 2, 22), None), ("next week", date(2026, 11, 29), None), ("next month", date(2026, 12, 22), None),
    ("26/11", date(2026, 11, 26), None), ("26.11.", date(2026, 11, 26), None), ("26.11", date(2026, 11, 26), None), ("1/2", date(2027, 2, 1), None), ("26/11/27", date(2027, 11, 26), None),
    ("26/11/2028 14:15", date(2028, 11, 26), time(14, 15)), ("26 nov", date(2026, 11, 26), None), ("Nov 26th, 2027", date(2027, 11, 26), None), ("29 feb", date(2028, 2, 29), None),
    ("2026-12-01", date(2026, 12, 1), None), ("2026-12-01 08:05", date(2026, 12, 1), time(8, 5)), ("2026-12-01T08:05:59", date(2026, 12, 1), time(8, 5)),
    ("10:00", date(2026, 11, 22), time(10)), ("at 7", date(2026, 11, 22), time(7)), ("8h30", date(2026, 11, 22), time(8, 30)), ("  tomorrow ,  ", date(2026, 11, 23), None),
])
def test_people_write_a_day_in_many_ways(text, day, clock):
    assert parse_when(text, SUNDAY) == When(day, clock)


@pytest.mark.parametrize(("text", "day", "clock"), [
    ("내일 10:00", date(2026, 11, 23), time(10)), ("내일 오후 3시 반", date(2026, 11, 23), time(15, 30)), ("모레 9시", date(2026, 11, 24), time(9)), ("금요일 오전 11:15", date(2026, 11, 27), time(11, 15)),
    ("금", date(2026, 11, 27), None), ("다음 주 금요일", date(2026, 11, 27), None), ("3일 후", date(2026, 11, 25), None), ("2주 뒤 14:00", date(2026, 12, 6), time(14)), ("11월 26일", date(2026, 11, 26), None), ("2026. 12. 5.", date(2026, 12, 5), None),
    ("明天 10:00", date(2026, 11, 23), time(10)), ("明天下午3点", date(2026, 11, 23), time(15)), ("后天上午9点半", date(2026, 11, 24), time(9, 30)), ("周五", date(2026, 11, 27), None), ("下周三", date(2026, 11, 25), None), ("3天后", date(2026, 11, 25), None),
    ("11月26日", date(2026, 11, 26), None), ("2026年12月5日 8点", date(2026, 12, 5), time(8)), ("下个月", date(2026, 12, 22), None), ("晚上8点", date(2026, 11, 22), time(20)), ("오후 12시", date(2026, 11, 22), time(12)),
    ("завтра в 10:00", date(2026, 11, 23), time(10)), ("послезавтра", date(2026, 11, 24), None), ("в пятницу", date(2026, 11, 27), None), ("пт 9:30", date(2026, 11, 27), time(9, 30)), ("через 3 дня", date(2026, 11, 25), None), ("через неделю в 7", date(2026, 11, 29), time(7)),
    ("26 ноября", date(2026, 11, 26), None), ("1 мая 2027", date(2027, 5, 1), None), ("26.11", date(2026, 11, 26), None),
    ("mañana a las 10:00", date(2026, 11, 23), time(10)), ("Pasado mañana", date(2026, 11, 24), None), ("el viernes", date(2026, 11, 27), None), ("mié", date(2026, 11, 25), None), ("en 3 días", date(2026, 11, 25), None), ("la próxima semana", date(2026, 11, 29), None),
    ("26 de noviembre de 2027", date(2027, 11, 26), None), ("3 mar", date(2027, 3, 3), None), ("mar", date(2026, 11, 24), None),
])
def test_people_write_a_day_in_their_own_language(text, day, clock):
    assert parse_when(text, SUNDAY) == When(day, clock)


def test_a_month_comes_first_where_the_language_says_so():
    assert parse_when("3/4", SUNDAY, locale="ko").day == date(2027, 3, 4) and parse_when("3/4", SUNDAY, locale="zh").day == date(2027, 3, 4)
    assert parse_when("3/4", SUNDAY, locale="es").day == parse_when("3/4", SUNDAY).day == date(2027, 4, 3)
    assert parse_when("26/11/27", SUNDAY, locale="ko").day == date(2027, 11, 26)


@pytest.mark.parametrize(("text", "day"), [("yesterday", date(2026, 11, 21)), ("26/11", date(2025, 11, 26)), ("fri", date(2026, 11, 20)), ("sun", date(2026, 11, 15)), ("1 nov", date(2026, 11, 1))])
def test_what_is_over_looks_back(text, day):
    assert parse_when(text, SUNDAY, past=True).day == day


@pytest.mark.parametrize("text", ["", "  ", "soon", "32/1", "31/2/2027", "2026-13-01", "0000-01-01", "+999999d", "+5y", "25:00", "13pm", "fri fri", "next", "10", "x" * 61, "１０：００", "26/11/1", "9999-12-31 10:00x", "-1d", "\x00", "25시", "晚上12点", "上午 12:30", "13월 1일", "через", "다음 주 밤", "32日", "오후", "3일"])
def test_what_cannot_be_read_is_refused_and_named(text):
    with pytest.raises(Refused) as refused:
        parse_when(text, SUNDAY, field="next_contact")
    assert (refused.value.code, refused.value.field) == ("not_a_moment", "next_contact")


def test_a_day_is_reminded_of_at_eight_where_its_owner_is():
    assert When(date(2026, 11, 23)).moment(ZoneInfo("Asia/Shanghai")) == datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
    assert When(date(2026, 7, 1), time(10)).moment(ZoneInfo("Europe/Berlin")) == datetime(2026, 7, 1, 8, 0, tzinfo=UTC)


def test_an_hour_that_the_clock_skips_moves_forward():
    assert When(date(2027, 3, 28), time(2, 30)).moment(ZoneInfo("Europe/Berlin")) == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
