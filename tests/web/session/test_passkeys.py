"""Passkeys: the right one opens a session that has passed both steps; whatever is not exactly what was asked opens none."""

import html
import json
import re
from dataclasses import replace
from uuid import uuid4

import pytest
from sqlalchemy import select

from core.identity import actions, queries, sign_in_rules
from core.identity.models import Passkey, SignIn, SignInStep
from infra import passkeys as verifier
from tenants import entry
from tests.core.identity.test_second_step import set_up
from tests.support.authenticator import Authenticator
from tests.support.world import Browser, House
from web import door


@pytest.fixture
def house(app):
    return House(f"pk-{uuid4().hex[:8]}")


def options_of(page):
    return json.loads(html.unescape(re.search(r'data-passkey-new="([^"]*)"', page)[1]))


def add(browser, name="My telephone", **lies):
    """(the answer of the page, the authenticator) of a key that a person has made."""
    device = Authenticator(origin=f"http://{browser.house.host}")
    options = options_of(browser.post("/settings/passkeys/", {"name": name}).text)
    return browser.post("/settings/passkeys/registration", {"answer": device.make(options, **lies)}), device


def own(browser):
    browser.client.environ_base["REMOTE_ADDR"] = f"2001:db8:{uuid4().hex[:4]}:{uuid4().hex[:4]}::1"
    return browser


def enter(visitor, device, **lies):
    """The answer to signing in with it, told whatever lies."""
    asked = visitor.post("/sign-in/passkey/challenge").json
    return visitor.post("/sign-in/passkey/", {"answer": device.answer(asked, **lies), "next": "/accounts"})


def inside(visitor):
    return visitor.get("/settings/profile").status_code == 200


def keys(house):
    with entry.enter(house.tenant) as session:
        return session.execute(select(Passkey).order_by(Passkey.created_at)).scalars().all()


@pytest.fixture
def device(app, house):
    answer, made = add(Browser(app, house, "rep"))
    assert answer.status_code == 303
    return made


@pytest.fixture
def visitor(app, house):
    return own(Browser(app, house))


def test_a_key_is_made_named_and_shown_and_its_person_told(app, house):
    rep = Browser(app, house, "rep")
    answer, _ = add(rep, "Rep's telephone")
    assert answer.status_code == 303
    assert "Rep&#39;s telephone" in rep.get("/settings/passkeys/").text and "Rep&#39;s telephone" in rep.get("/settings/profile").text
    (key,) = keys(house)
    assert key.rp_id == house.host and key.user_id == house.users["rep"].id
    assert rep.post(f"/settings/passkeys/{key.id}/name", {"name": "Drawer"}).status_code == 303 and keys(house)[0].name == "Drawer"
    from core.base.outbox import Order

    with entry.enter(house.tenant) as session:
        assert session.execute(select(Order.args["letter"].astext).where(Order.name == "identity.mail_notice")).scalars().all() == ["passkey_added"]


def test_it_asks_for_a_key_that_stays_and_for_its_person(app, house):
    options = options_of(Browser(app, house, "rep").post("/settings/passkeys/", {"name": "x"}).text)
    assert options["rp"]["id"] == house.host and options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"


def test_it_signs_in_and_counts_as_both_steps(visitor, house, device):
    set_up(house)
    with house.ctx() as ctx:
        sign_in_rules.change_rules(ctx, second_step_from=ctx.today)
    answer = enter(visitor, device)
    assert answer.status_code == 200 and answer.json == {"next": "/accounts"} and inside(visitor)
    with entry.enter(house.tenant) as session:
        row = session.execute(select(SignIn).order_by(SignIn.created_at.desc())).scalars().first()
        assert row.method == "passkey" and row.second_step_at and row.user_id == house.users["rep"].id
    assert keys(house)[0].last_used_at and keys(house)[0].sign_count == device.counter


LIES = {
    "another origin": {"origin": "http://evil.localhost"}, "the origin with another port": {"origin": "http://{host}:81"}, "https in place of http": {"origin": "https://{host}"},
    "another host": {"rp_id": "evil.localhost"}, "the parent domain": {"rp_id": "localhost"}, "nobody verified": {"verified": False},
    "another challenge": {"challenge": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}, "a counter that stands still": {"counter": 1}, "a counter that goes back": {"counter": 0},
    "another person": {"user": b"0" * 16}, "an answer to the making of a key": {"kind": "webauthn.create"},
}


def told(lies, host):
    return {name: value.format(host=host) if isinstance(value, str) else value for name, value in lies.items()}


@pytest.mark.parametrize("lies", LIES.values(), ids=LIES.keys())
def test_it_opens_nothing_with(visitor, house, device, lies):
    answer = enter(visitor, device, **told(lies, house.host))
    assert answer.status_code == 422 and set(answer.json) == {"error"} and not inside(visitor)
    assert enter(visitor, device).status_code == 200, "the true one is taken all the same"


def test_without_the_checks_the_lies_would_open_it(visitor, house, device, monkeypatch):
    """Negative control: whoever the answer names is believed."""
    monkeypatch.setattr(verifier, "check", lambda *_, **__: 99)
    assert enter(visitor, device, origin="http://evil.localhost").status_code == 200


@pytest.mark.parametrize("lies", [{"origin": "http://evil.localhost"}, {"rp_id": "evil.localhost"}, {"verified": False}, {"challenge": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}], ids=str)
def test_no_key_is_kept_with(app, house, lies):
    answer, _ = add(Browser(app, house, "rep"), **lies)
    assert answer.status_code == 422 and keys(house) == []


def test_another_keys_signature_is_none(visitor, house, device):
    other = replace(device, key=Authenticator(origin="").key)
    assert enter(visitor, other).status_code == 422 and not inside(visitor)


def test_an_answer_heard_once_is_worth_nothing_again(visitor, app, house, device):
    asked = visitor.post("/sign-in/passkey/challenge").json
    said = device.answer(asked)
    step = visitor.client.get_cookie(door.step_cookie_name(), domain=house.host).value
    assert visitor.post("/sign-in/passkey/", {"answer": said}).status_code == 200
    thief = own(Browser(app, house))
    thief.client.set_cookie(door.step_cookie_name(), step, domain=house.host)
    assert thief.post("/sign-in/passkey/", {"answer": said}).status_code == 422
    thief.post("/sign-in/passkey/challenge")
    assert thief.post("/sign-in/passkey/", {"answer": said}).status_code == 422 and not inside(thief)


def test_a_challenge_is_spent_by_a_wrong_answer_too(visitor, device):
    asked = visitor.post("/sign-in/passkey/challenge").json
    assert visitor.post("/sign-in/passkey/", {"answer": "{}"}).status_code == 422
    assert visitor.post("/sign-in/passkey/", {"answer": device.answer(asked)}).status_code == 422


def test_a_challenge_belongs_to_the_browser_that_asked(app, house, visitor, device):
    asked = visitor.post("/sign-in/passkey/challenge").json
    assert own(Browser(app, house)).post("/sign-in/passkey/", {"answer": device.answer(asked)}).status_code == 422


def test_a_challenge_for_a_new_key_signs_nobody_in_and_one_to_sign_in_makes_no_key(app, house, visitor, device):
    rep = Browser(app, house, "rep")
    options = options_of(rep.post("/settings/passkeys/", {"name": "x"}).text)
    assert rep.post("/sign-in/passkey/", {"answer": device.answer({"challenge": options["challenge"], "rpId": house.host})}).status_code == 422
    asked = rep.post("/sign-in/passkey/challenge").json
    made = Authenticator(origin=f"http://{house.host}").make({**options, "challenge": asked["challenge"]})
    assert rep.post("/settings/passkeys/registration", {"answer": made}).status_code == 422 and len(keys(house)) == 1


def test_a_step_that_another_person_began_makes_no_key_for_him(app, house):
    rep, colleague = Browser(app, house, "rep"), Browser(app, house, "colleague")
    options = options_of(rep.post("/settings/passkeys/", {"name": "x"}).text)
    step = rep.client.get_cookie(door.step_cookie_name(), domain=house.host).value
    colleague.client.set_cookie(door.step_cookie_name(), step, domain=house.host)
    made = Authenticator(origin=f"http://{house.host}").make(options)
    assert colleague.post("/settings/passkeys/registration", {"answer": made}).status_code == 422 and keys(house) == []


@pytest.mark.parametrize("answer", ["", "{}", "[]", "x" * 5000, '{"rawId": 5}', json.dumps({"rawId": "AA", "response": {"userHandle": "AA"}})])
def test_what_can_not_be_read_opens_nothing(visitor, device, answer):
    visitor.post("/sign-in/passkey/challenge")
    assert visitor.post("/sign-in/passkey/", {"answer": answer}).status_code == 422


def test_a_removed_key_and_one_of_who_has_left_open_nothing(app, house, visitor, device):
    with house.ctx() as ctx:
        actions.disable_user(ctx, queries.one_user(ctx, house.users["rep"].id))
    assert enter(visitor, device).status_code == 422
    answer, mine = add(Browser(app, house, "manager"))
    manager = Browser(app, house, "manager")
    assert manager.post(f"/settings/passkeys/{keys(house)[-1].id}/removal").status_code == 303
    assert enter(visitor, mine).status_code == 422


def test_another_tenant_takes_no_key_of_this_one(app, visitor, house, device):
    other = House(f"po-{uuid4().hex[:8]}")
    with entry.enter(other.tenant) as session:
        mine = keys(house)[0]
        session.add(Passkey(user_id=other.users["owner"].id, name="copied", rp_id=mine.rp_id, credential_id=mine.credential_id, public_key=mine.public_key, sign_count=0))
    stranger = own(Browser(app, other))
    assert enter(stranger, replace(device, origin=f"http://{other.host}", user=other.users["owner"].id.bytes)).status_code == 422


def test_nobody_renames_or_removes_anothers(app, house, device):
    colleague, (key,) = Browser(app, house, "colleague"), keys(house)
    assert colleague.post(f"/settings/passkeys/{key.id}/removal").status_code == 404
    assert colleague.post(f"/settings/passkeys/{key.id}/name", {"name": "Mine"}).status_code == 404


def test_another_site_asks_for_nothing(visitor, house):
    for path in ("/sign-in/passkey/challenge", "/sign-in/passkey/"):
        assert visitor.post(path, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    with entry.enter(house.tenant) as session:
        assert session.execute(select(SignInStep)).all() == []
