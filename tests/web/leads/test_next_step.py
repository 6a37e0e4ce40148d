"""What is to be done next with an open lead: on its page, on its owner's day, in his calendar, until it is converted."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from core.base.errors import Refused
from core.base.planned import Asked
from core.briefs import day
from core.deals.models import Deal
from core.leads import actions, agenda, clock, converting, judging, queries
from tests.support.world import House

NOON = datetime(2026, 11, 18, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def house(app):
    return House("steps-of-leads")


def made(house, who="rep", **given):
    with house.ctx(who) as ctx:
        return actions.create_lead(ctx, **{"name": "Ada Lace", "company": "Lace Works"} | given).id


def planned(ctx, after=3, **rest):
    return [(entry.title, entry.about, entry.moves) for entry in agenda.next_steps(ctx, Asked(ctx.today, ctx.today + timedelta(days=after), **rest))]


def waits(ctx):
    return [(row.kind, row.name, row.note, row.on) for row in day.waiting_and_recent(ctx)[0] if row.kind in ("answer", "lead")]


def test_a_step_has_its_day_and_the_database_keeps_it(house):
    with house.ctx("rep") as ctx, pytest.raises(Refused) as refused:
        actions.create_lead(ctx, name="Ada", next_step="Call")
    assert (refused.value.code, refused.value.field) == ("next_step_needs_day", "next_step_on")
    with house.ctx("rep") as ctx, pytest.raises(Refused):
        actions.edit_lead(ctx, actions.create_lead(ctx, name="Ada", next_step="Call", next_step_on=ctx.today), next_step_on=None)
    key = made(house)
    with pytest.raises(IntegrityError, match="ck_lead_next_step"), house.ctx("rep") as ctx:
        ctx.session.execute(text("UPDATE lead SET next_step = 'Call' WHERE id = :key"), {"key": key})


def test_it_stands_on_its_day_for_whom_it_is_until_the_lead_has_ended(house):
    with house.ctx("rep") as ctx:
        tomorrow = ctx.today + timedelta(days=1)
        lead = actions.create_lead(ctx, name="Ada Lace", company="Lace Works", next_step="Send the trays", next_step_on=tomorrow)
        ctx.session.flush()
        here = ("Send the trays", "Ada Lace · Lace Works", True)
        assert here in planned(ctx) and here in planned(ctx, people=[ctx.actor.id]) and planned(ctx, only=lead.id) == [here] and here not in planned(ctx, after=1)
        key = lead.id
    with house.ctx("colleague") as ctx:
        assert here[0] not in [title for title, *_ in planned(ctx)], "of another team"
    with house.ctx("reader") as ctx:
        assert ("Send the trays", "Ada Lace · Lace Works", False) in planned(ctx)
    with house.ctx("rep") as ctx:
        judging.judge(ctx, queries.one_lead(ctx, key), "disqualified", reason="spam")
        assert planned(ctx, only=key) == []


def test_the_day_names_what_is_due_and_who_waits_for_his_first_answer(house):
    with house.ctx() as ctx:
        clock.change_clock(ctx, hours="1", warn_hours="", days="0123456", opens="0:00", closes="24:00")
    with house.ctx("manager", now=NOON) as ctx:
        late, mine = ctx.today - timedelta(days=1), ctx.actor.id
        actions.create_lead(ctx, name="Late", next_step="Ask again", next_step_on=late)
        actions.create_lead(ctx, name="Later", next_step="Ask", next_step_on=ctx.today + timedelta(days=1))
        came = actions.capture(ctx, name="Came", company="Firm", owner_id=mine)
        ctx.session.flush()
        assert waits(ctx)[0][:3] == ("answer", "Came", "Firm") and waits(ctx)[1:] == [("lead", "Late", "Ask again", late)]
        clock.note_contact(ctx, came, "call")
        assert waits(ctx) == [("lead", "Late", "Ask again", late)]
        actions.capture(ctx, name="Came too", owner_id=mine)
    with house.ctx("owner", now=NOON) as ctx:
        assert [row for row in waits(ctx) if row[1] in ("Late", "Came too")] == [], "whose they are, whoever else sees them"


def test_being_in_touch_asks_for_the_next_step_in_words(world):
    rep = world.browser("rep")
    with world.acme.ctx("rep") as ctx:
        key, today = actions.create_lead(ctx, name="Ada Lace", next_step="Call", next_step_on=ctx.today).id, ctx.today
    page = rep.get(f"/leads/{key}").text
    assert re.search(r'id="touch-next"[^>]*name="next_step"[^>]*value="Call"', page) and "I was in touch" in page
    said = {"way": "call", "note": "Wants 40", "next_step": "Send prices", "next_step_on": "+3d"}
    assert rep.post(f"/leads/{key}/contacts", said).status_code == 303
    with world.acme.ctx("rep") as ctx:
        lead = queries.one_lead(ctx, key)
        assert (lead.next_step, lead.next_step_on) == ("Send prices", today + timedelta(days=3))
    for wrong in ({"next_step_on": "whenever"}, {"next_step_on": ""}, {"way": "shouting"}):
        refused = rep.post(f"/leads/{key}/contacts", {**said, "note": "Kept as typed", **wrong})
        assert refused.status_code == 422 and "Kept as typed" in refused.text and "Send prices" in refused.text
    assert rep.get(f"/leads/{key}").text.count("Wants 40") == 1
    assert rep.post(f"/leads/{key}/contacts", {"way": "call", "next_step": "", "next_step_on": ""}).status_code == 303
    assert "No next step" in rep.get(f"/leads/{key}").text


def test_being_in_touch_takes_nobody_elses_step_away(world):
    rep = world.browser("rep")
    with world.acme.ctx("rep") as ctx:
        lead = actions.create_lead(ctx, name="Ada Lace", next_step="Call", next_step_on=ctx.today)
        ctx.session.flush()
        key, loaded, today = lead.id, {"_version": lead.version, "_was_next_step": "Call", "_was_next_step_on": ctx.today.isoformat()}, ctx.today
    with world.acme.ctx("owner") as ctx:
        actions.edit_lead(ctx, queries.one_lead(ctx, key), next_step="Drop by", next_step_on=today + timedelta(days=2))
    left = {**loaded, "way": "call", "note": "Left as it was", "next_step": "Call", "next_step_on": today.isoformat()}
    assert rep.post(f"/leads/{key}/contacts", left).status_code == 303
    with world.acme.ctx("rep") as ctx:
        assert (queries.one_lead(ctx, key).next_step, queries.one_lead(ctx, key).next_step_on) == ("Drop by", today + timedelta(days=2))
    other = rep.post(f"/leads/{key}/contacts", {**left, "note": "Both changed it", "next_step": "Send prices"})
    assert other.status_code == 409 and "Both changed it" in other.text and "Send prices" in other.text and 'name="_was_next_step" value="Drop by"' in other.text
    assert "Both changed it" not in rep.get(f"/leads/{key}").text, "nothing of it was written"


def test_it_is_moved_in_the_calendar_and_back(world):
    rep = world.browser("rep")
    with world.acme.ctx("rep") as ctx:
        lead = actions.create_lead(ctx, name="Ada Lace", next_step="Moved by hand", next_step_on=ctx.today)
        ctx.session.flush()
        key, today, version = lead.id, ctx.today, lead.version
    assert f'data-id="leads/{key}"' in rep.get("/calendar/").text and "Moved by hand" in rep.get("/").text
    moved = rep.post(f"/calendar/leads/{key}/day", {"stage_id": (today + timedelta(days=1)).isoformat(), "version": version})
    assert moved.status_code == 200 and "Moved by hand" in moved.json["card"]
    assert rep.post(f"/calendar/leads/{key}/day", {"stage_id": (today - timedelta(days=1)).isoformat()}).status_code == 422
    assert world.browser("reader").post(f"/calendar/leads/{key}/day", {"stage_id": today.isoformat()}).status_code == 403
    assert rep.post(moved.json["undo"]).status_code == 204
    with world.acme.ctx("rep") as ctx:
        assert queries.one_lead(ctx, key).next_step_on == today


def test_it_goes_out_and_comes_in_and_a_deal_gets_it(world):
    api = world.api("rep")
    lead = api.json("POST", "/api/v1/leads", {"name": "By program", "next_step": "Visit", "next_step_on": "2031-02-03"}).json
    assert (lead["next_step"], lead["next_step_on"]) == ("Visit", "2031-02-03")
    assert api.json("POST", "/api/v1/leads", {"name": "No day", "next_step": "Visit"}).status_code == 422
    found = api.json("GET", "/api/v1/leads?filter[next_step_on][lte]=2031-02-03&filter[next_step][eq]=Visit").json["data"]
    assert [one["name"] for one in found] == ["By program"]
    file = world.browser("rep").post("/leads/exports", {"fields": "view", "columns": "next_step,next_step_on"}).text
    assert ["Visit", "2031-02-03"] in [[row["Next step"], row["Next step due"]] for row in csv.DictReader(io.StringIO(file.lstrip("\ufeff")))]
    with world.acme.ctx("rep") as ctx:
        one = queries.one_lead(ctx, lead["id"])
        deal_id = converting.convert(ctx, one, deal={}).deal_id
        deal = ctx.session.execute(select(Deal).where(Deal.id == deal_id)).scalar_one()
        assert (deal.next_step, str(deal.next_step_on)) == ("Visit", "2031-02-03")


@pytest.mark.parametrize(("comes", "hours", "shown"), [((23, 50), "1", True), ((23, 50), "4", False), ((12, 0), "11", True), ((12, 0), "13", False)])
def test_who_is_to_be_answered_soon_is_shown_whether_or_not_midnight_lies_between(house, comes, hours, shown):
    with house.ctx() as ctx:
        clock.change_clock(ctx, hours=hours, warn_hours="", days="0123456", opens="0:00", closes="24:00")
    with house.ctx("colleague", now=NOON.replace(hour=comes[0], minute=comes[1])) as ctx:
        name = f"Came {comes} {hours}"
        actions.capture(ctx, name=name, company="Firm", owner_id=ctx.actor.id)
        ctx.session.flush()
        assert (("answer", name) in [row[:2] for row in waits(ctx)]) is shown
