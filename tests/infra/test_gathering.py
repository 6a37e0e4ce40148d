"""When a request is whole, and when its sender is late."""

import random

import pytest

from infra import gathering
from infra.gathering import Gathering
from web.api import bodies

HEAD = b"POST /x HTTP/1.1\r\nHost: Acme.localhost:8000\r\n"


def chunked(dice, trailers=b""):
    parts = [dice.randbytes(dice.randint(1, 300)) for _ in range(dice.randint(0, 6))]
    wrapped = b"".join(b"%x%s\r\n%s\r\n" % (len(part), dice.choice([b"", b";a=b"]), part) for part in parts)
    return HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + wrapped + b"0\r\n" + trailers + b"\r\n"


def sized(dice):
    body = dice.randbytes(dice.randint(0, 900))
    return HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body


@pytest.mark.parametrize("make", [sized, chunked, lambda dice: chunked(dice, b"X-A: b\r\n"), lambda dice: HEAD + b"\r\n"])
def test_a_request_is_whole_with_its_last_byte_and_not_before(make):
    for seed in range(200):
        dice = random.Random(seed)
        request, found, at = make(dice), Gathering(), 0
        while at < len(request):
            step = dice.choice([1, 2, 3, 50, 400])
            assert not found.whole, seed
            found.take(request[at : at + step])
            at += step
        assert found.whole and not found.cut, seed
        assert b"".join(iter(lambda: found.recv(700), b"")) == request  # noqa: B023


@pytest.mark.parametrize("head", [
    b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", b"Content-Length: 4\r\nContent-Length: 5\r\n", b"Content-Length: +4\r\n", b"Transfer-Encoding: xchunked\r\n",
])
def test_what_is_odd_is_left_to_the_parser_at_once(head):
    assert Gathering(HEAD + head + b"\r\n").whole


def test_a_host_has_one_name_however_it_is_written():
    assert {Gathering(b"GET / HTTP/1.1\r\nHost: %s\r\n\r\n" % host).host for host in (b"Acme.localhost:8000", b"acme.localhost.", b"ACME.localhost")} == {"acme.localhost"}


def test_time_is_earned_by_sending():
    silent, head, body = Gathering(), Gathering(b"GET"), Gathering(HEAD + b"Content-Length: 900000\r\n\r\n" + b"x" * 400_000)
    began = body.began
    assert not silent.late(began + gathering.IDLE_SECONDS - 1) and silent.late(began + gathering.IDLE_SECONDS + 1)
    assert not head.late(began + gathering.PATIENCE - 1) and head.late(began + gathering.PATIENCE + 1)
    assert not body.late(began + 50) and body.late(began + 62)


def test_more_than_the_application_reads_is_not_waited_for(app):
    for kind, most in ((b"application/json; charset=utf-8", gathering.JSON_BYTES), (b"application/x-www-form-urlencoded", gathering.FORM_BYTES), (b"text/csv", gathering.BODY_BYTES)):
        length = HEAD + b"Content-Type: %s\r\nContent-Length: %d\r\n\r\n"
        assert Gathering(length % (kind, most + 1)).cut and not Gathering(length % (kind, most)).whole
    assert (gathering.JSON_BYTES, gathering.BODY_BYTES) == (bodies.JSON_BYTES, bodies.UPLOAD_BYTES) and gathering.BODY_BYTES == app.config["MAX_CONTENT_LENGTH"]
    assert gathering.FORM_BYTES == app.config["MAX_FORM_MEMORY_SIZE"]


def test_a_body_of_wrapping_alone_is_a_flood():
    found = Gathering(HEAD + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not (found.whole or found.flood):
        found.take(b"1;aaaaaaaaaaaaaaaaaaaaaaaa\r\nx\r\n" * 2000)
    assert found.flood and not found.whole


@pytest.mark.parametrize(("line", "folder"), [(b"GET /abc/def?x=/y HTTP/1.1", "abc"), (b"GET / HTTP/1.1", ""), (b"GET /abc HTTP/1.1", "abc"), (b"\xff", ""), (b"GET //x HTTP/1.1", "")])
def test_the_first_part_of_an_address_is_a_word_whatever_was_sent(line, folder):
    assert Gathering(line + b"\r\nHost: files.localhost\r\n\r\n").folder == folder
