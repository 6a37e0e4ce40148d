"""bin/up --detach with everything real: what it promises, and that kill -9 of all of it loses nothing acknowledged."""

import os
import re
import subprocess
import sys
import time

import pytest

from infra.local import process
from tests.support.local_stack import LocalStack

WORDS = ("supervisor", "postgres", "valkey", "mail", "web", "workers", "clock")


@pytest.fixture(scope="module")
def stack():
    """One running stack; each test leaves it running."""
    stack = LocalStack()
    try:
        stack.up()
        yield stack
    finally:
        stack.remove()


def person(stack, who="owner"):
    return next(one for one in stack.at["sign_ins"] if one["who"] == who)


def profile(stack, cookie):
    """(status, name that the form shows, CSRF token)."""
    status, _, body = stack.request(f"{stack.at['tenant_url']}/settings/profile", cookie=cookie)
    return status, *(field(body, name) for name in ("name", "_csrf"))


def field(html, name):
    tag = next((tag for tag in re.findall(r"<input[^>]*>", html) if re.search(rf'name="?{name}["\s>]', tag)), "")
    found = re.search(r'value="([^"]*)"', tag)
    return found[1] if found else ""


def test_up_says_where_everything_is(stack):
    at = stack.at
    assert (stack.home / "up.json").stat().st_mode & 0o777 == 0o600 and list(at)[0] == "url"
    assert set(at["pids"]) == set(WORDS) and all(process.alive(pid) for pid in at["pids"].values())
    assert stack.request(f"{at['url']}/healthz")[0] == 200 == stack.request(f"{at['url']}/readyz")[0]
    assert stack.request(f"{at['tenant_url']}/sign-in")[0] == 200 == stack.request(f"{at['operator_url']}/sign-in")[0]
    assert stack.request(at["mail_url"])[0] == 200
    assert '"openapi"' in stack.request(f"{at['api_url']}/openapi.json")[2]


def test_everybody_of_the_demo_can_sign_in(stack):
    """The operator has a page and a second factor of his own."""
    people = [one for one in stack.at["sign_ins"] if one["url"].startswith(stack.at["tenant_url"])]
    assert {one["who"] for one in people} >= {"owner", "salesperson"}
    for one in people:
        assert profile(stack, stack.sign_in(one))[0] == 200, one["who"]


def test_a_second_up_is_told_that_it_runs(stack):
    done = stack.command("--detach")
    assert done.returncode == 1 and "already runs" in done.stderr and done.stderr.count("\n") == 1


def test_killed_as_a_whole_it_loses_nothing_acknowledged(stack):
    """The answer 303 to a saved form is a promise; the session of before still holds."""
    cookie = stack.sign_in(person(stack))
    _, _, csrf = profile(stack, cookie)
    name = f"Olivia {time.time_ns()}"
    form = {"_csrf": csrf, "name": name, "locale": "en", "timezone": "Europe/Madrid"}
    status, _, body = stack.request(f"{stack.at['tenant_url']}/settings/profile", form, cookie)
    assert status == 303, body[:500]
    before = set(stack.at["pids"].values())
    stack.kill()
    assert not [pid for pid in stack.pids() if process.alive(pid)]  # of this home: numbers are given out again soon
    started = time.monotonic()
    at = stack.up()
    assert time.monotonic() - started < 60 and before.isdisjoint(at["pids"].values())
    assert profile(stack, cookie)[:2] == (200, name)


def test_orders_left_before_the_kill_are_run_after_it(stack):
    """A sign-up leaves orders for later in its transaction; Valkey, which should have told of them, dies with all else."""
    slug = f"killed-{time.time_ns() % 10**8}"
    form = {"company": "Nordlicht", "slug": slug, "mail": f"a@{slug}.example", "password": "correct horse battery", "name": "Anna",
            "locale": "en", "timezone": "UTC", "currency": "EUR"}
    status, _, body = stack.request(f"{stack.at['url']}/sign-up", form)
    stack.kill()
    assert status == 200, body[:500]
    stack.up()
    until = time.monotonic() + 90
    while "identity.index_mail" not in (done := orders(stack, slug, "done")) and time.monotonic() < until:
        time.sleep(0.5)
    assert "identity.index_mail" in done and orders(stack, slug, "parked") == ""


def orders(stack, slug, state):
    """What the operator's terminal says of a tenant's orders in a state."""
    command = [sys.executable, "-m", "workers.cli", "outbox", "list", "--state", state, "--tenant", slug]
    listed = subprocess.run(command, cwd=process.ROOT, env={**os.environ, **stack.environment()}, capture_output=True, text=True, timeout=60)
    assert listed.returncode == 0, listed.stderr
    return listed.stdout


def test_down_leaves_nothing_and_the_next_up_finds_all(stack):
    cookie = stack.sign_in(person(stack))
    assert stack.command("down").stdout == "Stopped.\n"
    assert stack.pids() == [] and not (stack.home / "up.json").exists()
    stack.up()
    assert profile(stack, cookie)[0] == 200
