"""Signing in and out: no fixation, no replay, everything ends when it should (RELIABILITY X11, X12)."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from core.identity import actions, queries, tokens
from core.identity.models import SignIn
from tenants import entry
from tests.support.world import PASSWORD, House
from web import door


@pytest.fixture
def house(app, request):
    return House(f"s{abs(hash(request.node.name)) % 10**9}")


@pytest.fixture
def visitor(app, house):
    from tests.support.world import Browser

    return Browser(app, house)


def sign_in(visitor, who="owner", password=PASSWORD, **extra):
    return visitor.post("/sign-in", {"mail": f"{who}@{visitor.house.tenant.slug}.example", "password": password, **extra})


def cookie(visitor):
    found = visitor.client.get_cookie(door.cookie_name(), domain=visitor.house.host)
    return found.value if found else None


def test_the_right_password_opens_a_new_session(visitor):
    visitor.client.set_cookie(door.cookie_name(), "planted-by-a-stranger", domain=visitor.house.host)
    assert sign_in(visitor).status_code == 303
    assert cookie(visitor) != "planted-by-a-stranger"
    assert visitor.get("/settings/profile").status_code == 200


def test_the_planted_cookie_stays_worthless(visitor, app):
    from tests.support.world import Browser

    planted = Browser(app, visitor.house)
    planted.client.set_cookie(door.cookie_name(), "planted-by-a-stranger", domain=visitor.house.host)
    sign_in(visitor)
    assert planted.get("/settings/profile").status_code == 303


@pytest.mark.parametrize("who, password", [("owner", "wrong wrong wrong"), ("nobody", PASSWORD), ("ex", PASSWORD), ("owner", ""), ("owner", "x" * 5000)])
def test_every_wrong_sign_in_gets_the_same_answer(visitor, who, password):
    answer = sign_in(visitor, who, password)
    assert answer.status_code == 422 and cookie(visitor) is None
    assert PASSWORD not in answer.text


def test_wrong_and_unknown_read_the_same(visitor):
    import re

    bare = lambda answer: re.sub(r'nonce="[^"]*"|value="[^"]*"', "", answer.text)  # noqa: E731
    assert bare(sign_in(visitor, "owner", "wrong wrong wrong")) == bare(sign_in(visitor, "nobody", "wrong wrong wrong"))


def test_signing_out_ends_the_session_for_a_copied_cookie_too(visitor, app):
    from tests.support.world import Browser

    sign_in(visitor)
    thief = Browser(app, visitor.house)
    thief.client.set_cookie(door.cookie_name(), cookie(visitor), domain=visitor.house.host)
    assert thief.get("/settings/profile").status_code == 200
    with entry.enter(visitor.house.tenant) as session:
        visitor.csrf = session.execute(select(SignIn.csrf).order_by(SignIn.created_at.desc())).scalars().first()
    assert visitor.post("/sign-out").status_code == 303
    assert thief.get("/settings/profile").status_code == 303


def five_sessions(app, house, who="rep"):
    from tests.support.world import Browser

    return [Browser(app, house, who) for _ in range(5)]


def all_refused(browsers):
    return [b.get("/settings/profile").status_code for b in browsers] == [303] * len(browsers)


@pytest.mark.parametrize("end", ["password", "everywhere", "disable", "role"])
def test_five_sessions_end_at_once(app, house, end):
    browsers = five_sessions(app, house)
    if end == "password":
        with house.ctx("rep") as ctx:
            actions.change_password(ctx, PASSWORD, "another good password")
    if end == "everywhere":
        browsers[0].post("/settings/sessions/end")
    if end in ("disable", "role"):
        with house.ctx("owner") as ctx:
            user = queries.one_user(ctx, house.users["rep"].id)
            actions.disable_user(ctx, user) if end == "disable" else actions.give_role(ctx, user, "reader")
    assert all_refused(browsers)


def test_a_session_dies_of_idleness_and_of_age(app, house):
    from tests.support.world import Browser

    idle, old = Browser(app, house, "rep"), Browser(app, house, "rep")
    with entry.enter(house.tenant) as session:
        rows = session.execute(select(SignIn).order_by(SignIn.created_at)).scalars().all()
        rows[-2].seen_at -= queries.IDLE + timedelta(minutes=1)
        rows[-1].expires_at -= queries.ABSOLUTE
    assert all_refused([idle, old])


def test_another_tenants_cookie_opens_nothing(app, house):
    from tests.support.world import Browser

    other = House(f"other-{house.tenant.slug[-6:]}")
    visitor = Browser(app, other)
    mine = Browser(app, house, "owner")
    visitor.client.set_cookie(door.cookie_name(), mine.client.get_cookie(door.cookie_name(), domain=house.host).value, domain=other.host)
    assert visitor.get("/settings/profile").status_code == 303


def test_a_post_without_the_token_of_the_session_changes_nothing(app, house):
    from tests.support.world import Browser

    mine = Browser(app, house, "rep")
    mine.csrf = "somebody else's"
    assert mine.post("/settings/profile", {"name": "Changed", "locale": "en", "timezone": "UTC"}).status_code == 422
    with house.ctx("rep") as ctx:
        assert queries.one_user(ctx, ctx.actor.id).name == "Rep"


def test_another_site_cannot_post(app, house):
    from tests.support.world import Browser

    mine = Browser(app, house, "rep")
    answer = mine.post("/settings/profile", {"name": "Changed", "locale": "en", "timezone": "UTC"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_the_cookie_is_hidden_from_scripts_and_bound_to_the_host(visitor):
    header = sign_in(visitor).headers["Set-Cookie"]
    assert "HttpOnly" in header and "SameSite=Lax" in header and "Domain" not in header


def test_the_database_holds_no_usable_cookie_and_no_password(visitor):
    sign_in(visitor)
    with entry.enter(visitor.house.tenant) as session:
        dump = str(session.execute(text("SELECT row_to_json(s) FROM session s UNION ALL SELECT row_to_json(u) FROM app_user u")).all())
    assert cookie(visitor) not in dump and PASSWORD not in dump


def test_people_are_managed_by_administrators_only(world):
    for who, expected in (("owner", 200), ("manager", 200), ("rep", 403), ("reader", 403)):
        assert world.browser(who).get("/settings/members").status_code == expected
    assert world.browser("manager").post("/settings/members", {"name": "X", "mail": "x@x.example", "role": "admin", "password": PASSWORD}).status_code == 403


def test_the_last_administrator_stays(app, house):
    from tests.support.world import Browser

    owner = house.users["owner"]
    assert Browser(app, house, "owner").post("/settings/members/disabling", {"person": str(owner.id), "typed": owner.mail}).status_code == 422
    with house.ctx("owner") as ctx:
        assert queries.one_user(ctx, owner.id).state == "active"


def test_seats_are_counted_under_a_lock(app):
    from concurrent.futures import ThreadPoolExecutor

    from core.base.entitlements import Entitlements
    from core.base.errors import Refused

    house = House("seats-race", {"owner": "admin"})

    def add(n):
        try:
            with house.ctx("owner", entitlements=Entitlements(limits={"seats": 4})) as ctx:
                actions.add_user(ctx, mail=f"n{n}@x.example", name=f"N{n}", password=PASSWORD)
        except Refused:
            pass

    with ThreadPoolExecutor(5) as pool:
        list(pool.map(add, range(12)))
    with house.ctx("owner") as ctx:
        assert queries.seats_taken(ctx) == 4


@pytest.mark.parametrize("access", ["read_only", "suspended", "closed"])
def test_whoever_left_is_stopped_whatever_is_unpaid(app, access):
    """Ending access, signing out, exporting and paying are never withheld (BILLING 4.2)."""
    from tenants.models import Tenant
    from tests.support.world import Browser

    house = House(f"unpaid-{access.replace('_', '-')}")
    with house.ctx("rep") as ctx:
        _, token = tokens.make_token(ctx, name="leaked")
    with entry.control() as session:
        session.get_one(Tenant, house.tenant.id).access = access
    house.fresh()
    owner = Browser(app, house, "owner")
    assert [owner.get(p).status_code for p in ("/settings/members", "/settings/tokens/", "/settings/data/", "/subscription")] == [200] * 4
    assert owner.post(f"/settings/tokens/{token.id}/revocation").status_code == 303
    assert owner.post("/settings/members/disabling", {"person": str(house.users["rep"].id), "typed": house.users["rep"].mail}).status_code == 303
    assert owner.post("/accounts/", {"name": "X"}).status_code in (402, 404, 405)
    assert owner.post("/sign-out").status_code == 303


def test_another_administrator_cannot_lock_the_owner_out(app, house):
    from core.base.errors import Refused

    with house.ctx("owner") as ctx:
        actions.give_role(ctx, queries.one_user(ctx, house.users["rep"].id), "admin")
    with house.ctx("owner") as ctx:
        second = queries.actor_of(queries.one_user(ctx, house.users["rep"].id))
        owner = queries.one_user(ctx, house.users["owner"].id)
        from core.base.context import as_actor

        for change in (lambda c: actions.disable_user(c, owner), lambda c: actions.give_role(c, owner, "reader")):
            with pytest.raises(Refused, match="owner_stays"):
                change(as_actor(ctx, second))


def test_a_hint_that_cannot_be_left_does_not_undo_what_is_committed(house, monkeypatch):
    from sqlalchemy.exc import TimeoutError as PoolTimeout

    from core.base.outbox import Order, defer

    def fail(*_):
        raise PoolTimeout("control pool is full")

    monkeypatch.setattr(entry, "leave_hints", fail)
    with house.ctx("owner") as ctx:
        defer(ctx, "post.deliver", mail_id="x")
    with entry.enter(house.tenant) as session:
        assert len(session.execute(select(Order)).all()) == 1


def test_activity_is_noted_for_the_operator(visitor, house):
    assert house.fresh().last_activity_at is None
    sign_in(visitor)
    assert house.fresh().last_activity_at is not None
