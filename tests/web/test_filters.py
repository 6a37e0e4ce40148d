"""What templates say of days, countries and languages."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from flask import g

from web import filters

NOW = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)  # in Seoul the 25th, a Wednesday


@pytest.fixture
def reader(app):
    """reader("ko"): what is said is said to that reader in Seoul."""
    with app.test_request_context():
        def read(language: str):
            g.lang, g.ctx = language, SimpleNamespace(now=NOW, zone=ZoneInfo("Asia/Seoul"))

        yield read


@pytest.mark.parametrize(("language", "days", "said"), [
    ("en", 0, "Today"), ("en", 1, "Tomorrow"), ("en", 2, "Friday"), ("en", 6, "Tuesday"), ("en", 7, "Dec 2"), ("en", -1, "Yesterday"), ("en", -9, "Nov 16"), ("en", 60, "Jan 24, 2027"),
    ("ko", 0, "오늘"), ("ko", 2, "금요일"), ("ko", -9, "11월 16일"), ("ru", 2, "пятница"), ("ru", 60, "24 янв. 2027"), ("es", 1, "Mañana"), ("zh", 2, "星期五"),
])
def test_a_plan_is_said_as_one_speaks_of_it(reader, language, days, said):
    reader(language)
    assert filters.planned(date(2026, 11, 25) + timedelta(days=days), None) == said


def test_a_plan_with_a_time_says_it(reader):
    reader("ko")
    assert filters.planned(date(2026, 11, 26), datetime(2026, 11, 26, 1, 0, tzinfo=UTC)) == "내일 오전 10:00"


def test_codes_are_said_as_names_and_what_was_typed_stays(reader):
    reader("ru")
    assert (filters.country("KR"), filters.country("Южный берег"), filters.country(None)) == ("Республика Корея", "Южный берег", "")
    assert (filters.language("ko"), filters.language("Klingon"), filters.language("")) == ("корейский", "Klingon", "")
