"""Revision 0086: whoever reads reports of others may open the room of reports."""

import pytest

from infra.db import database
from tenants import migration, provisioning

ROLES = {"Leads targets": ["reports.read_others", "targets.manage"], "Sells": ["reports.read", "reports.write"], "Reads": ["accounts.read"], "Of a partner": ["reports.read_others"]}


@pytest.fixture
def old(app):
    versions = migration.versions("tenant")
    tenant = provisioning.provision(version=versions[versions.index("0086") - 1])
    with database().owner() as connection:
        for name, held in ROLES.items():
            visibility = "named" if name == "Of a partner" else "all"
            connection.execute(f"INSERT INTO {tenant.schema_name}.role (code, name, permissions, visibility) VALUES (%s, %s, %s, %s)", (name, name, held, visibility))
    return tenant


def test_a_role_of_ones_own_gets_what_its_reading_needs_and_others_stay(old):
    migration.migrate_one(old)
    with database().owner() as connection:
        now = dict(connection.execute(f"SELECT name, permissions FROM {old.schema_name}.role WHERE name = ANY(%s)", (list(ROLES),)).fetchall())
    assert now == ROLES | {"Leads targets": ["reports.read", "reports.read_others", "targets.manage"]}
