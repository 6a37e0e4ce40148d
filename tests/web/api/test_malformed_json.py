"""Bodies of calls that are not quite JSON (fault 48): the JSONTestSuite, whole. What must be read is read, what must be refused
is a 400, and nothing is a mistake of ours."""

import json
import zipfile

import pytest

from web.api.bodies import BadRequest, check_json


@pytest.fixture(scope="module")
def suite(data):
    """name -> bytes of every case."""
    with zipfile.ZipFile(data / "security-strings" / "JSONTestSuite-test_parsing.zip") as packed:
        return {name.rpartition("/")[2]: packed.read(name) for name in packed.namelist() if name.endswith(".json")}


# RFC 8259 reads these, I-JSON (RFC 7493) and a database do not: members named twice, NUL, halves of signs.
NOT_OURS = {"y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json", "y_object_escaped_null_in_key.json", "y_string_null_escape.json"}


def verdict(raw: bytes) -> str:
    try:
        check_json(raw)
        return "read"
    except BadRequest:
        return "refused"


def test_what_must_be_read_is_read_and_what_must_not_is_refused(suite):
    wrong = {}
    for name, raw in suite.items():
        right = {"y": "read", "n": "refused"}.get(name[0])
        if name in NOT_OURS:
            right = "refused"
        if (found := verdict(raw)) != right and right:
            wrong[name] = found
    assert wrong == {} and len(suite) > 300


def test_each_comes_to_the_door_and_nothing_breaks(api, suite):
    """Through the whole application, as the body of a new account: never a name, so never a row."""
    wrong = {}
    for name, raw in suite.items():
        answer = api.client._open("POST", "/api/v1/accounts", data=raw, content_type="application/json")
        if answer.status_code not in (400, 413, 422) or "code" not in json.loads(answer.data):
            wrong[name] = answer.status_code
    assert wrong == {}


def test_a_reader_that_lets_bad_json_in_is_seen(suite, monkeypatch):
    """Negative control: Python's own reader takes NaN."""
    from web.api import bodies

    monkeypatch.setattr(bodies, "_no_constant", lambda name: None)
    with pytest.raises(AssertionError, match="n_"):
        test_what_must_be_read_is_read_and_what_must_not_is_refused(suite)
