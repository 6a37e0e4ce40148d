"""The pages of reports, and what programs are told."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from core.activities import actions as log
from core.deals import actions as deals
from core.parties import actions as parties
from core.quotes import answering, drafting, lining, sending
from core.reports import actions, composing, queries
from core.reports.rules import span_of
from tests.support.statements import counted
from tests.support.world import House


@pytest.fixture(scope="module")
def worked(world):
    with world.acme.ctx("rep") as ctx:
        account = parties.create_account(ctx, name="Nordlicht")
        log.log_activity(ctx, kind="visit", account=account, body="Saw the kitchen <b>twice</b>")
        deals.create_deal(ctx, name="Forty trays", account_id=account.id, amount="4800")
        return span_of(ctx.today, "day")


def handed(world, span, words="A good day"):
    with world.acme.ctx("rep") as ctx:
        report = queries.own(ctx, span)
        return report.id if report and report.handed_at else actions.hand_in(ctx, span, words=words).id


def test_it_is_written_kept_as_a_draft_and_handed_in(world, worked):
    rep, week = world.browser("rep"), span_of(worked.first, "week").next(-1)
    page = rep.get(f"/reports/compose?period={week.next().key}").text
    assert "Nordlicht" in page and "Forty trays" in page and "4,800" in page and "&lt;b&gt;twice" in page
    assert rep.post("/reports/compose", {"period": week.key, "words": "Half of it", "do": "draft"}).headers["Location"] == f"/reports/compose?period={week.key}"
    assert "Half of it" in rep.get(f"/reports/compose?period={week.key}").text
    address = rep.post("/reports/compose", {"period": week.key, "words": "All of it"}).headers["Location"]
    assert "All of it" in rep.get(address).text and "Take it back" in rep.get(address).text
    assert rep.get(f"/reports/compose?period={week.key}").headers["Location"] == address


def test_it_is_taken_back_by_the_undo_of_its_message(world, worked):
    rep, day = world.browser("rep"), worked.next(-20)
    address = rep.post("/reports/compose", {"period": day.key, "words": "Too soon"}).headers["Location"]
    assert f"{address}/return" in rep.get(address).text
    assert rep.post(f"{address}/return").headers["Location"] == f"/reports/compose?period={day.key}"
    assert world.browser("manager").get(address).status_code == 404


def test_the_manager_sees_who_handed_in_reads_it_and_comments(world, worked):
    key, manager = handed(world, worked), world.browser("manager")
    team = manager.get(f"/reports/team?period={worked.key}").text
    assert f'href="/reports/{key}"' in team and "Colleague" in team and "Not handed in" in team
    read = manager.get(f"/reports/{key}").text
    assert "A good day" in read and "Forty trays" in read and "Take it back" not in read
    assert manager.post(f"/reports/{key}/comments", {"body": "Well done"}).status_code == 303
    own = world.browser("rep").get(f"/reports/{key}").text
    assert "Well done" in own and "Take it back" not in own, "it stays as somebody has commented on it"


@pytest.mark.parametrize(("who", "status"), [("owner", 200), ("manager", 200), ("rep", 200), ("colleague", 404), ("reader", 403)])
def test_who_reads_it(world, worked, who, status):
    assert world.browser(who).get(f"/reports/{handed(world, worked)}").status_code == status


@pytest.mark.parametrize(("who", "status"), [("owner", 200), ("manager", 200), ("rep", 403), ("reader", 403)])
def test_who_sees_whose_is_missing_and_who_decides(world, who, status):
    assert world.browser(who).get("/reports/team").status_code == status and world.browser(who).get("/settings/reports/").status_code == status


def test_another_workspace_has_none_of_it(world, worked):
    assert world.browser("owner", world.globex).get(f"/reports/{handed(world, worked)}").status_code == 404


@pytest.mark.parametrize("period", ["", "x", "2026-W99", "2026-02-30"])
def test_what_is_no_day_and_no_week_is_refused(world, period):
    assert world.browser("rep").get(f"/reports/compose?period={period}").status_code == 422
    assert world.browser("rep").post("/reports/compose", {"period": period, "words": "x"}).status_code == 422


def test_too_many_words_come_back_and_so_do_those_for_a_day_to_come(world, worked):
    rep = world.browser("rep")
    answer = rep.post("/reports/compose", {"period": worked.next(-3).key, "words": "x" * 4001})
    assert answer.status_code == 422 and "x" * 4001 in answer.text
    answer = rep.post("/reports/compose", {"period": worked.next(3).key, "words": "What will be"})
    assert answer.status_code == 422 and "has not begun yet" in answer.text


def test_the_rules_are_set_and_the_pages_say_until_when(world, worked):
    owner = world.browser("owner")
    days = [str(one) for one in range(1, 8)]
    assert owner.post("/settings/reports/", {"days": days, "day_hour": "17", "week_day": "5", "week_hour": "16"}).status_code == 303
    page = owner.get("/settings/reports/").text
    assert page.count("checked") >= 7 and 'value="17" selected' in page.replace('selected value="17"', 'value="17" selected')
    with world.acme.ctx("owner") as ctx:  # it was asked for, and they were here, before those days
        ctx.session.execute(text("UPDATE app_user SET created_at = created_at - interval '10 days'"))
        queries.rules_of(ctx).since = ctx.now - timedelta(days=9)
    assert "Asked for until" in world.browser("rep").get(f"/reports/compose?period={worked.next(-2).key}").text
    assert "Missing" in world.browser("manager").get(f"/reports/team?period={worked.next(-2).key}").text
    assert owner.post("/settings/reports/", {"days": ["9"], "day_hour": "17", "week_day": "", "week_hour": "16"}).status_code == 422
    assert owner.post("/settings/reports/", {"day_hour": "18", "week_day": "", "week_hour": "16"}).status_code == 303
    assert "No report of this time is asked for" in world.browser("manager").get("/reports/team").text


def test_programs_write_read_and_hand_in(world, worked):
    api, day = world.api("rep"), worked.next(-40)
    composed = api.json("GET", f"/api/v1/reports/composed?period={worked.key}").json
    assert {(one["section"], one["name"]) for one in composed["lines"]} >= {("contacts", "Nordlicht"), ("deals", "Forty trays")}
    draft = api.json("POST", "/api/v1/reports", {"period": day.key, "words": "By a program"})
    assert draft.status_code == 201 and draft.json["handed_at"] is None
    assert world.api("manager").get(f"/api/v1/reports/{draft.json['id']}").status_code == 404
    done = api.json("POST", "/api/v1/reports", {"period": day.key, "words": "By a program", "handed_in": True}).json
    assert done["id"] == draft.json["id"] and done["handed_at"]
    assert world.api("manager").get(f"/api/v1/reports/{done['id']}").json["words"] == "By a program"
    assert api.json("POST", "/api/v1/reports", {"period": day.key}).status_code == 409
    assert [one["id"] for one in world.api("manager").get("/api/v1/reports?filter[kind][eq]=day&limit=200").json["data"]].count(done["id"]) == 1
    key = handed(world, worked)
    lines = world.api("manager").get(f"/api/v1/reports/{key}/lines").json["lines"]
    assert next(one["amount"] for one in lines if one["section"] == "deals")["currency"] == "EUR"


def test_the_figures_count_nothing_twice(world, worked):
    """A quote that was sent and accepted is one; of promises what became of each."""
    house = House(f"rf-{uuid4().hex[:8]}")
    with house.ctx("rep") as ctx:
        account = parties.create_account(ctx, name="Nordlicht")
        log.complete_next_contact(ctx, log.log_activity(ctx, kind="call", account=account, body="x", next_contact=ctx.today, next_contact_kind="promise", next_contact_note="Call back"))
        quote = drafting.create_quote(ctx, name="Trays", account_id=account.id)
        lining.save_lines(ctx, quote, [{"name": "Tray", "unit_price": "12"}])
        sending.send_quote(ctx, quote)
        answering.note_accepted(ctx, quote, name="Ana")
    page = world.browser("rep", house).get(f"/reports/compose?period={worked.key}").text
    assert "<dt>Quotes</dt><dd>1<small>" in page and "<dt>Promises</dt><dd><small>Promised 1, Promise kept 1</small>" in page


def test_a_part_with_more_than_it_tells_says_so(world, worked, monkeypatch):
    with world.acme.ctx("rep") as ctx:
        for number in range(3):
            deals.create_deal(ctx, name=f"One of many {number}", amount="1")
    path = f"?period={span_of(worked.first, 'week').key}"
    assert "only the first" not in world.browser("rep").get(f"/reports/compose{path}").text and world.api("rep").get(f"/api/v1/reports/composed{path}").json["more"] == []
    monkeypatch.setattr(composing, "MOST", 3)
    assert re.search("are told and counted: [^<]*Deals", world.browser("rep").get(f"/reports/compose{path}").text)
    assert "deals" in world.api("rep").get(f"/api/v1/reports/composed{path}").json["more"]


def test_of_ones_own_all_are_reached_page_by_page(world, worked, monkeypatch):
    monkeypatch.setattr(queries, "SHOWN", 2)
    house, found = House(f"rg-{uuid4().hex[:8]}"), []
    with house.ctx("rep") as ctx:
        keys = [actions.save_draft(ctx, worked.next(-by), words="x").id for by in range(5)]
    rep, path = world.browser("rep", house), "/reports"
    while path:
        shown = rep.get(path).text
        assert ("<h2>Now</h2>" in shown) is (path == "/reports")
        found += re.findall(r'href="/reports/([0-9a-f-]{36})"', shown)
        older = re.search(r'href="(/reports\?before=[^"]+)" rel="next"', shown)
        path = older and older[1]
    assert found == [str(key) for key in keys]
    assert rep.get("/reports?before=x").status_code == 422


def test_days_hours_and_moments_are_written_as_the_reader_writes_them(world):
    house = House(f"rd-{uuid4().hex[:8]}")
    with house.ctx("owner") as ctx:
        ctx.session.execute(text("UPDATE app_user SET date_format = 'dots', clock = '24'"))
    owner, rep = world.browser("owner", house), world.browser("rep", house)
    settings = owner.get("/settings/reports/").text
    assert ">18:00<" in settings and "PM<" not in settings and settings.index(">Monday<") < settings.index(">Sunday<")
    assert ">18:00<" in owner.get("/settings/notifications/").text
    assert "30.11.2026 – 06.12.2026" in rep.get("/reports/compose?period=2026-W49").text and "30.11.2026 – 06.12.2026" in owner.get("/reports/team?period=2026-W49").text


def test_what_was_due_before_it_was_asked_for_is_not_missing(world, worked):
    house = House(f"rm-{uuid4().hex[:8]}")
    owner, manager = world.browser("owner", house), world.browser("manager", house)
    assert owner.post("/settings/reports/", {"days": [str(one) for one in range(1, 8)], "day_hour": "1", "week_day": "", "week_hour": "16"}).status_code == 303
    with house.ctx("owner") as ctx:
        ctx.session.execute(text("UPDATE app_user SET created_at = created_at - interval '30 days'"))
        queries.rules_of(ctx).since = ctx.now - timedelta(days=10)
        ctx.session.execute(text("UPDATE app_user SET created_at = :then WHERE id = :his"), {"then": ctx.now - timedelta(days=5), "his": house.users["colleague"].id})
    before, between, after = (manager.get(f"/reports/team?period={worked.next(-days).key}").text for days in (20, 7, 3))
    assert "Missing" not in before and "No report of this time is asked for" in before
    assert between.count("Missing") == 1 and "1 report is not handed in" in between and "Not asked for" in between
    assert after.count("Missing") == 2 and "2 reports are not handed in" in after
    rep, colleague = world.browser("rep", house), world.browser("colleague", house)
    for days, asked in ((20, (False, False)), (7, (True, False)), (3, (True, True))):
        assert tuple("Asked for until" in one.get(f"/reports/compose?period={worked.next(-days).key}").text for one in (rep, colleague)) == asked
    assert "Asked for until" not in manager.get(f"/reports/compose?period={worked.next(-3).key}").text


def version_on(page):
    return re.search(r'name="_version" value="(\d+)"', page.text)[1]


def test_a_window_opened_before_the_first_draft_does_not_overwrite_it(world, worked):
    rep, day = world.browser("rep"), worked.next(-30)
    path = f"/reports/compose?period={day.key}"
    seen = version_on(rep.get(path))
    assert seen == "0"
    assert rep.post("/reports/compose", {"period": day.key, "words": "Of the first window", "do": "draft", "_version": seen}).status_code == 303
    for do in ("draft", ""):
        answer = rep.post("/reports/compose", {"period": day.key, "words": "Of the second", "do": do, "_version": seen})
        assert answer.status_code == 409 and "Of the second</textarea>" in answer.text and "Of the first window" in answer.text and "changed meanwhile" in answer.text
    with world.acme.ctx("rep") as ctx:
        assert queries.own(ctx, day).words == "Of the first window"
    assert rep.post("/reports/compose", {"period": day.key, "words": "Of both", "do": "draft", "_version": version_on(answer)}).status_code == 303


def test_two_who_set_the_first_rules_do_not_overwrite_each_other(world):
    house = House(f"rr-{uuid4().hex[:8]}")
    owner, choice = world.browser("owner", house), {"days": ["1"], "day_hour": "17", "week_day": "", "week_hour": "16"}
    seen = version_on(owner.get("/settings/reports/"))
    assert owner.post("/settings/reports/", choice | {"_version": seen}).status_code == 303
    answer = owner.post("/settings/reports/", choice | {"day_hour": "20", "_version": seen})
    assert answer.status_code == 409 and "changed meanwhile" in answer.text
    with house.ctx("owner") as ctx:
        assert queries.rules_of(ctx).day_hour == 17
    assert owner.post("/settings/reports/", choice | {"day_hour": "20", "_version": version_on(answer)}).status_code == 303


def test_a_program_that_gives_no_words_leaves_those_of_the_draft(world, worked):
    api, day = world.api("rep"), worked.next(-41)
    api.json("POST", "/api/v1/reports", {"period": day.key, "words": "Typed by a person"})
    assert api.json("POST", "/api/v1/reports", {"period": day.key}).json["words"] == "Typed by a person"
    assert api.json("POST", "/api/v1/reports", {"period": day.key, "words": ""}).json["words"] == ""
    api.json("POST", "/api/v1/reports", {"period": day.key, "words": "Typed again"})
    assert api.json("POST", "/api/v1/reports", {"period": day.key, "handed_in": True}).json["words"] == "Typed again"


def test_the_pages_take_few_statements(app, world):
    """However much was done, and however many people there are."""
    rep, manager = world.browser("rep"), world.browser("manager")
    took = []
    for day in (4, 8):
        with world.acme.ctx("rep") as ctx:
            for number in range(day):
                log.log_activity(ctx, kind="call", account=parties.create_account(ctx, name=f"A {uuid4().hex[:6]}"), body="x")
                deals.create_deal(ctx, name=f"D {number}", amount="1", next_step="y", next_step_on=ctx.today + timedelta(days=1))
            span = span_of(ctx.today - timedelta(days=50 + day), "day")
        key = handed(world, span)
        numbers = []
        for browser, path in ((rep, "/reports"), (rep, "/reports/compose?period=" + span_of(span.first + timedelta(days=50 + day), "week").key), (manager, f"/reports/{key}"), (manager, "/reports/team")):
            browser.get(path)  # what is read once a process is read
            with counted() as sent:
                assert browser.get(path).status_code == 200
            numbers.append(len(sent))
        took.append(numbers)
    assert took[0] == took[1], took
    assert all(number <= most for number, most in zip(took[0], (3, 15, 11, 8), strict=True)), took
