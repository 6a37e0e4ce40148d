"""What tests of merges share: a tenant that commits, a table of a room above, and a merge by one person, step by step."""

from contextlib import contextmanager
from uuid import uuid4

import pytest
from sqlalchemy import Column, Table, Uuid, insert, select, text

from core.base.model import TenantBase
from core.base.registry import Child, collect_children
from core.merging import moving, queries, running, undoing
from core.merging.choosing import MODELS
from core.parties import actions
from infra.db import database
from tests.support.world import House


@pytest.fixture(scope="package")
def house(app):
    """A tenant of these tests' own: merges commit."""
    return House(f"m{uuid4().hex[:8]}")


@pytest.fixture(scope="package")
def deals(house):
    """A table that a room above hangs on accounts and contacts."""
    schema = house.tenant.schema_name
    with database().owner() as connection:
        connection.execute(f"CREATE TABLE {schema}.stand_in_deal (id uuid PRIMARY KEY DEFAULT uuidv7(), account_id uuid REFERENCES {schema}.account, contact_id uuid REFERENCES {schema}.contact, version integer NOT NULL DEFAULT 1)")
        connection.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.stand_in_deal TO {house.tenant.role_name if hasattr(house.tenant, 'role_name') else 'r_' + schema}")
        connection.commit()
    table = Table("stand_in_deal", TenantBase.metadata, Column("id", Uuid, primary_key=True, server_default=text("uuidv7()")), Column("account_id", Uuid), Column("contact_id", Uuid), Column("version"))
    more = (Child("stand_in_deal", "account_id", "account"), Child("stand_in_deal", "contact_id", "contact"))
    kept = moving.collect_children
    moving.collect_children = lambda: (*collect_children(), *more)
    yield table
    moving.collect_children = kept
    TenantBase.metadata.remove(table)
    with database().owner() as connection:
        connection.execute(f"DROP TABLE {schema}.stand_in_deal")
        connection.commit()


class Merging:
    """One person who merges."""

    def __init__(self, house, who="owner"):
        self.house, self.who = house, who

    @contextmanager
    def door(self):
        with self.house.ctx(self.who) as ctx:
            yield ctx

    def make(self, kind, name, **values):
        with self.door() as ctx:
            create = {"account": actions.create_account, "contact": actions.create_contact}[kind]
            return create(ctx, name=name, **values).id

    def merge(self, kind, *keys, **more):
        with self.door() as ctx:
            self.id = running.merge(ctx, kind, keys[0], keys[1:], **more).id
        return self

    def work(self):
        row = self.row
        (running.move_rest if row.state == "running" else undoing.undo_rest)(self.door, self.id, row.round)
        return self

    def undo(self):
        with self.door() as ctx:
            undoing.undo(ctx, queries.one(ctx, self.id))
        return self

    @property
    def row(self):
        with self.door() as ctx:
            return queries.one(ctx, self.id)

    def find(self, kind, key):
        with self.door() as ctx:
            return ctx.session.execute(select(MODELS[kind]).where(MODELS[kind].id == key)).scalar_one()

    def hang(self, table, **values):
        with self.door() as ctx:
            return ctx.session.execute(insert(table).values(**values).returning(table.c.id)).scalar_one()

    def at(self, table, column):
        with self.door() as ctx:
            return dict(ctx.session.execute(select(table.c.id, table.c[column])).all())


@pytest.fixture
def merging(house):
    """merging("rep"): somebody who merges."""
    return lambda who="owner": Merging(house, who)
