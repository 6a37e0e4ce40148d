"""Fault 47: erase a person, put yesterday's backup back: the erasure is repeated before anybody sees the data."""

from tenants import backup, tombstones
from tests.core.privacy.conftest import erased
from tests.core.privacy.test_erasing import problems
from tests.support import canaries
from workers.jobs.audit import seal_tenant


def restored(house, archive):
    backup.restore(house.fresh(), archive, "test")
    house.tenant = house.fresh()


def test_yesterdays_backup_brings_nobody_back(house, who, tmp_path):
    seal_tenant(house.fresh())
    archive = backup.export(house.fresh(), "test", folder=tmp_path)
    erased(house, who)
    restored(house, archive)
    assert canaries.everywhere(house, who.words) == []
    assert problems(house) == []
    seal_tenant(house.fresh())
    assert problems(house) == []


def test_without_tombstones_the_backup_would_bring_him_back(house, who, tmp_path, monkeypatch):
    """The negative control."""
    archive = backup.export(house.fresh(), "test", folder=tmp_path)
    erased(house, who)
    monkeypatch.setattr(tombstones, "of", lambda tenant_id: [])
    restored(house, archive)
    found = canaries.everywhere(house, who.words)
    assert "contact.name" in found and any(one.startswith("file") for one in found)


def test_a_tombstone_says_nothing_of_the_person(house, who):
    erased(house, who)
    [what] = tombstones.of(house.tenant.id)
    assert not [word for word in who.words if word in str(what)] and str(who.contact) in what["ids"]
