"""The pages of deals as people use them, and what programs are told."""

import re
from datetime import UTC, date, datetime, timedelta
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from core.activities import actions as log
from core.deals import actions, pipelines, queries, staging
from core.parties import actions as parties
from core.parties.models import Account
from tests.support.statements import counted


@pytest.fixture
def rep(world):
    return world.browser("rep")


@pytest.fixture
def deal(world):
    """A deal of the rep's, with its account."""
    with world.acme.ctx("rep") as ctx:
        account = parties.create_account(ctx, name="Nordlicht")
        ctx.session.flush()
        return actions.create_deal(ctx, name="Forty trays", amount="1200.50", account_id=account.id, next_step="Call", next_step_on="2020-01-01", closes_on="2030-01-01").id


def stage(world, code):
    with world.acme.ctx("owner") as ctx:
        return next(one.id for one in pipelines.ways(ctx)[0].stages if one.code == code)


def read(world, key, who="owner"):
    with world.acme.ctx(who) as ctx:
        found = queries.one_deal(ctx, key)
        return found, ctx.session.expunge(found)


def test_a_deal_is_added_by_its_form(world, rep):
    assert 'name="stage_id"' in rep.get("/deals/new").get_data(as_text=True)
    with world.acme.ctx("rep") as ctx:
        parties.create_account(ctx, name="Only Bakery")
    answer = rep.post("/deals", {"name": "Ovens", "amount": "3.400,00", "account_id": "", "account_id_text": "Only Bakery", "next_step": "Send quote", "next_step_on": "2030-05-06"})
    assert answer.status_code == 303
    page = rep.get(answer.location).get_data(as_text=True)
    assert "Ovens" in page and "3,400 EUR" in page and "Only Bakery" in page and "Send quote" in page and "added the deal" in page


def test_what_is_wrong_is_said_at_its_field(rep):
    answer = rep.post("/deals", {"name": "Ovens", "next_step": "Send quote"})
    assert answer.status_code == 422 and "on which day the next step is due" in answer.get_data(as_text=True)


def test_the_list_filters_sums_and_says_the_stage(rep, deal):
    page = rep.get("/deals").get_data(as_text=True)
    assert "Forty trays" in page and "1,200.50 EUR" in page and re.search(r'pill h-grey">Enquiry<', page)
    assert "Forty trays" not in rep.get("/deals?filter[state][eq]=won").get_data(as_text=True)
    assert "Forty trays" in rep.get("/deals?filter[amount][gte]=1200&sort=-amount&group=state&columns=pipeline,state,probability,closed_at,stage_since").get_data(as_text=True)
    assert rep.get("/deals?kind=company").status_code == 422 and rep.get("/deals?sort=account").status_code == 422


def test_a_move_is_made_told_and_taken_back(world, rep, deal):
    found, _ = read(world, deal)
    answer = rep.post(f"/deals/{deal}/stage", {"stage_id": stage(world, "won"), "_version": found.version})
    assert answer.status_code == 303
    page = rep.get(answer.location).get_data(as_text=True)
    assert "Forty trays is won" in page and "won the deal" in page
    undo = re.search(r'action="(/deals/[^"]*/stage/restoration\?version=\d+)"', page).group(1)
    assert rep.post(undo).status_code == 303
    assert read(world, deal)[0].state == "open" and rep.post(undo).status_code == 409


def test_a_refused_move_says_what_the_stage_asks_for(world, rep, deal):
    with world.acme.ctx("owner") as ctx:
        one = next(one for one in pipelines.ways(ctx)[0].stages if one.code == "new")
        staging.change_stage(ctx, one, criteria=["source"])
    answer = rep.post(f"/deals/{deal}/stage", {"stage_id": stage(world, "qualified")})
    assert answer.status_code == 422 and "Enquiry asks for this first: Source." in answer.get_data(as_text=True)
    with world.acme.ctx("owner") as ctx:
        staging.change_stage(ctx, next(one for one in pipelines.ways(ctx)[0].stages if one.code == "new"), criteria=[])
    lost = rep.post(f"/deals/{deal}/stage", {"stage_id": stage(world, "lost")})
    assert lost.status_code == 422 and "why it was lost" in lost.get_data(as_text=True)


def test_fields_are_edited_where_they_stand_and_put_back(world, rep, deal):
    found, _ = read(world, deal)
    answer = rep.post(f"/deals/{deal}/fields", {"amount": "2000", "_version": found.version, "_was_amount": "1200.50"}, headers={"HX-Request": "true"})
    assert answer.status_code == 200 and "2000" in answer.get_data(as_text=True)
    page = rep.get(f"/deals/{deal}/history").get_data(as_text=True)
    entry = re.search(rf'action="(/deals/{deal}/history/[^"]+)"', page).group(1)
    assert rep.post(entry, {"field": "amount"}).status_code == 303
    assert str(read(world, deal)[0].amount) == "1200.50"
    assert rep.post(f"/deals/{deal}", {"name": "Fifty trays", "_was_name": "Forty trays", "_version": read(world, deal)[0].version}).status_code == 303
    assert read(world, deal)[0].name == "Fifty trays"


def test_it_goes_into_the_bin_and_comes_back(world, rep, deal):
    assert rep.post(f"/deals/{deal}/deletion").status_code == 303
    assert rep.get(f"/deals/{deal}").status_code == 404 and "Forty trays" in rep.get("/recycle-bin/deals").get_data(as_text=True)
    assert rep.post("/recycle-bin/deals", {"id": str(deal)}).status_code == 303
    assert rep.get(f"/deals/{deal}").status_code == 200


def test_deleted_for_good_nothing_is_left_and_an_account_that_goes_leaves_its_deal(world, deal):
    from core.privacy import purging
    from tenants.tombstones import chain_key

    with world.acme.ctx("owner") as ctx:
        found = queries.one_deal(ctx, deal)
        account = ctx.session.get_one(parties.Account, found.account_id)
        parties.delete_account(ctx, account)
        ctx.session.flush()
        purging.delete_for_good(ctx, chain_key(ctx.tenant.id), "accounts", account.id)
    assert read(world, deal)[0].account_id is None
    with world.acme.ctx("owner") as ctx:
        actions.delete_deal(ctx, queries.one_deal(ctx, deal))
        ctx.session.flush()
        purging.delete_for_good(ctx, chain_key(ctx.tenant.id), "deals", deal)
    with world.acme.ctx("owner") as ctx:
        assert not [row for row in ctx.session.execute(queries.select(queries.DealStay.id).where(queries.DealStay.deal_id == deal))]


def test_who_sees_not_finds_nothing(world, deal):
    other = world.browser("colleague")
    assert other.get(f"/deals/{deal}").status_code == 404
    assert "Forty trays" not in other.get("/deals").get_data(as_text=True) + other.get("/palette?q=Forty").get_data(as_text=True)
    assert "Forty trays" in world.browser("rep").get("/palette?q=Forty").get_data(as_text=True)
    assert world.browser("reader").post(f"/deals/{deal}/deletion").status_code == 403


def test_a_call_is_logged_from_a_deal_where_there_is_somebody_to_call(world, rep):
    """The key of the table does something on the page of a deal, for whoever may log, and names nobody where nobody is."""
    with world.acme.ctx("rep") as ctx:
        customer = parties.create_account(ctx, name="Called Ltd")
        ctx.session.flush()
        key, customer = actions.create_deal(ctx, name="Called about", account_id=customer.id).id, customer.id
        alone = actions.create_deal(ctx, name="Nobody to call").id
    page = rep.get(f"/deals/{key}").get_data(as_text=True)
    button = re.search(r'<a[^>]*data-hotkey="c"[^>]*>', page)
    assert button and f"/accounts/{customer}?log=call#body" in button[0]
    assert 'data-hotkey="c"' not in rep.get(f"/deals/{alone}").get_data(as_text=True)
    assert 'data-hotkey="c"' not in world.browser("reader").get(f"/deals/{key}").get_data(as_text=True)


def test_a_list_is_taken_out_and_written_down(world, rep, deal):
    text = rep.post("/deals/exports", {"filter[state][eq]": "open"}).get_data(as_text=True)
    assert "Forty trays" in text and "1200.5" in text and "Nordlicht" in text
    assert "Forty trays" not in rep.post("/deals/exports", {"filter[state][eq]": "won"}).get_data(as_text=True)


def test_a_list_is_taken_out_as_a_workbook_with_the_columns_of_its_view(rep, deal):
    assert "Excel (XLSX)" in rep.get("/deals/exports/new?columns=stage,amount").get_data(as_text=True)
    answer = rep.post("/deals/exports", {"format": "xlsx", "fields": "view", "columns": "stage,amount,account,closes_on,forecast,stage_since", "q": "Forty"})
    head, *rows = CalamineWorkbook.from_filelike(BytesIO(answer.get_data())).get_sheet_by_index(0).to_python()
    assert head == ["Name", "Stage", "Amount", "Account", "Expected close", "Forecast", "In this stage since"]
    assert ["Forty trays", "Enquiry", 1200.5, "Nordlicht", date(2030, 1, 1), "Possible"] in [row[:6] for row in rows]
    assert rep.post("/deals/exports", {"format": "vcard"}).status_code == 422


def test_reasons_for_a_loss_are_kept_and_offered(world, rep, deal):
    owner = world.browser("owner")
    assert owner.post("/settings/pipelines/reasons", {"reason": "Bought elsewhere"}).status_code == 303
    assert '<option value="Bought elsewhere">' in rep.get("/deals/board").get_data(as_text=True) and '<option value="Bought elsewhere">' in rep.get(f"/deals/{deal}").get_data(as_text=True)
    again = owner.post("/settings/pipelines/reasons", {"reason": "bought elsewhere"})
    assert again.status_code == 422 and "taken here already" in again.get_data(as_text=True)
    url = re.search(r'action="(/settings/pipelines/reasons/[^"]+/deletion)"', owner.get("/settings/pipelines/").get_data(as_text=True))[1]
    assert rep.post(url).status_code == 403 and owner.post(url).status_code == 303
    assert "Bought elsewhere" not in rep.get("/deals/board").get_data(as_text=True)


def test_pipelines_are_arranged_on_their_page(world):
    owner = world.browser("owner")
    answer = owner.post("/settings/pipelines/", {"name": "Renewals"})
    assert answer.status_code == 303
    made = owner.post(f"{answer.location}/stages", {"name": "Asked", "kind": "open", "probability": "40", "colour": "cyan", "stale_after": "10", "criteria": ["amount"]})
    assert made.status_code == 303
    page = owner.get(answer.location).get_data(as_text=True)
    assert "Asked" in page and "40 %" in page
    one = re.search(r'href="(/settings/pipelines/stages/[^"]+)"[^>]*><span class="pill h-cyan', page).group(1)
    assert "Asked" in owner.get(one).get_data(as_text=True)
    assert owner.post(one, {"name": "Wanted", "probability": "45", "colour": "blue"}).status_code == 303
    assert owner.post(f"{one}/place", {"by": "up"}).status_code == 303
    assert owner.post(f"{one}/deletion").status_code == 303
    assert owner.post("/settings/pipelines/", {"name": "renewals"}).status_code == 422
    assert owner.post(f"{answer.location}/archiving").status_code == 303
    assert world.browser("rep").get(answer.location).status_code == 403


def test_programs_make_move_and_read_deals(world):
    api = world.api("rep")
    made = api.json("POST", "/api/v1/deals", {"name": "By program", "amount": {"amount": "12.34", "currency": "USD"}, "closes_on": "2030-01-02"})
    assert made.status_code == 201 and made.json["amount"] == {"amount": "12.34", "currency": "USD"} and made.json["state"] == "open"
    ways = api.json("GET", "/api/v1/pipelines").json["data"]
    won = next(one["id"] for one in ways[0]["stages"] if one["kind"] == "won")
    key = made.json["id"]
    moved = api.json("POST", f"/api/v1/deals/{key}/moves", {"stage_id": won})
    assert moved.json["state"] == "won" and moved.json["closed_at"]
    assert len(api.json("GET", f"/api/v1/deals/{key}/stays").json["data"]) == 2
    changed = api.json("PATCH", f"/api/v1/deals/{key}", {"source": "Fair"}, headers={"If-Match": f'"{moved.json["version"]}"'})
    assert changed.status_code == 200 and changed.json["source"] == "Fair"
    assert [one["id"] for one in api.json("GET", "/api/v1/deals?filter[state][eq]=won&q=program").json["data"]] == [key]
    assert world.api("colleague").json("GET", f"/api/v1/deals/{key}").status_code == 404


def test_a_page_of_the_list_costs_the_same_however_many_deals(world, rep):
    with world.acme.ctx("rep") as ctx:
        for number in range(12):
            actions.create_deal(ctx, name=f"Many {number}", amount=number)
    with counted() as few:
        rep.get("/deals?q=Forty")
    with counted() as many:
        rep.get("/deals")
    assert len(many) <= len(few) + 1 and len(many) <= 12


def test_the_board_sorts_lanes_by_who_needs_somebody_and_sums_them(world, rep):
    from datetime import date, timedelta

    with world.acme.ctx("rep") as ctx:
        today = ctx.today
        first = pipelines.ways(ctx)[0]
        key = next(one.id for one in first.stages if one.code == "negotiation")
        for name, on in (("Later", today + timedelta(days=4)), ("None yet", None), ("Today's", today), ("Late", date(2020, 1, 1))):
            actions.create_deal(ctx, name=f"Row {name}", stage_id=key, amount="100", next_step=None if on is None else "Call", next_step_on=on)
    page = rep.get("/deals/board?owner=me").get_data(as_text=True)
    assert re.findall(r'data-name="Row ([^"]+)"', page) == ["Late", "Today&#39;s", "None yet", "Later"]
    assert "400 EUR" in page and "320 EUR weighted" in page and "No next step" in page and "Overdue" in page
    assert "Row Late" not in world.browser("colleague").get("/deals/board").get_data(as_text=True)


def test_a_lane_comes_in_parts(world, rep):
    with world.acme.ctx("rep") as ctx:
        row = next(one for one in pipelines.ways(ctx)[0].stages if one.code == "qualified")
        for number in range(60):
            actions.create_deal(ctx, name=f"Part {number:02}", stage_id=row.id)
    page, seen = rep.get("/deals/board").get_data(as_text=True), []
    while True:
        seen += re.findall(r'data-name="(Part \d+)"', page)
        more = re.search(rf'hx-get="(/deals/board/lanes/{row.id}[^"]+)"', page)
        if not more:
            break
        page = rep.get(more.group(1).replace("&amp;", "&")).get_data(as_text=True)
    assert len(seen) == len(set(seen)) == 60
    assert rep.get(f"/deals/board/lanes/{row.id}?after=x").status_code == 422


def test_the_board_costs_the_same_however_many_deals(world, rep):
    rep.get("/deals/board")
    with counted() as sent:
        rep.get("/deals/board")
    assert len(sent) <= 9, sent


def test_a_card_is_moved_and_what_is_refused_says_why(world, rep, deal):
    found, _ = read(world, deal)
    to = stage(world, "proposal")
    answer = rep.post(f"/deals/board/{deal}/stage", {"stage_id": to, "version": found.version})
    assert answer.status_code == 200 and "Quote sent" in answer.json["text"] and set(answer.json["lanes"]) == {str(found.stage_id), str(to)}
    assert rep.post(f"/deals/board/{deal}/stage", {"stage_id": to, "version": found.version}).status_code == 409
    assert rep.post(answer.json["undo"]).status_code == 204 and read(world, deal)[0].stage_id == found.stage_id
    lost = rep.post(f"/deals/board/{deal}/stage", {"stage_id": stage(world, "lost"), "version": read(world, deal)[0].version})
    assert lost.status_code == 422 and "why it was lost" in lost.json["text"] and lost.json["needs"] == "loss_reason"
    assert world.browser("colleague").post(f"/deals/board/{deal}/stage", {"stage_id": to}).status_code == 404


def test_a_card_moved_asks_for_nothing_twice(world, rep, deal):
    places = [stage(world, code) for code in ("qualified", "proposal")]
    assert rep.post(f"/deals/board/{deal}/stage", {"stage_id": str(places[0])}).status_code == 200
    with counted() as sent:
        assert rep.post(f"/deals/board/{deal}/stage", {"stage_id": str(places[1])}).status_code == 200
    assert sum("SELECT app_user.id, app_user.name" in str(one) for one in sent) == 1 and len(sent) <= 14, sent


def test_the_board_shows_what_the_list_would_and_keeps_it_while_cards_move(world, rep, deal):
    with world.acme.ctx("rep") as ctx:
        other = actions.create_deal(ctx, name="Nine ovens", amount="90").id
    page = rep.get("/deals/board?filter[amount][gte]=1000&q=tray").get_data(as_text=True)
    assert "Forty trays" in page and "Nine ovens" not in page and 'data-search="?' in page and 'value="tray"' in page
    assert "Nine ovens" not in rep.get("/deals/board?q=tray").get_data(as_text=True) and "Nine ovens" in rep.get("/deals/board?owner=me&q=oven").get_data(as_text=True)
    moved = rep.post(f"/deals/board/{deal}/stage?filter[amount][gte]=1000", {"stage_id": stage(world, "qualified"), "owner": ""}).get_json()
    assert all("90 EUR" not in head for head in moved["lanes"].values())
    assert rep.get("/deals/board?filter[nothing][eq]=1").status_code == 422 and rep.get("/deals/board?owner=x").status_code == 422
    links = rep.get("/deals?filter[amount][gte]=1000").get_data(as_text=True)
    assert "/deals/board?filter%5Bamount%5D%5Bgte%5D=1000" in links
    with world.acme.ctx("rep") as ctx:
        actions.delete_deal(ctx, queries.one_deal(ctx, other))


def test_what_is_chosen_from_is_in_the_readers_language_and_days_stand_in_the_form(world, rep, deal):
    with world.acme.ctx("manager") as ctx:
        ctx.session.get_one(type(world.acme.users["manager"]), world.acme.users["manager"].id).locale = "zh"
    manager = world.browser("manager")
    pipeline = re.search(r'href="(/settings/pipelines/[^"]+)"', manager.get("/settings/pipelines/").get_data(as_text=True).split('id="pipelines"')[1])[1]
    for path in (pipeline, "/deals/new", f"/deals/{deal}/edit"):
        page = manager.get(path).get_data(as_text=True)
        assert ">最佳情况<" in page and ">Best case<" not in page and ">Not closed yet<" not in page, path
    assert 'value="2030-01-01"' in rep.get(f"/deals/{deal}/edit").get_data(as_text=True)


def test_a_page_says_what_happened_last_and_a_card_for_how_long_nothing_did(world, rep):
    now = datetime.now(UTC)
    with world.acme.ctx("rep", now=now - timedelta(days=30)) as ctx:
        him = parties.create_account(ctx, name="Of the quiet deal")
        ctx.session.flush()
        key = actions.create_deal(ctx, name="Quiet deal", account_id=him.id).id
    listed = lambda: rep.get("/deals?columns=stalled_days&q=quiet&filter[stalled_days][null]=false").get_data(as_text=True)  # noqa: E731
    told = lambda: world.api("rep").get("/api/v1/deals?filter[stalled_days][gte]=30&sort=-stalled_days").json["data"]  # noqa: E731
    assert "Quiet deal" in listed() and "Stalled for (days)" in listed() and '<td class="key num">30</td>' in listed()
    assert [one["stalled_days"] for one in told() if one["id"] == str(key)] == [30] == [world.api("rep").get(f"/api/v1/deals/{key}").json["stalled_days"]]
    assert world.api("rep").get("/api/v1/deals?fields=name").json["data"][0].keys() == {"name"}
    card = lambda: rep.get("/deals/board?q=quiet").get_data(as_text=True).split('id="d-')[1].split("</li>")[0]  # noqa: E731
    page = rep.get(f"/deals/{key}").get_data(as_text=True)
    assert "30 days" in card() and "Stalled" in card() and "Stalled" in page
    assert "<b>Rep</b> added the deal" in page.split("Last on ")[1][:200]
    with world.acme.ctx("rep", now=now - timedelta(days=2)) as ctx:
        log.log_activity(ctx, kind="call", account=ctx.session.get_one(Account, him.id), body="Spoke")
    assert "Quiet deal" not in listed() and not [one for one in told() if one["id"] == str(key)]
    assert "Stalled" not in card() and "Call, Rep" in rep.get(f"/deals/{key}").get_data(as_text=True).split("Last on ")[1][:200]
