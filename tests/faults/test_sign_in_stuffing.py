"""Fault 55: credential stuffing. Few passwords are looked at, the real person still gets in, and work tells nothing."""

import os
import time
from types import SimpleNamespace
from uuid import uuid4

import pytest

from infra import crypto, limits
from tests.support.world import PASSWORD, House

DEEP = os.environ.get("TENDERO_DEEP") == "1"
TRIES, ACCOUNTS, ADDRESSES = (10_000, 500, 50) if DEEP else (600, 30, 3)


@pytest.fixture(scope="module")
def house(app):
    return House(f"cst-{uuid4().hex[:8]}")


@pytest.fixture
def hashes(monkeypatch):
    """Every password that is really looked at; nothing is computed, so that the count is what is measured."""
    looked = []

    class Counting:
        check_needs_rehash = staticmethod(lambda stored: False)

        def hash(self, password):
            return "nobody's"

        def verify(self, stored, password):
            looked.append(stored)
            return password == PASSWORD

    monkeypatch.setattr(crypto, "_hasher", Counting())
    monkeypatch.setattr(crypto, "_nobody", None)
    return looked


def attempt(app, house, mail, password, ip, client=None):
    return (client or app.test_client()).post("/sign-in", data={"mail": mail, "password": password}, base_url=f"http://{house.host}", environ_base={"REMOTE_ADDR": ip}).status_code


def test_stuffing_is_bounded_and_the_real_person_gets_in(app, house, hashes, monkeypatch):
    """All within one minute of the limits' clock: as many hashes as the policy has for so many addresses. The real person's
    own account is among the attacked ones; he comes in where he did before, and a stranger with the right guess does not."""
    monkeypatch.setattr(limits, "time", SimpleNamespace(time=lambda: 2_000_000_000.0, monotonic=time.monotonic))
    rep, device = house.users["rep"].mail, app.test_client()
    assert attempt(app, house, rep, PASSWORD, "203.0.113.9", device) == 303
    hashes.clear()
    attacked = [rep if n // ADDRESSES % 3 == 0 else f"a{n % ACCOUNTS}@stuffed.example" for n in range(TRIES)]  # rep's from every address
    said = [attempt(app, house, mail, f"stolen password {n}", f"198.51.100.{n % ADDRESSES}") for n, mail in enumerate(attacked)]
    assert set(said) == {422, 429} and len(hashes) <= ADDRESSES * 30
    assert said.count(422) == len(hashes)
    assert attempt(app, house, rep, PASSWORD, "203.0.113.10") == 429
    assert attempt(app, house, rep, PASSWORD, "203.0.113.9", device) == 303
    assert attempt(app, house, house.users["colleague"].mail, PASSWORD, "203.0.113.11") == 303


def test_without_the_limits_every_try_is_looked_at(app, house, hashes, monkeypatch):
    """Negative control."""
    monkeypatch.setattr("web.devices.check_sign_in", lambda *_: None)
    for n in range(50):
        attempt(app, house, "a@stuffed.example", f"stolen password {n}", "198.51.100.77")
    assert len(hashes) == 50


def test_known_disabled_unknown_and_impossible_addresses_cost_the_same_work(app, house, hashes):
    """One hash each, whoever it is; time follows from that, and is not measured on a loaded machine."""
    costs = []
    for mail in (house.users["manager"].mail, house.users["ex"].mail, "nobody@people.example", "no address"):
        before = len(hashes)
        assert attempt(app, house, mail, "wrong wrong wrong", "198.51.100.88") == 422
        costs.append(len(hashes) - before)
    assert costs == [1, 1, 1, 1]
