"""Agreed terms on pages and for programs: shown where one decides, with who agreed; hidden from whoever may not know them."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from core.credit import actions as credit
from core.parties import actions as parties
from core.parties.queries import one_account
from core.products import actions as products
from core.quotes import drafting, lining, queries

SOON = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()


@pytest.fixture
def account(world):
    with world.acme.ctx("rep") as ctx:
        found = parties.create_account(ctx, name="Nordlicht")
        ctx.session.flush()
        key = found.id
    with world.acme.ctx("owner") as ctx:
        credit.set_grade(ctx, one_account(ctx, key), grade="small_bad", reason="Paid late twice", until_on=SOON)
    return key


@pytest.fixture(scope="module")
def tray(world):
    with world.acme.ctx("owner") as ctx:
        return products.create_product(ctx, code="TRAY", name="Steel tray", price="100").id


def fields_of(page):
    return {"seen": re.search(r'name="seen"[^>]*value="(\w+)"', page.text)[1]}


def test_the_boss_agrees_in_his_name_and_all_who_sell_see_it(world, account, tray):
    boss, rep = world.browser("owner"), world.browser("rep")
    form = boss.get(f"/accounts/{account}/terms")
    assert "Small, pays badly" in form.text and "Paid late twice" in form.text and "Owner" in form.text
    typed = {"account_id": account, "discount": "8", "product_id_text": "TRAY", "price": "90", "words": "Freight is ours", "until_on": SOON, **fields_of(form)}
    assert boss.post("/agreed-terms", typed).status_code == 303
    for path in (f"/accounts/{account}", f"/accounts/{account}/terms", f"/accounts/{account}/brief"):
        page = rep.get(path).text
        assert "8 % off" in page and "Steel tray for 90.00 EUR" in page and "Freight is ours" in page and "agreed by Owner on" in page, path
    assert "What was known then" in rep.get(f"/accounts/{account}/terms").text and "Agree in my name" not in rep.get(f"/accounts/{account}/terms").text
    assert rep.post("/agreed-terms", typed).status_code == 403
    with world.acme.ctx("rep") as ctx:
        quote = drafting.create_quote(ctx, name="Trays", account_id=account)
        lining.save_lines(ctx, quote, [{"product_id": tray, "quantity": "1", "unit_price": "90"}, {"product_id": tray, "quantity": "1", "unit_price": "80"}, {"product_id": tray, "quantity": "1"}])
        key = quote.id
    lines = rep.get(f"/quotes/{key}/lines").text
    assert lines.count("agreed by Owner on") == 2 and "8 % off · Steel tray for 90.00 EUR" in lines
    with world.acme.ctx("rep") as ctx:
        assert queries.one_quote(ctx, key).name == "Trays"


def test_what_changed_meanwhile_is_shown_before_one_agrees(world, account):
    boss = world.browser("owner")
    seen = fields_of(boss.get(f"/accounts/{account}/terms"))
    with world.acme.ctx("owner") as ctx:
        credit.set_grade(ctx, one_account(ctx, account), grade="big_bad", reason="Bankrupt soon", until_on=SOON)
    answer = boss.post("/agreed-terms", {"account_id": account, "payment_days": "60", "until_on": SOON, **seen})
    assert answer.status_code == 409 and "Bankrupt soon" in answer.text and 'value="60"' in answer.text
    assert boss.post("/agreed-terms", {"account_id": account, "payment_days": "60", "until_on": SOON, **fields_of(answer)}).status_code == 303


def test_it_is_taken_back_with_a_reason(world, account):
    boss = world.browser("owner")
    assert boss.post("/agreed-terms", {"account_id": account, "payment_days": "60", "until_on": SOON}).status_code == 303
    page = boss.get(f"/accounts/{account}/terms").text
    path = re.search(r'href="(/agreed-terms/[^"]+/withdrawal)"', page)[1]
    assert boss.post(path, {"reason": ""}).status_code == 422
    assert boss.post(path, {"reason": "He ordered half"}).status_code == 303
    assert "He ordered half" in boss.get(f"/accounts/{account}/terms").text
    assert boss.get(path).status_code == 409


def test_programs_agree_read_and_take_back(world, account):
    api = world.api("owner")
    made = api.json("POST", "/api/v1/agreed-terms", {"account_id": str(account), "discount": "3", "until_on": SOON})
    assert made.status_code == 201 and made.json["discount"] == "3" and made.json["facts"]["credit"]["grade"] == "small_bad"
    path = f"/api/v1/agreed-terms/{made.json['id']}"
    assert world.api("rep").json("GET", path).json["id"] == made.json["id"] and world.api("colleague").json("GET", path).status_code == 404
    back = api.json("POST", f"{path}/withdrawal", {"reason": "A slip"})
    assert back.status_code == 200 and (back.json["id"], back.json["reason"]) == (made.json["id"], "A slip")
    assert api.json("POST", f"{path}/withdrawal", {"reason": "A slip"}).status_code == 409
    listed = api.json("GET", f"/api/v1/agreed-terms?filter[account_id][eq]={account}").json["data"]
    assert made.json["id"] in {one["id"] for one in listed}
    assert api.json("POST", "/api/v1/agreed-terms", {"account_id": str(account), "until_on": SOON}).json["code"] == "terms_empty"


def test_whoever_may_not_know_a_grade_is_not_told_what_was_known_of_it_then(world, account):
    from sqlalchemy import select

    from core.identity.models import Role

    boss = world.api("owner")
    made = boss.json("POST", "/api/v1/agreed-terms", {"account_id": str(account), "discount": "3", "until_on": SOON}).json
    assert made["facts"]["credit"]["reason"] in world.browser("rep").get(f"/accounts/{account}/terms").text
    with world.acme.ctx("owner") as ctx:
        role = ctx.session.execute(select(Role).where(Role.id == world.acme.users["rep"].role_id)).scalar_one()
        before, role.permissions = role.permissions, [one for one in role.permissions if one != "credit.read"]
    try:
        api = world.api("rep")
        listed = next(one for one in api.json("GET", f"/api/v1/agreed-terms?filter[account_id][eq]={account}").json["data"] if one["id"] == made["id"])
        assert "credit" not in {**listed["facts"], **api.json("GET", f"/api/v1/agreed-terms/{made['id']}").json["facts"]}
        page = world.browser("rep").get(f"/accounts/{account}/terms").text
        assert "agreed by" in page and made["facts"]["credit"]["reason"] not in page
    finally:
        with world.acme.ctx("owner") as ctx:
            ctx.session.get_one(Role, world.acme.users["rep"].role_id).permissions = before


def test_whoever_may_not_know_them_sees_nothing_of_them(world, account):
    from sqlalchemy import select

    from core.identity.models import Role

    world.browser("owner").post("/agreed-terms", {"account_id": account, "payment_days": "60", "until_on": SOON})
    assert "agreed by" in world.browser("rep").get(f"/accounts/{account}").text
    with world.acme.ctx() as ctx:
        role = ctx.session.execute(select(Role).where(Role.id == world.acme.users["rep"].role_id)).scalar_one()
        was = list(role.permissions)
        role.permissions = [one for one in was if one != "terms.read"]
    try:
        rep = world.browser("rep")
        assert rep.get(f"/accounts/{account}/terms").status_code == 403
        assert "agreed by" not in rep.get(f"/accounts/{account}").text and "agreed by" not in rep.get(f"/accounts/{account}/brief").text
    finally:
        with world.acme.ctx() as ctx:
            ctx.session.get_one(Role, world.acme.users["rep"].role_id).permissions = was
