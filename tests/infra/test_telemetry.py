"""Logs, error reports and metrics: enough to find a fault, nothing of what people typed (RELIABILITY X32)."""

import json
import logging
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import sentry_sdk
from sentry_sdk.transport import Transport

from infra import telemetry, telemetry_errors, telemetry_metrics

ROOT = Path(__file__).resolve().parents[2]
CANARY = "Canary7Zq9"


def line(formatter=telemetry.JsonLines, message="hello", error=None, **extra):
    record = logging.getLogger("tendero.test").makeRecord("tendero.test", logging.INFO, __file__, 1, message, (), None, extra=extra)
    if error:
        record.exc_info = (type(error), error, error.__traceback__)
    return formatter("web").format(record)


def caught(message, cause=None):
    try:
        raise ValueError(message) from cause
    except ValueError as error:
        return error


def test_a_line_names_tenant_user_request_and_job():
    with telemetry.bind(tenant="t1", request="r1"), telemetry.bind(job="post.deliver", user="u1"):
        told = json.loads(line())
    assert {key: told[key] for key in ("tenant", "request", "job", "user")} == {"tenant": "t1", "request": "r1", "job": "post.deliver", "user": "u1"}


def test_a_thread_that_is_used_again_forgets():
    with pytest.raises(RuntimeError), telemetry.bind(tenant="t1"):
        telemetry.add(user="u1")
        raise RuntimeError
    assert telemetry.bound() == {}


def test_another_thread_sees_nothing_of_ours():
    seen = []
    with telemetry.bind(tenant="t1"):
        thread = threading.Thread(target=lambda: seen.append(telemetry.bound()))
        thread.start()
        thread.join()
    assert seen == [{}]


HOSTILE = ["a\nb", "a\r\nlevel=ERROR forged", "\x1b[2J\x1b[31mred", "a\u2028b", "a\x85b", "a\x00b", "\u202eevil", "\x9b31m"]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("formatter", [telemetry.JsonLines, telemetry.ReadableLines])
def test_text_from_outside_makes_no_line_and_no_colour(formatter, text):
    told = line(formatter, message=text, agent=text)
    assert told.isprintable(), repr(told)


def test_a_traceback_cannot_pass_for_a_line_of_ours():
    told = line(telemetry.ReadableLines, error=caught("x\n12:00:00 error   tendero.web: forged"))
    assert all(part.startswith("    | ") for part in told.split("\n")[1:])


@pytest.mark.parametrize("name", ["password", "new_password", "token", "Cookie", "Authorization", "csrf", "notes", "note", "mail", "phone", "body"])
def test_private_fields_are_emptied(name):
    assert CANARY not in line(**{name: CANARY}) and CANARY not in line(form={"inner": [{name: CANARY}]})


QUOTING = [
    f"(psycopg.errors.CheckViolation) new row violates check\nDETAIL:  Failing row contains (1, {CANARY}, null).",
    f"[SQL: INSERT INTO account]\n[parameters: {{'notes': '{CANARY}'}}]", f"invalid input syntax for type uuid: \"{CANARY}\"",
    f"no such key '{CANARY}'", f"can't find '{CANARY}' of \"x\"", f"KeyError 'no \\'{CANARY}\\''", f"unterminated string: '{CANARY}",
    f"sent to {CANARY}@example.test", f"Bearer tnd_{CANARY}", f"token tnd_{CANARY}{'x' * 30}",
]


@pytest.mark.parametrize("message", QUOTING)
def test_an_error_is_told_without_what_was_typed(message):
    told = line(error=caught(message, cause=caught(message)))
    assert CANARY not in told and "test_telemetry.py" in told and "ValueError" in told


def test_an_error_of_the_database_repeats_no_values(ctx):
    from sqlalchemy import text
    from sqlalchemy.exc import DBAPIError

    with pytest.raises(DBAPIError) as raised, ctx.session.begin_nested():
        ctx.session.execute(text("SELECT CAST(:v AS uuid)"), {"v": CANARY})
    assert CANARY not in line(error=raised.value)
    assert CANARY in str(raised.value.orig)  # so the test can see a leak


class Sink(Transport):
    """Where Sentry's client leaves its envelopes."""

    sent: list[str] = []

    def capture_envelope(self, envelope):
        self.sent.append(envelope.serialize().decode(errors="replace"))


@pytest.fixture
def sink(stack):
    Sink.sent.clear()
    telemetry_errors.start("", transport=Sink)
    yield Sink.sent
    sentry_sdk.get_client().close()
    sentry_sdk.get_global_scope().set_client(None)


def test_sentry_hears_where_it_broke_and_whose_it_was(sink):
    with telemetry.bind(tenant="t1", request="r1"):
        logging.getLogger("tendero.web").error("unexpected", exc_info=caught("boom"))
    assert len(sink) == 1 and all(word in sink[0] for word in ("ValueError", "test_telemetry.py", '"tenant":"t1"', '"request":"r1"'))


@pytest.mark.parametrize("message", QUOTING)
def test_sentry_hears_nothing_of_what_was_typed(sink, message):
    password = CANARY  # noqa: F841 (a local variable that must not travel)
    logging.getLogger("tendero.web").error("unexpected", exc_info=caught(message), extra={"notes": CANARY, "form": {"token": CANARY}})
    assert len(sink) == 1 and CANARY not in "".join(sink)


def test_without_the_scrubber_sentry_would_hear_it(sink, monkeypatch):
    """Negative control: the sink sees what it is there to see."""
    monkeypatch.setattr(telemetry, "QUOTATIONS", ())
    monkeypatch.setattr(telemetry, "TYPED", telemetry.re.compile("(?!)"))
    logging.getLogger("tendero.web").error("unexpected", exc_info=caught(QUOTING[3]))
    assert CANARY in "".join(sink)


def in_process(directory, script, **env):
    """A python of its own that reports into `directory`."""
    directory.mkdir(exist_ok=True)
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=30,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PROMETHEUS_MULTIPROC_DIR": str(directory), **env},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


COUNT = "from infra import telemetry_metrics as m; m.take_slot('{slot}'); [m.request_done('home.index', 'GET', 200, 0.01) for _ in range(3)]"
SHOW = "from infra import telemetry_metrics as m; m.take_slot('show'); print(m.exposed(0, 0.0, 1.0).decode())"


def test_processes_count_together_and_a_successor_goes_on(stack, tmp_path):
    for slot in ("web0", "web1", "web0"):
        in_process(tmp_path, COUNT.format(slot=slot))
    assert 'tendero_request_seconds_count{endpoint="home.index",method="GET",status="2xx"} 9.0' in in_process(tmp_path, SHOW)


def test_many_lives_of_a_worker_leave_no_more_files_than_one(stack, tmp_path):
    in_process(tmp_path, COUNT.format(slot="web0"))
    files = sorted(tmp_path.iterdir())
    for _ in range(3):
        in_process(tmp_path, COUNT.format(slot="web0"))
    assert sorted(tmp_path.iterdir()) == files


def test_a_start_wipes_its_own_files_and_those_of_the_gone(tmp_path):
    for name in ("histogram_web0.db", "gauge_livesum_web3.db", "histogram_worker-mail.db", f"counter_{os.getpid()}.db", "counter_4194303.db"):
        (tmp_path / name).touch()
    assert telemetry_metrics.wipe("web", tmp_path) == 3
    assert {path.name for path in tmp_path.iterdir()} == {"histogram_worker-mail.db", f"counter_{os.getpid()}.db"}


BURST = """
import sys, threading
from infra import telemetry_metrics as m
m.take_slot('web0')
{change}
sys.setswitchinterval(1e-6)
gate, failed = threading.Barrier(8), []
threading.excepthook = lambda args: failed.append(args.exc_type.__name__)
def one(n):
    gate.wait()
    [m.request_done(f'room.view{{n}}_{{k}}', 'GET', 200, 0.01) for k in range(20)]
threads = [threading.Thread(target=one, args=(n,)) for n in range(8)]
[t.start() for t in threads]; [t.join() for t in threads]
try:
    counted = sum(line.endswith(' 1.0') for line in m.exposed(0, 0.0, 1.0).decode().splitlines() if line.startswith('tendero_request_seconds_count'))
except Exception as error:
    counted = type(error).__name__
print(failed, counted)
"""


def test_the_first_requests_of_a_process_come_at_once_and_all_are_counted(stack, tmp_path):
    assert in_process(tmp_path, BURST.format(change="")).strip() == "[] 160"


def test_made_by_several_threads_the_files_of_metrics_break(stack, tmp_path):
    """Negative control: each thread's own view of the file writes where another has written."""
    several = "import functools; from contextlib import nullcontext; m.metrics = m.metrics.__wrapped__; m._beside_the_point = nullcontext"
    assert any(in_process(tmp_path / str(n), BURST.format(change=several)).strip() != "[] 160" for n in range(20))


def test_a_broken_file_costs_nobody_the_answer_and_begins_anew(stack, tmp_path):
    in_process(tmp_path, COUNT.format(slot="web0"))
    for path in tmp_path.glob("*.db"):
        path.write_bytes(b"\x00\x01\x00\x00\x00\x00\x00\x00\x3c\x00\x00\x00" + b"\x9f" * 4096)
    assert "not measured" in in_process(tmp_path, "import logging; logging.basicConfig(stream=__import__('sys').stdout); " + COUNT.format(slot="web0"))
    assert 'status="2xx"} 2.0' in in_process(tmp_path, SHOW)


def test_no_metric_knows_a_tenant(stack):
    for family in (telemetry_metrics.metrics().request, telemetry_metrics.metrics().job, telemetry_metrics.metrics().pool):
        assert not {"tenant", "user", "path", "host"} & set(family._labelnames)


# The whole way: a canary in every private place of requests, and one that meets a mistake of ours (X32).
class Stream(logging.Handler):
    """What a process would have written, and (raw) what it would have written with no care taken."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.lines, self.raw = [], []

    def emit(self, record):
        self.lines += [telemetry.JsonLines("web").format(record), telemetry.ReadableLines("web").format(record)]
        self.raw.append(logging.Formatter("%(message)s").format(record) + repr(vars(record)))


@pytest.fixture
def stream():
    handler, root = Stream(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield handler
    root.removeHandler(handler)
    root.setLevel(level)


def visit(world, monkeypatch):
    """Requests with the canary in password, token, cookie, notes, mail, address and search; some break on it."""
    from core.parties import actions
    from web.api import shell

    monkeypatch.setattr(shell, "BURST", 1000)
    outside, browser, api = world.browser(None), world.browser("owner"), world.api("owner")
    outside.post("/sign-in", {"mail": f"{CANARY}@example.test", "password": CANARY + "!" * 12})
    outside.get(f"/unsubscribe/{CANARY}")
    outside.get("/accounts", headers={"Cookie": f"tendero={CANARY}", "Authorization": f"Bearer {CANARY}", "User-Agent": CANARY, "Referer": f"http://x/{CANARY}"})
    outside.get("/api/v1/me", headers={"Authorization": f"Bearer {CANARY}"})
    browser.get(f"/accounts?q={CANARY}")
    api.json("POST", "/api/v1/accounts", {"name": f"{CANARY} Ltd", "notes": CANARY, "mail": f"{CANARY}@example.test", "phone": "12345"})
    api.json("POST", "/api/v1/accounts", {"name": "A", "owner_id": CANARY, CANARY: 1})

    def breaks(ctx, **given):
        raise KeyError(f"could not store '{given['notes']}' of \"{given['mail']}\"")

    def breaks_in_the_database(ctx, **given):
        from sqlalchemy import text

        ctx.session.execute(text("INSERT INTO account (name, kind, notes) VALUES (:name, 'robot', :notes)"), given)

    for mistake in (breaks, breaks_in_the_database):
        with monkeypatch.context() as patched:
            patched.setattr(actions, "create_account", mistake)
            answer = api.json("POST", "/api/v1/accounts", {"name": CANARY, "notes": CANARY, "mail": f"{CANARY}@example.test"})
            assert answer.status_code == 500 and CANARY not in answer.get_data(as_text=True)


def test_no_canary_reaches_logs_reports_or_metrics(world, sink, stream, monkeypatch):
    visit(world, monkeypatch)
    assert len(sink) == 2 and len(stream.lines) > 15
    assert CANARY not in "".join(sink)
    assert CANARY not in "".join(stream.lines)
    assert CANARY not in telemetry_metrics.exposed(0, 0.0, 0.0).decode()
    assert CANARY in "".join(stream.raw)  # negative control: a plain formatter would have told it


def test_every_line_of_a_request_names_tenant_request_and_user(world, stream):
    world.browser("owner").get("/settings/profile")
    told = [json.loads(one) for one in stream.lines[::2] if '"tendero.request"' in one][-1]
    assert (told["tenant"], told["user"], told["route"], told["status"]) == (str(world.acme.tenant.id), str(world.acme.users["owner"].id), "/settings/profile", 200)
    assert len(told["request"]) == 16 and told["ms"] > 0
