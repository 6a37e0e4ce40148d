"""The page of what waits for one's yes, the limits of roles, and both by API."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from core.approvals import limits
from core.approvals.queries import clock
from core.identity import absence
from core.identity.queries import one_user
from core.identity.roles import one_role
from core.parties import actions as parties
from core.parties.models import Account
from core.products import actions as products
from core.products.models import Product
from core.quotes import approving, drafting, lining
from tests.support.world import House, World


@pytest.fixture(scope="module")
def world(app):
    """Salespeople up to 8 percent and 1,000 EUR; what a tray costs is told to managers alone."""
    house = House(f"inbox-{uuid4().hex[:6]}")
    with house.ctx("owner") as ctx:
        limits.set_limits(ctx, one_role(ctx, "sales"), {("quotes.line_discount", ""): "8", ("quotes.margin", ""): "30"})
        limits.set_limits(ctx, one_role(ctx, "manager"), {("quotes.line_discount", ""): "20"})
        products.create_product(ctx, code="TRAY", name="Tray", price="100", cost="73.77")
        parties.create_account(ctx, name="Nordlicht", owner_id=None)
    return World.of(app, house)


def ask(world, name, discount="10", who="rep"):
    with world.acme.ctx(who) as ctx:
        account = ctx.session.execute(select(Account)).scalars().first()
        tray = ctx.session.execute(select(Product)).scalars().first()
        quote = drafting.create_quote(ctx, name=name, account_id=account.id)
        lining.save_lines(ctx, quote, [{"product_id": str(tray.id), "quantity": "2", "discount": discount}])
        return quote.id, approving.ask(ctx, quote, note=f"Why {name}").id


def text(answer):
    return answer.get_data(as_text=True)


def count_of(page):
    found = re.search(r'href="/approvals"[^>]*>.*?(?:<span class="count">(\d+)</span>)?</a>', page, re.S)
    return found and found[1]


def test_what_waits_is_read_and_decided_on_one_page(world):
    manager, rep = world.browser("manager"), world.browser("rep")
    before = int(count_of(text(manager.get("/"))) or 0)
    key, request = ask(world, "Ten off")
    page = text(manager.get("/approvals"))
    assert all(part in page for part in ("Ten off", "Why Ten off", "10 %", "Nordlicht", "180.00 EUR", "data-hotkey=\"y\"", f"/quotes/{key}"))
    assert count_of(page) == str(before + 1) and count_of(text(manager.get("/"))) == str(before + 1) and count_of(text(rep.get("/"))) is None
    assert "Ten off" not in text(rep.get("/approvals?show=all")) and rep.post(f"/approvals/{request}/approval", {"note": ""}).status_code == 422
    refused = manager.post(f"/approvals/{request}/refusal", {"note": ""})
    assert refused.status_code == 422 and "Ten off" in text(refused)
    assert manager.post(f"/approvals/{request}/refusal", {"note": "Nine will do", "_version": "1"}).status_code == 303
    assert "Nine will do" in text(rep.get(f"/quotes/{key}")) and "Ten off is not approved" in text(manager.get("/approvals"))
    assert manager.post(f"/approvals/{request}/approval", {"note": ""}).status_code == 422 and "Ten off" not in text(manager.get("/approvals"))
    assert rep.post(f"/quotes/{key}/sending", {}).status_code == 422


def test_a_yes_is_to_the_request_as_it_was_read(world):
    key, request = ask(world, "As read")
    manager = world.browser("manager")
    assert manager.post(f"/approvals/{request}/approval", {"_version": "7"}).status_code == 409
    assert manager.post(f"/approvals/{request}/approval", {"_version": "1"}).status_code == 303
    page = text(world.browser("rep").get(f"/quotes/{key}"))
    assert "Approved by Manager" in page and "Decisions" in page
    assert world.browser("rep").post(f"/quotes/{key}/sending", {}).status_code == 303


def test_while_one_writes_the_page_says_what_goes_too_far_and_who_decides(world):
    key, request = ask(world, "While writing")
    page = text(world.browser("rep").get(f"/quotes/{key}/lines"))
    assert "10 % below the list for Tray is over your limit of 8 %" in page and "This quote will wait for Manager" in page
    assert "This quote will wait" not in text(world.browser("owner").get(f"/quotes/{key}/lines"))


def test_what_a_thing_costs_is_told_to_whom_it_may_be_told(world):
    """A deputy who may not know costs decides about a margin without its figure."""
    with world.acme.ctx("owner") as ctx:
        made = absence.plan_absence(ctx, one_user(ctx, world.acme.users["manager"].id), deputy_id=world.acme.users["colleague"].id, starts_on=ctx.today, ends_on=ctx.today + timedelta(days=1)).id
    try:
        key, request = ask(world, "Thin", "7")
        page = text(world.browser("colleague").get("/approvals"))
        assert "Thin" in page and "for Manager, who is away" in page and "A margin below the limit" in page and "20.68" not in page and f"/quotes/{key}" not in page
        answer = world.api("colleague").json("GET", f"/api/v1/approvals/{request}")
        assert answer.status_code == 200 and "margin" not in answer.json["facts"] and "20.68" not in text(answer)
        assert "20.68" in text(world.browser("owner").get("/approvals?show=all")) and "20.68" in text(world.api("owner").json("GET", f"/api/v1/approvals/{request}"))
        said = text(world.browser("rep").get(f"/quotes/{key}")) + text(world.browser("rep").get(f"/quotes/{key}/lines"))
        assert "earns less than you may decide on alone" in said and "20.68" not in said
        assert world.browser("colleague").post(f"/approvals/{request}/approval", {"note": "For him"}).status_code == 303
        assert "Colleague for Manager, who is away" in re.sub(r"<[^>]+>", "", text(world.browser("rep").get(f"/quotes/{key}")))
    finally:
        with world.acme.ctx("owner") as ctx:
            absence.cancel_absence(ctx, absence.one_absence(ctx, made))


def test_the_limits_of_a_role_on_their_page_and_by_api(world):
    owner, manager = world.browser("owner"), world.browser("manager")
    with world.acme.ctx("owner") as ctx:
        role = one_role(ctx, "team_lead")
        key, version = role.id, role.version
    assert "Limits of roles" in text(manager.get("/settings/approvals/")) and "disabled" in text(manager.get(f"/settings/approvals/{key}"))
    assert manager.post(f"/settings/approvals/{key}", {"quotes.line_discount": "50"}).status_code == 403
    wrong = owner.post(f"/settings/approvals/{key}", {"quotes.line_discount": "101", "quotes.net.EUR": "x", "_version": str(version)})
    assert wrong.status_code == 422 and "Write a number from 0 to 100." in text(wrong)
    saved = owner.post(f"/settings/approvals/{key}", {"quotes.line_discount": "12.5", "quotes.net.EUR": "2,000", "quotes.release": "0", "_version": str(version)})
    assert saved.status_code == 303, text(saved)
    assert "12.5 %" in text(owner.get("/settings/approvals/")) and "2,000.00 EUR" in text(owner.get("/settings/approvals/"))
    assert owner.post(f"/settings/approvals/{key}", {"quotes.line_discount": "13", "_version": str(version)}).status_code == 409
    api = world.api("owner")
    found = api.json("GET", f"/api/v1/roles/{key}/limits").json
    assert {one["code"]: (one["currency"], one["value"]) for one in found["limits"]} == {"quotes.line_discount": (None, "12.5"), "quotes.net": ("EUR", "2000"), "quotes.release": (None, "0")}
    changed = api.json("PUT", f"/api/v1/roles/{key}/limits", {"limits": [{"code": "quotes.discount", "value": "5"}]}, headers={"If-Match": f'"{found["version"]}"'})
    assert changed.status_code == 200 and [one["code"] for one in changed.json["limits"]] == ["quotes.discount"]
    assert api.json("PUT", f"/api/v1/roles/{key}/limits", {"limits": []}, headers={"If-Match": f'"{found["version"]}"'}).status_code == 412
    assert world.api("manager").json("PUT", f"/api/v1/roles/{key}/limits", {"limits": []}, headers={"If-Match": '"9"'}).status_code == 403


def test_the_working_hours(world):
    owner = world.browser("owner")
    assert owner.post("/settings/approvals/hours", {"hours": "0", "opens": "9", "closes": "17", "weekdays": ["1"]}).status_code == 422
    assert owner.post("/settings/approvals/hours", {"hours": "4", "opens": "17", "closes": "9", "weekdays": ["1"]}).status_code == 422
    assert owner.post("/settings/approvals/hours", {"hours": "4", "opens": "8", "closes": "16"}).status_code == 422
    assert owner.post("/settings/approvals/hours", {"hours": "4", "opens": "8", "closes": "16", "weekdays": ["1", "2", "6"]}).status_code == 303
    with world.acme.ctx("owner") as ctx:
        assert (clock(ctx).hours, clock(ctx).opens, tuple(clock(ctx).weekdays)) == (4, 8, (1, 2, 6))
    assert world.browser("manager").post("/settings/approvals/hours", {"hours": "1"}).status_code == 403


def test_decisions_by_api(world):
    key, request = ask(world, "By API")
    assert world.api("colleague").json("GET", f"/api/v1/approvals/{request}").status_code == 404
    rep = world.api("rep")
    assert [one["state"] for one in rep.json("GET", f"/api/v1/approvals?filter[record_id][eq]={key}").json["data"]] == ["waiting"]
    assert rep.json("POST", f"/api/v1/approvals/{request}/approvals", {}).json["code"] == "approval_own"
    manager = world.api("manager")
    assert manager.json("POST", f"/api/v1/approvals/{request}/refusals", {}).json["code"] == "required"
    done = manager.json("POST", f"/api/v1/approvals/{request}/approvals", {"note": "Go on"})
    assert done.status_code == 200 and (done.json["state"], done.json["decided_by"]) == ("approved", str(world.acme.users["manager"].id))
    assert manager.json("POST", f"/api/v1/approvals/{request}/approvals", {}).json["code"] == "approval_over"
    bound = world.api("manager", allowed=["approvals.read", "approvals.decide", "quotes.read"])
    _, other = ask(world, "By a narrow token")
    assert bound.json("POST", f"/api/v1/approvals/{other}/approvals", {}).status_code == 403
