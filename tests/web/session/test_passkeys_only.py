"""Passkeys alone count where the workspace says so: a stolen password and code open nothing, and nobody is shut out by the rule."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from core.base.errors import Refused
from core.identity import actions, passkeys, queries, sign_in_rules
from core.identity.models import Passkey, SignIn
from infra import limits
from tenants import entry
from tests.core.identity.test_second_step import set_up
from tests.support.forms import hidden_of
from tests.support.world import PASSWORD, Browser, House
from tests.web.session.test_passkeys import add, enter, own

FIRST = "/settings/passkeys/first"


@pytest.fixture
def house(app):
    limits.forget()
    return House(f"po-{uuid4().hex[:8]}")


def demand(house, *roles, since=0, who="owner"):
    """The rule, set by somebody who has a key himself."""
    with house.ctx(who) as ctx:
        key = Passkey(user_id=ctx.actor.id, name="own", rp_id="elsewhere.localhost", credential_id=uuid4().bytes, public_key=b"x", sign_count=0)
        ctx.session.add(key)
        ctx.session.flush()
        sign_in_rules.change_rules(ctx, passkey_from=ctx.today + timedelta(days=since), passkey_roles=list(roles))


def by_password(app, house, who="rep"):
    browser = own(Browser(app, house))
    return browser, browser.post("/sign-in", {"mail": house.users[who].mail, "password": PASSWORD})


def inside(browser):
    return browser.get("/settings/profile").status_code == 200


def method_of(house, who="rep"):
    with entry.enter(house.tenant) as session:
        rows = session.execute(select(SignIn).where(SignIn.user_id == house.users[who].id).order_by(SignIn.created_at.desc())).scalars()
        return rows.first().method


def csrf_of(browser, house, who="rep"):
    with entry.enter(house.tenant) as session:
        browser.csrf = session.execute(select(SignIn.csrf).where(SignIn.user_id == house.users[who].id).order_by(SignIn.created_at.desc())).scalars().first()
    return browser


def test_who_has_none_makes_one_before_anything_else_and_is_in(app, house):
    demand(house)
    rep, answer = by_password(app, house)
    assert answer.status_code == 303
    for path in ("/", "/accounts", "/settings/profile", "/settings/passkeys/", "/settings/second-step/", "/palette?q=a"):
        assert rep.get(path).headers["Location"] == FIRST, path
    assert rep.get("/accounts", headers={"HX-Request": "true"}).headers["HX-Redirect"] == FIRST
    page = rep.get(FIRST)
    assert page.status_code == 200 and "Make yours now" in page.text
    assert add(csrf_of(rep, house))[0].status_code == 303
    assert inside(rep) and method_of(house) == "passkey"
    assert rep.get(FIRST).status_code == 303


def test_a_password_opens_nothing_for_who_has_one(app, house):
    _, device = add(Browser(app, house, "rep"))
    demand(house)
    rep, answer = by_password(app, house)
    assert answer.status_code == 422 and "by your passkey alone" in answer.text and not inside(rep)
    assert enter(rep, device).status_code == 200 and inside(rep)


def test_a_password_and_a_code_open_nothing_either_but_a_recovery_code_lets_in_to_make_a_new_one(app, house):
    add(Browser(app, house, "rep"))
    authenticator, recovery = set_up(house)
    demand(house)
    rep, answer = by_password(app, house)
    assert answer.headers["Location"] == "/sign-in/code"
    refused = rep.post("/sign-in/code", {"code": authenticator.now()})
    assert refused.status_code == 422 and "by your passkey alone" in refused.text and "data-passkey-enter" in refused.text and not inside(rep)
    rep, _ = by_password(app, house)
    assert rep.post("/sign-in/code", {"code": recovery[0]}).status_code == 303
    assert rep.get("/accounts").headers["Location"] == FIRST and method_of(house) == "recovery"
    assert "by a recovery code" in rep.get(FIRST).text
    assert add(csrf_of(rep, house), "New telephone")[0].status_code == 303 and inside(rep)


def test_without_the_question_at_the_door_a_password_would_open_everything(app, house, monkeypatch):
    """Negative control."""
    add(Browser(app, house, "rep"))
    demand(house)
    monkeypatch.setattr(passkeys, "allow_other_way", lambda *_: None)
    monkeypatch.setattr(sign_in_rules, "asks_for_passkey", lambda *_: False)
    assert inside(by_password(app, house)[0])


def test_a_session_from_before_the_rule_proves_its_key_and_makes_none(app, house):
    """Else whoever stole a password the day before would make himself a key."""
    rep = own(Browser(app, house, "rep"))
    _, device = add(rep)
    assert inside(rep)
    demand(house)
    page = rep.get(FIRST)
    assert rep.get("/accounts").headers["Location"] == FIRST and "Use it now" in page.text and "passkey-name" not in page.text
    assert rep.post("/settings/passkeys/", {"name": "Thief"}).headers["Location"] == FIRST
    assert enter(rep, device).status_code == 200 and inside(rep)


def test_a_key_of_another_address_shuts_nobody_out(app, house):
    """The workspace's address was changed, and its old keys are good nowhere."""
    demand(house)
    owner, answer = by_password(app, house, "owner")
    assert answer.status_code == 303 and owner.get("/").headers["Location"] == FIRST
    assert add(csrf_of(owner, house, "owner"))[0].status_code == 303 and inside(owner)


def test_the_rule_is_for_its_roles_and_from_its_day_on(app, house):
    demand(house, "admin")
    assert inside(by_password(app, house)[0]) and not inside(by_password(app, house, "owner")[0])
    demand(house, since=2)
    assert inside(by_password(app, house, "owner")[0])


def test_single_sign_on_and_api_tokens_work_on(world, house):
    demand(house)
    rep = Browser(world.app, house, "rep")
    assert not inside(rep)
    with entry.enter(house.tenant) as session:
        session.execute(SignIn.__table__.update().values(method="sso"))
    assert inside(rep) and world.api("rep", house).get("/api/v1/me").status_code == 200


def test_nobody_demands_of_himself_what_he_has_not(app, house):
    owner = Browser(app, house, "owner")
    page = "/settings/signing-in/"
    loaded = hidden_of(owner.get(page).text, page)
    today = entry.utcnow().date().isoformat()
    refused = owner.post(page, {**loaded, "passkey_from": today})
    assert refused.status_code == 422 and "Make a passkey of your own first" in refused.text
    assert owner.post(page, {**loaded, "passkey_from": today, "passkey_roles": ["manager"]}).status_code == 303
    add(own(owner))
    loaded = hidden_of(owner.get(page).text, page)
    assert owner.post(page, {**loaded, "passkey_from": today, "passkey_roles": []}).status_code == 303
    with house.ctx() as ctx:
        rules = sign_in_rules.rules_of(ctx)
        assert (rules.passkey_from, rules.passkey_roles, rules.second_step_from) == (ctx.today, [], None)


def test_what_is_no_day_and_no_role_is_refused(house):
    with house.ctx() as ctx, pytest.raises(Refused, match="not_a_date"):
        sign_in_rules.change_rules(ctx, passkey_from="soon")
    with house.ctx() as ctx, pytest.raises(Refused, match="unknown_value"):
        sign_in_rules.change_rules(ctx, passkey_roles=["nobody"])


def test_the_last_key_stays_while_one_is_demanded(app, house):
    rep = own(Browser(app, house, "rep"))
    add(rep)
    _, device = add(rep, "Second")
    demand(house)
    assert enter(rep, device).status_code == 200
    csrf_of(rep, house)
    with entry.enter(house.tenant) as session:
        mine = session.execute(select(Passkey.id).where(Passkey.user_id == house.users["rep"].id)).scalars().all()
    assert rep.post(f"/settings/passkeys/{mine[0]}/removal").status_code == 303
    last = rep.post(f"/settings/passkeys/{mine[1]}/removal")
    assert last.status_code == 422 and "the last one stays" in last.text


def test_an_administrator_takes_lost_keys_away_and_the_person_makes_a_new_one(app, house):
    add(Browser(app, house, "rep"))
    demand(house)
    with house.ctx() as ctx:
        passkeys.reset(ctx, queries.one_user(ctx, house.users["rep"].id))
    with house.ctx() as ctx, pytest.raises(Refused, match="passkeys_gone"):
        passkeys.reset(ctx, queries.one_user(ctx, house.users["rep"].id))
    rep, answer = by_password(app, house)
    assert answer.status_code == 303 and rep.get("/").headers["Location"] == FIRST


def test_it_is_done_on_the_persons_page_by_administrators_and_told(app, house):
    from core.base.outbox import Order

    rep = house.users["rep"].id
    add(Browser(app, house, "rep"))
    owner = Browser(app, house, "owner")
    assert "1 passkey." in owner.get(f"/settings/members/{rep}").text
    assert Browser(app, house, "manager").post(f"/settings/members/{rep}/passkeys-reset").status_code == 403
    assert owner.post(f"/settings/members/{rep}/passkeys-reset").status_code == 303
    assert "No passkeys." in owner.get(f"/settings/members/{rep}").text
    with entry.enter(house.tenant) as session:
        assert session.execute(select(Order.args["letter"].astext).where(Order.name == "identity.mail_notice").order_by(Order.id)).scalars().all() == ["passkey_added", "passkeys_reset"]


def test_the_owners_keys_are_taken_away_by_nobody_else(app, house):
    from core.base.context import as_actor

    with house.ctx() as ctx:
        actions.give_role(ctx, queries.one_user(ctx, house.users["rep"].id), "admin")
    with house.ctx() as ctx, pytest.raises(Refused, match="owner_stays"):
        second = queries.actor_of(queries.one_user(ctx, house.users["rep"].id))
        passkeys.reset(as_actor(ctx, second), queries.one_user(ctx, house.users["owner"].id))
