"""A planned meeting as a file that asks to come: the same event for good, its number higher with each change, and nobody named whom one may not know."""

from datetime import timedelta

import icalendar
import pytest

from core.activities import actions as log
from core.activities import queries as activities
from core.parties import actions as parties
from core.parties.models import Contact
from infra import calendars


@pytest.fixture(scope="module")
def meeting(world):
    with world.acme.ctx("rep") as ctx:
        him = parties.create_account(ctx, name="Inviting Optik")
        ctx.session.flush()
        her = parties.create_contact(ctx, name="Sofie \"Inviting\"; Brandt", account_id=him.id, mail="sofie@inviting.example")
        ctx.session.flush()
        made = log.log_activity(ctx, kind="meeting", contact=her, body="inner words", next_contact=ctx.now + timedelta(days=3), next_contact_note="Spring frames", next_contact_minutes=45, place="Quay 7")
        ctx.session.flush()
        return made.id, her.id


def taken(world, key, who="rep"):
    answer = world.browser(who).get(f"/calendar/activities/{key}/invitation.ics")
    if answer.status_code != 200:
        return answer.status_code
    assert answer.mimetype == "text/calendar"
    calendar = icalendar.Calendar.from_ical(answer.data)
    assert calendar["method"] == "REQUEST" and b"inner words" not in answer.data
    (event,) = calendar.walk("VEVENT")
    return event


def test_it_asks_whom_the_meeting_is_with_and_stays_the_same_event_when_it_moves(world, meeting):
    key, _ = meeting
    first = taken(world, key)
    assert (str(first["summary"]), str(first["location"]), first["dtend"].dt - first["dtstart"].dt) == ("Spring frames", "Quay 7", timedelta(minutes=45))
    assert str(first["attendee"]) == "mailto:sofie@inviting.example" and first["attendee"].params["CN"] == "Sofie 'Inviting'; Brandt" and first["attendee"].params["RSVP"] == "TRUE"
    assert str(first["organizer"]) == f"mailto:{world.acme.users['rep'].mail}"
    with world.acme.ctx("rep") as ctx:
        log.reschedule(ctx, activities.one_activity(ctx, key), ctx.now + timedelta(days=5))
    second = taken(world, key)
    assert second["uid"] == first["uid"] and int(second["sequence"]) > int(first["sequence"]) and second["dtstart"].dt > first["dtstart"].dt


def test_who_is_restricted_is_not_asked_what_is_done_is_no_meeting_any_more_and_strangers_see_none(world, meeting):
    key, her = meeting
    assert taken(world, key, "colleague") == 404
    with world.acme.ctx("owner") as ctx:
        ctx.session.get(Contact, her).restricted_at = ctx.now
    assert "attendee" not in taken(world, key)
    with world.acme.ctx("owner") as ctx:
        ctx.session.get(Contact, her).restricted_at = None
    with world.acme.ctx("rep") as ctx:
        log.complete_next_contact(ctx, activities.one_activity(ctx, key))
    assert taken(world, key) == 404
    with world.acme.ctx("rep") as ctx:
        log.reopen_next_contact(ctx, activities.one_activity(ctx, key))


def test_the_timeline_offers_it_for_meetings_and_visits_alone(world, meeting):
    key, her = meeting
    assert f"/calendar/activities/{key}/invitation.ics" in world.browser("rep").get(f"/contacts/{her}").text
    with world.acme.ctx("rep") as ctx:
        call = log.log_activity(ctx, kind="call", contact=ctx.session.get(Contact, her), body="x", next_contact=ctx.today + timedelta(days=2))
        ctx.session.flush()
        other = call.id
    assert f"/calendar/activities/{other}/invitation.ics" not in world.browser("rep").get(f"/contacts/{her}").text


@pytest.mark.parametrize("name", ["Nordlicht, ООО: Север", "王伟", "x" * 200, "a;b,c^n"])
def test_any_name_is_read_as_it_was_written_and_no_line_is_too_long(name):
    from datetime import UTC, date, datetime

    event = calendars.Event("one@acme", "x", date(2027, 1, 1), datetime(2026, 11, 30, tzinfo=UTC))
    file = calendars.invitation(event, calendars.Person(name, "me@acme.example"), [calendars.Person(name, "you@acme.example")])
    (read,) = icalendar.Calendar.from_ical(file).walk("VEVENT")
    assert read["attendee"].params["CN"] == name == read["organizer"].params["CN"] and all(len(line) <= 75 for line in file.split(b"\r\n"))
