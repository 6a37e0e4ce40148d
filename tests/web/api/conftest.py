"""The API as programs meet it."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from web.api import shell


@dataclass
class Caller:
    """A client with a token: `call("GET", "/accounts")` under /api/v1."""

    client: Any

    def call(self, method: str, path: str, body: Any = None, **headers: str):
        return self.client.json(method, "/api/v1" + path, body, headers={name.replace("_", "-"): value for name, value in headers.items()}) \
            if body is not None else self.client._open(method, "/api/v1" + path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def get(self, path: str, **headers: str):
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any, **headers: str):
        return self.call("POST", path, body, **headers)

    def patch(self, path: str, body: Any, version: int):
        return self.call("PATCH", path, body, If_Match=f'"{version}"')

    def account(self, **values: Any) -> dict:
        """An account made for a test."""
        answer = self.post("/accounts", {"name": f"Made {uuid4().hex[:8]}", **values})
        assert answer.status_code == 201, answer.text
        return answer.json

    def contact(self, **values: Any) -> dict:
        answer = self.post("/contacts", {"name": f"Made {uuid4().hex[:8]}", **values})
        assert answer.status_code == 201, answer.text
        return answer.json

    def activity(self, **values: Any) -> dict:
        answer = self.post("/activities", {"kind": "call", "body": "hello", **values})
        assert answer.status_code == 201, answer.text
        return answer.json


@pytest.fixture(autouse=True)
def no_rate(monkeypatch):
    """Tests call faster than the rate allows; test_rate_limits looks at the rate itself."""
    monkeypatch.setattr(shell, "BURST", 100_000)


@pytest.fixture
def caller(world):
    """caller("rep"): that person's token; caller("owner", world.globex) the other tenant's."""
    made: dict[tuple, Caller] = {}

    def of(who: str = "owner", house=None, allowed=None) -> Caller:
        key = (who, id(house), tuple(allowed or ()))
        if key not in made:
            made[key] = Caller(world.api(who, house, allowed))
        return made[key]

    return of


@pytest.fixture
def api(caller):
    """The owner's token in acme."""
    return caller("owner")
