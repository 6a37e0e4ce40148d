"""How often is too often: per token on the API, per account and address at sign-in; and what holds without Redis."""

import time
from uuid import uuid4

import pytest
from redis import ConnectionError as RedisAway

from infra import limits
from tests.support.statements import counted
from tests.support.world import PASSWORD
from web.api import shell


@pytest.fixture(autouse=True)
def anew(stack):
    limits.forget()
    yield
    limits.forget()


@pytest.fixture
def away(monkeypatch):
    class Away:
        def eval(self, *args):
            raise RedisAway("gone")

    monkeypatch.setattr(limits, "client", Away)


def call(api, n):
    return [api.get("/api/v1/me") for _ in range(n)]


@pytest.fixture(params=["there", "away"])
def redis(request):
    if request.param == "away":
        request.getfixturevalue("away")


@pytest.fixture
def slow(monkeypatch):
    """A rate so low that a slow machine does not refill the bucket while the test runs."""
    monkeypatch.setattr(shell, "RATE", 0.01)


def test_a_token_may_call_fifty_times_at_once_and_then_waits(world, redis, slow):
    answers = call(world.api("owner"), 52)
    assert [answer.status_code for answer in answers] == [200] * 50 + [429] * 2
    last = answers[-1]
    assert (last.mimetype, last.json["code"]) == ("application/problem+json", "too_many")
    assert int(last.headers["Retry-After"]) >= 1
    assert (answers[0].headers["RateLimit-Limit"], answers[0].headers["RateLimit-Remaining"], answers[49].headers["RateLimit-Remaining"]) == ("50", "49", "0")


def test_one_tokens_haste_does_not_slow_another(world, slow):
    call(world.api("owner"), 51)
    assert call(world.api("owner"), 1)[0].status_code == call(world.api("rep"), 1)[0].status_code == 200


def test_a_refused_call_does_not_reach_the_database(world, slow):
    api = world.api("owner")
    call(api, 50)
    with counted() as sent:
        assert call(api, 1)[0].status_code == 429
    assert sent == []


def test_after_the_wait_the_token_is_welcome_again(world, monkeypatch):
    monkeypatch.setattr(shell, "RATE", 4)
    monkeypatch.setattr(shell, "BURST", 2)
    api = world.api("owner")
    assert 429 in [answer.status_code for answer in call(api, 20)]
    time.sleep(0.6)
    assert call(api, 1)[0].status_code == 200


# Sign-in
@pytest.fixture(scope="module")
def page(app):
    return next(rule.rule for rule in app.url_map.iter_rules() if rule.endpoint == "session.create")


def sign_in(world, page, mail, password, ip="198.51.100.1", client=None):
    return (client or world.app.test_client()).post(
        page, base_url=f"http://{world.acme.host}", data={"mail": mail, "password": password}, headers={"Sec-Fetch-Site": "same-origin"}, environ_base={"REMOTE_ADDR": ip},
    )


def address():
    return f"10.{uuid4().int % 256}.{uuid4().int % 256}.{uuid4().int % 256}"


def test_an_account_is_tried_five_times_a_minute(world, page):
    mail = world.acme.users["manager"].mail
    answers = [sign_in(world, page, mail, "wrong password!", ip=address()).status_code for _ in range(7)]
    assert answers == [422] * 5 + [429] * 2
    assert sign_in(world, page, mail, PASSWORD, ip=address()).status_code == 429


def test_a_device_that_the_person_knows_is_tried_five_times_by_itself(world, page):
    device = world.app.test_client()
    mail = world.acme.users["reader"].mail
    assert sign_in(world, page, mail, PASSWORD, ip=address(), client=device).status_code == 303
    assert [sign_in(world, page, mail, "wrong password!", ip=address()).status_code for _ in range(6)][-1] == 429
    answers = [sign_in(world, page, mail, "wrong password!", ip=address(), client=device).status_code for _ in range(6)]
    assert answers == [422] * 5 + [429]


def test_an_unknown_account_is_limited_alike(world, page):
    """Otherwise the limit itself would tell who works here."""
    mail = f"{uuid4().hex}@example.test"
    assert [sign_in(world, page, mail, "wrong password!", ip=address()).status_code for _ in range(6)] == [422] * 5 + [429]


def test_one_address_tries_thirty_times_a_minute(world, page, monkeypatch):
    from infra import crypto

    monkeypatch.setattr(crypto, "check_password", lambda *_: False)  # thirty hashes would take seconds
    ip = address()
    answers = [sign_in(world, page, f"{uuid4().hex}@example.test", "wrong password!", ip=ip).status_code for _ in range(32)]
    assert answers == [422] * 30 + [429] * 2


def test_without_redis_sign_in_is_limited_more_strictly(world, page, away):
    mail = world.acme.users["colleague"].mail
    assert [sign_in(world, page, mail, "wrong password!", ip=address()).status_code for _ in range(3)] == [422, 429, 429]


def test_without_redis_the_owner_still_comes_in(world, page, away):
    assert sign_in(world, page, world.acme.users["owner"].mail, PASSWORD, ip=address()).status_code == 303


def test_whoever_is_refused_is_told_when_to_come_back(world, page):
    mail = f"{uuid4().hex}@example.test"
    for _ in range(5):
        sign_in(world, page, mail, "wrong password!", ip=address())
    assert 1 <= int(sign_in(world, page, mail, "wrong password!", ip=address()).headers["Retry-After"]) <= 60


def test_no_mail_address_lies_in_redis(world, page):
    from infra.redis import client

    mail = f"canary{uuid4().hex}@example.test"
    sign_in(world, page, mail, "wrong password!", ip=address())
    keys = [key.decode() for key in client().scan_iter("tendero:limit:*", count=1000)]
    assert any(":sign_in:" in key for key in keys) and not any("@" in key or "canary" in key for key in keys)
