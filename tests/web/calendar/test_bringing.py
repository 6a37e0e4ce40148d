"""A calendar file as next contacts: looked at first, each event with whom it is or why it stays out; by choice, once, and taken back together."""

import io
import json
import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select

from core.activities import actions as log
from core.activities.calendar_in import LOOK, MOST_BYTES, read_chosen
from core.activities.models import Activity
from core.base.editing import take_place
from core.base.errors import Refused
from core.parties import actions as parties


@pytest.fixture(scope="module")
def sofie(world):
    with world.acme.ctx("rep") as ctx:
        him = parties.create_account(ctx, name="Nordlicht Import")
        ctx.session.flush()
        her = parties.create_contact(ctx, name="Sofie Import", account_id=him.id, mail="sofie@import.example")
        ctx.session.flush()
        return her.id


@pytest.fixture(scope="module")
def tomorrow(world):
    with world.acme.ctx("rep") as ctx:
        return ctx.today + timedelta(days=1)


def event(uid, day, summary, *more, clock="T100000Z"):
    start = f"DTSTART:{day:%Y%m%d}{clock}" if clock else f"DTSTART;VALUE=DATE:{day:%Y%m%d}"
    return "\r\n".join(("BEGIN:VEVENT", f"UID:{uid}", start, f"SUMMARY:{summary}", *more, "END:VEVENT"))


HERS = "ATTENDEE;CN=Sofie:mailto:Sofie@Import.example"


def calendar(*events):
    return "\r\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", *events, "END:VCALENDAR", "")).encode()


def looked(browser, data, who=""):
    return browser.post("/calendar/file", {"file": (io.BytesIO(data), "a.ics"), "who": who})


def offered(page):
    return [unescape(value) for value in re.findall(r'name="take" id="take-\d+" value="([^"]*)"', page)]


def brought(world, who="rep"):
    with world.acme.ctx(who) as ctx:
        return {one.next_contact_note: one for one in ctx.session.execute(select(Activity).where(Activity.calendar_uid.is_not(None), Activity.deleted_at.is_(None))).scalars()}


def test_what_can_come_in_is_shown_with_whom_and_the_rest_with_its_reason(world, sofie, tomorrow):
    browser, there = world.browser("rep"), set(brought(world))
    data = calendar(
        event("a", tomorrow, "Talk of frames", HERS, "DURATION:PT45M", "LOCATION:Harbour 1\\, Kiel"), event("b", tomorrow, "Nobody there"), event("c", tomorrow - timedelta(days=9), "Long ago", HERS),
        event("d", tomorrow, "Called off", HERS, "STATUS:CANCELLED"), event("e", tomorrow, "By the second", HERS, "RRULE:FREQ=SECONDLY"), event("f", tomorrow, "All day", HERS, clock=""),
        "BEGIN:VTODO\r\nUID:t\r\nSUMMARY:Send list\r\n" + f"DUE;VALUE=DATE:{tomorrow:%Y%m%d}\r\n{HERS}\r\nEND:VTODO",
    )
    answer = looked(browser, data)
    assert answer.status_code == 200, answer.text[-800:]
    said = [json.loads(one) for one in offered(answer.text)]
    assert [(one["title"], one["kind"], one["minutes"], one["contact"]) for one in said] == [("Talk of frames", "meeting", 45, str(sofie)), ("All day", "meeting", None, str(sofie)), ("Send list", "task", None, str(sofie))]
    assert said[0]["place"] == "Harbour 1, Kiel"
    for title, why in (("Nobody there", "It names nobody whom you know here."), ("Long ago", "It is over."), ("Called off", "It was cancelled."), ("By the second", "It repeats by the hour or more often.")):
        assert why in answer.text.split(f">{title}</span>")[1].split("</li>")[0]
    assert "Events: 6, tasks: 1" in answer.text and set(brought(world)) == there
    assert "Nobody there" in [json.loads(one)["title"] for one in offered(looked(browser, data, "Nordlicht Import").text)]
    refused = looked(browser, data, "Nobody of that name")
    assert refused.status_code == 422 and "Nobody is called so, or more than one." in refused.text


def test_what_was_chosen_comes_in_once_and_goes_together_but_for_what_was_made(world, sofie, tomorrow):
    browser = world.browser("rep")
    data = calendar(event("one", tomorrow, "First of three", HERS), event("two", tomorrow, "Second of three", HERS), event("three", tomorrow, "Third of three", HERS))
    chosen = offered(looked(browser, data).text)
    assert browser.post("/calendar/file/events", {"take": chosen[:2]}).status_code == 303
    found = brought(world)
    assert set(found) == {"First of three", "Second of three"} and found["First of three"].next_contact_at.hour == 10 and found["First of three"].contact_id == sofie
    again = looked(browser, data).text
    assert len(offered(again)) == 1 and again.count("It is in the contact log already.") == 2
    assert browser.post("/calendar/file/events", {"take": chosen}).status_code == 303 and len(brought(world)) == 3
    at = found["First of three"].created_at
    with world.acme.ctx("rep") as ctx:
        log.complete_next_contact(ctx, ctx.session.get(Activity, found["Second of three"].id))
    undo = f"/calendar/file/undo?at={at.isoformat().replace('+', '%2B')}"
    assert world.browser("manager").post(undo).status_code == 303 and len(brought(world)) == 3, "nobody else's are taken back"
    assert browser.post(undo).status_code == 303 and set(brought(world)) == {"Second of three", "Third of three"}


def test_who_is_not_seen_is_nobody_whether_in_the_file_or_in_what_comes_back(world, sofie, tomorrow):
    browser = world.browser("colleague")
    answer = looked(browser, calendar(event("x", tomorrow, "Hers", HERS)))
    assert offered(answer.text) == [] and "It names nobody whom you know here." in answer.text and "Sofie Import" not in answer.text
    forged = json.dumps({"uid": "x", "kind": "meeting", "title": "Forged", "on": str(tomorrow), "at": None, "minutes": None, "place": "", "contact": str(sofie)})
    assert browser.post("/calendar/file/events", {"take": [forged]}).status_code == 303 and "Forged" not in brought(world)
    assert world.browser("reader").post("/calendar/file", {"who": ""}).status_code == 403


@pytest.mark.parametrize("data", [b"", b"BEGIN:VCALENDAR", b"no calendar", b"\xff\xfe\x00", calendar("BEGIN:VEVENT\r\n" * 20_000), b"x" * (MOST_BYTES + 1)], ids=["empty", "open", "text", "bytes", "nested", "large"])
def test_what_is_no_calendar_brings_nothing_and_breaks_nothing(world, data):
    answer = looked(world.browser("rep"), data)
    assert answer.status_code in (200, 422) and offered(answer.text) == []


@pytest.mark.parametrize("said", ["", "[]", "{}", "7", '{"uid":1,"kind":"meeting","title":"x","on":"2027-01-01","at":null,"minutes":null,"contact":"01a22c54-b106-7804-881b-d7116700c21e"}', "[" * 5000])
def test_what_the_page_did_not_offer_is_refused(world, said):
    with pytest.raises(Refused):
        read_chosen(said)
    assert world.browser("rep").post("/calendar/file/events", {"take": [said]}).status_code == 422


def test_days_at_the_ends_of_time_are_left_out_and_the_others_come(world, sofie, tomorrow):
    rep = world.browser("rep")
    far = ("99991231T235959Z", "00010101T000000Z", "23000101T100000Z")
    events = [f"BEGIN:VEVENT\r\nUID:far-{n}\r\nDTSTART:{at}\r\nSUMMARY:Far {n}\r\n{HERS}\r\nEND:VEVENT" for n, at in enumerate(far)]
    page = looked(rep, calendar(*events, event("near", tomorrow, "Near one", HERS))).get_data(as_text=True)
    chosen = offered(page)
    assert len(chosen) == 1 and page.count("The file says no day for it that can be read.") == len(far)
    assert rep.post("/calendar/file/events", {"take": chosen}).status_code == 303
    with world.acme.ctx("rep") as ctx:
        log.delete_activity(ctx, ctx.session.execute(select(Activity).where(Activity.next_contact_note == "Near one")).scalar_one())


@pytest.mark.parametrize("word", ["uid", "title", "place"])
def test_half_a_character_is_refused(word):
    said = {"uid": "u", "kind": "meeting", "title": "t", "on": "2026-12-01", "at": None, "minutes": None, "place": "", "contact": "0197b7f0-0000-7000-8000-000000000000"}
    assert read_chosen(json.dumps(said)).uid == "u"
    with pytest.raises(Refused):
        read_chosen(json.dumps(said | {word: "\ud800"}))


def test_one_file_is_looked_at_at_a_time(world, tomorrow):
    with world.acme.ctx("owner") as ctx:
        assert take_place(ctx, LOOK)
        refused = looked(world.browser("rep"), calendar(event("busy", tomorrow, "Busy")))
        assert "being looked at" in refused.get_data(as_text=True) and refused.status_code in (422, 429)
    assert looked(world.browser("rep"), calendar(event("busy", tomorrow, "Busy"))).status_code == 200
