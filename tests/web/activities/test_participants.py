"""Who takes part is chosen where a contact is written down, moved, or on a page of its own, and shows wherever it does."""

import re
from datetime import timedelta

import icalendar
import pytest
from sqlalchemy import select

from core.activities import queries
from core.activities.models import Activity, Participant
from core.parties import actions as parties
from core.transfer.logs_out import write_log


@pytest.fixture(scope="module")
def people(world):
    with world.acme.ctx("rep") as ctx:
        firm = parties.create_account(ctx, name="Gathering Optik")
        ctx.session.flush()
        sofie, zoe = parties.create_contact(ctx, name="Sofie Gathering", account_id=firm.id, mail="sofie@gathering.example"), parties.create_contact(ctx, name="Zoe Gathering", mail="zoe@gathering.example")
        ctx.session.flush()
        return firm.id, sofie.id, zoe.id


def logged(world, people, **more):
    """Through the composer of the account's page; gives the key of the entry."""
    day = (world.acme.users["rep"].created_at + timedelta(days=3)).date().isoformat()
    sent = {"kind": "meeting", "body": "inner words", "contact_id": str(people[1]), "next_contact": f"{day} 10:00", "next_contact_note": "Spring frames"} | more
    answer = world.browser("rep").post(f"/accounts/{people[0]}/activities", sent)
    with world.acme.ctx("rep") as ctx:
        return answer, ctx.session.execute(select(Activity.id).where(Activity.account_id == people[0]).order_by(Activity.id.desc()).limit(1)).scalar_one_or_none()


def test_the_composer_takes_one_by_name_or_from_the_list_and_says_when_there_is_nobody_of_that_name(world, people):
    answer, key = logged(world, people, who_text="Zoe Gathering")
    assert answer.status_code == 303
    with world.acme.ctx("rep") as ctx:
        assert ctx.session.execute(select(Participant.contact_id).where(Participant.activity_id == key)).scalars().all() == [people[2]]
    answer, last = logged(world, people, who_text="Nobody Of That Name", body="kept words")
    assert answer.status_code == 422 and last == key and "Nobody is called so, or more than one." in answer.text and "kept words" in answer.text and "Nobody Of That Name" in answer.text


def test_a_page_shows_them_takes_one_more_and_takes_one_out(world, people):
    _, key = logged(world, people)
    rep, colleague = world.browser("rep"), world.acme.users["colleague"]
    assert "Nobody beside its owner" in rep.get(f"/activities/{key}/participants").text
    assert f'data-value="user:{colleague.id}"' in rep.get(f"/activities/participants/options?q={colleague.name}").text
    for sent in ({"who": f"user:{colleague.id}", "who_text": colleague.name}, {"who": "", "who_text": "Zoe Gathering"}):
        assert rep.post(f"/activities/{key}/participants", sent).status_code == 303
    shown = rep.get(f"/activities/{key}/participants").text
    assert colleague.name in shown and f'href="/contacts/{people[2]}"' in shown
    again = rep.post(f"/activities/{key}/participants", {"who_text": "Zoe Gathering"})
    assert again.status_code == 422 and "They take part already." in again.text
    for path in (f"/accounts/{people[0]}", f"/contacts/{people[1]}", f"/contacts/{people[2]}"):
        assert f"Zoe Gathering, {colleague.name}" in rep.get(path).text
    assert f"/activities/{key}/participants" in rep.get(f"/contacts/{people[1]}").text and f"/activities/{key}/participants" in rep.get(f"/activities/{key}/rescheduling").text
    out = re.search(r'action="(/activities/participants/[^"]+/deletion)"', shown)[1]
    assert rep.post(out).status_code == 303 and rep.get(f"/activities/{key}/participants").text.count("/deletion") == 1


def test_it_stands_in_the_calendar_of_the_colleague_without_the_names_of_those_whom_he_does_not_see(world, people):
    _, key = logged(world, people, who_text="Zoe Gathering", next_contact_note="Frames for two")
    colleague = world.acme.users["colleague"]
    world.browser("rep").post(f"/activities/{key}/participants", {"who_text": colleague.name})
    with world.acme.ctx("rep") as ctx:
        day = queries.one_activity(ctx, key).next_contact_on.isoformat()
    for view in ("day", "week", "month"):
        his = world.browser("colleague").get(f"/calendar/?view={view}&day={day}").text
        assert "Frames for two" in his and "Gathering" not in his and "inner words" not in his
        hers = world.browser("rep").get(f"/calendar/?view={view}&day={day}").text
        assert f"Zoe Gathering, {colleague.name}" in hers
    assert world.browser("colleague").get(f"/activities/{key}/participants").status_code == 404


def test_the_file_that_asks_to_come_asks_all_of_them(world, people):
    _, key = logged(world, people, who_text="Zoe Gathering")
    colleague = world.acme.users["colleague"]
    world.browser("rep").post(f"/activities/{key}/participants", {"who_text": colleague.name})
    (event,) = icalendar.Calendar.from_ical(world.browser("rep").get(f"/calendar/activities/{key}/invitation.ics").data).walk("VEVENT")
    assert [str(one).removeprefix("mailto:") for one in event["attendee"]] == ["sofie@gathering.example", "zoe@gathering.example", colleague.mail]


def test_the_feed_of_a_colleague_who_takes_part_has_it(world, people):
    _, key = logged(world, people, next_contact_note="Frames in the feed", who_text="Zoe Gathering")
    world.browser("rep").post(f"/activities/{key}/participants", {"who_text": world.acme.users["colleague"].name})
    browser = world.browser("colleague")
    page = browser.post("/calendar/feed", {"password": browser.password}) if hasattr(browser, "password") else browser.post("/calendar/feed")
    address = re.search(r"/calendar/feed\.ics\?key=[\w-]+", page.text)[0]
    assert "Frames in the feed" in browser.get(address).text


def test_programs_read_add_and_remove_them(world, people):
    _, key = logged(world, people)
    api = world.api("rep")
    made = api.json("POST", f"/api/v1/activities/{key}/participants", {"contact_id": str(people[2])})
    assert made.status_code == 201 and made.json["contact_id"] == str(people[2]) and made.json["user_id"] is None
    assert [one["id"] for one in api.get(f"/api/v1/activities/{key}/participants").json["data"]] == [made.json["id"]]
    entries = api.get(f"/api/v1/accounts/{people[0]}/timeline").json["data"]
    assert next(one for one in entries if one["id"] == str(key))["others"] == ["Zoe Gathering"]
    assert world.api("colleague").get(f"/api/v1/activities/{key}/participants").status_code == 404
    assert api.json("DELETE", f"/api/v1/activity-participants/{made.json['id']}", None, headers={"If-Match": f'"{made.json["version"]}"'}).status_code == 204
    assert api.get(f"/api/v1/activities/{key}/participants").json["data"] == []


def test_the_log_as_a_file_names_them(world, people):
    from io import StringIO

    logged(world, people, who_text="Zoe Gathering", body="for the file")
    with world.acme.ctx("rep") as ctx:
        write_log(ctx, queries.LogFilters(account_id=people[0]), file := StringIO())
    header, line = file.getvalue().splitlines()[0], next(one for one in file.getvalue().splitlines() if "for the file" in one)
    assert "Also taking part" in header and "Zoe Gathering" in line
