"""The description and the API agree (issue 3, milestone h): schemathesis asks every call for what the description allows and
for what it does not, as the owner and as somebody who may little. What it finds is mended in the shell or told in the description.

The same seed each time, for 45 seconds a person; a quarter of an hour and all phases with bin/test --deep."""

import os
import threading
from collections import Counter
from types import SimpleNamespace

import pytest
import schemathesis
from schemathesis import hooks
from schemathesis.engine import Status, events, from_schema
from werkzeug.serving import make_server

from infra import limits
from tests.house.test_cast_walks import token_for
from tests.support.things import THINGS
from web.api import shell

DEEP = os.environ.get("TENDERO_DEEP") == "1"
EXAMPLES, SECONDS = (60, 1500) if DEEP else (2, 45)
SETTINGS = {
    "seed": 3,
    "generation": {"max-examples": EXAMPLES, "deterministic": True, "database": "none"},
    # A list has a hundred filters: what the edges of each are is for --deep.
    "phases": {"examples": {"enabled": False}, "coverage": {"enabled": DEEP}, "stateful": {"enabled": DEEP}},
    # A field defined on the way is not in the description that was read before: those calls have tests of their own.
    "operations": [{"include-path-regex": "custom-fields", "enabled": False}, {"include-method": ["POST", "PATCH", "PUT", "DELETE"], "phases": {"coverage": {"enabled": True}}}],
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


@pytest.fixture(scope="module")
def address(app, world):
    """The application behind a socket of this process: schemathesis' engine speaks HTTP."""
    server = make_server("127.0.0.1", 0, OnHost(app, world.acme.host), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()


def ask(address, world, who: str) -> SimpleNamespace:
    """Every request of one run: how many answers were looked at, and what was wrong with which."""
    config = schemathesis.Config.from_dict({**SETTINGS, "base-url": address, "headers": {"Authorization": f"Bearer {token_for(world.acme, who)}"}})
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
    looked, wrong, statuses = 0, {}, Counter()
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
        statuses.update(one.response.status_code for one in event.recorder.interactions.values() if one.response)
    return SimpleNamespace(looked=looked, wrong=wrong, statuses=statuses)


def told(recorder, case_id, check) -> str:
    case = recorder.cases[case_id].value
    answer = recorder.interactions[case_id].response
    text = answer.content[:300] if answer else b""
    return f"{check.failure_info.failure.message} | {case.method} {case.formatted_path} {dict(case.query or {})} {str(case.body)[:200]} -> {answer and answer.status_code} {text!r}"


@pytest.mark.parametrize("who", ["owner", "reader"])
def test_every_call_does_what_the_description_says(address, world, who):
    found = ask(address, world, who)
    print(f"{who}: {found.looked} checks, {dict(found.statuses)}")  # noqa: T201 (the count is what the test is judged by)
    assert found.wrong == {}
    assert found.looked > 100
