"""Single sign-on with a provider of ours on loopback: who it names comes in, and nobody whom it does not (RELIABILITY X21)."""

import re
import time
from dataclasses import replace
from uuid import uuid4

import pytest
from joserfc.jwk import RSAKey
from sqlalchemy import select

from core.base.entitlements import Entitlements
from core.base.errors import Refused
from core.base.outbox import Order
from core.identity import queries, single_sign_on, stepping
from core.identity.models import IdentityProvider, SignIn, SignInStep, User, UserIdentity
from core.identity.words import WORDS
from infra import http, oidc
from infra.config import settings
from tenants import entry
from tests.support.authenticator import Authenticator
from tests.support.oidc_provider import Provider
from tests.support.world import PASSWORD, Browser, House
from web import door
from workers.run import work


@pytest.fixture
def provider(monkeypatch):
    made = Provider()
    inside = lambda: replace(settings(), outbound_inside=frozenset({made.place}))  # noqa: E731
    monkeypatch.setattr(http, "settings", inside)
    monkeypatch.setattr(single_sign_on, "settings", inside)
    yield made
    made.close()


@pytest.fixture
def house(app, provider):
    made = House(f"so-{uuid4().hex[:8]}")
    set_up(made, provider)
    return made


def set_up(house, provider, **given):
    """The provider named, and asked what it is, as its job does."""
    values = {"name": "Our company", "issuer": provider.issuer, "client_id": provider.client_id, "secret": provider.client_secret, **given}
    with house.ctx() as ctx:
        single_sign_on.change_provider(ctx, **values)
    discover(house)


def discover(house):
    with entry.enter(house.tenant) as session:
        found = session.execute(select(Order.id).where(Order.name == "identity.discover", Order.state == "waiting")).scalars().all()
    assert [work(str(one), str(house.tenant.id)) for one in found] == ["done"] * len(found)


def own(browser):
    browser.client.environ_base["REMOTE_ADDR"] = f"2001:db8:{uuid4().hex[:4]}:{uuid4().hex[:4]}::1"
    return browser


@pytest.fixture
def visitor(app, house):
    return own(Browser(app, house))


def leave(visitor, target="/accounts"):
    """The address of the provider that the browser is sent to."""
    return visitor.post("/sign-in/company/", {"next": target}).headers["Location"]


def come_back(visitor, brought):
    return visitor.get("/sign-in/company/back", query_string=brought)


def through(visitor, provider, mail=None, **claims):
    claims = {"sub": f"s-{mail}", "email": mail, **claims}
    return come_back(visitor, provider.authorize(leave(visitor), **claims))


def inside(visitor):
    return visitor.get("/settings/profile").status_code == 200


def test_who_works_here_comes_in_by_a_verified_address_and_is_known_from_then_on(app, house, visitor, provider):
    rep = house.users["rep"]
    answer = through(visitor, provider, rep.mail.upper())
    assert answer.status_code == 303 and answer.headers["Location"] == "/accounts" and inside(visitor)
    with entry.enter(house.tenant) as session:
        row = session.execute(select(SignIn).order_by(SignIn.created_at.desc())).scalars().first()
        assert (row.user_id, row.method) == (rep.id, "sso")
        assert session.execute(select(UserIdentity.user_id, UserIdentity.issuer)).all() == [(rep.id, provider.issuer)]
    again = own(Browser(app, house))
    assert through(again, provider, "married@people.example", sub=f"s-{rep.mail.upper()}").status_code == 303 and inside(again), "the subject counts, not the address"


def test_the_way_there_carries_state_nonce_and_the_proof_of_a_verifier(visitor, provider):
    first, second = leave(visitor), leave(visitor)
    assert first.startswith(provider.issuer + "/authorize?") and first != second
    assert all(f"{name}=" in first for name in ("state", "nonce", "code_challenge", "redirect_uri")) and "verifier" not in first


def test_the_page_lets_the_browser_go_to_the_provider_alone(visitor, provider):
    page = visitor.get("/sign-in")
    assert "Sign in with Our company" in page.text and f"form-action 'self' {provider.issuer};" in page.headers["Content-Security-Policy"]


LIES = {
    "another issuer": {"iss": "https://evil.example"}, "another audience": {"aud": "another client"}, "no audience": {"aud": None}, "many audiences and no party": {"aud": ["tendero", "other"]},
    "another party": {"azp": "other"}, "another nonce": {"nonce": "x"}, "no nonce": {"nonce": None}, "a time that is over": {"exp": int(time.time()) - 3600},
    "no time": {"exp": None}, "no subject": {"sub": None}, "an empty subject": {"sub": ""}, "a subject that is no text": {"sub": 5}, "a token of the future": {"iat": int(time.time()) + 3600},
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_a_token_that_is_not_ours_opens_nothing(house, visitor, provider, lie):
    provider.claims = lie
    answer = through(visitor, provider, house.users["rep"].mail)
    assert answer.status_code == 422 and not inside(visitor)
    provider.claims = {}
    assert through(visitor, provider, house.users["rep"].mail).status_code == 303


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_an_algorithm_that_proves_nothing_is_refused(house, visitor, provider, algorithm):
    provider.algorithm = algorithm
    assert through(visitor, provider, house.users["rep"].mail).status_code == 422 and not inside(visitor)


def test_a_foreign_key_and_a_changed_token_are_refused(house, visitor, provider):
    provider.sign_with = RSAKey.generate_key(2048, {"kid": "one"})
    assert through(visitor, provider, house.users["rep"].mail).status_code == 422
    provider.sign_with, provider.forge = None, lambda token: token[:-8] + "AAAAAAAA"
    assert through(visitor, provider, house.users["rep"].mail).status_code == 422 and not inside(visitor)


def test_without_the_checks_a_lie_would_open_it(house, visitor, provider, monkeypatch):
    """Negative control: what the token says is believed."""
    monkeypatch.setattr(oidc, "read", lambda client, token, keys, **_: oidc.Person("x", house.users["rep"].mail, ""))
    provider.claims = {"iss": "https://evil.example"}
    assert through(visitor, provider, house.users["rep"].mail).status_code == 303


@pytest.mark.parametrize("said", [False, "true", 1, None])
def test_an_address_that_is_not_plainly_verified_links_nobody(house, visitor, provider, said):
    answer = through(visitor, provider, house.users["rep"].mail, email_verified=said)
    assert answer.status_code == 422 and "verified" in answer.text and not inside(visitor)


def test_the_state_belongs_to_the_browser_that_asked(app, house, visitor, provider):
    """Login CSRF and one-click takeover (CVE-2025-68158): a state of another browser is none."""
    thief = own(Browser(app, house))
    brought = provider.authorize(leave(thief), sub="thief", email=house.users["colleague"].mail)
    assert come_back(visitor, brought).status_code == 422 and not inside(visitor)
    leave(visitor)
    assert come_back(visitor, brought).status_code == 422 and not inside(visitor)


def test_without_that_a_state_of_another_browser_would_pass(app, house, visitor, provider, monkeypatch):
    """Negative control: any step that knows the state is taken, whoever holds it."""
    thief = own(Browser(app, house))
    brought = provider.authorize(leave(thief), sub="thief", email=house.users["colleague"].mail)

    def any_step(session, kind, token, now):
        return session.execute(select(SignInStep).where(SignInStep.data["state"].astext == brought["state"])).scalar_one()

    monkeypatch.setattr(stepping, "waiting", any_step)
    assert come_back(visitor, brought).status_code == 303


def test_what_was_brought_once_is_worth_nothing_again(app, house, visitor, provider):
    brought = provider.authorize(leave(visitor), sub="a", email=house.users["rep"].mail)
    step = visitor.client.get_cookie(door.step_cookie_name(), domain=house.host).value
    assert come_back(visitor, brought).status_code == 303
    again = own(Browser(app, house))
    again.client.set_cookie(door.step_cookie_name(), step, domain=house.host)
    assert come_back(again, brought).status_code == 422 and not inside(again)


@pytest.mark.parametrize("change", [{"state": "x"}, {"state": ""}, {"code": ""}, {"code": "x"}, {"iss": "https://evil.example"}, {"iss": None}, {"error": "access_denied", "code": None}], ids=str)
def test_what_is_not_what_the_provider_gave_opens_nothing(house, visitor, provider, change):
    brought = provider.authorize(leave(visitor), sub="a", email=house.users["rep"].mail) | change
    assert come_back(visitor, {name: value for name, value in brought.items() if value is not None}).status_code == 422 and not inside(visitor)


def test_a_tenants_provider_speaks_for_no_person_of_another(app, house, visitor, provider):
    """Both tenants know one address; each believes its own provider alone, and a code for one is none for the other."""
    other, foreign = House(f"sx-{uuid4().hex[:8]}"), Provider()
    with entry.enter(other.tenant) as session:
        session.get(User, other.users["rep"].id).mail_norm = house.users["rep"].mail
    stranger = own(Browser(app, other))
    assert stranger.post("/sign-in/company/").headers["Location"].endswith("/sign-in"), "it has no provider"
    brought = provider.authorize(leave(visitor), sub="a", email=house.users["rep"].mail)
    stranger.client.set_cookie(door.step_cookie_name(), visitor.client.get_cookie(door.step_cookie_name(), domain=house.host).value, domain=other.host)
    assert come_back(stranger, brought).status_code == 422 and not inside(stranger)
    foreign.close()


def test_who_is_not_known_stays_outside_unless_the_workspace_wants_him(app, house, visitor, provider):
    assert through(visitor, provider, "new@people.example").status_code == 422
    assert through(visitor, provider, house.users["ex"].mail).status_code == 422, "who has left stays out"
    with house.ctx() as ctx:
        single_sign_on.change_provider(ctx, creates_users=True, role="service")
    assert through(visitor, provider, "new@people.example", name="  ").status_code == 303 and inside(visitor)
    with house.ctx() as ctx:
        made = queries.user_by_mail(ctx.session, "new@people.example")
        assert (made.name, made.role.code, made.password_hash) == ("new", "service", None)
    assert own(Browser(app, house)).post("/sign-in", {"mail": "new@people.example", "password": ""}).status_code == 422


@pytest.mark.parametrize("access", ["read_only", "suspended"])
def test_whoever_works_here_comes_in_whatever_is_unpaid_and_nobody_joins(house, visitor, provider, access):
    from tenants.models import Tenant

    with house.ctx() as ctx:
        single_sign_on.change_provider(ctx, creates_users=True, role="service")
    with entry.control() as session:
        session.get_one(Tenant, house.tenant.id).access = access
    house.fresh()
    assert through(visitor, provider, "new@people.example").status_code == 422
    assert through(visitor, provider, house.users["rep"].mail).status_code == 303


def test_a_seat_is_needed(house, provider):
    with house.ctx() as ctx:
        single_sign_on.change_provider(ctx, creates_users=True, role="service")
    from tests.core.identity.test_inviting import stranger

    with stranger(house, entitlements=Entitlements(limits={"seats": 5})) as ctx, pytest.raises(Refused, match="seats_full"):
        single_sign_on.admit(ctx, provider.issuer, oidc.Person("x", "more@people.example", "More"))


def test_an_address_that_went_on_to_somebody_else_is_not_the_person(app, house, visitor, provider):
    assert through(visitor, provider, house.users["rep"].mail, sub="first").status_code == 303
    heir = own(Browser(app, house))
    assert through(heir, provider, house.users["rep"].mail, sub="second").status_code == 422 and not inside(heir)


def test_nobody_names_a_provider_that_speaks_for_the_owner(app, house, visitor, provider):
    """The owner himself set it up: he may. Once another administrator has changed it, it no longer names him for the first time."""
    from core.identity import actions

    with house.ctx() as ctx:
        actions.give_role(ctx, queries.one_user(ctx, house.users["rep"].id), "admin")
        second = queries.actor_of(queries.one_user(ctx, house.users["rep"].id))
    from core.base.context import as_actor

    with house.ctx() as ctx:
        single_sign_on.change_provider(as_actor(ctx, second), name="Still ours")
    assert through(visitor, provider, house.users["owner"].mail).status_code == 422 and not inside(visitor)
    with house.ctx() as ctx:
        single_sign_on.change_provider(ctx, name="Ours again")
    assert through(visitor, provider, house.users["owner"].mail).status_code == 303


def test_only_who_may_do_everything_names_one(house, provider):
    with house.ctx() as ctx:
        from core.identity import roles

        role = roles.create_role(ctx, name="Half", permissions=["settings.manage"])
        roles.give_further_roles(ctx, queries.one_user(ctx, house.users["rep"].id), [role.code])
    with house.ctx() as ctx:
        user, actor = queries.load_actor(ctx.session, house.users["rep"].id, ctx.now)
        from core.base.context import as_actor

        with pytest.raises(Refused, match="beyond_yours"):
            single_sign_on.change_provider(as_actor(ctx, actor), name="Mine")


# ---- the only way in ----

@pytest.fixture
def closed(house):
    with house.ctx() as ctx:
        single_sign_on.change_provider(ctx, only=True)
    return house


def test_passwords_and_passkeys_open_nothing_any_more_but_the_owners(app, house, visitor, provider):
    from tests.web.session.test_passkeys import add, enter

    _, device = add(Browser(app, house, "rep"))
    with house.ctx() as ctx:
        single_sign_on.change_provider(ctx, only=True)
    answer = visitor.post("/sign-in", {"mail": house.users["rep"].mail, "password": PASSWORD})
    assert answer.status_code == 422 and "Our company" in answer.text and not inside(visitor)
    assert enter(visitor, device).status_code == 422 and not inside(visitor)
    assert through(visitor, provider, house.users["rep"].mail).status_code == 303 and inside(visitor)
    owner = own(Browser(app, house))
    assert owner.post("/sign-in", {"mail": house.users["owner"].mail, "password": PASSWORD}).status_code == 303
    assert isinstance(device, Authenticator)


def test_whether_the_password_was_right_is_told_to_nobody_else(visitor, closed):
    wrong = visitor.post("/sign-in", {"mail": closed.users["rep"].mail, "password": "wrong wrong wrong"})
    assert "is not right" in wrong.text and "is entered through" not in wrong.text


def test_it_becomes_the_only_way_only_once_it_works(app, provider):
    made = House(f"sn-{uuid4().hex[:8]}")
    with made.ctx() as ctx, pytest.raises(Refused, match="sso_not_ready"):
        single_sign_on.change_provider(ctx, name="x", issuer=provider.issuer, client_id="x", secret="y", only=True)


def test_a_provider_that_fails_its_check_is_no_way_in_and_locks_nobody_out(app, closed, visitor, provider):
    provider.discovery = {"issuer": "https://evil.example"}
    with closed.ctx() as ctx:
        single_sign_on.change_provider(ctx, secret="another", only=False)
    discover(closed)
    with entry.enter(closed.tenant) as session:
        row = session.execute(select(IdentityProvider)).scalar_one()
        assert (row.discovery, row.only, row.problem) == (None, False, "issuer")
    assert visitor.post("/sign-in", {"mail": closed.users["rep"].mail, "password": PASSWORD}).status_code == 303


@pytest.mark.parametrize("said", [{"token_endpoint": "http://127.0.0.1:1/token"}, {"jwks_uri": "http://169.254.169.254/keys"}, {"authorization_endpoint": None}, {"issuer": "HTTP://x"}], ids=str)
def test_what_discovery_names_is_looked_at_too(house, provider, said):
    provider.discovery = said
    with pytest.raises((oidc.Untrue, http.Unreachable)):
        oidc.discover(provider.issuer)


# ---- the page ----

FORM = {"name": "Our company", "client_id": "tendero", "role": "sales"}


def test_it_is_set_on_its_page_and_the_secret_is_shown_to_nobody(app, provider):
    made = House(f"sp-{uuid4().hex[:8]}")
    owner = Browser(app, made, "owner")
    assert owner.post("/settings/single-sign-on/", {**FORM, "issuer": "ftp://x"}).status_code == 422
    assert owner.post("/settings/single-sign-on/", {**FORM, "issuer": provider.issuer}).status_code == 422, "the secret is missing"
    assert owner.post("/settings/single-sign-on/", {**FORM, "issuer": provider.issuer, "secret": provider.client_secret}).status_code == 303
    assert "being asked" in owner.get("/settings/signing-in/").text
    discover(made)
    page = owner.get("/settings/signing-in/").text
    assert "It works" in page and provider.client_secret not in page and "/sign-in/company/back" in page
    with entry.enter(made.tenant) as session:
        assert provider.client_secret.encode() not in session.execute(select(IdentityProvider.client_secret)).scalar_one()
        assert single_sign_on.client_of(made.tenant.id, single_sign_on.provider_of(session)).client_secret == provider.client_secret
    assert owner.post("/settings/single-sign-on/removal").status_code == 303
    assert "Sign in with Our company" not in own(Browser(app, made)).get("/sign-in").text
    assert Browser(app, made, "manager").post("/settings/single-sign-on/", FORM).status_code == 403


@pytest.mark.parametrize("said, told", [
    ({"issuer": "https://evil.example"}, "Write the issuer exactly as"), ({"token_endpoint": None}, "authorization code flow"), ({"jwks_uri": "http://169.254.169.254/keys"}, "is no address that we call"),
], ids=["issuer", "incomplete", "address"])
def test_what_is_wrong_is_said_plainly_and_saving_again_asks_anew(app, provider, said, told):
    made = House(f"sw-{uuid4().hex[:8]}")
    owner, provider.discovery = Browser(app, made, "owner"), said
    form = {**FORM, "issuer": provider.issuer, "secret": provider.client_secret}
    assert owner.post("/settings/single-sign-on/", form).status_code == 303
    discover(made)
    page = owner.get("/settings/signing-in/").text
    assert told in page and "hx-trigger=\"every 2s\"" not in page
    provider.discovery = {}
    assert owner.post("/settings/single-sign-on/", {**form, "secret": "", "_version": version_on(page)}).status_code == 303
    page = owner.get("/settings/signing-in/").text
    assert "being asked" in page and told not in page and "hx-trigger=\"every 2s\"" in page, "the page looks again by itself"
    discover(made)
    assert "It works" in owner.get("/settings/signing-in/").text


def version_on(page):
    return re.findall(r'name="_version" value="([0-9]+)"', page)[-1]


def test_every_reason_has_its_words_and_one_from_before_has_too():
    assert {f"sso_problem.{why}" for why in (*single_sign_on.WHYS, "other")} == {code for code in WORDS if code.startswith("sso_problem.")}
    assert single_sign_on.problem_of(IdentityProvider(problem="it speaks for another issuer")) == "sso_problem.other"
    assert single_sign_on.problem_of(IdentityProvider(problem=None)) is None


def test_a_page_from_before_somebody_elses_change_changes_nothing(app, house, provider):
    owner = Browser(app, house, "owner")
    old = {**FORM, "issuer": provider.issuer, "_version": "1"}
    assert owner.post("/settings/single-sign-on/", {**old, "name": "Late"}).status_code == 409
