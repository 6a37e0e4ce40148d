"""One key, one effect, one answer (RELIABILITY 1.2, fault 35)."""

import threading
from collections import Counter
from http.client import HTTPException
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update

from core.identity.models import IdempotencyKey
from core.parties.models import Account
from tests.support.served import Served
from web.api import idempotency


def made(world, name):
    """How many accounts of this name there are."""
    with world.acme.ctx("owner") as ctx:
        return ctx.session.execute(select(func.count()).where(Account.name == name)).scalar_one()


@pytest.fixture
def name():
    return f"Once {uuid4().hex}"


@pytest.fixture
def key():
    return uuid4().hex


def test_the_same_key_gives_the_same_answer(world, api, name, key):
    first = api.post("/accounts", {"name": name}, Idempotency_Key=key)
    again = api.post("/accounts", {"name": name}, Idempotency_Key=key)
    assert (first.status_code, first.data, first.headers["ETag"], first.headers["Location"]) == (again.status_code, again.data, again.headers["ETag"], again.headers["Location"])
    assert (first.headers.get("Idempotency-Replayed"), again.headers.get("Idempotency-Replayed")) == (None, "true")
    assert made(world, name) == 1


def test_without_a_key_twice_is_twice(world, api, name):
    api.post("/accounts", {"name": name})
    api.post("/accounts", {"name": name})
    assert made(world, name) == 2


def test_a_key_of_another_request_is_refused(world, api, name, key):
    api.post("/accounts", {"name": name}, Idempotency_Key=key)
    for path, body in (("/accounts", {"name": name + "!"}), ("/contacts", {"name": name})):
        answer = api.post(path, body, Idempotency_Key=key)
        assert (answer.status_code, answer.json["code"]) == (422, "idempotency_mismatch")
    assert made(world, name) == 1


def test_a_refused_request_keeps_nothing(world, api, name, key):
    assert api.post("/accounts", {"name": name, "mail": "wrong"}, Idempotency_Key=key).status_code == 422
    assert api.post("/accounts", {"name": name, "employees": -1}, Idempotency_Key=key).status_code == 422
    assert api.post("/accounts", {"name": name, "mail": "right@example.test"}, Idempotency_Key=key).status_code == 201
    assert made(world, name) == 1


def test_two_people_may_use_one_key(world, caller, name, key):
    for who in ("owner", "rep"):
        assert caller(who).post("/accounts", {"name": name}, Idempotency_Key=key).status_code == 201
    assert made(world, name) == 2


@pytest.mark.parametrize("given", ["", " ", "a b", "x" * 256, "\u00e9", "a\tb"])
def test_a_key_is_printable_and_short(api, given):
    answer = api.post("/accounts", {"name": "A"}, Idempotency_Key=given.encode().decode("latin-1"))
    assert (answer.status_code, answer.json["code"]) == (400, "idempotency_key_invalid")


def test_after_a_day_a_key_is_new(world, api, name, key):
    api.post("/accounts", {"name": name}, Idempotency_Key=key)
    with world.acme.ctx("owner") as ctx:
        ctx.session.execute(update(IdempotencyKey).where(IdempotencyKey.key == key).values(created_at=ctx.now - idempotency.KEPT * 1.01))
    assert api.post("/accounts", {"name": name}, Idempotency_Key=key).headers.get("Idempotency-Replayed") is None
    assert made(world, name) == 2


def test_outlived_keys_go_as_new_ones_come(world, api, name, key):
    from uuid import UUID

    with world.acme.ctx("owner") as ctx:
        before = ctx.now - idempotency.OUTLIVED * 1.01
        old = [UUID(int=(int(before.timestamp() * 1000) << 80) + (7 << 76) + n) for n in range(4)]
        for n, one in enumerate(old):
            ctx.session.add(IdempotencyKey(id=one, owner_id=ctx.actor.id, key=f"old-{n}-{key}", fingerprint=b"x", created_at=before))
    api.post("/accounts", {"name": name}, Idempotency_Key=key)
    with world.acme.ctx("owner") as ctx:
        left = ctx.session.execute(select(func.count()).where(IdempotencyKey.id.in_(old))).scalar_one()
    assert left == 0


def fire(world, token, name, key, n, send=None):
    """`n` equal calls at once; how often which status came."""
    answers, gate = [], threading.Barrier(n)

    def one():
        gate.wait()
        answer = world.app.test_client().post("/api/v1/accounts", json={"name": name}, base_url=f"http://{world.acme.host}", headers={"Authorization": token, "Idempotency-Key": key})
        answers.append((answer.status_code, answer.json.get("id")))

    threads = [threading.Thread(target=send or one) for _ in range(n)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    return answers


def test_fifty_at_once_are_one_effect(world, caller, tmp_path, name, key):
    """Fault 35, through a real gunicorn with two workers: the rest hear "in flight" or the same answer."""
    token = caller("owner").client.client.environ_base["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
    answers, gate = [], threading.Barrier(50)
    with Served(tmp_path, workers=2, threads=8) as served:

        def one():
            gate.wait()
            status, _, body = served.json("POST", "/api/v1/accounts", world.acme.host, token, {"name": name}, **{"Idempotency-Key": key})
            answers.append((status, body.get("id") or body.get("code")))

        threads = [threading.Thread(target=one) for _ in range(50)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        last = served.json("POST", "/api/v1/accounts", world.acme.host, token, {"name": name}, **{"Idempotency-Key": key})
    counted = Counter(status for status, _ in answers)
    assert made(world, name) == 1
    assert set(counted) <= {201, 409, 429, 503} and counted[201] >= 1, (counted, served.log.read_text()[-4000:])
    assert {what for status, what in answers if status == 409} <= {"idempotency_in_flight"}
    assert {what for status, what in answers if status == 201} == {last[2]["id"]}


def test_without_the_lock_the_race_is_seen(world, caller, name, key, monkeypatch):
    """Negative control: with neither lock nor unique row, equal calls at once are several effects."""
    monkeypatch.setattr(idempotency, "_hold", lambda ctx, key: True)
    monkeypatch.setattr(IdempotencyKey, "__init__", lambda self, **values: super(IdempotencyKey, self).__init__())
    monkeypatch.setattr("web.api.shell.answer_once", lambda ctx, key, act: act())
    token = caller("owner").client.client.environ_base["HTTP_AUTHORIZATION"]
    fire(world, token, name, key, 4)
    assert made(world, name) > 1


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("moment", ["after the effect", "before the commit"])
def test_a_death_between_effect_and_answer_leaves_both_or_neither(world, api, name, key, monkeypatch, moment):
    if moment == "after the effect":
        monkeypatch.setattr(idempotency, "forget_old", _die)
    else:
        monkeypatch.setattr("web.api.shell.respond", _die)
    with pytest.raises(Killed):
        api.post("/accounts", {"name": name}, Idempotency_Key=key)
    assert made(world, name) == 0
    monkeypatch.undo()
    assert api.post("/accounts", {"name": name}, Idempotency_Key=key).status_code == 201
    assert made(world, name) == 1


def _die(*_):
    raise Killed


def test_a_kill_with_the_answer_on_its_way_replays_it(world, caller, tmp_path, name, key):
    """The worker commits and is killed before a byte went out: the retry gets the answer that was lost."""
    token = caller("owner").client.client.environ_base["HTTP_AUTHORIZATION"].removeprefix("Bearer ")
    with Served(tmp_path, workers=1) as served:
        import os
        import signal

        stop = threading.Event()

        def slay():
            """Ends the worker as soon as the row is there."""
            while not stop.is_set():
                if made(world, name):
                    for pid in served.workers():
                        os.kill(pid, signal.SIGKILL)
                    return

        hunter = threading.Thread(target=slay)
        hunter.start()
        try:
            served.json("POST", "/api/v1/accounts", world.acme.host, token, {"name": name}, **{"Idempotency-Key": key})
        except (OSError, HTTPException):
            pass  # the answer, or its body, was lost on its way; where it was not, the retry must say the same
        hunter.join(10)
        stop.set()
        for _ in range(50):
            try:
                status, _, body = served.json("POST", "/api/v1/accounts", world.acme.host, token, {"name": name}, **{"Idempotency-Key": key})
                break
            except (OSError, HTTPException):
                continue
    assert status == 201 and body["name"] == name and made(world, name) == 1
