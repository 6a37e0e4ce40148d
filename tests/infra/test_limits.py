"""Rate limits: exact in Redis, strict without it where a password is at stake."""

from uuid import uuid4

import pytest
from redis import ConnectionError as RedisAway

from infra import limits


@pytest.fixture(autouse=True)
def anew(stack):
    limits.forget()
    yield
    limits.forget()


@pytest.fixture
def away(monkeypatch):
    """Redis does not answer; gives the number of times it was asked."""
    asked = []

    class Away:
        def eval(self, *args):
            asked.append(args)
            raise RedisAway("gone")

    monkeypatch.setattr(limits, "client", Away)
    return asked


def tries(n, key, **rest):
    return [limits.look("test", key, 5, 60, **rest).allowed for _ in range(n)]


def test_a_window_lets_as_many_through_as_it_says():
    assert tries(7, uuid4().hex) == [True] * 5 + [False] * 2


def test_a_window_slides():
    key = uuid4().hex
    assert tries(5, key, now=1_000_000.0) == [True] * 5
    assert tries(1, key, now=1_000_059.9) == [False]
    assert tries(1, key, now=1_000_060.1) == [True]


def test_keys_do_not_touch_each_other():
    one, other = uuid4().hex, uuid4().hex
    tries(5, one)
    assert tries(1, other) == [True]


def test_who_is_refused_learns_how_long_to_wait():
    key = uuid4().hex
    for _ in range(5):
        limits.hit("test", key, 5, 60, now=1_000_000.0)
    with pytest.raises(limits.TooOften) as refused:
        limits.hit("test", key, 5, 60, now=1_000_020.0)
    assert refused.value.retry_after == 40


def test_a_bucket_gives_its_burst_and_then_the_rate():
    key = uuid4().hex
    burst = [limits.take("test", key, rate=10, burst=50, now=1_000_000.0).allowed for _ in range(60)]
    assert burst.count(True) == 50
    later = [limits.take("test", key, rate=10, burst=50, now=1_000_001.0).allowed for _ in range(20)]
    assert later.count(True) == 10


@pytest.mark.parametrize("redis", ["there", "away"])
def test_a_bucket_counts_down(redis, request):
    if redis == "away":
        request.getfixturevalue("away")
    key = uuid4().hex
    left = [limits.take("test", key, rate=10, burst=50, now=1_000_000.0).remaining for _ in range(3)]
    assert left == [49, 48, 47]


def test_without_redis_an_open_limit_holds_in_this_process(away):
    assert tries(7, "k") == [True] * 5 + [False] * 2


def test_without_redis_a_closed_limit_lets_a_quarter_through(away):
    assert tries(7, "k", closed=True).count(True) == 1


def test_a_redis_that_is_away_is_not_asked_for_every_page(away):
    tries(20, "k")
    assert len(away) == 1


def test_an_account_gets_five_tries_a_minute_from_anywhere():
    tenant, mail = uuid4(), f"{uuid4().hex}@example.test"
    for n in range(5):
        limits.check_sign_in(tenant, mail, f"198.51.{n}.7")
    with pytest.raises(limits.TooOften):
        limits.check_sign_in(tenant, mail.upper() + " ", "203.0.113.9")


def test_the_same_address_in_another_tenant_counts_apart():
    mail = f"{uuid4().hex}@example.test"
    for n in range(5):
        limits.check_sign_in(uuid4(), mail, f"192.0.2.{n}")


def test_one_network_gets_thirty_tries_a_minute():
    net = uuid4().hex[:4]
    for n in range(30):
        limits.check_sign_in(uuid4(), "a@example.test", f"2001:db8:{net}:1::{n:x}")
    with pytest.raises(limits.TooOften):
        limits.check_sign_in(uuid4(), "b@example.test", f"2001:db8:{net}:1::ffff")


def test_sign_in_limits_fail_closed(away):
    limits.check_sign_in(1, "a@example.test", "192.0.2.1")
    with pytest.raises(limits.TooOften):
        limits.check_sign_in(1, "a@example.test", "192.0.2.1")


@pytest.mark.parametrize(("ip", "network"), [
    ("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"), ("2001:db8::1", "2001:db8::/64"), ("fe80::1%eth0", "fe80::/64"),
    (None, "unknown"), ("nonsense", "unknown"),
])
def test_a_network_is_what_one_subscriber_has(ip, network):
    assert limits.network(ip) == network
