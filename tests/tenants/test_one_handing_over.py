"""Revision 0073: what was handed over at a leaving can still be taken back, all of it, and whoever could hand over still can."""

from uuid import uuid4

import pytest

from infra.db import database
from tenants import migration, provisioning

BOTH, LESS = ["activities.edit", "bulk_edits.run", "users.disable"], ["bulk_edits.run"]


@pytest.fixture
def old(app):
    versions = migration.versions("tenant")
    return provisioning.provision(version=versions[versions.index("0073") - 1])


def put(connection, schema, table, **values):
    columns, places = ", ".join(values), ", ".join(["%s"] * len(values))
    return connection.execute(f"INSERT INTO {schema}.{table} ({columns}) VALUES ({places}) RETURNING id", tuple(values.values())).fetchone()[0]


def furnish(connection, schema):
    """Two colleagues; a handing over of an account, two deals and a next contact; one of long ago, one that was taken back."""
    role, _ = (put(connection, schema, "role", code=code, name=code, permissions=held, visibility="all") for code, held in (("manager", BOTH), ("reader", LESS)))
    leaver, taker = (put(connection, schema, "app_user", name=name, mail=f"{name}@x.example", mail_norm=f"{name}@x.example", role_id=role) for name in ("leaver", "taker"))
    account = put(connection, schema, "account", name="Customer", owner_id=taker)
    bulk = put(connection, schema, "bulk_edit", kind="accounts", state="done", operation="owner", owner_id=leaver)
    for position, (record, outcome) in enumerate([(account, "changed"), (uuid4(), "since")], 1):
        connection.execute(f"INSERT INTO {schema}.bulk_edit_row (run_id, position, record_id, seen_version, outcome) VALUES (%s, %s, %s, 1, %s)", (bulk, position, record, outcome))
    activity = put(connection, schema, "activity", kind="call", body="x", happened_at="2026-11-01", account_id=account, owner_id=taker)
    deals = [uuid4(), uuid4()]
    went = put(connection, schema, "hand_over", from_id=leaver, to_id=taker, run_ids=[bulk], deal_ids=deals, created_by=leaver)
    connection.execute(f"INSERT INTO {schema}.handed_next (hand_over_id, activity_id) VALUES (%s, %s)", (went, activity))
    for more in ("created_at = now() - interval '31 days'", "undone_at = now()"):
        other = put(connection, schema, "hand_over", from_id=leaver, to_id=taker, deal_ids=[uuid4()])
        connection.execute(f"UPDATE {schema}.hand_over SET {more} WHERE id = %s", (other,))
    return went, taker, {("accounts", account), ("activities", activity), *(("deals", one) for one in deals)}


def test_what_can_still_be_taken_back_is_a_handover_with_its_rows(old):
    schema = old.schema_name
    with database().owner() as connection:
        went, taker, records = furnish(connection, schema)
    migration.migrate_one(old)
    with database().owner() as connection:
        runs = connection.execute(f"SELECT id, name, way, state, outcomes, counts FROM {schema}.handover_run").fetchall()
        rows = connection.execute(f"SELECT position, kind, record_id, to_id, outcome FROM {schema}.handover_row ORDER BY position").fetchall()
        roles = {code: set(held) for code, held in connection.execute(f"SELECT code, permissions FROM {schema}.role").fetchall()}
    assert runs == [(went, "leaver", "one", "done", {"given": 4}, {str(taker): {"accounts": 1, "deals": 2, "activities": 1}})]
    assert {(kind, key) for _, kind, key, _, _ in rows} == records and [row[0] for row in rows] == [1, 2, 3, 4] and {row[3:] for row in rows} == {(taker, "given")}
    assert "handovers.run" in roles["manager"] and "handovers.run" not in roles["reader"]
