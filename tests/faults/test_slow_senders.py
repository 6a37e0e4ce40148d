"""Senders who take their time (RELIABILITY X23, fault 54): they wait by themselves, never in a thread or with a connection
of the database, and hear 408 within bounds; a slow but honest line gets through."""

import contextlib
import os
import select
import signal
import socket
import time
from http.client import HTTPConnection
from types import SimpleNamespace

import pytest

from infra import web_worker
from infra.gathering import IDLE_SECONDS, PATIENCE
from tests.support.served import Served

BOUND = PATIENCE + 4


@pytest.fixture(scope="module")
def served(world, tmp_path_factory):
    """As in production: one worker, four threads."""
    with Served(tmp_path_factory.mktemp("served"), workers=1, threads=4) as served:
        yield served


def half_body(host, path="/sign-in", kind="application/x-www-form-urlencoded"):
    return f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: {kind}\r\nContent-Length: 400\r\nSec-Fetch-Site: same-origin\r\n\r\nmail=a".encode()


def half_chunk(host):
    return f"POST /sign-in HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked\r\n\r\n64\r\nmail=a".encode()


def half_head(host):
    return f"GET /sign-in HTTP/1.1\r\nHost: {host}\r\nX-Long: ".encode()


@contextlib.contextmanager
def dripping(served, starts, seconds):
    """Sockets that begin with `starts` and go on with a byte a second; leaves (answer, seconds until closed) of each."""
    began, found = time.monotonic(), []
    lines = {socket.create_connection(("127.0.0.1", served.port)): b"" for _ in starts}
    for line, start in zip(lines, starts, strict=True):
        line.sendall(start)

    def go_on(until):
        while lines and time.monotonic() < until:
            ready, _, _ = select.select(list(lines), [], [], 0.2)
            for line in ready:
                part = b""
                with contextlib.suppress(ConnectionResetError):
                    part = line.recv(65536)
                lines[line] += part
                if not part:
                    found.append((lines.pop(line), time.monotonic() - began))
                    line.close()
            if time.monotonic() - go_on.last > 1:
                go_on.last = time.monotonic()
                for line in lines:
                    with contextlib.suppress(OSError):
                        line.send(b"x")

    go_on.last = began
    yield found, go_on
    go_on(began + seconds)
    for line in lines:
        line.close()
    found += [(b"still open", seconds)] * len(lines)


def answered_within(served, path, host, seconds=2.0):
    began = time.monotonic()
    try:
        status, _, _ = served.get(path, host, timeout=seconds)
    except OSError:
        return 0, time.monotonic() - began
    return status, time.monotonic() - began


def test_slow_senders_stop_nobody_and_hear_408(served, world):
    host = world.acme.host
    starts = [half_body(host)] * 15 + [half_chunk(host)] * 5 + [half_head(host)] * 20
    with dripping(served, starts, BOUND) as (found, go_on):
        meanwhile = []
        for _ in range(4):
            go_on(time.monotonic() + 1)
            meanwhile += [answered_within(served, "/healthz", "127.0.0.1"), answered_within(served, "/sign-in", world.globex.host)]
        assert [status for status, _ in meanwhile] == [200] * len(meanwhile), meanwhile
        assert max(seconds for _, seconds in meanwhile) < 2, meanwhile
    assert len(found) == len(starts)
    assert {answer.split(b" ", 2)[1] if b" " in answer else answer for answer, _ in found} == {b"408"}, found
    assert max(seconds for _, seconds in found) < BOUND, found


def test_who_says_nothing_at_all_is_shown_out(served):
    with socket.create_connection(("127.0.0.1", served.port), timeout=IDLE_SECONDS + 4) as line:
        assert line.recv(100) == b""


def test_refused_callers_who_stay_on_the_line_stop_nobody(served, world):
    """What is refused outright is closed with patience for the answer's way (RFC 9112 9.6), but not ours."""
    lines = [socket.create_connection(("127.0.0.1", served.port)) for _ in range(20)]
    for line in lines:
        line.sendall(b"NONSENSE\r\n\r\n")
    status, seconds = answered_within(served, "/sign-in", world.globex.host)
    answers = [line.recv(100).split(b" ", 2)[1] for line in lines]
    for line in lines:
        line.close()
    assert status == 200 and seconds < 2 and set(answers) == {b"400"}


def drop_by_drop(data, rate, step=0.1):
    """The data at `rate` bytes a second, in pieces."""
    piece = int(rate * step)
    for at in range(0, len(data), piece):
        yield data[at : at + piece]
        time.sleep(step)


def test_an_honest_but_slow_line_gets_its_file_through(served, world):
    """750 kB at 50 kB/s take 15 s, half as much again as the patience for what stands still; with --deep 1.9 MB and 40 s."""
    token = world.api("owner").client.environ_base["HTTP_AUTHORIZATION"]
    rows = b"Name\n" + b"".join(b"Slow firm %06d with a name of some length\n" % n for n in range(44_000 if os.environ.get("TENDERO_DEEP") else 17_500))
    head = (f"POST /api/v1/imports?kind=accounts HTTP/1.1\r\nHost: {world.acme.host}\r\nAuthorization: {token}\r\nContent-Type: text/csv\r\n"
            f"Content-Length: {len(rows)}\r\nConnection: close\r\n\r\n").encode()
    with socket.create_connection(("127.0.0.1", served.port), timeout=30) as line:
        line.sendall(head)
        for piece in drop_by_drop(rows, 50_000):
            line.sendall(piece)
        answer = line.recv(65536)
    assert answer.split(b" ", 2)[1] in (b"201", b"202"), answer[:600]


def test_whoever_waits_for_leave_to_send_gets_it(served, world):
    """Expect: 100-continue, as curl does with larger files."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=5) as line:
        line.sendall(f"POST /_csp HTTP/1.1\r\nHost: {world.acme.host}\r\nContent-Type: application/json\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n".encode())
        assert line.recv(100).startswith(b"HTTP/1.1 100")
        line.sendall(b"{}")
        told = b""
        while b" 204 " not in told and (part := line.recv(1000)):
            told += part
    assert b" 204 " in told


def test_requests_sent_in_one_piece_are_answered_in_order(served):
    second = "GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
    first = "POST /_csp HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    answer, closed = served.raw((first + second).encode(), wait=3)
    assert closed and [part.split(b" ", 1)[0] for part in answer.split(b"HTTP/1.1 ")[1:]] == [b"204", b"200"]


def test_half_a_request_is_never_acted_upon(served, world):
    """The line breaks before the end: no view hears of it."""
    token = world.api("owner").client.environ_base["HTTP_AUTHORIZATION"]
    name = f"Never {time.monotonic_ns()}"
    body = f'{{"name": "{name}"}}'
    with socket.create_connection(("127.0.0.1", served.port)) as line:
        line.sendall((f"POST /api/v1/accounts HTTP/1.1\r\nHost: {world.acme.host}\r\nAuthorization: {token}\r\nContent-Type: application/json\r\n"
                      f"Content-Length: {len(body) + 5}\r\n\r\n{body}").encode())
    time.sleep(0.5)
    status, _, found = served.json("GET", f"/api/v1/accounts?filter[name][eq]={name.replace(' ', '%20')}", world.acme.host, token.removeprefix("Bearer "))
    assert status == 200 and found["data"] == []


def test_a_kept_connection_serves_one_request_after_the_other(served, world):
    token = world.api("owner").client.environ_base["HTTP_AUTHORIZATION"]
    line = HTTPConnection("127.0.0.1", served.port, timeout=5)
    statuses, here = [], None
    for n in range(6):
        body = None if n % 2 else f'{{"name": "Kept {n}"}}'
        line.request("GET" if n % 2 else "POST", "/api/v1/accounts", body=body, headers={"Host": world.acme.host, "Authorization": token, "Content-Type": "application/json"})
        answer = line.getresponse()
        statuses.append((answer.status, len(answer.read()) > 0))
        here = here or line.sock.getsockname()
        assert line.sock.getsockname() == here
    line.close()
    assert statuses == [(201, True), (200, True)] * 3


def test_a_worker_that_stops_finishes_what_it_has_and_keeps_no_idle_caller(world, tmp_path):
    """SIGTERM: the request that is coming in is answered, who has said nothing is let go, the process ends in time."""
    with Served(tmp_path, workers=1, threads=2) as served:
        idle = socket.create_connection(("127.0.0.1", served.port), timeout=10)
        busy = socket.create_connection(("127.0.0.1", served.port), timeout=10)
        head, rest = half_body(world.acme.host), b"x" * 394
        busy.sendall(head)
        time.sleep(0.5)
        os.kill(served.child.pid, signal.SIGTERM)
        time.sleep(1)
        busy.sendall(rest)
        answer = busy.recv(65536)
        assert idle.recv(10) == b""
        began = time.monotonic()
        served.child.wait(10)
        idle.close(), busy.close()
    assert answer.split(b" ", 2)[1] == b"422" and time.monotonic() - began < 6


def test_when_all_places_are_taken_the_slowest_give_theirs_up(world, tmp_path):
    """More half-sent requests than a worker has places: who has been at it the longest goes, whoever is ready is served."""
    with Served(tmp_path, workers=1, threads=2, GUNICORN_CMD_ARGS="--worker-connections 8") as served:
        lines = []
        for _ in range(20):
            lines.append(socket.create_connection(("127.0.0.1", served.port), timeout=5))
            lines[-1].sendall(half_body(world.acme.host))
        found = [answered_within(served, "/sign-in", world.globex.host, 4) for _ in range(3)]
        for line in lines:
            line.close()
    assert [status for status, _ in found] == [200] * 3 and max(seconds for _, seconds in found) < 4, found


def test_what_is_gathered_has_a_bound(monkeypatch):
    """Bodies lie in files: together they may fill a part of the disk and no more."""
    worker = web_worker.PatientWorker.__new__(web_worker.PatientWorker)
    gone = []
    big = [type("Conn", (), {"gathered": SimpleNamespace(count=web_worker.HELD_BYTES // 2), "n": n})() for n in range(3)]
    worker.gathering = dict.fromkeys(big)
    monkeypatch.setattr(worker, "_leave", worker.gathering.pop, raising=False)
    monkeypatch.setattr(worker, "_end", lambda conn: gone.append(conn.n), raising=False)
    worker._make_room()
    assert gone == [0] and list(worker.gathering) == big[1:]
