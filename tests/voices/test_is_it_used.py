"""V25, owner: "CRM takes a year and nobody uses it." Roles see what they need, use is shown by role, and a fall is told."""

import html
import re
from datetime import timedelta
from uuid import uuid4

import pytest

from core.activities import actions as log
from core.base.outbox import defer
from core.parties.actions import create_contact
from tests.core.adoption.test_use import came
from tests.support.world import Browser, House
from tests.web.operator.test_console import make_operator
from workers import run as runner

CAST = {"owner": "admin", "manager": "manager", "r1": "sales", "r2": "sales", "r3": "sales", "books": "finance"}


@pytest.fixture(scope="module")
def house(app):
    """Three salespeople who came every day until two weeks ago; one has worked today."""
    house = House(f"used-{uuid4().hex[:6]}", CAST)
    with house.ctx("owner") as ctx:
        for who in ("r1", "r2", "r3"):
            for ago in range(15, 25):
                came(ctx, ctx.session.get(type(house.users[who]), house.users[who].id), ago)
    with house.ctx("r1") as ctx:
        contact = create_contact(ctx, name="Sofie Brandt")
        ctx.session.flush()
        log.log_activity(ctx, kind="call", contact=contact, body="x", next_contact=ctx.today + timedelta(days=2))
    return house


def menu(browser):
    """What stands in somebody's side bar."""
    bar = browser.get("/").text.partition('id="side"')[2].partition("</nav>")[0]
    return {html.unescape(one) for one in re.findall(r'class="nav" href="([^"]+)"', bar)}


def test_each_role_has_the_doors_that_it_needs_and_no_others(app, house):
    seen = {who: menu(Browser(app, house, who)) for who in ("owner", "manager", "r1", "books")}
    assert seen["r1"] >= {"/accounts", "/contacts"} and not any(link.startswith(("/mailings", "/subscription")) for link in seen["r1"]), seen["r1"]
    assert seen["r1"] < seen["owner"] and any(link.startswith("/mailings") for link in seen["manager"])
    assert "/imports" not in seen["books"] and "/subscription" in seen["books"], "finance brings no lists in, and pays"


def test_use_is_shown_by_role_and_by_person_to_who_answers_for_people(app, house):
    page = Browser(app, house, "owner").get("/settings/adoption/").text
    roles, people = page.partition('id="by-person"')[::2]
    assert "Salesperson" in roles and "R1" not in roles and "R1" in people and "R3" in people
    manager = Browser(app, house, "manager").get("/settings/adoption/").text
    assert "Salesperson" in manager and "R1" not in manager.partition('id="by-role"')[2] and Browser(app, house, "r1").get("/settings/adoption/").status_code == 403


def test_where_use_falls_by_half_the_administrator_and_the_operator_hear_of_it(app, house):
    with house.ctx("owner") as ctx:
        order = defer(ctx, "adoption.watch")
    assert runner.work(str(order), str(house.tenant.id)) == "done"
    told = Browser(app, house, "owner").get("/notifications").text
    assert "used half as much as before" in told
    for who in ("manager", "r1"):
        assert "used half as much as before" not in Browser(app, house, who).get("/notifications").text
    console = make_operator(app).sign_in()
    assert "Used half as much since" in console.get(f"/tenants/{house.tenant.id}").text
