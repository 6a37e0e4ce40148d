"""Taking access away with somebody who takes over, on the page of people."""

import re
from uuid import uuid4

import pytest

from core.identity import queries
from core.identity.actions import give_role
from core.identity.roles import create_role
from core.parties import actions as parties
from core.parties.models import Account
from tests.support.world import Browser, House


@pytest.fixture
def house(app):
    made = House(f"lv-{uuid4().hex[:8]}")
    with made.ctx() as ctx:
        made.account = parties.create_account(ctx, name="Nordlicht", owner_id=made.users["rep"].id).id
    return made


def leave(app, house, successor):
    rep = house.users["rep"]
    return Browser(app, house, "owner").post("/settings/members/disabling", {"person": str(rep.id), "typed": rep.mail, "successor": successor})


def stands(house):
    with house.ctx() as ctx:
        return queries.one_user(ctx, house.users["rep"].id).state, ctx.session.get_one(Account, house.account).owner_id


def test_one_form_ends_access_and_hands_over(app, house):
    assert "Who takes over" in Browser(app, house, "owner").get("/settings/members").text
    answer = leave(app, house, str(house.users["colleague"].id))
    assert answer.status_code == 303 and answer.headers["Location"].startswith("/handing-over/")
    assert stands(house) == ("disabled", house.users["colleague"].id)
    assert "Handed over" in Browser(app, house, "owner").get(answer.headers["Location"]).text


def test_without_a_successor_everything_stays(app, house):
    assert leave(app, house, "").headers["Location"] == "/settings/members"
    assert stands(house) == ("disabled", house.users["rep"].id)


@pytest.mark.parametrize("successor", ["rep", "ex", "reader", "nobody"])
def test_a_wrong_successor_changes_nothing(app, house, successor):
    wanted = str(house.users[successor].id) if successor in house.users else str(uuid4())
    assert leave(app, house, wanted).status_code == 422
    assert stands(house) == ("active", house.users["rep"].id)


def test_the_toast_and_the_persons_page_take_it_back(app, house):
    leave(app, house, str(house.users["colleague"].id))
    owner = Browser(app, house, "owner")
    page = owner.get(f"/settings/members/{house.users['rep'].id}").text
    assert "Handed over" in page and "went to Colleague" in page
    way = re.search(r'action="(/handing-over/[^"]+/undo)"', page)[1]
    assert Browser(app, house, "colleague").post(way).status_code == 403
    assert owner.post(way).status_code == 303 and stands(house) == ("disabled", house.users["rep"].id)
    assert "Handed over" not in owner.get(f"/settings/members/{house.users['rep'].id}").text
    assert owner.post(way).status_code == 422


def test_the_toast_has_the_way_back(app, house):
    rep, owner = house.users["rep"], Browser(app, house, "owner")
    answer = owner.post("/settings/members/disabling", {"person": str(rep.id), "typed": rep.mail, "successor": str(house.users["colleague"].id)})
    text = owner.get(answer.headers["Location"]).text
    assert text.count(f'action="{answer.headers["Location"]}/undo"') == 2, "the toast and the page"


def test_whoever_may_not_hand_over_reads_why_nobody_is_offered(app, house):
    with house.ctx() as ctx:
        role = create_role(ctx, name="Staff", permissions=["users.read", "users.disable", "accounts.read"])
        ctx.session.flush()
        give_role(ctx, queries.one_user(ctx, house.users["manager"].id), role.code)
    page = Browser(app, house, "manager").get("/settings/members").text
    assert 'name="successor"' in page and "which you do not hold" in page and f'value="{house.users["colleague"].id}"' not in page.split('name="successor"')[1]
    assert "which you do not hold" not in Browser(app, house, "owner").get("/settings/members").text
    rep = house.users["rep"]
    assert Browser(app, house, "manager").post("/settings/members/disabling", {"person": str(rep.id), "typed": rep.mail, "successor": ""}).status_code == 303
    assert stands(house) == ("disabled", rep.id)
