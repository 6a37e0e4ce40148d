"""The body is read before a transaction is opened: whoever sends slowly holds no connection (RELIABILITY X23)."""

import io
from uuid import uuid4

import pytest

from infra.db import database
from tests.web.api.test_idor import ENDING, filled, tenant_routes
from web import door


class Watched(io.BytesIO):
    """A body that notes how many connections are taken while it is read."""

    def __init__(self, data):
        super().__init__(data)
        self.taken = []

    def note(self):
        self.taken.append(sum(database().engine(name).pool.checkedout() for name in database().names()) + database().control().pool.checkedout())

    def read(self, *args):
        self.note()
        return super().read(*args)

    def readinto(self, buffer):
        self.note()
        return super().readinto(buffer)


def form_of(kind, csrf):
    if kind == "urlencoded":
        return "application/x-www-form-urlencoded", f"_csrf={csrf}&name=A".encode()
    return "multipart/form-data; boundary=b", f'--b\r\nContent-Disposition: form-data; name="_csrf"\r\n\r\n{csrf}\r\n--b--\r\n'.encode()


def walk(app, world, kind):
    """Route -> connections taken at each reading of its body, over all pages that take a form."""
    found = {}
    doors = {"needs": world.browser("owner"), "stranger": world.browser(None)}
    for arguments in (False, True):
        for rule, method, guard in tenant_routes(app, arguments=arguments):
            if method == "GET" or guard not in doors or rule.endpoint.startswith(ENDING[1:]) or rule.endpoint == "session.destroy":
                continue
            mimetype, data = form_of(kind, doors[guard].csrf)
            body = Watched(data)
            doors[guard]._open(method, filled(rule, uuid4()), input_stream=body, content_type=mimetype, content_length=len(data))
            found[f"{method} {rule.rule}"] = body.taken
    return found


@pytest.mark.parametrize("kind", ["urlencoded", "multipart"])
def test_no_form_is_read_with_a_connection_in_hand(app, world, kind):
    found = walk(app, world, kind)
    assert len(found) > 30
    assert {route: taken for route, taken in found.items() if not taken or any(taken)} == {}


def test_the_walk_can_see_a_form_that_is_read_too_late(app, world, monkeypatch):
    """Negative control: without the door's reading, the check of the form's token reads it, inside the transaction."""
    monkeypatch.setattr(door, "take_form", lambda: None)
    assert any(any(taken) for taken in walk(app, world, "urlencoded").values())


def test_a_stranger_with_a_made_up_cookie_has_no_file_read(app, world):
    browser, body = world.browser(None), Watched(b"--b--\r\n")
    browser.client.set_cookie(door.cookie_name(), "made-up", domain=world.acme.host)
    answer = browser._open("POST", "/imports", input_stream=body, content_type="multipart/form-data; boundary=b", content_length=7)
    assert answer.status_code == 303 and body.taken == []
