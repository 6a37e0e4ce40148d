"""Devices at which somebody signed in before: strangers can't shut out who sits there, and nothing more comes of it (V6)."""

from uuid import uuid4

import pytest

from core.identity import actions, queries, resetting
from infra import limits
from tenants import entry
from tests.support.world import PASSWORD, Browser, House
from web import devices, door


@pytest.fixture
def house(app):
    limits.forget()
    return House(f"dev-{uuid4().hex[:8]}")


@pytest.fixture
def device(app, house):
    """A browser at which rep signed in, and that is signed out now."""
    browser = Browser(app, house)
    assert sign_in(browser).status_code == 303
    browser.client.delete_cookie(door.cookie_name(), domain=house.host)
    return browser


def sign_in(browser, who="rep", password=PASSWORD, ip=None):
    ip = ip or f"10.{uuid4().int % 256}.{uuid4().int % 256}.{uuid4().int % 256}"
    return browser.post("/sign-in", {"mail": browser.house.users[who].mail, "password": password}, environ_base={"REMOTE_ADDR": ip})


def besieged(app, house, who="rep"):
    """Strangers have used up the account's tries."""
    assert [sign_in(Browser(app, house), who, "wrong wrong wrong").status_code for _ in range(6)][-1] == 429


def mark(browser):
    found = browser.client.get_cookie(devices.cookie_name(), domain=browser.house.host)
    return found.value if found else ""


def test_the_cookie_is_for_this_host_alone_and_no_script_reads_it(app, house):
    said = [line for line in sign_in(Browser(app, house)).headers.getlist("Set-Cookie") if line.startswith(devices.cookie_name() + "=")]
    assert len(said) == 1 and "HttpOnly" in said[0] and "SameSite=Lax" in said[0] and "Path=/" in said[0] and "Domain" not in said[0]


def test_a_wrong_password_makes_no_device_known(app, house):
    browser = Browser(app, house)
    assert sign_in(browser, password="wrong wrong wrong").status_code == 422 and not mark(browser)


def test_strangers_do_not_shut_out_who_sits_at_a_known_device(app, house, device):
    besieged(app, house)
    assert sign_in(Browser(app, house)).status_code == 429  # the right guess of a stranger is not looked at
    assert sign_in(device).status_code == 303


def test_strangers_of_the_same_network_do_not_either(app, house, device, monkeypatch):
    monkeypatch.setattr(limits, "hit", _full_network(limits.hit))
    assert sign_in(Browser(app, house)).status_code == 429
    assert sign_in(device).status_code == 303


def _full_network(hit):
    def counted(name, *rest, **more):
        if name == "sign_in_from":
            raise limits.TooOften(9)
        return hit(name, *rest, **more)

    return counted


def test_a_known_device_has_five_tries_a_minute_too(device):
    """Whoever stole its cookie has no more than a stranger."""
    assert [sign_in(device, password="wrong wrong wrong").status_code for _ in range(6)] == [422] * 5 + [429]


def test_all_known_devices_of_a_person_together_have_twenty(app, house, monkeypatch):
    from infra import crypto

    browsers = [Browser(app, house) for _ in range(5)]
    for browser in browsers:
        assert sign_in(browser).status_code == 303
        limits.forget()
        _forget_counts(house)
    monkeypatch.setattr(crypto, "check_password", lambda *_: False)  # twenty hashes take their time
    assert [sign_in(browsers[n % 5], password="wrong wrong wrong").status_code for n in range(21)] == [422] * 20 + [429]


def _forget_counts(house):
    from infra.redis import client

    for key in client().scan_iter(f"tendero:limit:*{house.tenant.id}*"):
        client().delete(key)


def test_a_device_is_known_to_its_own_people_alone(app, house, device):
    besieged(app, house, "manager")
    assert sign_in(device, "manager").status_code == 429


def test_two_people_share_a_device(app, house, device):
    assert sign_in(device, "manager").status_code == 303
    besieged(app, house)
    besieged(app, house, "manager")
    assert (sign_in(device).status_code, sign_in(device, "manager").status_code) == (303, 303)


def test_another_workspaces_mark_is_worth_nothing(app, house, device):
    other = House(f"dev-{uuid4().hex[:8]}")
    browser = Browser(app, other)
    browser.client.set_cookie(devices.cookie_name(), mark(device), domain=other.host)
    besieged(app, other)
    assert sign_in(browser).status_code == 429


@pytest.mark.parametrize("end", ["password", "reset", "everywhere", "address"])
def test_a_device_is_forgotten(app, house, device, end):
    with house.ctx("rep") as ctx:
        user = queries.one_user(ctx, ctx.actor.id)
        if end == "password":
            actions.change_password(ctx, PASSWORD, "another good password")
        if end == "everywhere":
            actions.sign_out(ctx)
        if end == "address":
            actions.set_mail(ctx, user, user.mail, user.mail_norm)
    if end == "reset":
        link = _reset_link(house)
        assert Browser(app, house).post(link, {"password": "another good password"}).status_code == 303
    besieged(app, house)
    assert sign_in(device, password="another good password" if end in ("password", "reset") else PASSWORD).status_code == 429


def _reset_link(house):
    with house.ctx("rep") as ctx:
        return resetting.link_of(ctx.tenant, queries.one_user(ctx, ctx.actor.id), entry.utcnow() + resetting.VALID).removeprefix(ctx.tenant.url)


def test_a_single_session_that_ends_forgets_no_device(app, house, device):
    with house.ctx("rep") as ctx:
        actions.sign_out(ctx, queries.my_sessions(ctx)[0].id)
    besieged(app, house)
    assert sign_in(device).status_code == 303


def test_whoever_follows_the_letter_comes_in_at_a_new_device_too(app, house):
    """The way in for somebody besieged who has no known device at hand: a new password by mail."""
    new = Browser(app, house)
    besieged(app, house)
    assert new.post(_reset_link(house), {"password": "another good password"}).status_code == 303
    assert sign_in(new, password="another good password").status_code == 303


def test_whoever_changes_his_password_stays_known_where_he_did(app, house):
    browser = Browser(app, house, "rep")
    assert browser.post("/settings/password", {"old": PASSWORD, "new": "another good password"}).status_code == 303
    besieged(app, house)
    assert sign_in(browser, password="another good password").status_code == 303


def test_a_mark_opens_no_page(app, house, device):
    assert device.get("/settings/profile").status_code == 303


def test_an_endless_cookie_is_not_read(app, house):
    browser = Browser(app, house)
    browser.client.set_cookie(devices.cookie_name(), "0" * 3000, domain=house.host)
    assert sign_in(browser).status_code == 303 and len(mark(browser)) < 100
