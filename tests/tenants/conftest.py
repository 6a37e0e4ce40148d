"""A history that is one revision ahead of the code."""

import pytest

from tenants import migration
from tests.support import revisions


@pytest.fixture
def next_revision(tmp_path, monkeypatch, app):
    """The folder of a history with one revision more than the code has; the code believes in it meanwhile. Walked are only
    schemas that nobody has claimed: the other modules' tenants stay what they are."""
    monkeypatch.setattr(migration, "WALKED", ("free",))
    revisions.add_next_revision(tmp_path / "migrations", monkeypatch)
    yield tmp_path / "migrations"
    monkeypatch.undo()
    migration.clear_cache()
    revisions.walk_back(migration.head("tenant"))
