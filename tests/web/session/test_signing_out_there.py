"""Back-channel logout: the provider's word that somebody signed out there ends his sessions here, and nobody else's word does (RELIABILITY X21)."""

import time
from uuid import uuid4

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from sqlalchemy import select

from core.base.facts import Fact
from core.identity import single_sign_on
from infra import oidc
from tenants import entry
from tests.support.world import Browser
from tests.web.session.test_single_sign_on import (  # noqa: F401 (fixtures)
    house,
    inside,
    own,
    provider,
    through,
)

PATH, EVENT = "/sign-in/company/sign-out", "http://schemas.openid.net/event/backchannel-logout"
GONE = object()


def message(provider, *, key=None, header=None, **claims):  # noqa: F811
    now = int(time.time())
    told = {"iss": provider.issuer, "aud": provider.client_id, "iat": now, "exp": now + 120, "jti": uuid4().hex, "events": {EVENT: {}}, "sub": "s-rep"} | claims
    told = {name: value for name, value in told.items() if value is not GONE}
    return jwt.encode({"alg": "RS256", "kid": "one", "typ": "logout+jwt"} | (header or {}), told, key or provider.key)


def tell(app, house, token):  # noqa: F811
    """The provider calls: no cookie, no token of a form, from an address of its own."""
    return Browser(app, house).client.post(PATH, base_url=f"http://{house.host}", data={"logout_token": token})


def come(app, house, provider, who="rep", **claims):  # noqa: F811
    visitor = own(Browser(app, house))
    assert through(visitor, provider, house.users[who].mail, sub=f"s-{who}", **claims).status_code == 303 and inside(visitor)
    return visitor


def test_all_sessions_of_a_person_that_came_through_it_end_and_no_others(app, house, provider):  # noqa: F811
    one, two, colleague, by_password = come(app, house, provider), come(app, house, provider, sid="A"), come(app, house, provider, "colleague"), Browser(app, house, "rep")
    answer = tell(app, house, message(provider))
    assert answer.status_code == 200 and answer.headers["Cache-Control"] == "no-store"
    assert not inside(one) and not inside(two) and inside(colleague) and inside(by_password)
    with entry.enter(house.tenant) as session:
        assert session.execute(select(Fact.subject_id).where(Fact.kind == "user.signed_out_there")).scalars().all() == [house.users["rep"].id]


@pytest.mark.parametrize("subject", ["s-rep", GONE])
def test_a_session_that_is_named_ends_alone(app, house, provider, subject):  # noqa: F811
    here, elsewhere = come(app, house, provider, sid="A"), come(app, house, provider, sid="B")
    assert tell(app, house, message(provider, sid="A", sub=subject)).status_code == 200
    assert not inside(here) and inside(elsewhere)


def test_where_the_name_was_never_said_the_persons_own_end(app, house, provider):  # noqa: F811
    unnamed, other, colleague = come(app, house, provider), come(app, house, provider, sid="B"), come(app, house, provider, "colleague")
    assert tell(app, house, message(provider, sid="A")).status_code == 200
    assert not inside(unnamed) and inside(other) and inside(colleague)


def test_a_name_of_somebody_elses_session_ends_nothing(app, house, provider):  # noqa: F811
    colleague = come(app, house, provider, "colleague", sid="A")
    assert tell(app, house, message(provider, sid="A", sub="s-rep")).status_code == 200 and inside(colleague)


def test_whom_nobody_knows_here_is_no_error(app, house, provider):  # noqa: F811
    rep = come(app, house, provider)
    assert tell(app, house, message(provider, sub="s-nobody")).status_code == 200 and inside(rep)


LIES = {
    "another issuer": {"iss": "https://evil.example"}, "another audience": {"aud": "another client"}, "no audience": {"aud": GONE}, "no issuer": {"iss": GONE},
    "no time": {"iat": GONE}, "an old one": {"iat": int(time.time()) - 3600}, "one of the future": {"iat": int(time.time()) + 3600}, "a time that is over": {"exp": int(time.time()) - 3600}, "a time in words": {"iat": "now"},
    "no event": {"events": GONE}, "another event": {"events": {"http://schemas.openid.net/event/other": {}}}, "an event that is no object": {"events": {EVENT: "yes"}}, "events that are a list": {"events": [EVENT]},
    "a nonce": {"nonce": "x"}, "an empty nonce": {"nonce": ""}, "no name of its own": {"jti": GONE}, "an empty name": {"jti": ""}, "a name that is no text": {"jti": 5}, "nobody": {"sub": GONE}, "an empty subject": {"sub": ""}, "a subject that is no text": {"sub": 5},
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_a_message_that_is_not_what_it_should_be_ends_nothing(app, house, provider, lie):  # noqa: F811
    rep = come(app, house, provider)
    answer = tell(app, house, message(provider, **lie))
    assert (answer.status_code, answer.json) == (400, {"error": "invalid_request"}) and answer.headers["Cache-Control"] == "no-store" and inside(rep)


def test_an_id_token_is_no_message(app, house, provider):  # noqa: F811
    rep = come(app, house, provider)
    assert tell(app, house, provider.signed({"iss": provider.issuer, "aud": provider.client_id, "iat": int(time.time()), "exp": int(time.time()) + 300, "nonce": "n", "sub": "s-rep", "jti": "x"})).status_code == 400
    assert tell(app, house, message(provider, header={"typ": "at+jwt"})).status_code == 400 and inside(rep)


def test_a_foreign_key_a_changed_message_and_an_algorithm_that_proves_nothing_end_nothing(app, house, provider):  # noqa: F811
    rep, good = come(app, house, provider), message(provider)
    forged = [message(provider, key=RSAKey.generate_key(2048, {"kid": "one"})), good[:-8] + "AAAAAAAA", "", "x.y.z", "x" * 5000]
    for algorithm in ("none", "HS256"):
        provider.algorithm = algorithm
        forged.append(provider.signed({"iss": provider.issuer, "aud": provider.client_id, "iat": int(time.time()), "jti": uuid4().hex, "events": {EVENT: {}}, "sub": "s-rep"}))
    assert {tell(app, house, token).status_code for token in forged} == {400} and inside(rep)


def test_a_message_is_taken_once(app, house, provider):  # noqa: F811
    token = message(provider)
    assert [tell(app, house, token).status_code for _ in range(2)] == [200, 400]
    rep = come(app, house, provider)
    assert tell(app, house, token).status_code == 400 and inside(rep)


def test_a_second_audience_and_no_type_are_allowed(app, house, provider):  # noqa: F811
    assert tell(app, house, message(provider, aud=["other", provider.client_id], header={"typ": "JWT"})).status_code == 200
    assert tell(app, house, message(provider, exp=GONE)).status_code == 200


def test_without_a_provider_there_is_nobody_to_believe(app, house, provider):  # noqa: F811
    rep = Browser(app, house, "rep")
    with house.ctx() as ctx:
        single_sign_on.remove_provider(ctx)
    assert tell(app, house, message(provider)).status_code == 400 and inside(rep)


def test_the_page_names_the_address(app, house):  # noqa: F811
    assert f"{PATH}</code>" in Browser(app, house, "owner").get("/settings/signing-in/").text


def test_without_the_checks_a_lie_would_end_it(app, house, provider, monkeypatch):  # noqa: F811
    """Negative control: what the token says is believed."""
    rep = come(app, house, provider)
    monkeypatch.setattr(oidc, "read_logout", lambda client, token, keys, *, now: oidc.SignedOut("s-rep", None, uuid4().hex))
    assert tell(app, house, message(provider, key=RSAKey.generate_key(2048, {"kid": "one"}))).status_code == 200 and not inside(rep)
