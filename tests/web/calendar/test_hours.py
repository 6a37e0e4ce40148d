"""A day with its hours: as many as the clock there shows, each entry in the one in which it begins; moved to another one, and back."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.activities import actions as log
from core.activities import queries as activities
from core.base.planned import Entry
from core.parties import actions as parties
from tests.support.zones import days_there, moments_there, zones
from web.calendar.hours import days_with_hours, said

pure = settings(deadline=None, derandomize=True, database=None)


def entry(at, on=date(2026, 1, 1)):
    return Entry("activity", UUID(int=0), "call", "", "", on, "", None, 1, at)


def hours(day, name, *entries):
    return days_with_hours([day], entries, ZoneInfo(name))[0]


@pytest.mark.parametrize(("name", "day", "number", "length"), [
    ("Europe/Berlin", date(2027, 3, 28), 23, 23), ("Europe/Berlin", date(2027, 10, 31), 25, 25), ("Europe/Berlin", date(2027, 6, 1), 24, 24),
    ("Africa/Cairo", date(2027, 4, 30), 23, 23), ("Africa/Cairo", date(2027, 10, 28), 25, 25), ("Australia/Lord_Howe", date(2027, 4, 4), 25, 24.5),
    ("Asia/Kathmandu", date(2027, 3, 28), 24, 24), ("Pacific/Apia", date(2011, 12, 30), 0, 0),
])
def test_a_day_has_the_hours_that_the_clock_there_shows(name, day, number, length):
    found = hours(day, name)
    assert len(found.slots) == number and sum(slot.minutes for slot in found.slots) == length * 60 and found.changed == (length != 24)


def test_the_hour_that_is_skipped_is_not_there_and_the_one_that_comes_twice_is_there_twice():
    shown = lambda day: [slot.begin.hour for slot in hours(day, "Europe/Berlin").slots]  # noqa: E731
    assert shown(date(2027, 3, 28))[:4] == [0, 1, 3, 4] and shown(date(2027, 10, 31))[:5] == [0, 1, 2, 2, 3]


@pure
@given(st.data(), zones)
def test_the_hours_of_a_day_follow_each_other_without_a_gap_and_begin_as_the_clock_says(data, name):
    day, zone = data.draw(days_there(name)), ZoneInfo(name)
    found = hours(day, name).slots
    assert all(one.after == two.begin and one.minutes > 0 for one, two in pairwise(found)) and {slot.begin.date() for slot in found} == {day}
    assert all(slot.begin.minute == 0 or slot.begin.utcoffset() != (slot.begin.astimezone(UTC) - timedelta(minutes=1)).astimezone(zone).utcoffset() for slot in found)
    assert found[-1].after.astimezone(UTC) == hours(day + timedelta(days=1), name).slots[0].begin.astimezone(UTC)


@pure
@given(st.data(), zones)
def test_what_has_a_time_stands_once_in_the_hour_in_which_it_begins_where_the_reader_is(data, name):
    at, zone = data.draw(moments_there(name)), ZoneInfo(name)
    here = at.astimezone(zone).date()
    days = days_with_hours([here + timedelta(days=n) for n in (-1, 0, 1)], [entry(at)], zone)
    ((on, slot),) = [(day.on, slot) for day in days for slot in day.slots if slot.entries]
    assert on == here and slot.begin.astimezone(UTC) <= at < slot.after.astimezone(UTC) and slot.begin.hour == at.astimezone(zone).hour


def test_what_has_no_time_stands_above_on_its_day_and_what_stands_on_other_days_nowhere():
    found = hours(date(2027, 6, 1), "Europe/Berlin", entry(None, date(2027, 6, 1)), entry(None, date(2027, 6, 2)), entry(datetime(2027, 6, 2, 9, tzinfo=UTC), date(2027, 6, 1)))
    assert len(found.whole) == 1 and not any(slot.entries for slot in found.slots)


@pytest.fixture(scope="module")
def call(world):
    """The rep's call next Monday at 14:30."""
    with world.acme.ctx("rep") as ctx:
        him = parties.create_account(ctx, name="Nordlicht Hours")
        ctx.session.flush()
        monday = ctx.today - timedelta(days=ctx.today.weekday()) + timedelta(days=7)
        made = log.log_activity(ctx, kind="note", account=him, body="x", next_contact=f"{monday} 14:30", next_contact_note="Hourly call")
        ctx.session.flush()
        return made.id, monday, made.next_contact_at


def stands(world, key):
    with world.acme.ctx("rep") as ctx:
        found = activities.one_activity(ctx, key)
        return found.next_contact_on, found.next_contact_at, found.version


def moved(world, key, to):
    return world.browser("rep").post(f"/calendar/activities/{key}/day", {"stage_id": to, "version": stands(world, key)[2]})


def test_a_day_and_a_week_show_the_entry_under_its_hour(world, call):
    key, monday, at = call
    for view in ("day", "week"):
        page = world.browser("rep").get(f"/calendar/?view={view}&day={monday}").text
        slot = page.split(f'data-stage="{said(at - timedelta(minutes=30))}"')[1].split('class="slot')[0]
        assert "Hourly call" in slot and page.count("Hourly call</a>") == 1, view
        assert page.count('class="slot') == (25 if view == "day" else 7 * 25)
    assert "Hourly call" not in world.browser("rep").get(f"/calendar/?view=day&day={monday + timedelta(days=1)}").text


def test_it_moves_to_another_hour_to_a_day_without_one_and_back(world, call):
    key, monday, at = call
    answer = moved(world, key, said(at + timedelta(hours=26)))
    assert answer.status_code == 200 and f'data-at="{int((at + timedelta(hours=26)).timestamp())}"' in answer.json["card"]
    assert stands(world, key)[:2] == (monday + timedelta(days=1), at + timedelta(hours=26))
    assert world.browser("rep").post(answer.json["undo"]).status_code == 204 and stands(world, key)[:2] == (monday, at)
    answer = moved(world, key, f"{monday}T")
    assert answer.status_code == 200 and "data-at" not in answer.json["card"] and stands(world, key)[:2] == (monday, None)
    assert world.browser("rep").post(answer.json["undo"]).status_code == 204 and stands(world, key)[:2] == (monday, at)


@pytest.mark.parametrize("to", ["2020-01-01T10:00:00Z", "2027-01-01T10:00:00", "2027-01-01Tx", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2020-01-01T", "T"])
def test_an_hour_that_is_over_or_none_is_refused_and_it_stays(world, call, to):
    key, monday, at = call
    assert moved(world, key, to).status_code == 422 and stands(world, key)[:2] == (monday, at)


def test_an_hour_is_the_day_that_it_is_for_whoever_is_to_do_it_and_stands_where_the_readers_clock_shows_it(world, call):
    """08:00 on Tuesday in Tokyo is Monday evening in New York: on Tuesday for the one, in the hour of Monday for the other."""
    key, monday, at = call
    there = datetime.combine(monday + timedelta(days=1), datetime.min.time().replace(hour=8), ZoneInfo("Asia/Tokyo"))
    with world.acme.ctx("rep", timezone="Asia/Tokyo") as ctx:
        log.move_to_moment(ctx, activities.one_activity(ctx, key), there)
    on, moment, _ = stands(world, key)
    assert (on, moment) == (monday + timedelta(days=1), there)
    shown = days_with_hours([monday, on], [entry(moment, on)], ZoneInfo("America/New_York"))
    assert [[slot.begin.hour for slot in day.slots if slot.entries] for day in shown] == [[there.astimezone(ZoneInfo("America/New_York")).hour], []]
    with world.acme.ctx("rep") as ctx:
        log.move_back(ctx, activities.one_activity(ctx, key), monday, at)
