"""Whatever stands in filter, sort, fields, cursor or search: no word of it becomes SQL (RELIABILITY X8, X28)."""

import base64
import json
import os
from pathlib import Path
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

QUICK = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
CLASSICS = [
    "' OR 1=1 --", "name; DROP TABLE account", "name) UNION SELECT password_hash FROM app_user --", "1 OR pg_sleep(5)", "\\' ; --", "name\x00", "%_%_%_%",
    "(SELECT 1)", "id::text", "account.name", "\"name\"", "name desc nulls first", "-", "--", "$1", "%(x)s", "%s", ":name", "{name}", "\u2019 OR 1", "name/**/,id", "xmin",
]
text = st.one_of(st.text(max_size=60), st.sampled_from(CLASSICS))


@pytest.fixture(scope="module")
def log(stack):
    """The server's own log: it knows of every statement that went wrong."""
    return Path(os.environ["TENDERO_HOME"]) / "log" / "postgres.log"


def errors(log):
    return log.read_text(errors="replace").count("ERROR:")


@pytest.fixture(scope="module")
def client(world):
    from core.parties.actions import create_account

    with world.acme.ctx("owner") as ctx:
        for n in range(3):
            create_account(ctx, name=f"Name {n}")
    return world.api("owner")


@pytest.fixture(autouse=True)
def no_sql_error(log, request):
    before = errors(log)
    yield
    made = 1 if request.node.name == test_the_log_shows_a_statement_that_went_wrong.__name__ else 0
    assert errors(log) == before + made


def ask(client, path, **query):
    answer = client.get(f"/api/v1{path}?{urlencode(query, errors='replace')}")
    assert answer.status_code in (200, 400, 422), answer.text
    return answer


def test_the_log_shows_a_statement_that_went_wrong(ctx, log):
    """Negative control: a name from outside put into the text of a statement is seen by this test."""
    from sqlalchemy import text as sql
    from sqlalchemy.exc import DBAPIError

    before = errors(log)
    with pytest.raises(DBAPIError), ctx.session.begin_nested():
        ctx.session.execute(sql(f"SELECT * FROM account ORDER BY {CLASSICS[0]}"))  # noqa: S608 (the mistake itself)
    assert errors(log) == before + 1


@pytest.fixture(scope="module")
def lists(app):
    """Address -> what it may be filtered by, of every list of the API that stands alone."""
    found = ((rule, getattr(app.view_functions[rule.endpoint], "operation", None)) for rule in app.url_map.iter_rules() if not rule.arguments)
    return {rule.rule.removeprefix("/api/v1"): operation.listing for rule, operation in found if operation is not None and operation.listing}


def test_every_list_is_tried(lists):
    assert {"/accounts", "/contacts", "/activities", "/users"} <= set(lists)


@QUICK
@given(sort=text, fields=text, cursor=text, limit=text)
def test_any_text_as_order_members_or_cursor(client, lists, sort, fields, cursor, limit):
    for path in lists:
        ask(client, path, sort=sort)
        ask(client, path, fields=fields, limit=limit)
        ask(client, path, cursor=cursor)


@QUICK
@given(data=st.data(), value=text, name=text)
def test_any_text_as_filter(client, lists, data, value, name):
    for path, listing in lists.items():
        column = data.draw(st.sampled_from(sorted(listing.columns)))
        op = data.draw(st.sampled_from(sorted(listing.columns[column].ops) or ["eq"]))
        ask(client, path, **{f"filter[{column}][{op}]": value})
        ask(client, path, **{f"filter[{name}][eq]": value, f"filter[{column}][{name}]": value})
    ask(client, "/accounts", **{name or "x": value})


@QUICK
@given(values=st.lists(st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), text, st.lists(st.integers(), max_size=2)), max_size=4))
def test_any_cursor_that_looks_like_ours(client, values):
    raw = json.dumps(["name,id", *values]).encode()
    ask(client, "/accounts", sort="name,id", cursor=base64.urlsafe_b64encode(raw).decode().rstrip("="))


@QUICK
@given(q=text, tag=text)
def test_any_text_as_search(client, q, tag):
    ask(client, "/accounts", q=q)
    ask(client, "/contacts", q=q, tag=tag)


@QUICK
@given(name=st.text(max_size=300), notes=st.text(max_size=300), tags=st.lists(st.text(max_size=60), max_size=4))
def test_any_text_as_content(client, name, notes, tags):
    answer = client._open("POST", "/api/v1/accounts", data=json.dumps({"name": name, "notes": notes, "tags": tags}), content_type="application/json")
    assert answer.status_code in (201, 400, 422), answer.text


def test_wildcards_are_signs(client):
    """A typed % is looked for; it does not match everything, however many of them (X28)."""
    assert ask(client, "/accounts", **{"filter[name][contains]": "%_%_%_%_%"}).json["data"] == []
