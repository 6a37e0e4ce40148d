"""Limits and working hours by table: what reaches, whose is the smallest, what a yes covers, when time is over."""

from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from core.approvals.hours import Clock, over
from core.approvals.kinds import limit_kinds
from core.approvals.rules import Need, covers, rank, reaches

KINDS = limit_kinds()
LINE, MARGIN, NET = "quotes.line_discount", "quotes.margin", "quotes.net"


def need(code, *values, key=""):
    return Need(code, "why", tuple((currency, Decimal(value)) for currency, value in (values if isinstance(values[0], tuple) else [("", values[0])])), key)


def limits(**given):
    names = {"line": (LINE, ""), "margin": (MARGIN, ""), "eur": (NET, "EUR"), "usd": (NET, "USD")}
    return {names[name]: Decimal(value) for name, value in given.items()}


@pytest.mark.parametrize("wanted, roles, expected", [
    (need(LINE, "8"), [limits(line="8")], True),  # at the limit it is within
    (need(LINE, "8.01"), [limits(line="8")], False),
    (need(LINE, "30"), [limits()], True),  # no limit
    (need(LINE, "10"), [limits(line="8"), limits(line="12")], True),  # of several roles the widest
    (need(LINE, "10"), [limits(line="8"), limits()], True),
    (need(LINE, "-5"), [limits(line="0")], True),  # above the list
    (need(LINE, "0.01"), [limits(line="0")], False),
    (need(LINE, "1"), [], False),  # no role that counts
    (need(MARGIN, "20"), [limits(margin="20")], True),
    (need(MARGIN, "19.99"), [limits(margin="20")], False),
    (need(MARGIN, "-4"), [limits(margin="-5")], True),
    (need(MARGIN, "15"), [limits(margin="20"), limits(margin="10")], True),
    (need(NET, ("USD", "900"), ("EUR", "800")), [limits(usd="1000", eur="100")], True),  # its own currency first
    (need(NET, ("USD", "900"), ("EUR", "800")), [limits(eur="700")], False),  # else the workspace's, at the day's rate
    (need(NET, ("USD", "900"), ("EUR", "800")), [limits(eur="800")], True),
    (need(NET, ("GBP", "900"), ("EUR", "800")), [limits(usd="1")], True),  # a limit of another currency says nothing
])
def test_what_reaches(wanted, roles, expected):
    assert reaches(wanted, KINDS[wanted.code], roles) is expected


def test_whoever_reaches_least_far_comes_first():
    wanted = [need(LINE, "10"), need(NET, ("EUR", "1000"))]
    people = {"all": [limits()], "lead": [limits(line="12", eur="2000")], "manager": [limits(line="20", eur="2000")], "both": [limits(line="12"), limits(line="15", eur="1500")]}
    assert sorted(people, key=lambda one: rank(wanted, KINDS, people[one])) == ["lead", "both", "manager", "all"]


@pytest.mark.parametrize("given, wanted, expected", [
    ([need(LINE, "12")], [need(LINE, "10")], True),
    ([need(LINE, "12")], [need(LINE, "12.01")], False),
    ([need(MARGIN, "10")], [need(MARGIN, "9")], False),
    ([need(MARGIN, "10")], [need(MARGIN, "11")], True),
    ([need(LINE, "12")], [need(LINE, "12"), need(MARGIN, "1")], False),
    ([Need("quotes.conflict", "why", (), "tray:90")], [Need("quotes.conflict", "why", (), "tray:80")], False),
    ([Need("quotes.conflict", "why", (), "tray:90")], [Need("quotes.conflict", "why", (), "tray:90")], True),
    ([], [], True),
])
def test_what_a_yes_covers(given, wanted, expected):
    assert covers(given, wanted, KINDS) is expected


BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize("begun, clock, expected", [
    ("2026-11-30T08:00", Clock(), "2026-11-30T16:00"),  # Monday 9 to 17 in Berlin
    ("2026-11-30T12:00", Clock(), "2026-12-01T12:00"),  # half of it the day after
    ("2026-11-27T15:00", Clock(hours=2), "2026-11-30T09:00"),  # over the weekend
    ("2026-11-28T15:00", Clock(hours=1), "2026-11-30T09:00"),
    ("2026-11-30T22:00", Clock(hours=1), "2026-12-01T09:00"),
    ("2026-03-27T15:00", Clock(hours=2), "2026-03-30T08:00"),  # the clock goes forward on that Sunday
    ("2026-03-28T23:30", Clock(hours=24, opens=0, closes=24, weekdays=range(1, 8)), "2026-03-29T23:30"),
    ("2026-11-30T08:00", Clock(hours=200, weekdays=(7,)), "2027-05-23T15:00"),
])
def test_working_hours(begun, clock, expected):
    assert over(datetime.fromisoformat(begun).replace(tzinfo=UTC), clock, BERLIN).astimezone(UTC) == datetime.fromisoformat(expected).replace(tzinfo=UTC)
