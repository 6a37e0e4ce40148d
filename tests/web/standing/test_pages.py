"""How an account stands: the pages, the lists and the API."""


import pytest

from core.credit import queries as grades
from core.loyalty import queries as tiers
from core.parties.actions import create_account
from core.parties.queries import one_account
from core.products import actions, price_lists

LATER = "2099-12-31"


@pytest.fixture
def him(world):
    with world.acme.ctx() as ctx:
        found = create_account(ctx, name="Standing GmbH", owner_id=None)
        price_lists.set_tier(ctx, tier="Gold", percent="4")
        ctx.session.flush()
        return found.id


def test_a_grade_is_set_shown_taken_back_and_back_again(world, him):
    owner = world.browser("owner")
    assert "Nobody has said anything yet" in owner.get(f"/accounts/{him}/standing").text
    done = owner.post("/credit-grades", {"account_id": him, "grade": "big_good", "limit_amount": "12,500.00", "until_on": LATER, "reason": "Pays on the day"})
    assert done.status_code == 303
    page = owner.get(f"/accounts/{him}/standing").text
    for said in ("Big, pays well", "Pays on the day", "12,500.00 EUR", "Take it back"):
        assert said in page, said
    assert "Big, pays well" in owner.get(f"/accounts/{him}").text
    with world.acme.ctx() as ctx:
        row = grades.current(ctx, one_account(ctx, him)).id
    assert owner.post(f"/credit-grades/{row}/deletion").status_code == 303
    assert "Nobody has said anything yet" in owner.get(f"/accounts/{him}/standing").text
    assert owner.post(f"/credit-grades/{row}/restoration").status_code == 303
    assert "Pays on the day" in owner.get(f"/accounts/{him}/standing").text


def test_what_was_refused_comes_back_with_what_was_typed(world, him):
    answer = world.browser("owner").post("/credit-grades", {"account_id": him, "grade": "big_bad", "limit_amount": "much", "until_on": "", "reason": "Typed here"})
    assert answer.status_code == 422 and "Typed here" in answer.text and "Say until which day it holds." in answer.text and 'value="much"' in answer.text


def test_a_rep_reads_it_and_sets_nothing(world, him):
    rep = world.browser("rep")
    page = rep.get(f"/accounts/{him}/standing")
    assert page.status_code == 200 and "Set grade" not in page.text and "Set tier" not in page.text
    assert rep.post("/credit-grades", {"account_id": him, "grade": "big_good", "until_on": LATER, "reason": "x"}).status_code == 403


def test_a_tier_is_set_and_the_price_check_takes_it_by_itself(world, him):
    owner = world.browser("owner")
    assert owner.post("/loyalty-tiers", {"account_id": him, "tier": "Gold", "until_on": LATER, "reason": "Ten years"}).status_code == 303
    with world.acme.ctx() as ctx:
        drill = actions.create_product(ctx, code=f"ST-{him}"[:30], name="Standing drill", price="100")
        ctx.session.flush()
        key = drill.id
    page = owner.get(f"/products/price-check?product_id={key}&quantity=1&currency=EUR&account_id={him}").text
    assert "Minus 4 % for the tier Gold." in page
    with world.acme.ctx() as ctx:
        row = tiers.current(ctx, one_account(ctx, him)).LoyaltyStanding.id
    assert owner.post(f"/loyalty-tiers/{row}/deletion").status_code == 303
    assert "tier Gold" not in owner.get(f"/products/price-check?product_id={key}&quantity=1&currency=EUR&account_id={him}").text


def test_lists_filter_and_group_by_both(world, him):
    owner = world.browser("owner")
    owner.post("/credit-grades", {"account_id": him, "grade": "small_bad", "until_on": LATER, "reason": "Late twice"})
    owner.post("/loyalty-tiers", {"account_id": him, "tier": "Gold", "until_on": LATER, "reason": "Ten years"})
    for asked in ("filter[credit_grade][eq]=small_bad", "filter[loyalty_tier][eq]=Gold", "columns=credit_grade,loyalty_tier&filter[credit_grade][eq]=small_bad&group=credit_grade"):
        page = owner.get(f"/accounts?{asked}")
        assert page.status_code == 200 and str(him) in page.text, asked
    assert str(him) not in owner.get("/accounts?filter[credit_grade][eq]=big_good").text
    found = world.api("owner").get("/api/v1/accounts?filter[credit_grade][eq]=small_bad").json["data"]
    assert str(him) in {one["id"] for one in found}


def test_programs_set_read_and_end_both(world, him):
    api, where = world.api("owner"), {"account_id": str(him), "reason": "Fine", "until_on": LATER}
    made = api.json("POST", "/api/v1/credit-grades", where | {"grade": "small_good", "limit": {"amount": "900.00", "currency": "EUR"}})
    assert made.status_code == 201 and made.json["limit"] == {"amount": "900.00", "currency": "EUR"}
    path = f"/api/v1/credit-grades/{made.json['id']}"
    assert api.get(path).json["grade"] == "small_good" and [one["id"] for one in api.get(f"/api/v1/credit-grades?filter[account_id][eq]={him}&filter[ended_at][null]=true").json["data"]] == [made.json["id"]]
    assert api.json("POST", "/api/v1/credit-grades", where | {"grade": "x"}).status_code == 422
    assert api.json("POST", "/api/v1/credit-grades", where | {"grade": "big_good", "account_id": made.json["id"]}).json["field"] == "account_id"
    assert api.json("DELETE", path, headers={"If-Match": '"9"'}).status_code == 412
    assert api.json("DELETE", path, headers={"If-Match": f'"{made.json["version"]}"'}).status_code == 204 and api.get(path).json["ended_at"]
    tier = api.json("POST", "/api/v1/loyalty-tiers", where | {"tier": "gold"}).json
    assert api.get(f"/api/v1/loyalty-tiers/{tier['id']}").json["until_on"] == LATER
    assert api.json("DELETE", f"/api/v1/loyalty-tiers/{tier['id']}", headers={"If-Match": f'"{tier["version"]}"'}).status_code == 204
    assert api.json("POST", "/api/v1/credit-rules", {"grade": "big_bad", "discount": "1.50", "payment_days": 3}).json["discount"] == "1.5"
    assert {one["grade"]: one["payment_days"] for one in api.get("/api/v1/credit-rules").json["data"]}["big_bad"] == 3
    assert world.api("rep").json("POST", "/api/v1/credit-grades", where | {"grade": "big_good"}).status_code == 403


def test_what_follows_from_a_grade_is_changed_in_the_settings(world, him):
    owner = world.browser("owner")
    assert owner.post("/settings/credit/", {"grade": "small_bad", "_version": "0", "discount": "0", "payment_days": "14", "needs_release": "y"}).status_code == 303
    assert 'value="14"' in owner.get("/settings/credit/").text
    assert owner.post("/settings/credit/", {"grade": "small_bad", "_version": "0", "discount": "0", "payment_days": "14"}).status_code == 409
    assert owner.post("/settings/credit/", {"grade": "small_bad", "_version": "1", "discount": "0", "payment_days": "soon"}).status_code == 422
    assert owner.post("/settings/credit/", {"grade": "none", "_version": "0", "discount": "0", "payment_days": "1"}).status_code == 422
