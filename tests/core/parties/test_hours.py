"""Preferred hours as people type them, and whether a moment lies in them."""

from datetime import datetime

import pytest

from core.base.errors import Refused
from core.parties import rules
from core.parties.hours import hours, is_open, parts


@pytest.mark.parametrize(("typed", "kept"), [
    ("Mon-Fri 9-12", "Mon-Fri 09:00-12:00"), ("9-5", "09:00-17:00"), ("14:00-17:30", "14:00-17:30"), ("9am-1pm mon, wed", "Mon,Wed 09:00-13:00"), ("12am-1am", "00:00-01:00"),
    ("lun-vie 9 a 12", "Mon-Fri 09:00-12:00"), ("周一至周五 9:00-12:00", "Mon-Fri 09:00-12:00"), ("월-금 9~12", "Mon-Fri 09:00-12:00"), ("пн–пт 9:00–18:00", "Mon-Fri 09:00-18:00"),
    ("Fri", "Fri"), ("sat-mon", "Mon,Sat,Sun"), ("sábado 10-12", "Sat 10:00-12:00"), ("tue 22:00-24:00", "Tue 22:00-24:00"), ("", None), (None, None),
])
def test_hours_are_read_as_people_write_them(typed, kept):
    assert hours(typed, "h") == kept
    assert kept is None or hours(kept, "h") == kept, "what is kept is read again as itself"


@pytest.mark.parametrize("typed", ["sometimes", "25-26", "9:75-10", "Mon-Blue 9-12", "9", "17-15", "13pm-14pm", "Mon-Tue-Wed", "-", "mon 9-12 13-14"])
def test_what_is_no_hours_is_refused(typed):
    with pytest.raises(Refused, match="not_hours"):
        hours(typed, "h")


@pytest.mark.parametrize(("kept", "moment", "is_"), [
    ("Mon-Fri 09:00-12:00", "2026-11-27 11:59", True), ("Mon-Fri 09:00-12:00", "2026-11-27 12:00", False), ("Mon-Fri 09:00-12:00", "2026-11-28 10:00", False),
    ("Sat", "2026-11-28 23:00", True), ("22:00-24:00", "2026-11-28 23:59", True), ("09:00-17:00", "2026-11-28 09:00", True),
])
def test_a_moment_lies_in_them_or_not(kept, moment, is_):
    assert is_open(kept, datetime.fromisoformat(moment)) is is_


def test_every_day_is_meant_where_none_is_said():
    assert parts("09:00-17:00") == ([0, 1, 2, 3, 4, 5, 6], "09:00", "17:00") and parts("Mon,Fri") == ([0, 4], "", "")


def test_a_zone_is_known_by_its_name_and_by_its_city():
    assert rules.zone("europe/berlin", "z") == rules.zone("Berlin", "z") == "Europe/Berlin" and rules.zone("ho chi minh", "z") == "Asia/Ho_Chi_Minh" and rules.zone("", "z") is None
    with pytest.raises(Refused, match="not_a_zone"):
        rules.zone("Atlantis", "z")
