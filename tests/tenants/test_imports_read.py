"""Revision 0002: whoever could import before can look at imports afterwards, nobody else."""

import pytest

from infra.db import database
from tenants import migration, provisioning

BEFORE = {"sales": ["accounts.read", "imports.run"], "reader": ["accounts.read"], "admin": ["*"], "twice": ["imports.read", "imports.run"]}
LATER = ("activities.export", "mailings.export", "tags.read", "tags.manage", "products.read", "credit.read", "loyalty.read", "terms.read")  # of revisions 0005, 0026, 0045, 0048 and 0062
AFTER = {**BEFORE, "sales": ["accounts.read", "imports.read", "imports.run"]}


@pytest.fixture
def old(app):
    """A schema as it was at revision 0001, with roles."""
    tenant = provisioning.provision(version="0001")
    with database().owner() as connection:
        for code, permissions in BEFORE.items():
            connection.execute(f"INSERT INTO {tenant.schema_name}.role (code, name, permissions, visibility) VALUES (%s, %s, %s, 'all')", (code, code, permissions))
    yield tenant
    provisioning.drop_schema(tenant)
    from tenants import entry

    with entry.control() as session:
        session.execute(type(tenant).__table__.delete().where(type(tenant).id == tenant.id))


def test_who_could_import_can_look(old):
    migration.migrate_one(old)
    with database().owner() as connection:
        found = dict(connection.execute(f"SELECT code, permissions FROM {old.schema_name}.role").fetchall())
    assert {code: sorted(one for one in held if one not in LATER) for code, held in found.items() if code in BEFORE} == AFTER
