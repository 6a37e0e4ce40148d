"""Revision 0076: why somebody was chosen leaves the facts, which many read, and stands where rankings are read."""

import json
from uuid import uuid4

import pytest

from infra.db import database
from tenants import migration, provisioning

FULL = {"name": "Big one", "owner": "Rep", "place": 2, "people": 5, "points": -40, "of": 95, "reasons": [{"code": "away", "points": -60, "of": 60, "until": "2026-12-24"}]}
ERASED = FULL | {"place": None, "reasons": None}
OTHER = {"name": "Big one", "place": 7}


@pytest.fixture
def old(app):
    versions = migration.versions("tenant")
    tenant = provisioning.provision(version=versions[versions.index("0076") - 1])
    with database().owner() as connection:
        for kind, params in (("deal.given", FULL), ("lead.given", ERASED), ("deal.moved", OTHER)):
            connection.execute(f"INSERT INTO {tenant.schema_name}.fact (kind, subject_type, subject_id, params) VALUES (%s, 'deal', %s, %s)", (kind, uuid4(), json.dumps(params)))
    return tenant


def test_kept_facts_lose_the_reasons_and_the_choice_has_them(old):
    migration.migrate_one(old)
    with database().owner() as connection:
        facts = dict(connection.execute(f"SELECT kind, params FROM {old.schema_name}.fact").fetchall())
        choices = connection.execute(f"SELECT f.kind, c.user_id, c.place, c.people, c.points, c.most, c.reasons FROM {old.schema_name}.ranking_choice c JOIN {old.schema_name}.fact f ON f.id = c.fact_id").fetchall()
    assert facts == {"deal.given": {"name": "Big one", "owner": "Rep"}, "lead.given": {"name": "Big one", "owner": "Rep"}, "deal.moved": OTHER}
    assert choices == [("deal.given", None, 2, 5, -40, 95, FULL["reasons"])]
