"""Programs of the workspace: they act under their own name, belong to nobody, and are no person anywhere (issue 3, API; FEATURES 163-166)."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from core.base.context import as_actor
from core.base.errors import Forbidden, NotFound, Refused
from core.base.facts import Fact
from core.base.outbox import Order, defer
from core.discussions import queries as discussions
from core.identity import actions, programs, queries, roles, seats, tokens, viewing
from core.identity.models import ApiToken, SignIn, User
from core.notifications import following
from core.parties import actions as parties
from core.parties import pool
from core.parties.models import Account
from core.sharing import actions as sharing
from core.views import actions as views
from tenants import entry
from tests.support.world import PASSWORD, Browser, House
from tests.web.api.test_tokens_of_roles import names, role_of
from workers.door import Asker
from workers.run import work

PAGE = "/settings/programs/"


@pytest.fixture(scope="module")
def house(app):
    made = House(f"prg-{uuid4().hex[:8]}")
    with made.ctx() as ctx:
        for who in ("manager", "rep"):
            parties.create_account(ctx, name=f"Of {who}", owner_id=made.users[who].id)
    return made


def make(house, who="owner", **given):
    with house.ctx(who) as ctx:
        secret, row = programs.make_program(ctx, **({"name": f"Sync {uuid4().hex[:6]}", "role": "manager"} | given))
        return secret, row.id, row.user_id


def client(app, house, secret):
    browser = Browser(app, house)
    browser.client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    return browser


def orders(house):
    with entry.enter(house.tenant) as session:
        return session.execute(select(Order.id).where(Order.name.startswith("transfer."), Order.state == "waiting")).scalars().all()


def works(app, house, secret):
    return client(app, house, secret).get("/api/v1/accounts").status_code == 200


def test_it_acts_under_its_own_name_in_history_timeline_and_audit(app, house):
    secret, _, user_id = make(house, name="Website sync")
    api = client(app, house, secret)
    assert api.get("/api/v1/me").json["name"] == "Website sync"
    made = api.json("POST", "/api/v1/accounts", {"name": "From the website"}).json
    assert api.json("PATCH", f"/api/v1/accounts/{made['id']}", {"city": "Kiel"}, headers={"If-Match": f'"{made["version"]}"'}).status_code == 200
    with house.ctx() as ctx:
        facts = ctx.session.execute(select(Fact).where(Fact.subject_id == made["id"])).scalars().all()
        assert {(one.actor_id, one.actor_name) for one in facts} == {(user_id, "Website sync")}
    owner = Browser(app, house, "owner")
    assert "Website sync" in owner.get(f"/accounts/{made['id']}").text and "Website sync" in owner.get(f"/accounts/{made['id']}/history").text
    log = owner.get(f"/settings/audit/?table=account&person={user_id}").text
    assert "<td>Website sync</td>" in log and "Kiel" in log


def test_what_it_makes_is_owned_by_whom_its_maker_chose(app, house):
    rep = house.users["rep"].id
    given, free = (client(app, house, make(house, owner_id=whose)[0]) for whose in (rep, None))
    account = given.json("POST", "/api/v1/accounts", {"name": "A"}).json
    assert account["owner_id"] == str(rep) and free.json("POST", "/api/v1/accounts", {"name": "B"}).json["owner_id"] is None
    logged = given.json("POST", "/api/v1/activities", {"kind": "call", "body": "x", "account_id": account["id"]}).json
    assert logged["owner_id"] == str(rep)
    other = str(house.users["manager"].id)
    assert given.json("POST", "/api/v1/accounts", {"name": "C", "owner_id": other}).json["owner_id"] == other


def test_it_does_and_sees_what_its_role_says_and_its_makers_rights_are_none_of_it(app, house):
    api = client(app, house, make(house, role="reader")[0])
    assert names(api) == ["Of manager", "Of rep"] and api.json("POST", "/api/v1/accounts", {"name": "X"}).status_code == 403
    assert api.get("/api/v1/me").json["role"] == "reader"


def test_own_records_are_those_of_whom_it_makes_them_for(app, house):
    assert names(client(app, house, make(house, role="sales", owner_id=house.users["rep"].id)[0])) == ["Of rep"]
    assert names(client(app, house, make(house, role="sales")[0])) == []


def test_rooms_reading_and_time_narrow_it(app, house):
    api = client(app, house, make(house, rooms=["accounts"], reading=True)[0])
    assert api.get("/api/v1/accounts").status_code == 200 and api.get("/api/v1/contacts").status_code == 403
    assert api.json("POST", "/api/v1/accounts", {"name": "X"}).status_code == 403
    secret, key, _ = make(house, days=1)
    with entry.enter(house.tenant) as session:
        session.get(ApiToken, key).expires_at = entry.utcnow() - timedelta(seconds=1)
    assert not works(app, house, secret)


def test_it_goes_on_when_its_maker_leaves_and_gives_what_it_makes_to_everybody(app):
    house = House(f"prl-{uuid4().hex[:8]}", {"owner": "admin", "second": "admin", "rep": "sales"})
    second = house.users["second"].id
    secret, key, _ = make(house, "second", owner_id=second)
    with house.ctx("second") as ctx:
        own, _ = tokens.make_token(ctx, name="own")
    with house.ctx() as ctx:
        actions.disable_user(ctx, queries.one_user(ctx, second))
    assert works(app, house, secret) and client(app, house, own).get("/api/v1/accounts").status_code == 401
    assert client(app, house, secret).json("POST", "/api/v1/accounts", {"name": "Later"}).json["owner_id"] is None
    with entry.enter(house.tenant) as session:
        assert session.get(ApiToken, key).owner_id is None


def test_it_ends_with_its_role_and_its_name_stays(app, house):
    code = role_of(house)
    secret, key, user_id = make(house, role=code, name=f"Of a role {code}")
    assert client(app, house, secret).json("POST", "/api/v1/accounts", {"name": "Before"}).status_code == 201
    with house.ctx() as ctx:
        assert not roles.holders(ctx).get(roles.one_role(ctx, code).id), "a program is nobody who has the role"
        roles.delete_role(ctx, roles.one_role(ctx, code))
    assert not works(app, house, secret)
    with house.ctx() as ctx:
        assert ctx.session.get(ApiToken, key) is None and queries.actor_names(ctx)[user_id] == f"Of a role {code}"


def test_a_changed_role_changes_it_at_once(app, house):
    code = role_of(house)
    secret, _, _ = make(house, role=code)
    assert works(app, house, secret)
    with house.ctx() as ctx:
        roles.edit_role(ctx, roles.one_role(ctx, code), permissions=["contacts.read"])
    assert client(app, house, secret).get("/api/v1/accounts").status_code == 403


def test_it_is_ended_by_hand(app, house):
    secret, key, _ = make(house)
    with house.ctx("manager") as ctx, pytest.raises(Forbidden):
        programs.end_program(ctx, key)
    with house.ctx() as ctx:
        programs.end_program(ctx, key)
        with pytest.raises(NotFound):
            programs.end_program(ctx, key)
    assert not works(app, house, secret)


def test_it_takes_no_seat(house):
    with house.ctx() as ctx:
        before = queries.seats_taken(ctx), queries.people_by_seat(ctx)
    make(house)
    with house.ctx() as ctx:
        assert (queries.seats_taken(ctx), queries.people_by_seat(ctx)) == before
        seats.hold_seat(ctx, roles.one_role(ctx, "sales"))


def test_it_never_signs_in(app, house):
    _, _, user_id = make(house, name="Knocks at the door")
    with entry.enter(house.tenant) as session:
        user = session.get(User, user_id)
        user.password_hash = house.users["rep"].password_hash
        for mail in (user.mail_norm, user.mail):
            assert Browser(app, house).post("/sign-in", {"mail": mail, "password": PASSWORD}).status_code == 422
            with pytest.raises(Refused, match="sign_in_failed"):
                actions.prove(session, mail, PASSWORD)
        token, _ = actions.open_session(session, user, now=entry.utcnow(), ip="127.0.0.1", agent="forged")
        assert queries.session_of(session, token, entry.utcnow()) is None
        session.execute(SignIn.__table__.delete().where(SignIn.user_id == user_id))
        assert queries.load_actor(session, user_id, entry.utcnow()) is None


def test_it_stands_in_no_list_of_people(app, house):
    _, _, user_id = make(house, name="Is no person")
    with house.ctx() as ctx:
        account = parties.create_account(ctx, name="Asked about")
        lists = [str(queries.user_names(ctx)), str([one.name for one in queries.users(ctx)]), str(sharing.offered(ctx)), str(discussions.mentionable(ctx, account))]
        assert "Rep" in lists[0] and "Rep" in lists[1] and "Rep" in lists[2] and not any("Is no person" in one or str(user_id) in one for one in lists)
        following.begin_to_follow(ctx, account, [user_id])
        assert following.listeners(ctx, account) == [house.users["owner"].id]
        with pytest.raises(NotFound):
            queries.one_user(ctx, user_id)
        with pytest.raises(Refused, match="owner_unknown"):
            parties.create_account(ctx, name="Given to it", owner_id=user_id)
        with pytest.raises(Refused):
            sharing.share(ctx, account, user_id=user_id)
        sign_in = SignIn()
        with pytest.raises(Refused):
            viewing.begin_viewing(ctx, sign_in, ctx.session.get(User, user_id))
    owner = Browser(app, house, "owner")
    for path in ("/settings/members", "/settings/teams/", "/settings/adoption/", "/accounts", "/accounts/new", f"/accounts/{account.id}", f"/accounts/{account.id}/sight", "/settings/profile", "/settings/tokens/"):
        answer = owner.get(path)
        assert answer.status_code == 200 and str(user_id) not in answer.text and "Is no person" not in answer.text, path
    assert owner.get(f"/settings/members/{user_id}").status_code == 404
    api = client(app, house, make(house, role="admin")[0])
    assert str(user_id) not in api.get("/api/v1/users?limit=200").get_data(as_text=True) and api.get(f"/api/v1/users/{user_id}").status_code == 404


def test_it_keeps_nothing_for_itself(house):
    _, key, _ = make(house, role="admin")
    with house.ctx() as ctx:
        _, actor = queries.token_actor(ctx.session, key, ctx.now)
        acting = as_actor(ctx, actor)
        free = parties.create_account(acting, name="Free", owner_id=None)
        for attempt in (lambda: views.save_view(acting, room="accounts", name="Mine", query={}), lambda: pool.claim(acting, free.id)):
            with pytest.raises(Refused, match="program_owns_nothing"):
                attempt()


def test_it_makes_neither_tokens_nor_programs(house):
    _, key, _ = make(house, role="admin")
    with house.ctx() as ctx:
        _, actor = queries.token_actor(ctx.session, key, ctx.now)
        acting = as_actor(ctx, actor)
        for attempt in (lambda: tokens.make_token(acting, name="x"), lambda: programs.make_program(acting, name="x", role="reader")):
            with pytest.raises(Refused, match="beyond_yours"):
                attempt()


def test_what_it_asks_for_later_is_done_as_the_program_and_ends_with_it(house):
    _, key, user_id = make(house, role="sales", owner_id=house.users["rep"].id)
    with house.ctx() as ctx:
        _, actor = queries.token_actor(ctx.session, key, ctx.now)
        order_id = defer(as_actor(ctx, actor), "transfer.check", run_id="x")
    with entry.enter(house.tenant) as session:
        order = session.get(Order, order_id)
        asker = Asker(order.asked_by, order.by_token)
        user, found = asker.load(session, narrowed=True)
        assert (user.id, found.visibility, found.owner_id, found.is_program) == (user_id, "own", house.users["rep"].id, True)
        session.delete(order)
    with house.ctx() as ctx:
        programs.end_program(ctx, key)
    with entry.enter(house.tenant) as session:
        assert asker.load(session, narrowed=True) is None


def test_an_import_of_it_makes_records_for_its_owner(app, house):
    rep = house.users["rep"].id
    api = client(app, house, make(house, owner_id=rep)[0])
    assert api.client.post("/api/v1/imports?kind=accounts&dry_run=false", base_url=f"http://{house.host}", data=b"name,city\nImported by a program,Kiel\n", content_type="text/csv").status_code in (201, 202)
    while waiting := orders(house):
        assert {work(str(one), str(house.tenant.id)) for one in waiting} == {"done"}
    with house.ctx() as ctx:
        assert ctx.session.execute(select(Account.owner_id).where(Account.name == "Imported by a program")).scalar_one() == rep


@pytest.mark.parametrize(("given", "code"), [
    ({"name": "Rep"}, "program_name_taken"), ({"name": " "}, "required"), ({"role": "god"}, "unknown_value"), ({"role": ""}, "unknown_value"),
    ({"rooms": ["nowhere"]}, "unknown_value"), ({"days": 0}, "unknown_value"), ({"days": None}, "token_must_end"),
])
def test_what_is_no_program_is_refused(house, given, code):
    with pytest.raises(Refused) as refused:
        make(house, **given)
    assert refused.value.code == code


def test_names_are_not_given_twice_while_the_program_lives(house):
    _, key, _ = make(house, name="Once")
    with pytest.raises(Refused, match="program_name_taken"):
        make(house, name="ONCE")
    with house.ctx() as ctx:
        programs.end_program(ctx, key)
    make(house, name="Once")


def test_nobody_makes_one_that_reaches_further_than_himself(house):
    code = role_of(house, visibility="own", changing="own", permissions=["programs.read", "programs.manage", "programs.end", "accounts.read", "accounts.create"])
    with house.ctx() as ctx:
        actions.give_role(ctx, queries.one_user(ctx, house.users["colleague"].id), code)
        fresh = queries.one_user(ctx, house.users["colleague"].id)
        acting = as_actor(ctx, queries.actor_of(fresh))
        for given, refusal in (({"role": "reader"}, "beyond_yours"), ({"role": code, "owner_id": house.users["rep"].id}, "owner_unknown"), ({"role": code, "owner_id": house.users["ex"].id}, "owner_unknown")):
            with pytest.raises(Refused, match=refusal):
                programs.make_program(acting, name=f"P {uuid4().hex}", **given)
        assert programs.make_program(acting, name=f"P {uuid4().hex}", role=code, owner_id=fresh.id)


def test_the_page_makes_one_shows_its_token_once_and_ends_it(app, house):
    owner = Browser(app, house, "owner")
    answer = owner.post(PAGE, {"name": "Shop", "role": "sales", "owner_id": str(house.users["rep"].id), "reach": "all", "days": "90", "rooms": ["accounts"]})
    secret = re.search(r'id="new-token" value="([^"]+)"', answer.text)[1]
    assert answer.status_code == 201 and answer.headers["Cache-Control"] == "no-store" and works(app, house, secret)
    page = owner.get(PAGE).text
    row = page.partition("Shop</span>")[2].partition("</li>")[0]
    assert secret not in page and "Salesperson" in row and "owned by Rep" in row and "Made by Owner" in row and "Accounts" in row
    assert owner.post(re.search(r'action="([^"]+/ending)"', row)[1]).status_code == 303
    assert "Shop</span>" not in owner.get(PAGE).text and not works(app, house, secret)
    assert owner.post(PAGE, {"name": "Shop", "role": "", "reach": "all", "days": "90"}).status_code == 422
    assert Browser(app, house, "manager").get(PAGE).status_code == 403 and "/settings/programs/" not in Browser(app, house, "manager").get("/settings/profile").text


def test_without_the_state_of_its_own_it_would_take_a_seat_and_be_offered(house):
    """Negative control."""
    _, _, user_id = make(house)
    with house.ctx() as ctx:
        before = queries.seats_taken(ctx)
        ctx.session.get(User, user_id).state = "active"
        ctx.session.flush()
        assert queries.seats_taken(ctx) == before + 1 and user_id in queries.user_names(ctx)
        ctx.session.get(User, user_id).state = "program"
