"""What tests of bulk edits share: records that are there, and a run by one person of the cast, step by step."""

from contextlib import contextmanager
from uuid import uuid4

import pytest
from sqlalchemy import insert, select

from core.bulk import breaking, previewing, queries, running, selecting, undoing
from core.bulk.models import BulkEditRow
from core.parties import actions
from core.parties.models import Account, Contact
from core.parties.queries import Filters
from tests.support.world import House


@pytest.fixture(scope="module")
def house(app):
    """A tenant of this module's own: bulk edits commit."""
    return House(f"b{uuid4().hex[:8]}")


class Bulk:
    """One bulk edit by one person."""

    def __init__(self, house, who="owner", kind="accounts"):
        self.house, self.who, self.kind = house, who, kind

    @contextmanager
    def door(self):
        with self.house.ctx(self.who) as ctx:
            yield ctx

    def select(self, keys=None, **filters):
        with self.door() as ctx:
            self.id = selecting.select_records(ctx, self.kind, keys=keys, filters=None if keys is not None else Filters(**filters)).id
        return self

    def preview(self, operation, **given):
        with self.door() as ctx:
            previewing.preview(ctx, queries.one(ctx, self.id), operation, given)
        return self

    def start(self):
        with self.door() as ctx:
            running.start(ctx, queries.one(ctx, self.id))
        return self

    def work(self):
        """What a worker does with the waiting order."""
        row = self.row
        (running.run_bulk if row.state == "running" else undoing.undo_bulk)(self.door, self.id, row.round)
        return self

    def run(self):
        self.start()
        return self.work() if self.row.state == "running" else self

    def undo(self):
        with self.door() as ctx:
            undoing.start_undo(ctx, queries.one(ctx, self.id))
        return self.work() if self.row.state == "undoing" else self

    def go_on(self):
        with self.door() as ctx:
            breaking.go_on(ctx, queries.one(ctx, self.id))
        return self

    @property
    def row(self):
        with self.door() as ctx:
            return queries.one(ctx, self.id)

    @property
    def counts(self):
        return {name: number for name, number in self.row.counts.items() if number and name not in ("selected", "missing")}

    def named(self, *outcomes):
        with self.door() as ctx:
            return [row.name for row in queries.rows(ctx, queries.one(ctx, self.id), outcomes)]

    def rows(self):
        with self.door() as ctx:
            return list(ctx.session.execute(select(BulkEditRow).where(BulkEditRow.run_id == self.id).order_by(BulkEditRow.position)).scalars())


@pytest.fixture
def bulk(house):
    """bulk("rep"): a new bulk edit by that person."""
    return lambda who="owner", kind="accounts", at=None: Bulk(at or house, who, kind)


@pytest.fixture
def make(house):
    """make("A", "B", city="Kiel"): accounts of that person, by the use case; their keys."""

    def made(*names, who="owner", kind="accounts", at=None, **values):
        create = {"accounts": actions.create_account, "contacts": actions.create_contact}[kind]
        with (at or house).ctx(who) as ctx:
            return [create(ctx, name=name, **values).id for name in names]

    return made


@pytest.fixture
def many(house):
    """many(5000, "tag"): so many accounts at once, found by that tag."""

    def made(count, tag, at=None, **values):
        with (at or house).ctx() as ctx:
            rows = [{"name": f"{tag} {n:05}", "tags": [tag], "owner_id": ctx.actor.id, **values} for n in range(count)]
            return list(ctx.session.execute(insert(Account.__table__).returning(Account.__table__.c.id, sort_by_parameter_order=True), rows).scalars())

    return made


@pytest.fixture
def find(house):
    """find(key): the record as it stands now, deleted ones too."""

    def found(key, model=Account, at=None):
        with (at or house).ctx() as ctx:
            return ctx.session.execute(select(model).where(model.id == key)).scalar_one()

    return found


MODELS = {"accounts": Account, "contacts": Contact}
