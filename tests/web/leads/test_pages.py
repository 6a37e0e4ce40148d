"""The pages of leads as people use them, and what programs are told."""

import re
from datetime import date
from io import BytesIO
from uuid import UUID
from zipfile import ZipFile

import pytest

from core.deals import queries as deals
from core.leads import actions, queries


@pytest.fixture
def rep(world):
    return world.browser("rep")


@pytest.fixture
def lead(world):
    """One in the inbox, with a message."""
    with world.acme.ctx("rep") as ctx:
        return actions.capture(ctx, name="Ada Lace", company="Lace Works", source="form", message="Forty trays?", touch={"utm_campaign": "Spring", "referrer": "https://fair.example"}).id


def read(world, key):
    with world.acme.ctx("owner") as ctx:
        found = queries.one_lead(ctx, key)
        return found, ctx.session.expunge(found)


def test_a_lead_is_added_by_its_form_and_is_its_makers_own_find(world, rep):
    assert 'value="Found by the owner"' in rep.get("/leads/new").get_data(as_text=True)
    answer = rep.post("/leads", {"name": "", "company": "Ovens Ltd", "mail": "office@ovens.example", "source": "Found by the owner", "owner_id": str(world.acme.users["rep"].id)})
    assert answer.status_code == 303
    key = answer.location.rsplit("/", 1)[1]
    found, _ = read(world, key)
    assert (found.name, found.source) == ("Ovens Ltd", "self")
    page = rep.get(answer.location).get_data(as_text=True)
    assert "Ovens Ltd" in page and "Found by the owner" in page and "added the lead" in page
    refused = rep.post("/leads", {"source": "Fair"})
    assert refused.status_code == 422 and "a name, a company or a mail address" in refused.get_data(as_text=True)


def test_the_list_has_an_inbox_and_the_page_says_from_where(rep, lead):
    page = rep.get("/leads?owner=pool&filter[state][in]=new,working,returned").get_data(as_text=True)
    assert "Ada Lace" in page and re.search(r'aria-current="page">Inbox<', page) and 'pill h-blue">Just in<' in page
    assert str(lead) not in rep.get("/leads?owner=me").get_data(as_text=True)
    whole = rep.get(f"/leads/{lead}").get_data(as_text=True)
    assert "Forty trays?" in whole and "https://fair.example" in whole and "Spring" in whole
    assert "Accept" in rep.get(f"/leads/{lead}", headers={"HX-Request": "true", "HX-Target": "aside#peek"}).get_data(as_text=True)
    assert rep.get("/leads?sort=-created_at&group=state&columns=state,reason,touches,country,language,converted_at").status_code == 200 and rep.get("/leads?kind=company").status_code == 422


def test_what_is_returned_lies_in_the_inbox(rep, lead):
    assert rep.post(f"/leads/{lead}/judgement", {"state": "returned", "reason": "no_budget"}).status_code == 303
    inbox = re.search(r'href="([^"]+)"[^>]*>Inbox<', rep.get("/leads").get_data(as_text=True))[1].replace("&amp;", "&")
    assert str(lead) in rep.get(inbox).get_data(as_text=True)


def test_it_is_accepted_returned_and_taken_back(world, rep, lead):
    found, _ = read(world, lead)
    assert rep.post(f"/leads/{lead}/judgement", {"state": "accepted", "_version": found.version}).status_code == 303
    found, _ = read(world, lead)
    assert (found.state, found.owner_id) == ("accepted", world.acme.users["rep"].id)
    answer = rep.post(f"/leads/{lead}/judgement", {"state": "returned", "reason": "no_budget", "_version": found.version})
    page = rep.get(answer.location).get_data(as_text=True)
    assert "Ada Lace is returned" in page and "No budget" in page
    undo = re.findall(r'action="(/leads/[^"]*/judgement/restoration\?[^"]+)"', page)[-1].replace("&amp;", "&")
    assert rep.post(undo).status_code == 303 and read(world, lead)[0].state == "accepted" and rep.post(undo).status_code == 409
    again = rep.post(f"/leads/{lead}/judgement", {"state": "accepted", "_version": read(world, lead)[0].version}, headers={"Accept": "application/json"})
    assert again.status_code == 200 and not again.json["undo"], "nothing changed, so there is nothing to take back"
    refused = rep.post(f"/leads/{lead}/judgement", {"state": "returned"})
    assert refused.status_code == 422 and "Choose a reason" in refused.get_data(as_text=True)


def test_a_script_gets_the_judgement_as_data(world, rep, lead):
    found, _ = read(world, lead)
    answer = rep.post(f"/leads/{lead}/judgement", {"state": "returned", "reason": "spam", "_version": found.version}, headers={"Accept": "application/json"})
    assert answer.status_code == 200 and answer.json["text"] == "Ada Lace is returned" and "Returned" in answer.json["pill"]
    stale = rep.post(f"/leads/{lead}/judgement", {"state": "accepted", "_version": found.version}, headers={"Accept": "application/json"})
    assert stale.status_code == 409


def test_fields_are_edited_where_they_stand_and_put_back(world, rep, lead):
    found, _ = read(world, lead)
    answer = rep.post(f"/leads/{lead}/fields", {"city": "Kiel", "_version": found.version, "_was_city": ""}, headers={"HX-Request": "true"})
    assert answer.status_code == 200 and "Kiel" in answer.get_data(as_text=True)
    assert rep.post(f"/leads/{lead}", {"name": "Ada L.", "_was_name": "Ada Lace", "_version": read(world, lead)[0].version}).status_code == 303
    page = rep.get(f"/leads/{lead}/history").get_data(as_text=True)
    entry = re.search(rf'action="(/leads/{lead}/history/[^"]+)"', page).group(1)
    assert rep.post(entry, {"field": "name"}).status_code == 303 and read(world, lead)[0].name == "Ada Lace"


def test_it_goes_into_the_bin_comes_back_and_goes_for_good(world, rep, lead):
    from core.privacy import purging
    from tenants.tombstones import chain_key

    assert rep.post(f"/leads/{lead}/deletion").status_code == 303
    assert rep.get(f"/leads/{lead}").status_code == 404 and "Ada Lace" in rep.get("/recycle-bin/leads").get_data(as_text=True)
    assert rep.post("/recycle-bin/leads", {"id": str(lead)}).status_code == 303 and rep.get(f"/leads/{lead}").status_code == 200
    rep.post(f"/leads/{lead}/deletion")
    with world.acme.ctx("owner") as ctx:
        purging.delete_for_good(ctx, chain_key(ctx.tenant.id), "leads", lead)
    rep.get("/leads")  # the message of the deletion is read
    assert str(lead) not in rep.get("/search?q=Ada+Lace").get_data(as_text=True)


def test_the_list_is_taken_out_as_csv_and_workbook(rep, lead):
    csv = rep.post("/leads/exports", {"q": "Lace"}).get_data(as_text=True)
    assert "Lace Works" in csv and "Spring" in csv and "Forty trays?" in csv
    answer = rep.post("/leads/exports", {"q": "Lace", "format": "xlsx"})
    strings = ZipFile(BytesIO(answer.data)).read("xl/worksheets/sheet1.xml").decode()
    assert answer.mimetype.endswith("spreadsheetml.sheet") and "Lace Works" in strings and "Spring" in strings
    assert "First touch: UTM campaign" in csv and "first_touch.utm_campaign" in rep.post("/leads/exports", {"heads": "names"}).get_data(as_text=True)
    answer = rep.post("/leads/exports", {"fields": "view", "columns": "score,company,state", "q": "Lace"}).get_data(as_text=True)
    assert "Name,Score,Company,State" in answer and "Just in" in answer
    assert "Excel (XLSX)" in rep.get("/leads/exports/new").get_data(as_text=True) and "/leads/exports/new" in rep.get("/leads").get_data(as_text=True)
    assert rep.post("/leads/exports", {"format": "pdf"}).status_code == 422


def test_programs_bring_leads_in_judge_and_list_them(world):
    api = world.api("rep")
    made = api.json("POST", "/api/v1/leads", {"name": "Bo", "mail": "bo@api.example", "touch": {"utm_source": "news"}})
    assert made.status_code == 201 and made.json["source"] == "api" and made.json["owner_id"] is None and made.json["first_touch"]["utm_source"] == "news"
    again = api.json("POST", "/api/v1/leads", {"mail": "bo@api.example", "message": "Still there?"})
    assert again.json["id"] == made.json["id"] and again.json["touches"] == 2
    refused = api.json("POST", f"/api/v1/leads/{made.json['id']}/judgements", {"state": "returned"})
    assert refused.status_code == 422 and refused.json["code"] == "lead_reason_needed"
    returned = api.json("POST", f"/api/v1/leads/{made.json['id']}/judgements", {"state": "returned", "reason": "no_need"})
    assert returned.json["state"] == "returned"
    assert [one["id"] for one in api.get("/api/v1/leads?filter[reason][eq]=no_need&q=bo").json["data"]] == [made.json["id"]]


def test_marketing_sees_what_came_of_each_source(world, rep, lead):
    page = rep.get("/leads/sources").get_data(as_text=True)
    assert "Spring" in page and "Form" in page


def test_a_lead_is_converted_on_one_page_and_taken_back(world, rep, lead):
    from core.parties import actions as parties

    with world.acme.ctx("rep") as ctx:
        account = parties.create_account(ctx, name="Lace Works").id
    page = rep.get(f"/leads/{lead}/conversion").get_data(as_text=True)
    assert "Link to Lace Works" in page and "New contact: Ada Lace" in page and re.search(rf'checked[^>]*value="{account}"|value="{account}"[^>]*checked|checked id="account-0"', page)
    answer = rep.post(f"/leads/{lead}/conversion", {"account": str(account), "contact": "create", "deal": "create", "name": "Forty trays", "amount": "1200", "_version": read(world, lead)[0].version})
    assert answer.status_code == 303 and answer.location.startswith("/deals/")
    deal = rep.get(answer.location).get_data(as_text=True)
    assert "Forty trays" in deal and "Lace Works" in deal and "converted the lead" in deal and "https://fair.example" in deal and "Ada Lace is converted" in deal
    assert "converted the lead" in rep.get(f"/accounts/{account}?show=changes").get_data(as_text=True)
    whole = rep.get(f"/leads/{lead}").get_data(as_text=True)
    assert "Take the conversion back" in whole and answer.location in whole
    assert rep.post(f"/leads/{lead}/conversion/restoration?version={read(world, lead)[0].version}").status_code == 303
    assert rep.get(answer.location).status_code == 404 and read(world, lead)[0].state == "new"


def test_the_deal_of_a_conversion_gets_its_day_and_its_next_step(world, rep, lead):
    """What the lead was to have next is offered for the deal, and gone where it is taken away."""
    with world.acme.ctx("rep") as ctx:
        mine = queries.one_lead(ctx, lead)
        actions.edit_lead(ctx, mine, next_step="Send samples", next_step_on=ctx.today)
    page = rep.get(f"/leads/{lead}/conversion").get_data(as_text=True)
    assert 'value="Send samples"' in page and 'name="closes_on"' in page
    said = {"account": "create", "contact": "create", "deal": "create", "name": "Trays", "closes_on": "2030-05-06", "next_step": "", "next_step_on": ""}
    answer = rep.post(f"/leads/{lead}/conversion", said)
    with world.acme.ctx("rep") as ctx:
        deal = deals.one_deal(ctx, UUID(answer.location.rpartition("/")[2]))
        assert (deal.closes_on, deal.next_step, deal.next_step_on) == (date(2030, 5, 6), None, None)


def test_a_refused_conversion_says_why(world, rep, lead):
    refused = rep.post(f"/leads/{lead}/conversion", {"account": "none", "contact": "none", "deal": "none"})
    assert refused.status_code == 422 and "at least one of account" in refused.get_data(as_text=True)
    wrong = rep.post(f"/leads/{lead}/conversion", {"account": "create", "contact": "create", "deal": "create", "amount": "much"})
    assert wrong.status_code == 422 and read(world, lead)[0].state == "new"


def test_programs_convert(world):
    api = world.api("rep")
    made = api.json("POST", "/api/v1/leads", {"name": "Cy", "company": "Cy & Co"}).json["id"]
    done = api.json("POST", f"/api/v1/leads/{made}/conversions", {"contact": "none", "deal": {"name": "Ovens"}})
    assert done.status_code == 200 and done.json["state"] == "converted" and done.json["account_id"] and done.json["contact_id"] is None and done.json["deal_id"]
    assert api.json("POST", f"/api/v1/leads/{made}/conversions", {}).json["code"] == "lead_converted"


def test_rules_of_the_score_are_arranged_and_shown_with_the_lead(world, rep, lead):
    from core.leads import scoring

    boss = world.browser("manager")
    assert "Writes from a free mail address" in boss.get("/settings/lead-score/").get_data(as_text=True)
    made = boss.post("/settings/lead-score/", {"name": "At the fair", "kind": "condition", "points": "25", "field0": "campaign", "op0": "eq", "value0": "Spring"})
    assert made.status_code == 303
    page = boss.get("/settings/lead-score/").get_data(as_text=True)
    assert "At the fair" in page and "Campaign is Spring" in page
    key = re.search(r'href="/settings/lead-score/([0-9a-f-]{36})"><span class="b">At the fair', page).group(1)
    assert 'value="Spring"' in boss.get(f"/settings/lead-score/{key}").get_data(as_text=True)
    with world.acme.ctx("owner") as ctx:
        scoring.rescore(ctx)
    shown = rep.get(f"/leads/{lead}").get_data(as_text=True)
    assert "At the fair" in shown and "+25" in shown
    assert {"name": "At the fair", "points": 25} in world.api("rep").get(f"/api/v1/leads/{lead}/score").json["reasons"]
    wrong = boss.post(f"/settings/lead-score/{key}", {"name": "At the fair", "kind": "condition", "points": "many"})
    assert wrong.status_code == 422
    assert boss.post(f"/settings/lead-score/{key}/deletion").status_code == 303
    assert rep.get("/settings/lead-score/").status_code == 403


def test_who_gets_which_leads_is_arranged(world):
    boss = world.browser("manager")
    rep = world.acme.users["rep"]
    made = boss.post("/settings/lead-assignment/", {"name": "The north", "way": "turn", "user_ids": [str(rep.id)], "field0": "postcode", "op0": "starts", "value0": "2"})
    assert made.status_code == 303
    page = boss.get("/settings/lead-assignment/").get_data(as_text=True)
    assert "The north" in page and "begins with 2" in page and rep.name in page
    lead = world.api("rep").json("POST", "/api/v1/leads", {"name": "Nora", "postcode": "24103"}).json
    assert lead["owner_id"] == str(rep.id)
    assert "by the rule" in world.browser("rep").get(f"/leads/{lead['id']}").get_data(as_text=True)
    key = re.search(r'href="/settings/lead-assignment/([0-9a-f-]{36})"', page).group(1)
    shown = boss.get(f"/settings/lead-assignment/{key}").get_data(as_text=True)
    assert 'value="2"' in shown and re.search(rf'checked[^>]*value="{rep.id}"', shown)
    assert boss.post(f"/settings/lead-assignment/{key}", {"name": "The north", "way": "turn"}).status_code == 422
    assert boss.post(f"/settings/lead-assignment/{key}/deletion").status_code == 303 and world.browser("rep").get("/settings/lead-assignment/").status_code == 403
