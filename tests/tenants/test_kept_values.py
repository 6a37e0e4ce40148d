"""Revision 0020: what imports kept beside the fields becomes fields, and nothing of it is lost or changed."""

import json

import pytest
from sqlalchemy import text

from core.custom_fields.fields import defined
from core.parties.models import Account
from core.parties.queries import Filters, accounts
from infra.db import database
from tenants import migration, provisioning
from tests.support.world import House

KEPT = [{"shoe_size": "43", "remark": "one\ntwo"}, {"shoe_size": "x" * 300, "鞋码": "四十"}, {}, {"remark": "plain"}]


@pytest.fixture
def old(app):
    tenant = provisioning.provision(version="0016")
    with database().owner() as connection:
        for n, custom in enumerate(KEPT):
            connection.execute(f"INSERT INTO {tenant.schema_name}.account (name, custom) VALUES (%s, %s)", (f"Old {n}", json.dumps(custom)))
    return tenant


def test_what_was_kept_stands_in_fields(old):
    migration.migrate_one(old)
    with database().owner() as connection:
        rows = connection.execute(f"SELECT room, key, kind, label, position, is_required FROM {old.schema_name}.custom_field ORDER BY position").fetchall()
        kept = [row[0] for row in connection.execute(f"SELECT custom FROM {old.schema_name}.account ORDER BY name").fetchall()]
    assert [row[:4] for row in rows] == [("accounts", "remark", "long_text", "Remark"), ("accounts", "shoe_size", "long_text", "Shoe size"), ("accounts", "鞋码", "text", "鞋码")]
    assert [row[4] for row in rows] == [0, 1, 2] and not any(row[5] for row in rows)
    assert kept == KEPT


def test_they_are_fields_like_any_other(app):
    house = House("kept-fields")
    with house.ctx() as ctx:
        ctx.session.add(Account(name="Old", custom={"shoe_size": "43"}))
        ctx.session.execute(text("INSERT INTO custom_field (room, key, kind, label) VALUES ('accounts', 'shoe_size', 'text', 'Shoe size')"))
        assert [one.name for one in defined(ctx, "accounts")] == ["custom.shoe_size"]
        assert [row.name for row in accounts(ctx, Filters(where=(("custom.shoe_size", "eq", "43"),))).rows] == ["Old"]
