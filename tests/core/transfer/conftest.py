"""What tests of imports share: a file in, its orders run as the worker runs them."""

from contextlib import contextmanager
from io import BytesIO
from uuid import uuid4

import pytest
from sqlalchemy import delete

from core.transfer import checking, opening, queries, running, starting, undoing, uploading
from core.transfer.models import ImportMapping
from tests.support.world import House


@pytest.fixture(scope="module")
def house(app):
    """A tenant of this module's own: imports commit."""
    return House(f"t{uuid4().hex[:8]}")


@pytest.fixture(autouse=True)
def files_in_a_folder(tmp_path_factory, monkeypatch):
    """Uploads of a test go to a temporary folder."""
    from infra import storage

    folder = storage.FolderStore(tmp_path_factory.getbasetemp() / "files")
    for room in (uploading, opening):
        monkeypatch.setattr(room, "storage", lambda: folder)


class Import:
    """One import by one person of the cast, step by step."""

    def __init__(self, house, who="owner"):
        self.house, self.who = house, who

    @contextmanager
    def door(self):
        with self.house.ctx(self.who) as ctx:
            yield ctx

    def upload(self, content, kind="accounts", name="list.csv"):
        content = content.encode() if isinstance(content, str) else content
        with self.door() as ctx:
            self.id = uploading.receive_file(ctx, kind=kind, source=BytesIO(content), name=name).id
        return self

    def choose(self, **choices):
        with self.door() as ctx:
            run = queries.one(ctx, self.id)
            given = {"mapping": run.mapping, "mode": run.mode, "key_field": run.key_field} | choices
            uploading.choose_columns(ctx, run, version=run.version, **given)
        return self

    def check(self):
        with self.door() as ctx:
            uploading.start_check(ctx, queries.one(ctx, self.id))
        checking.check_file(self.door, self.id, self.row.round)
        return self

    def start(self):
        with self.door() as ctx:
            starting.start_run(ctx, queries.one(ctx, self.id))
        return self

    def run(self):
        self.start()
        running.run_import(self.door, self.id, self.row.round)
        return self

    def undo(self):
        with self.door() as ctx:
            undoing.start_undo(ctx, queries.one(ctx, self.id))
        undoing.undo_import(self.door, self.id, self.row.round)
        return self

    @property
    def row(self):
        with self.door() as ctx:
            return queries.one(ctx, self.id)

    @property
    def counts(self):
        return {name: number for name, number in self.row.counts.items() if number}

    def said(self):
        """(line, column, code) of problems and notes."""
        with self.door() as ctx:
            return [(t.line, t.column, t.code) for t in queries.troubles(ctx, queries.one(ctx, self.id), limit=10_000)]


@pytest.fixture
def forgetful(house):
    """No choices remembered from another test."""
    with house.ctx() as ctx:
        ctx.session.execute(delete(ImportMapping))


@pytest.fixture
def bring(house, forgetful):
    """bring("rep"): a new import by that person."""
    return lambda who="owner", at=None: Import(at or house, who)
