"""No key of another tenant opens anything (RELIABILITY X7, fault 38): every route, every argument, every member that
holds a key, tried with keys of every table of the other tenant. Grows with the routes by itself."""

import re
from types import NoneType
from typing import get_args
from uuid import UUID, uuid4

import pytest

from core.parties.models import KINDS
from infra.db import database
from web.quotes import customer, papers

MASKS = (
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "KEY"),
    (re.compile(r'(nonce|content|value)="[\w+/=-]{20,}"'), "RANDOM"), (re.compile(r'"X-CSRF-Token":"[\w-]+"'), "CSRF"),
    (re.compile(r'<time datetime="[^"]*" title="[^"]*">[^<]*'), "TIME"), (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-]\d\d:\d\d)"), "TIME"),
)
# A file of built assets is named by its content, a language by its code: neither is a key.
NO_KEYS = {"static", "csp_report"}
# They end the session that the walk needs.
ENDING = ("session.", "settings.end_session", "settings.update_password")
# What it answers tells of the asking itself, so that no answer is like the one before.
TELLS_OF_ITSELF = ("audit.create_export", "calendar.create_feed")
# Rows that no route ever names by their key.
UNNAMED = {"fact", "audit_entry", "outbox", "idempotency_key", "role"}
QUERY_NAMES = ("id", "account", "account_id", "contact", "contact_id", "parent_id", "owner", "owner_id", "user_id", "import_id", "mailing_id", "run", "source_id", "file", "key")


def masked(answer):
    """What an answer says, without what differs from answer to answer."""
    text = answer.get_data(as_text=True)
    for pattern, put in MASKS:
        text = pattern.sub(put, text)
    return answer.status_code, text, masked_location(answer)


def masked_location(answer):
    return MASKS[0][0].sub("KEY", answer.headers.get("Location", ""))


@pytest.fixture(scope="module")
def foreign(world):
    """Table -> a key of the other tenant in it. A busy tenant: people, accounts, contacts, calls, tokens, sessions."""
    from core.activities.actions import log_activity
    from core.parties.actions import create_account, create_contact

    world.browser("owner", world.globex)
    world.api("owner", world.globex)
    with world.globex.ctx("owner") as ctx:
        account = create_account(ctx, name="Foreign account")
        ctx.session.flush()
        contact = create_contact(ctx, name="Foreign contact", account_id=account.id)
        log_activity(ctx, kind="call", account=account, contact=contact, body="Foreign call")
    return keys_of(world.globex)


def tables_of(schema, connection):
    query = "SELECT table_name FROM information_schema.columns WHERE table_schema = %s AND column_name = 'id' AND data_type = 'uuid' ORDER BY 1"
    return [name for (name,) in connection.execute(query, (schema,))]


def keys_of(house):
    schema = house.tenant.schema_name
    with database().owner() as connection:
        rows = {name: connection.execute(f"SELECT id FROM {schema}.{name} ORDER BY id LIMIT 1").fetchone() for name in tables_of(schema, connection)}
    return {name: row[0] for name, row in rows.items() if row and name not in UNNAMED}


def content_of(house):
    """A fingerprint of every row of a tenant."""
    schema = house.tenant.schema_name
    with database().owner() as connection:
        return {
            name: connection.execute(f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {schema}.{name} t").fetchone()[0]
            for name in tables_of(schema, connection)
        }


@pytest.fixture(autouse=True)
def no_limit(monkeypatch):
    """Pages for strangers are asked here more often than anybody may."""
    for module, names in ((customer, ("LOOKS", "ANSWERS")), (papers, ("PRINTS",))):
        for name in names:
            monkeypatch.setattr(module, name, 1_000_000)


@pytest.fixture(scope="module")
def untouched(world, foreign):
    """Whatever the tests of this file try: afterwards every row of the other tenant is as it was."""
    before = content_of(world.globex)
    yield
    assert content_of(world.globex) == before


@pytest.fixture
def doors(world):
    """The most powerful people of acme: if the owner can't, nobody can."""
    return {"needs": world.browser("owner"), "token": world.api("owner"), "stranger": world.browser(None)}


def tenant_routes(app, *, arguments):
    """(rule, method, kind of guard) of the routes on tenants' hosts."""
    for rule in app.url_map.iter_rules():
        guard = getattr(app.view_functions[rule.endpoint], "guard", None)
        if guard is None or guard.kind not in ("needs", "token", "stranger") or rule.endpoint in NO_KEYS or bool(rule.arguments) != arguments:
            continue
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            yield rule, method, guard.kind


def send(client, method, path, kind, **more):
    """One request, as valid as can be without knowing the route."""
    if kind == "token":
        body = {"json": more.get("json", {})} if method in ("PATCH", "PUT", "POST") else {}
        return client._open(method, path, headers={"If-Match": '"1"'}, **body)
    if method == "GET":
        return client.get(path)
    return client._open(method, path, data={"_csrf": client.csrf, **more.get("data", {})}, headers={"X-CSRF-Token": client.csrf})


def filled(rule, value):
    """The rule's address with `value` for each of its arguments."""
    return re.sub(r"<(?:[^:<>]+:)?[^<>]+>", str(value), rule.rule)


def test_no_route_knows_a_key_of_another_tenant(app, world, foreign, untouched, doors):
    tried, wrong = 0, []
    for rule, method, kind in tenant_routes(app, arguments=True):
        nobody = masked(send(doors[kind], method, filled(rule, uuid4()), kind))
        for table, key in foreign.items():
            found = masked(send(doors[kind], method, filled(rule, key), kind))
            tried += 1
            if found != nobody or (kind != "stranger" and found[0] != 404):
                wrong.append((method, rule.rule, table, found[0], nobody[0]))
    assert wrong == []
    assert tried > 100, tried


def test_the_matrix_can_see_a_door_that_opens(app, world, doors):
    """Negative control: with keys of one's own the same walk finds answers that are not 404."""
    from core.parties.actions import create_account

    with world.acme.ctx("owner") as ctx:
        own = create_account(ctx, name="Own")
        ctx.session.flush()
    opened = {rule.rule for rule, method, kind in tenant_routes(app, arguments=True) if send(doors[kind], method, filled(rule, own.id), kind).status_code < 400}
    assert "/api/v1/accounts/<uuid:id>" in opened


def is_key(annotation):
    return annotation is UUID or UUID in get_args(annotation)


def smallest(model):
    """A body that the model accepts: the members it demands, as plain as can be."""
    values = {"kind": KINDS[0], "name": "A", "mail": "a@example.test"}
    return {name: values.get(name, "A") for name, field in model.model_fields.items() if field.is_required()}


def with_keys(app):
    """(rule, method, operation, member) for every member of a body that holds a key."""
    for rule in app.url_map.iter_rules():
        operation = getattr(app.view_functions[rule.endpoint], "operation", None)
        if operation is not None and operation.body is not None:
            for name, field in operation.body.model_fields.items():
                if is_key(field.annotation) and NoneType is not field.annotation:
                    yield rule, operation, name


def test_no_body_takes_a_key_of_another_tenant(app, world, foreign, untouched, doors):
    from core.activities.actions import log_activity
    from core.parties.actions import create_account, create_contact

    with world.acme.ctx("owner") as ctx:
        account = create_account(ctx, name="Mine")
        ctx.session.flush()
        own = {"accounts": account.id, "contacts": create_contact(ctx, name="Mine").id, "activities": None}
        own["activities"] = log_activity(ctx, kind="call", account=account, body="x").id
    tried, wrong = 0, []
    for rule, operation, member in with_keys(app):
        room = rule.rule.split("/")[3]
        path = filled(rule, own.get(room, uuid4()))
        body = {"kind": "call"} if room == "activities" and operation.method == "POST" else smallest(operation.body)
        nobody = masked(send(doors["token"], operation.method, path, "token", json={**body, member: str(uuid4())}))
        for table, key in foreign.items():
            found = masked(send(doors["token"], operation.method, path, "token", json={**body, member: str(key)}))
            tried += 1
            if found != nobody or found[0] < 400:
                wrong.append((operation.method, path, member, table, found, nobody[0]))
    assert wrong == []
    assert tried > 50, tried


def test_no_filter_finds_a_key_of_another_tenant(app, foreign, untouched, doors):
    wrong = []
    for rule in app.url_map.iter_rules():
        operation = getattr(app.view_functions[rule.endpoint], "operation", None)
        if operation is None or operation.listing is None or rule.arguments:
            continue
        for name, column in operation.listing.columns.items():
            if column.kind is not UUID:
                continue
            for key in foreign.values():
                answer = doors["token"].get(f"{rule.rule}?filter[{name}][eq]={key}")
                if answer.status_code != 200 or answer.json["data"]:
                    wrong.append((rule.rule, name, answer.status_code))
    assert wrong == []


def asked_with(client, method, path, value):
    """The answer when every name that could stand for a key has this value."""
    fields = dict.fromkeys(QUERY_NAMES, str(value))
    return masked(client.get(path, query_string=fields) if method == "GET" else send(client, method, path, "needs", data=fields))


def test_no_page_is_moved_by_a_key_of_another_tenant(app, foreign, untouched, doors):
    """As a parameter of the address, and as a field of a form: the same answer as for a key of nobody."""
    wrong = []
    for rule, method, kind in tenant_routes(app, arguments=False):
        if kind != "needs" or rule.endpoint.startswith((*ENDING, *TELLS_OF_ITSELF)):
            continue
        for key in (foreign[table] for table in ("account", "app_user")):
            before, found, after = (asked_with(doors[kind], method, rule.rule, value) for value in (uuid4(), key, uuid4()))
            # What a form changes of one's own may change the next answer; the foreign key must change none.
            if found not in (before, after):
                wrong.append((method, rule.rule, found[0], after[0]))
                break
    assert wrong == []


def test_the_audits_file_is_not_moved_by_a_key_of_another_tenant(world, foreign, untouched, doors):
    """Whoever is asked for that is not of this tenant: nothing below the headings, as for nobody; of one's own there is something."""
    lines = []
    for key in (uuid4(), foreign["app_user"], world.acme.users["owner"].id):
        answer = send(doors["needs"], "POST", "/settings/audit/exports", "needs", data={"person": str(key)})
        assert answer.status_code == 200
        lines.append(answer.get_data(as_text=True).splitlines())
    assert lines[0] == lines[1] and len(lines[0]) == 1 < len(lines[2])
