"""The marks in the cookie of a known device: whose they are, how long, and that they say nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from infra import device_marks
from infra.config import settings

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
REP = ("tenant", "rep", "1", "1")


def test_a_device_is_known_to_whoever_proved_himself_there():
    cookie = device_marks.with_mark("", REP, NOW)
    assert device_marks.device_of(cookie, REP, NOW + device_marks.VALID - timedelta(seconds=1))


@pytest.mark.parametrize("other", [
    ("other tenant", "rep", "1", "1"), ("tenant", "colleague", "1", "1"), ("tenant", "rep", "2", "1"), ("tenant", "rep", "1", "2"), ("tenantrep", "", "1", "1"),
], ids=["tenant", "person", "password", "signed out everywhere", "moved border"])
def test_nobody_elses_mark_is_taken(other):
    assert device_marks.device_of(device_marks.with_mark("", REP, NOW), other, NOW) is None


def test_a_mark_ends_and_can_not_be_prolonged():
    cookie = device_marks.with_mark("", REP, NOW)
    later = NOW + device_marks.VALID
    assert device_marks.device_of(cookie, REP, later) is None
    device, ends, signature = cookie.split(".")
    assert device_marks.device_of(f"{device}.{int(ends) + 9_000_000}.{signature}", REP, later) is None


@pytest.mark.parametrize("cookie", ["", "-", "....", "x" * 60, "é" * 16, "0" * 16 + ".9999999999." + "0" * 32, "-".join(["0" * 16 + ".9999999999." + "0" * 32] * 50)])
def test_what_is_no_mark_is_nobodys(cookie):
    assert device_marks.device_of(cookie, REP, NOW) is None


def test_five_people_share_a_device_and_the_sixth_displaces_the_first():
    people, cookie = [("tenant", f"person {n}", "1", "1") for n in range(6)], ""
    for one in people:
        cookie = device_marks.with_mark(cookie, one, NOW)
    assert [bool(device_marks.device_of(cookie, one, NOW)) for one in people] == [False, *[True] * 5]


def test_signing_in_again_renews_the_mark_of_the_same_device():
    """So that its count of tries goes on."""
    first = device_marks.with_mark("", REP, NOW)
    again = device_marks.with_mark(first, REP, NOW + timedelta(days=100))
    assert "-" not in again
    assert device_marks.device_of(again, REP, NOW + timedelta(days=200)) == device_marks.device_of(first, REP, NOW)


def test_the_cookie_says_nothing_of_the_person():
    cookie = device_marks.with_mark("", ("0198c1f2", "rep@acme.example", "1", "1"), NOW)
    assert device_marks.MARK.fullmatch(cookie) and "0198c1f2" not in cookie and "rep" not in cookie


def test_a_mark_outlives_the_change_of_the_signing_key(monkeypatch):
    cookie = device_marks.with_mark("", REP, NOW)
    former = settings().derived_keys("known-device")

    class Rotated:
        @staticmethod
        def derived_keys(purpose):
            return (b"k" * 32, *former)

    monkeypatch.setattr(device_marks, "settings", Rotated)
    assert device_marks.device_of(cookie, REP, NOW)
