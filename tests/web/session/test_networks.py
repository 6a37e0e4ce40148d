"""Networks from which people and API tokens may come: held at sign-in and at every request, and nobody shuts himself out (FEATURES 163)."""

from uuid import uuid4

import pytest
from click.testing import CliRunner
from sqlalchemy import select
from werkzeug.middleware.proxy_fix import ProxyFix

from core.base.errors import Refused
from core.identity import networks, sign_in_rules, tokens
from core.identity.models import SignIn, SignInEvent, UserRole
from infra import limits
from tenants import entry
from tests.core.identity.test_second_step import set_up
from tests.support.statements import counted
from tests.support.world import PASSWORD, Browser, House
from tests.web.operator.test_console import make_operator
from tests.web.session import test_passkeys as keys
from workers.cli import main

PAGE, OFFICE = "/settings/signing-in/", "203.0.113.0/24 Office\n2001:db8:1::/48 Branch"
INSIDE, OUTSIDE = "203.0.113.9", "198.51.100.7"


@pytest.fixture
def house(app):
    limits.forget()
    return House(f"nw-{uuid4().hex[:8]}")


def limit(house, *, address=INSIDE, who="owner", **given):
    with house.ctx(who) as ctx:
        sign_in_rules.change_rules(ctx, address=address, **({"networks": OFFICE, "networks_people": True} | given))


def at(browser, address):
    browser.client.environ_base["REMOTE_ADDR"] = address
    return browser


def program(app, house, who="owner", **given):
    with house.ctx(who) as ctx:
        secret, _ = tokens.make_token(ctx, name="t", **given)
    browser = Browser(app, house)
    browser.client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
    return browser


def sign_in(app, house, address, who="rep"):
    return at(Browser(app, house), address).post("/sign-in", {"mail": house.users[who].mail, "password": PASSWORD})


def refusals(house):
    with entry.enter(house.tenant) as session:
        rows = session.execute(select(SignInEvent).where(SignInEvent.outside).order_by(SignInEvent.at, SignInEvent.id)).scalars()
        return [(row.user_id, row.way, row.network, row.succeeded) for row in rows]


@pytest.mark.parametrize(("address", "status"), [
    (INSIDE, 200), ("2001:db8:1:7::5", 200), ("::ffff:203.0.113.9", 200), (OUTSIDE, 403), ("2001:db8:2::1", 403), ("::ffff:198.51.100.7", 403), ("", 403), ("nonsense", 403),
])
def test_a_live_session_works_from_the_named_networks_alone(app, house, address, status):
    rep = Browser(app, house, "rep")
    limit(house)
    assert at(rep, address).get("/settings/profile").status_code == status


def test_a_refusal_says_why_and_stands_among_the_sign_ins_once_in_ten_minutes(app, house):
    rep = Browser(app, house, "rep")
    limit(house)
    for _ in range(3):
        answer = at(rep, OUTSIDE).get("/accounts")
    assert answer.status_code == 403 and "lets nobody in from your network (198.51.100.7)" in answer.text
    assert refusals(house) == [(house.users["rep"].id, "session", OUTSIDE, False)]
    assert at(rep, INSIDE).get("/accounts").status_code == 200


def test_the_audit_and_its_file_show_it(app, house):
    rep, owner = Browser(app, house, "rep"), Browser(app, house, "owner")
    limit(house)
    at(rep, OUTSIDE).get("/accounts")
    at(owner, INSIDE)
    assert "while signed in" in (page := owner.get("/settings/audit/?table=sign_in").text) and "198.51.100.7, not one of the workspace" in page
    assert "198.51.100.7, not one of the workspace" in owner.post("/settings/audit/exports", {"table": "sign_in"}).get_data(as_text=True)
    assert "networks" in owner.get("/settings/audit/?table=sign_in_rules").text


def test_signing_in_needs_the_network_too_and_opens_no_session(app, house):
    limit(house)
    refused, taken = sign_in(app, house, OUTSIDE), sign_in(app, house, INSIDE)
    assert refused.status_code == 403 and "Set-Cookie" not in refused.headers and taken.status_code == 303
    assert refusals(house) == [(house.users["rep"].id, "password", OUTSIDE, False)]


def test_a_wrong_password_from_outside_says_nothing_of_networks(app, house):
    limit(house)
    answer = at(Browser(app, house), OUTSIDE).post("/sign-in", {"mail": house.users["rep"].mail, "password": "wrong wrong wrong"})
    assert answer.status_code == 422 and "network" not in answer.text and refusals(house) == []


def test_so_does_the_second_step(app, house):
    authenticator, _ = set_up(house)
    limit(house)
    visitor = at(Browser(app, house), OUTSIDE)
    assert visitor.post("/sign-in", {"mail": house.users["rep"].mail, "password": PASSWORD}).location.endswith("/code")
    assert visitor.post("/sign-in/code", {"code": authenticator.now()}).status_code == 403
    assert [way for _, way, _, _ in refusals(house)] == ["code"]


def test_so_does_a_passkey(app, house):
    answer, device = keys.add(Browser(app, house, "rep"))
    assert answer.status_code == 303
    limit(house)
    refused = keys.enter(at(Browser(app, house), OUTSIDE), device)
    assert refused.status_code == 422 and "lets nobody in" in refused.json["error"]
    assert [way for _, way, _, _ in refusals(house)] == ["passkey"]
    assert keys.enter(at(Browser(app, house), INSIDE), device).status_code == 200


def test_only_the_roles_that_are_named_are_held(app, house):
    limit(house, network_roles=["sales"])
    assert sign_in(app, house, OUTSIDE, "rep").status_code == 403 and sign_in(app, house, OUTSIDE, "manager").status_code == 303


def test_a_further_role_counts(app, house):
    reader = Browser(app, house, "reader")
    limit(house, network_roles=["sales"])
    assert at(reader, OUTSIDE).get("/settings/profile").status_code == 200
    with entry.enter(house.tenant) as session:
        session.add(UserRole(user_id=house.users["reader"].id, role_id=house.users["rep"].role_id, created_at=entry.utcnow()))
    assert at(reader, OUTSIDE).get("/settings/profile").status_code == 403 and sign_in(app, house, OUTSIDE, "reader").status_code == 403


def test_tokens_are_held_where_that_is_wished_and_people_are_not(app, house):
    limit(house, networks_people=False, networks_tokens=True)
    api = program(app, house)
    assert at(api, INSIDE).get("/api/v1/me").status_code == 200
    refused = at(api, OUTSIDE).get("/api/v1/me")
    assert refused.status_code == 403 and refused.json["code"] == "network_refused"
    assert refusals(house) == [(house.users["owner"].id, "token", OUTSIDE, False)]
    assert sign_in(app, house, OUTSIDE).status_code == 303


def test_a_token_is_held_by_its_persons_roles_and_by_its_own(app, house):
    limit(house, networks_people=False, networks_tokens=True, network_roles=["reader", "sales"])
    assert at(program(app, house), OUTSIDE).get("/api/v1/me").status_code == 200
    assert at(program(app, house, role="reader"), OUTSIDE).get("/api/v1/me").status_code == 403
    assert at(program(app, house, "rep"), OUTSIDE).get("/api/v1/me").status_code == 403


def test_it_costs_no_further_statement(app, house):
    rep, api = Browser(app, house, "rep"), program(app, house)
    cost = []
    for _ in range(2):
        at(rep, INSIDE).get("/settings/profile"), at(api, INSIDE).get("/api/v1/me")
        with counted() as sent:
            assert rep.get("/settings/profile").status_code == 200 and api.get("/api/v1/me").status_code == 200
        cost.append(len(sent))
        limit(house, networks_tokens=True)
    assert cost[0] == cost[1]


def form(browser, **given):
    return browser.post(PAGE, {"networks": OFFICE, "networks_people": "1", **given})


def test_nobody_shuts_himself_out(app, house):
    owner = at(Browser(app, house, "owner"), OUTSIDE)
    refused = form(owner)
    assert refused.status_code == 422 and "You would shut yourself out: you come from 198.51.100.7" in refused.text
    assert form(owner, network_roles="sales").status_code == 303, "it holds others alone"
    assert form(owner, network_roles="admin").status_code == 422
    assert form(at(owner, INSIDE), network_roles="admin").status_code == 303
    assert form(owner, networks="192.0.2.0/24").status_code == 422
    assert owner.get(PAGE).status_code == 200


def test_the_change_asks_once_more_who_sits_there(app, house):
    owner = at(Browser(app, house, "owner"), INSIDE)
    with entry.enter(house.tenant) as session:
        session.execute(SignIn.__table__.update().values(confirmed_at=None))
    assert form(owner).status_code == 403
    with house.ctx() as ctx:
        assert sign_in_rules.rules_of(ctx).networks == ""


def test_networks_are_kept_in_one_spelling(house):
    limit(house, networks=f"  203.0.113.77/24\tOffice   Berlin \r\n\r\n{INSIDE} VPN\n203.0.113.0/24 Office Berlin\n::ffff:192.0.2.0/120 Old\n2001:DB8::/32", networks_tokens=True)
    with house.ctx() as ctx:
        assert sign_in_rules.rules_of(ctx).networks.splitlines() == ["203.0.113.0/24 Office Berlin", "203.0.113.9/32 VPN", "192.0.2.0/24 Old", "2001:db8::/32"]


@pytest.mark.parametrize(("given", "code"), [
    ({"networks": "office"}, "network_bad"), ({"networks": "203.0.113.0/33"}, "network_bad"), ({"networks": "Office 203.0.113.0/24"}, "network_bad"),
    ({"networks": ""}, "networks_needed"), ({"networks": "", "networks_people": False, "networks_tokens": True}, "networks_needed"),
    ({"networks": "\n".join(f"192.0.2.{n}" for n in range(101))}, "networks_many"), ({"network_roles": ["nobody"]}, "unknown_value"),
])
def test_what_is_no_network_is_refused(house, given, code):
    with pytest.raises(Refused) as refused:
        limit(house, **given)
    assert refused.value.code == code


def test_whoever_went_outside_can_still_sign_out(app, house):
    rep = Browser(app, house, "rep")
    limit(house)
    assert at(rep, OUTSIDE).post("/sign-out").status_code == 303
    assert at(rep, INSIDE).get("/settings/profile").status_code == 303


def test_a_header_of_the_caller_is_no_address(app, house):
    rep = Browser(app, house, "rep")
    limit(house)
    assert at(rep, OUTSIDE).get("/settings/profile", headers={"X-Forwarded-For": INSIDE, "X-Real-IP": INSIDE, "Forwarded": f"for={INSIDE}"}).status_code == 403


def test_behind_a_trusted_proxy_its_own_word_counts_and_nothing_before_it(app, house, monkeypatch):
    rep = Browser(app, house, "rep")
    limit(house)
    monkeypatch.setattr(app, "wsgi_app", ProxyFix(app.wsgi_app, x_for=1, x_proto=1, x_host=0))
    assert at(rep, "10.0.0.1").get("/settings/profile", headers={"X-Forwarded-For": INSIDE}).status_code == 200
    assert rep.get("/settings/profile", headers={"X-Forwarded-For": f"{INSIDE}, {OUTSIDE}"}).status_code == 403


def test_the_operator_lets_a_workspace_in_again(app, house):
    rep, console = Browser(app, house, "rep"), make_operator(app).sign_in()
    limit(house, networks_tokens=True)
    page = f"/tenants/{house.tenant.id}"
    assert "Lift the limits" in console.get(page).text
    assert console.post(f"{page}/networks", {"reason": ""}).status_code == 422
    assert at(rep, OUTSIDE).get("/settings/profile").status_code == 403
    assert console.post(f"{page}/networks", {"reason": "their office moved"}).status_code == 303
    assert rep.get("/settings/profile").status_code == 200
    shown = console.get(page).text
    assert "Lift the limits" not in shown and "lifted its limits to networks" in shown and "their office moved" in shown
    assert console.post(f"{page}/networks", {"reason": "again"}).status_code == 422
    with house.ctx() as ctx:
        assert sign_in_rules.rules_of(ctx).networks == OFFICE


def test_so_does_the_terminal(app, house):
    rep = Browser(app, house, "rep")
    limit(house)
    for said in ("lifted", "nobody was held to a network"):
        result = CliRunner().invoke(main, ["user", "lift-networks", house.tenant.slug])
        assert result.exit_code == 0 and result.output.strip() == said
    assert at(rep, OUTSIDE).get("/settings/profile").status_code == 200


@pytest.mark.parametrize("off", ["check_person", "check_token", "check_sign_in"])
def test_without_the_check_the_way_in_is_open(app, house, monkeypatch, off):
    """Negative control."""
    rep, api = Browser(app, house, "rep"), program(app, house)
    limit(house, networks_tokens=True)
    monkeypatch.setattr(networks, off, lambda *_, **__: None)
    found = (at(rep, OUTSIDE).get("/settings/profile").status_code, at(api, OUTSIDE).get("/api/v1/me").status_code, sign_in(app, house, OUTSIDE).status_code)
    assert found == {"check_person": (200, 403, 303), "check_token": (403, 200, 403), "check_sign_in": (403, 403, 303)}[off]
