"""Doors that anybody may knock at: reports of browsers, and the API with a token that is none."""

from io import BytesIO
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
    class Away:
        def eval(self, *args):
            raise RedisAway("gone")

    monkeypatch.setattr(limits, "client", Away)


@pytest.fixture
def ip():
    key = uuid4().int
    return {"REMOTE_ADDR": f"10.{key % 256}.{key // 256 % 256}.{key // 65536 % 256}"}


def report(world, ip, body, chunked=False):
    more = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"} if chunked else {}
    given = {"input_stream": BytesIO(body)} if chunked else {"data": body}
    return world.app.test_client().post("/_csp", base_url=f"http://{world.acme.host}", environ_overrides={**ip, **more}, **given).status_code


@pytest.mark.parametrize("chunked", [False, True])
def test_a_report_is_taken_up_to_ten_thousand_bytes(world, ip, chunked):
    assert report(world, ip, b"x" * 9_000, chunked) == 204
    assert report(world, ip, b"x" * 20_000, chunked) == 413


def test_one_address_reports_sixty_times_a_minute(world, ip):
    assert [report(world, ip, b"{}") for _ in range(62)] == [204] * 60 + [429] * 2
    assert report(world, {"REMOTE_ADDR": "192.0.2.77"}, b"{}") == 204


def wrong(world, ip):
    headers = {"Authorization": f"Bearer {uuid4().hex}"}
    return world.app.test_client().get("/api/v1/me", base_url=f"http://{world.acme.host}", headers=headers, environ_overrides=ip)


def test_one_address_tries_thirty_wrong_tokens_a_minute(world, ip):
    answers = [wrong(world, ip) for _ in range(32)]
    assert [answer.status_code for answer in answers] == [401] * 30 + [429] * 2
    assert answers[-1].json["code"] == "too_many" and 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert wrong(world, {"REMOTE_ADDR": "192.0.2.78"}).status_code == 401


def test_a_right_token_is_not_shut_out_by_its_neighbours_wrong_ones(world, ip):
    for _ in range(31):
        wrong(world, ip)
    assert world.api("owner").get("/api/v1/me", environ_overrides=ip).status_code == 200


def test_without_redis_wrong_tokens_are_limited_more_strictly(world, ip, away):
    assert [wrong(world, ip).status_code for _ in range(9)] == [401] * 7 + [429] * 2
