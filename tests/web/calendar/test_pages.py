"""The calendar: what stands on whose days, moved and moved back; and the feed for other calendars."""

from datetime import date, datetime, time, timedelta
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import icalendar
import pytest
from sqlalchemy import update

from core.activities import actions as log
from core.activities import queries as activities
from core.base import planned
from core.base.planned import entries
from core.deals import actions as deals
from core.identity import queries, tokens
from core.identity.models import User
from core.parties import actions as parties
from core.parties import queries as queries_of_parties


@pytest.fixture(scope="module")
def days(world):
    """The rep's own week: a call with a time, a visit of the whole day, a next step; something of the manager's."""
    with world.acme.ctx("rep") as ctx:
        him = parties.create_account(ctx, name="Nordlicht Kalender")
        ctx.session.flush()
        monday = ctx.today - timedelta(days=ctx.today.weekday()) + timedelta(days=7)
        call = log.log_activity(ctx, kind="note", account=him, body="x", next_contact=f"{monday} 14:30", next_contact_note="Ask for the quantity")
        visit = log.log_activity(ctx, kind="visit", account=him, body="x", next_contact=monday + timedelta(days=1), next_contact_note="Look at the shop")
        deal = deals.create_deal(ctx, name="Kalender frames", account_id=him.id, next_step="Send drawings", next_step_on=monday + timedelta(days=2))
        ctx.session.flush()
        found = {"monday": monday, "him": him.id, "call": call.id, "visit": visit.id, "deal": deal.id}
    with world.acme.ctx("manager") as ctx:
        other = parties.create_account(ctx, name="Of the manager")
        ctx.session.flush()
        log.log_activity(ctx, kind="note", account=other, body="x", next_contact=found["monday"], next_contact_note="Only the manager")
    return found


def test_a_week_shows_ones_own_days_with_times_and_next_steps(world, days):
    page = world.browser("rep").get(f"/calendar/?day={days['monday']}").text
    for said in ("Ask for the quantity", "Look at the shop", "Send drawings", "Nordlicht Kalender"):
        assert said in page, said
    assert "Only the manager" not in page and page.index("Ask for the quantity") < page.index("Look at the shop") < page.index("Send drawings")


def test_a_month_shows_the_same_and_whose_days_are_chosen(world, days):
    manager = world.browser("manager")
    month = manager.get(f"/calendar/?view=month&day={days['monday']}&whose=all").text
    assert "Only the manager" in month and "Ask for the quantity" in month and month.count('class="lane') == 42
    mine = manager.get(f"/calendar/?day={days['monday']}").text
    assert "Only the manager" in mine and "Ask for the quantity" not in mine
    assert "Only the manager" not in world.browser("rep").get(f"/calendar/?day={days['monday']}&whose=all").text


@pytest.mark.parametrize("asked", ["day=x", "day=0001-01-01", "view=year", "whose=nobody", "day=9999-12-31&view=month"])
def test_what_can_not_be_read_shows_todays_week(world, asked):
    assert world.browser("rep").get(f"/calendar/?{asked}").status_code == 200


def moved(world, key, day, version, who="rep", noun="activities"):
    return world.browser(who).post(f"/calendar/{noun}/{key}/day", {"stage_id": str(day), "version": version})


def test_moving_keeps_the_time_and_is_taken_back(world, days):
    with world.acme.ctx("rep") as ctx:
        entry = next(one for one in entries(ctx, days["monday"], days["monday"] + timedelta(days=1), None) if one.id == days["call"])
    to = days["monday"] + timedelta(days=3)
    answer = moved(world, days["call"], to, entry.version)
    assert answer.status_code == 200 and "Ask for the quantity" in answer.json["card"] and answer.json["version"] > entry.version
    with world.acme.ctx("rep") as ctx:
        now = next(one for one in entries(ctx, to, to + timedelta(days=1), None) if one.id == days["call"])
        assert now.at.astimezone(ctx.zone).time() == entry.at.astimezone(ctx.zone).time()
    assert moved(world, days["call"], to, entry.version).status_code == 409  # seen before somebody moved it
    assert world.browser("rep").post(answer.json["undo"]).status_code == 204
    with world.acme.ctx("rep") as ctx:
        assert days["call"] in {one.id for one in entries(ctx, days["monday"], days["monday"] + timedelta(days=1), None)}


def test_the_next_step_of_a_deal_moves_too(world, days):
    with world.acme.ctx("rep") as ctx:
        version = next(one.version for one in entries(ctx, days["monday"], days["monday"] + timedelta(days=7), None) if one.id == days["deal"])
    to = days["monday"] + timedelta(days=4)
    answer = moved(world, days["deal"], to, version, noun="deals")
    assert answer.status_code == 200
    assert world.browser("rep").post(answer.json["undo"]).status_code == 204


def test_what_is_over_impossible_or_anothers_is_refused_and_stays(world, days):
    assert moved(world, days["visit"], date(2020, 1, 1), None).status_code == 422
    assert moved(world, days["visit"], "soon", None).status_code == 422
    assert moved(world, days["visit"], days["monday"], None, "reader").status_code == 403
    assert moved(world, days["him"], days["monday"], None).status_code == 404


def address(world, who="rep"):
    browser = world.browser(who)
    page = browser.post("/calendar/feed")
    assert page.status_code == 201, page.text[:300]
    secret = page.text.split('id="new-token" value="')[1].split('"')[0]
    return urlsplit(secret)


def test_the_feed_is_a_calendar_with_ones_own_days(world, days):
    at = address(world)
    answer = world.app.test_client().get(f"{at.path}?{at.query}", base_url=f"http://{world.acme.host}")
    assert answer.status_code == 200 and answer.mimetype == "text/calendar"
    found = {str(event["summary"]): event for event in icalendar.Calendar.from_ical(answer.data).walk("VEVENT")}
    assert "Visit: Look at the shop · Nordlicht Kalender" in found and "Next step: Send drawings · Kalender frames · Nordlicht Kalender" in found
    assert not any("Only the manager" in name for name in found)
    whole = found["Visit: Look at the shop · Nordlicht Kalender"]
    assert whole["dtstart"].dt == days["monday"] + timedelta(days=1) and whole["dtend"].dt - whole["dtstart"].dt == timedelta(days=1)


def test_the_address_opens_nothing_else_and_ends_with_its_token(world, days):
    at = address(world)
    key = parse_qs(at.query)["key"][0]
    client, base = world.app.test_client(), f"http://{world.acme.host}"
    for wrong, host in (("?key=tnd_wrong", world.acme.host), ("", world.acme.host), (f"?key={key}", world.globex.host)):
        assert client.get(f"/calendar/feed.ics{wrong}", base_url=f"http://{host}").status_code == 401
    assert client.get(f"/api/v1/activities?key={key}", base_url=base).status_code == 401
    headers = {"Authorization": f"Bearer {key}"}
    for path in ("/api/v1/me", "/api/v1/activities", "/api/v1/accounts", "/calendar/feed.ics"):
        assert client.get(path, headers=headers, base_url=base).status_code == 401, path
    assert client.post("/api/v1/accounts", json={"name": "x"}, headers=headers, base_url=base).status_code == 401
    with world.acme.ctx("rep") as ctx:
        row = next(row for row in queries.tokens(ctx) if row.name == "Calendar feed")
        assert row.for_feed and queries.token_actor(ctx.session, row.id, ctx.now) is None  # nor does a job act by it
    with world.acme.ctx("rep") as ctx:
        for row in queries.tokens(ctx):
            if row.name == "Calendar feed":
                tokens.revoke_token(ctx, row.id)
    assert client.get(f"/calendar/feed.ics?key={key}", base_url=base).status_code == 401


def test_a_token_of_the_api_is_no_key_of_an_address(world, days):
    with world.acme.ctx("rep") as ctx:
        secret, _ = tokens.make_token(ctx, name="Script", reading=True)
    client, base = world.app.test_client(), f"http://{world.acme.host}"
    assert client.get(f"/calendar/feed.ics?key={secret}", base_url=base).status_code == 401
    assert client.get("/calendar/feed.ics", headers={"Authorization": f"Bearer {secret}"}, base_url=base).status_code == 200


@pytest.fixture
def zones(world):
    """The rep sits in Tokyo, the manager in New York."""
    def put(**zones):
        with world.acme.ctx() as ctx:
            for who, zone in zones.items():
                ctx.session.execute(update(User).where(User.id == world.acme.users[who].id).values(timezone=zone))

    was = {who: world.acme.users[who].timezone for who in ("rep", "manager")}
    put(rep="Asia/Tokyo", manager="America/New_York")
    yield
    put(**was)


def test_a_colleagues_appointment_keeps_the_time_of_day_where_he_is_and_comes_back_exactly(world, days, zones):
    tokyo, at = ZoneInfo("Asia/Tokyo"), datetime.combine(days["monday"] + timedelta(days=7), time(9), ZoneInfo("Asia/Tokyo"))
    with world.acme.ctx("rep", timezone="Asia/Tokyo") as ctx:
        activity = log.log_activity(ctx, kind="note", account=queries_of_parties.one_account(ctx, days["him"]), body="x", next_contact=at, next_contact_note="Across the zones")
        ctx.session.flush()
        key, version = activity.id, activity.version

    def stands():
        with world.acme.ctx("rep") as ctx:
            one = activities.one_activity(ctx, key)
            return one.next_contact_on, one.next_contact_at.astimezone(tokyo)

    to = at.date() + timedelta(days=3)
    answer = moved(world, key, to, version, "manager")
    assert answer.status_code == 200, answer.text
    assert stands() == (to, datetime.combine(to, time(9), tokyo))
    assert world.browser("manager").post(answer.json["undo"]).status_code == 204
    assert stands() == (at.date(), at)


def test_a_day_with_more_than_fits_still_moves_and_says_that_there_is_more(world, days, monkeypatch):
    """What is done takes no place in the feed; what is moved is found whatever stands beside it; a page that is cut says so."""
    monkeypatch.setattr(planned, "MOST", 3)
    day = days["monday"] + timedelta(days=28)
    with world.acme.ctx("rep") as ctx:
        him = queries_of_parties.one_account(ctx, days["him"])
        made = [log.log_activity(ctx, kind="note", account=him, body="x", next_contact=day, next_contact_note=f"Crowded {number}") for number in range(6)]
        ctx.session.flush()
        for one in made[:5]:
            log.complete_next_contact(ctx, one)
        ctx.session.flush()
        last, version = made[5].id, made[5].version
        soon = log.log_activity(ctx, kind="note", account=him, body="x", next_contact=ctx.today, next_contact_note="Done at once")
        ctx.session.flush()
        log.complete_next_contact(ctx, soon)
    browser = world.browser("rep")
    assert "There is more than fits here" in browser.get(f"/calendar/?day={day}").text
    assert "There is more than fits here" not in browser.get(f"/calendar/?day={day + timedelta(days=14)}").text
    with world.acme.ctx("rep") as ctx:
        waiting = planned.plan(ctx, planned.Asked(day, day + timedelta(days=1), [ctx.actor.id], open_only=True))
        assert [one.id for one in waiting.entries] == [last] and not waiting.cut
    answer = moved(world, last, day, version)
    assert answer.status_code == 200 and "Crowded 5" in answer.json["card"]


def test_the_feed_has_no_place_for_what_is_done(world, days, monkeypatch):
    monkeypatch.setattr(planned, "MOST", 6)
    with world.acme.ctx("colleague") as ctx:
        him = parties.create_account(ctx, name="Of the feed")
        ctx.session.flush()
        for number in range(8):
            one = log.log_activity(ctx, kind="note", account=him, body="x", next_contact=ctx.today, next_contact_note=f"Over {number}")
            ctx.session.flush()
            log.complete_next_contact(ctx, one)
        log.log_activity(ctx, kind="note", account=him, body="x", next_contact=ctx.today + timedelta(days=9), next_contact_note="Still to come")
    at = address(world, "colleague")
    answer = world.app.test_client().get(f"{at.path}?{at.query}", base_url=f"http://{world.acme.host}")
    assert [str(event["summary"]) for event in icalendar.Calendar.from_ical(answer.data).walk("VEVENT")] == ["Note: Still to come · Of the feed"]
