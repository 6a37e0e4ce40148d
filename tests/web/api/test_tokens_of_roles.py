"""Tokens bound to a role, to rooms and to a time: never wider than their user, and no wider than the role (issue 3, API)."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from core.base.context import as_actor
from core.base.errors import Refused
from core.base.outbox import Order, defer
from core.identity import queries, roles, sign_in_rules, tokens
from core.identity.models import ApiToken
from core.parties import actions as parties
from tenants import entry
from tests.support.world import Browser, House
from workers.door import Asker


@pytest.fixture(scope="module")
def house(app):
    made = House(f"tok-{uuid4().hex[:8]}")
    with made.ctx("manager") as ctx:
        for who in ("manager", "rep"):
            parties.create_account(ctx, name=f"Of {who}", phone="+34 600 000 001", owner_id=made.users[who].id)
    return made


def made(house, who, **given):
    with house.ctx(who) as ctx:
        secret, row = tokens.make_token(ctx, name="t", **given)
        ctx.session.flush()
        return secret, row.id


def client(app, house, who, **given):
    browser = Browser(app, house)
    browser.client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {made(house, who, **given)[0]}"
    return browser


def names(api):
    return sorted(row["name"] for row in api.get("/api/v1/accounts?filter[name][contains]=Of ").json["data"])


def role_of(house, **given):
    with house.ctx() as ctx:
        return roles.create_role(ctx, name=f"Programs {uuid4().hex[:6]}", **({"visibility": "all", "changing": "all", "permissions": ["accounts.read", "accounts.create", "accounts.edit"]} | given)).code


def test_a_token_does_no_more_than_its_role(app, house):
    api = client(app, house, "owner", role="reader")
    me = api.get("/api/v1/me").json
    assert me["role"] == "reader" and "accounts.create" not in me["permissions"] and "accounts.read" in me["permissions"]
    assert api.get("/api/v1/accounts").status_code == 200
    assert api.json("POST", "/api/v1/accounts", {"name": "A"}).status_code == 403


def test_it_sees_as_far_as_the_narrower_of_both(app, house):
    assert names(client(app, house, "manager")) == ["Of manager", "Of rep"]
    assert names(client(app, house, "manager", role="sales")) == ["Of manager"]
    assert names(client(app, house, "rep", role="reader")) == ["Of rep"], "a wide role widens nobody"


def test_a_role_gives_nobody_what_he_may_not_do(app, house):
    held = set(client(app, house, "rep", role="admin").get("/api/v1/me").json["permissions"])
    assert held == set(client(app, house, "rep").get("/api/v1/me").json["permissions"])


def test_without_the_meeting_of_both_it_would_see_all(app, house, monkeypatch):
    """Negative control."""
    monkeypatch.setattr(queries, "meet", lambda person, role: person)
    assert names(client(app, house, "manager", role="sales")) == ["Of manager", "Of rep"]


def test_what_the_role_hides_the_program_does_not_read(app, house):
    row = client(app, house, "manager", role=role_of(house, hidden=["accounts.phone"])).get("/api/v1/accounts").json["data"][0]
    assert "phone" not in row and "phone" in client(app, house, "manager").get("/api/v1/accounts").json["data"][0]


def test_it_narrows_with_its_role_and_ends_with_it(app, house):
    code = role_of(house)
    api = client(app, house, "owner", role=code)
    assert api.json("POST", "/api/v1/accounts", {"name": "Made"}).status_code == 201
    with house.ctx() as ctx:
        roles.edit_role(ctx, roles.one_role(ctx, code), permissions=["accounts.read"])
    assert api.json("POST", "/api/v1/accounts", {"name": "Made"}).status_code == 403
    with house.ctx() as ctx:
        roles.delete_role(ctx, roles.one_role(ctx, code))
    assert api.get("/api/v1/accounts").status_code == 401


def test_it_works_in_its_rooms_alone(app, house):
    api = client(app, house, "owner", rooms=["accounts"])
    assert api.json("POST", "/api/v1/accounts", {"name": "Roomy"}).status_code == 201
    assert (api.get("/api/v1/contacts").status_code, api.get("/api/v1/users").status_code, api.get("/api/v1/me").status_code) == (403, 403, 200)
    reading = client(app, house, "owner", rooms=["accounts", "contacts"], reading=True)
    assert reading.get("/api/v1/contacts").status_code == 200 and reading.json("POST", "/api/v1/accounts", {"name": "A"}).status_code == 403


@pytest.mark.parametrize("given,code", [
    ({"role": "nobody"}, "unknown_value"), ({"rooms": ["cellar"]}, "unknown_value"), ({"rooms": []}, "unknown_value"), ({"days": None}, "token_must_end"),
    ({"days": 0}, "unknown_value"), ({"days": 100_000}, "unknown_value"),
], ids=["role", "room", "no room", "endless", "no day", "too long"])
def test_what_is_no_token_is_refused(house, given, code):
    with house.ctx("rep") as ctx, pytest.raises(Refused, match=code):
        tokens.make_token(ctx, name="t", **given)


def test_one_without_an_end_is_made_only_where_the_workspace_allows_it(app):
    other = House(f"tok-{uuid4().hex[:8]}")
    owner = Browser(app, other, "owner")
    form = {"name": "Shop", "reach": "read", "days": "0"}
    assert 'value="0"' not in owner.get("/settings/tokens/").text and owner.post("/settings/tokens/", form).status_code == 422
    assert owner.post("/settings/signing-in/", {"endless_tokens": "y"}).status_code == 303
    assert 'value="0"' in owner.get("/settings/tokens/").text and owner.post("/settings/tokens/", form).status_code == 201
    with other.ctx() as ctx:
        assert sign_in_rules.rules_of(ctx).endless_tokens and ctx.session.execute(select(ApiToken.expires_at)).scalars().all() == [None]


def test_the_page_makes_one_of_a_role_and_rooms_and_says_so(app, house):
    rep = Browser(app, house, "rep")
    answer = rep.post("/settings/tokens/", {"name": "Till", "reach": "all", "days": "30", "role": "reader", "rooms": ["accounts", "activities"]})
    assert answer.status_code == 201
    row = answer.text.partition("Till</span>")[2].partition("</li>")[0]
    assert "Read only" in row and "Accounts, Contact log" in row
    assert rep.post("/settings/tokens/", {"name": "Till", "reach": "all", "days": "30", "role": "god"}).status_code == 422
    assert rep.post("/settings/tokens/", {"name": "Till", "reach": "all", "days": "30", "rooms": ["users"]}).status_code == 422, "a room in which he may nothing"


def test_a_token_makes_no_token(house):
    _, key = made(house, "rep", role="reader")
    with house.ctx("rep") as ctx:
        _, actor = queries.token_actor(ctx.session, key, ctx.now)
        assert "tokens.manage" not in actor.permissions
        _, wide = queries.token_actor(ctx.session, made(house, "rep")[1], ctx.now)
        with pytest.raises(Refused, match="beyond_yours"):
            tokens.make_token(as_actor(ctx, wide), name="wider")


def test_what_it_asks_for_later_is_done_no_further_than_it_reaches(house):
    """Imports, exports and bulk edits run in the background as whoever asked."""
    _, key = made(house, "manager", role="sales")
    with house.ctx("manager") as ctx:
        _, actor = queries.token_actor(ctx.session, key, ctx.now)
        order_id = defer(as_actor(ctx, actor), "transfer.check", run_id="x")
    with entry.enter(house.tenant) as session:
        order = session.get(Order, order_id)
        asker = Asker(order.asked_by, order.by_token)
        assert (asker.load(session, narrowed=True)[1].visibility, asker.load(session, narrowed=False)[1].visibility) == ("own", "all")
        session.delete(order)


def test_what_it_asked_for_ends_with_it(house):
    _, key = made(house, "manager", role="sales")
    with house.ctx("manager") as ctx:
        tokens.revoke_token(ctx, key)
    with entry.enter(house.tenant) as session:
        assert Asker(house.users["manager"].id, key).load(session, narrowed=True) is None
