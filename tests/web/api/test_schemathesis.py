"""The description and the API agree (issue 3, milestone h): schemathesis asks every call for what the description allows and
for what it does not, as the owner and as somebody who may little. What it finds is mended in the shell or told in the description.

The same seed each time, for 45 seconds a person. With bin/test --deep all phases and a salesperson too: the owner for 25
minutes, the others for eight."""

import os
import re
import threading
from collections import Counter
from contextlib import contextmanager
from functools import wraps
from types import SimpleNamespace

import pytest
import schemathesis
from schemathesis import hooks
from schemathesis.engine import Status, events, from_schema
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from infra import limits
from tests.house.test_cast_walks import token_for
from tests.support.things import THINGS
from tests.support.world import World
from web.api import openapi, shell

DEEP = os.environ.get("TENDERO_DEEP") == "1"
EXAMPLES, SECONDS = (60, 1500) if DEEP else (2, 45)
# As whom all calls are made, and for how long.
WHO = {"owner": SECONDS, "reader": 480, "rep": 480} if DEEP else {"owner": SECONDS, "reader": SECONDS}
# So many of the calls are made in any case, however slow the machine is; all of them in a deep run.
FLOOR = 60
METHODS = ("get", "post", "put", "patch", "delete")
# Calls after which the description is another one.
DEFINING = "custom-fields"
FORMS = "/(web-forms|enquiries)"
SETTINGS = {
    "seed": 3,
    "generation": {"max-examples": EXAMPLES, "deterministic": True, "database": "none"},
    # A list has a hundred filters: what the edges of each are is for --deep.
    "phases": {"examples": {"enabled": False}, "coverage": {"enabled": DEEP}, "stateful": {"enabled": DEEP}},
    "operations": [{"include-method": ["POST", "PATCH", "PUT", "DELETE"], "phases": {"coverage": {"enabled": True}}}],
    "max-time": SECONDS,
    "checks": {
        # No description can promise that a key is somebody's, or that a rule of the business says yes.
        "positive_data_acceptance": {"enabled": False},
        # Without a version 428; what else is wrong with the request may be said first.
        "missing_required_header": {"expected-statuses": [401, 403, 404, 409, 415, 422, 428]},
        # A record that was changed meanwhile (412) is refused before its body is judged.
        "negative_data_rejection": {"expected-statuses": [400, 401, 402, 403, 404, 405, 409, 412, 413, 415, 422, 428]},
    },
}


@pytest.fixture(scope="module", autouse=True)
def no_rate():
    patch = pytest.MonkeyPatch()
    patch.setattr(shell, "BURST", 10_000_000)
    patch.setattr(limits, "hit", lambda *_, **__: None)  # wrong tokens by the hundred, all from one address
    yield
    patch.undo()


class OnHost:
    """The application on one tenant's host."""

    def __init__(self, app, host):
        self.app, self.host = app, host

    def __call__(self, environ, start):
        return self.app({**environ, "HTTP_HOST": self.host, "SERVER_NAME": self.host}, start)


class Keys:
    """Real records for the addresses, made when they are needed and made anew when they are gone."""

    def __init__(self, world):
        self.world, self.made, self.client = world, {}, world.api("owner")

    def of(self, path: str) -> tuple[str, str] | None:
        """(key, ETag) of a record that the address may be about."""
        start = next((start for start in THINGS if path.removeprefix(shell.PREFIX).startswith(start)), None)
        if start is None:
            return None
        for _ in range(2):
            key = self.made.setdefault(start, None) or str(THINGS[start].make(self.world))
            self.made[start] = key
            answer = self.client.get(f"{shell.PREFIX}{start}{key}")
            if answer.status_code != 404:
                break
            self.made.pop(start)
        return key, answer.headers.get("ETag", '"1"')


@contextmanager
def served(app, world):
    """The application behind a socket of this process: schemathesis' engine speaks HTTP."""
    server = make_server("127.0.0.1", 0, OnHost(app, world.acme.host), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()


@pytest.fixture(scope="module")
def address(app, world):
    with served(app, world) as at:
        yield at


def ask(address, world, who: str, left_out: dict[str, str], **more) -> SimpleNamespace:
    """Every request of one run: how many answers were looked at, what was wrong with which, and which calls were made. left_out:
    which calls are not, as schemathesis says it; more: further settings."""
    narrowed = {"operations": [{**left_out, "enabled": False}, *SETTINGS["operations"]], **more}
    config = schemathesis.Config.from_dict({**SETTINGS, **narrowed, "base-url": address, "headers": {"Authorization": f"Bearer {token_for(world.acme, who)}"}})
    schema, keys = schemathesis.openapi.from_url(f"{address}/api/v1/openapi.json", config=config), Keys(world)

    @schemathesis.hook("before_call")
    def about_a_real_record(context, case, kwargs):
        if list(case.path_parameters or ()) == ["id"] and case.meta and case.meta.generation.mode.is_positive and (found := keys.of(case.path)):
            case.path_parameters["id"] = found[0]
            if "If-Match" in case.headers:
                case.headers["If-Match"] = found[1]

    try:
        return judged(from_schema(schema).execute())
    finally:
        hooks.unregister(about_a_real_record)


def judged(stream) -> SimpleNamespace:
    looked, wrong, statuses, called, phases = 0, {}, Counter(), set(), Counter()
    for event in stream:
        if isinstance(event, events.NonFatalError | events.FatalError):
            wrong[str(getattr(event, "label", "")), "error"] = str(getattr(event, "info", event.__dict__))
        if not isinstance(event, events.ScenarioFinished | events.FuzzScenarioFinished):
            continue
        for case_id, checks in event.recorder.checks.items():
            for check in checks:
                looked += 1
                if check.status == Status.FAILURE:
                    wrong.setdefault((event.recorder.label, check.name), told(event.recorder, case_id, check))
        answered = [key for key, one in event.recorder.interactions.items() if one.response]
        statuses.update(event.recorder.interactions[key].response.status_code for key in answered)
        called |= {event.recorder.cases[key].value.operation.label for key in answered}
        phases[getattr(getattr(event, "phase", None), "name", "FUZZING")] += len(answered)
    return SimpleNamespace(looked=looked, wrong=wrong, statuses=statuses, called=called, phases=phases)


def told(recorder, case_id, check) -> str:
    case = recorder.cases[case_id].value
    answer = recorder.interactions[case_id].response
    text = answer.content[:300] if answer else b""
    return f"{check.failure_info.failure.message} | {case.method} {case.formatted_path} {dict(case.query or {})} {str(case.body)[:200]} -> {answer and answer.status_code} {text!r}"


def described(app) -> set[str]:
    """Every call that the description names."""
    with app.test_request_context():
        paths = openapi.description(app)["paths"]
    return {f"{method.upper()} {path}" for path, calls in paths.items() for method in calls if method in METHODS}


@pytest.mark.parametrize("who", WHO)
def test_every_call_does_what_the_description_says(app, address, world, who):
    found = ask(address, world, who, {"include-path-regex": DEFINING}, **{"max-time": WHO[who]})
    never = sorted(label for label in described(app) - found.called if DEFINING not in label)
    print(f"{who}: {found.looked} checks, {dict(found.statuses)}, by phase {dict(found.phases)}, never called: {never}")  # noqa: T201 (the count is what the test is judged by)
    assert found.wrong == {}
    assert never == [] if DEEP else len(found.called) >= FLOOR, never
    assert not DEEP or found.phases["STATEFUL_TESTING"] > 0


def test_the_calls_that_define_fields_do_what_the_description_says(app):
    """In a workspace of their own: a field that is defined on the way, perhaps one that must be filled, is not in the description that the others read before."""
    own, wanted = World(app), {label for label in described(app) if DEFINING in label}
    with served(app, own) as at:
        found = ask(at, own, "owner", {"exclude-path-regex": DEFINING}, **{"max-time": SECONDS if DEEP else 20})
    assert found.wrong == {} and found.called <= wanted and len(found.called) >= (len(wanted) if DEEP else 3)


def test_every_call_of_web_forms_and_enquiries_does_what_the_description_says(app, address, world):
    """Apart, as far as its time goes (deep: all of them): the run of every call seldom comes to them."""
    found, wanted = ask(address, world, "owner", {"exclude-path-regex": FORMS}, **{"max-time": SECONDS if DEEP else 15}), {label for label in described(app) if re.search(FORMS, label)}
    assert found.wrong == {} and found.called <= wanted and len(wanted) == 10
    assert len(found.called) >= (len(wanted) if DEEP else 5), wanted - found.called


@pytest.mark.parametrize(("answer", "check"), [
    (lambda: Response('{"data": [], "next_cursor": null}', status=418, mimetype="application/json"), "status_code_conformance"),
    (lambda: Response('{"data": [{"id": 7}]}', status=200, mimetype="application/json"), "response_schema_conformance"),
    (lambda: Response("hello", status=200, mimetype="text/plain"), "content_type_conformance"),
], ids=["a status", "a shape", "a type"])
def test_an_answer_that_the_description_does_not_know_is_found(app, address, world, monkeypatch, answer, check):
    """Negative control."""
    right = app.view_functions["tags_api.list_tags"]
    wrong = wraps(right)(lambda **_: answer())
    monkeypatch.setitem(app.view_functions, "tags_api.list_tags", wrong)
    found = ask(address, world, "owner", {"exclude-name": f"GET {shell.PREFIX}/tags"}, phases={name: {"enabled": name == "fuzzing"} for name in ("examples", "coverage", "fuzzing", "stateful")}, **{"max-time": 3})
    assert found.called == {f"GET {shell.PREFIX}/tags"} and ("GET /api/v1/tags", check) in found.wrong
