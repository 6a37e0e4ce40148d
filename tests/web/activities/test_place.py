"""Where a contact was, or is to be: written in the composer, shown wherever the contact is, moved with it."""

import csv
import io
from datetime import timedelta
from urllib.parse import urlsplit

import icalendar
import pytest

from core.activities import actions as log
from core.activities import queries as activities
from core.activities.agenda import next_contacts
from core.base.errors import Refused
from core.base.planned import Asked
from core.parties import actions as parties
from core.parties import queries as found_parties


@pytest.fixture(scope="module")
def shop(world):
    with world.acme.ctx("rep") as ctx:
        him = parties.create_account(ctx, name="Harbour Optik", street="Quay 7", postcode="24103", city="Kiel", country="DE")
        ctx.session.flush()
        return him.id


def test_a_visit_with_its_place_stands_on_the_timeline_in_the_calendar_and_in_the_file(world, shop):
    rep = world.browser("rep")
    page = rep.get(f"/accounts/{shop}").text
    assert 'list="places"' in page and "Quay 7, 24103 Kiel" in page.split('id="places"')[1].split("</datalist>")[0]
    assert rep.post(f"/accounts/{shop}/activities", {"kind": "visit", "body": "Measured the window", "place": " Quay 7,\nKiel ", "next_contact": "+3d 10:00", "next_contact_note": "Bring the frames"}).status_code == 303
    page = rep.get(f"/accounts/{shop}").text
    assert page.count(">Quay 7, Kiel<") == 2, "where it was, and where the next one is to be"
    with world.acme.ctx("rep") as ctx:
        (entry,) = [one for one in next_contacts(ctx, Asked(ctx.today, ctx.today + timedelta(days=5))) if one.title == "Bring the frames"]
        assert entry.place == "Quay 7, Kiel"
    assert ">Quay 7, Kiel<" in rep.get(f"/calendar/?view=day&day={entry.on}").text
    file = rep.post("/activities/exports", {"account_id": str(shop)})
    assert [row["Place"] for row in csv.DictReader(io.StringIO(file.text.lstrip("\ufeff"))) if row["Text"] == "Measured the window"] == ["Quay 7, Kiel"]


def test_it_moves_to_another_place_and_stays_where_nobody_says_one(world, shop):
    with world.acme.ctx("rep") as ctx:
        made = log.log_activity(ctx, kind="note", account=found_parties.one_account(ctx, shop), next_contact=ctx.today + timedelta(days=4), place="Here")
        ctx.session.flush()
        key = made.id
    rep = world.browser("rep")
    assert 'value="Here"' in rep.get(f"/activities/{key}/rescheduling").text
    for given, place in (({}, "Here"), ({"place": "There"}, "There"), ({"place": ""}, None)):
        assert rep.post(f"/activities/{key}/rescheduling", {"when": "+6d", **given}).status_code == 303
        with world.acme.ctx("rep") as ctx:
            assert activities.one_activity(ctx, key).place == place
    kept = rep.post(f"/activities/{key}/rescheduling", {"when": "whenever", "place": "Kept"})
    assert kept.status_code == 422 and 'value="Kept"' in kept.text


@pytest.mark.parametrize("place", ["x" * 201, "a\x01b"])
def test_a_place_that_can_not_be_is_refused(world, shop, place):
    with world.acme.ctx("rep") as ctx, pytest.raises(Refused):
        log.log_activity(ctx, kind="visit", account=found_parties.one_account(ctx, shop), body="x", place=place)
    assert world.browser("rep").post(f"/accounts/{shop}/activities", {"kind": "visit", "body": "x", "place": place}).status_code == 422


def test_programs_read_and_write_it(world, shop):
    api, base = world.api("rep").client, f"http://{world.acme.host}"
    made = api.post("/api/v1/activities", json={"kind": "meeting", "account_id": str(shop), "place": "Fair, hall 3", "next_contact_on": "2030-05-06"}, base_url=base)
    assert made.status_code == 201 and made.json["place"] == "Fair, hall 3"
    moved = api.patch(f"/api/v1/activities/{made.json['id']}", json={"next_contact_on": "2030-05-07", "place": "Fair, hall 4"}, headers={"If-Match": made.headers["ETag"]}, base_url=base)
    assert moved.status_code == 200 and moved.json["place"] == "Fair, hall 4"


def test_the_feed_says_where(world, shop):
    with world.acme.ctx("rep") as ctx:
        log.log_activity(ctx, kind="note", account=found_parties.one_account(ctx, shop), next_contact=ctx.today + timedelta(days=8), next_contact_note="At the fair", place="Hall; 5, left")
    page = world.browser("rep").post("/calendar/feed").text
    at = urlsplit(page.split('id="new-token" value="')[1].split('"')[0])
    events = icalendar.Calendar.from_ical(world.app.test_client().get(f"{at.path}?{at.query}", base_url=f"http://{world.acme.host}").data).walk("VEVENT")
    assert [str(one["location"]) for one in events if "At the fair" in str(one["summary"])] == ["Hall; 5, left"]


def test_programs_put_and_take_a_place_whatever_becomes_of_the_next_contact(world, shop):
    api = world.api("rep")
    made = api.json("POST", "/api/v1/activities", {"kind": "visit", "body": "Here", "account_id": str(shop), "place": "Hall 2"})
    for given, kept in ((" Hall 3 ", "Hall 3"), (None, None)):
        made = api.json("PATCH", f"/api/v1/activities/{made.json['id']}", {"place": given}, headers={"If-Match": made.headers["ETag"]})
        assert (made.status_code, made.json["place"]) == (200, kept)
