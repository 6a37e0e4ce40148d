"""The file store: random keys, a tenant's own files only, nothing half-written."""

from io import BytesIO
from uuid import uuid4

import pytest

from infra.storage import FileRefused, FolderStore


@pytest.fixture
def store(tmp_path):
    return FolderStore(tmp_path / "files")


def test_what_is_saved_comes_back_under_a_key_of_the_tenant(store):
    tenant = uuid4()
    stored = store.save(tenant, BytesIO(b"name\nAnna\n"), limit=100)
    assert store.path(tenant, stored.key).read_bytes() == b"name\nAnna\n"
    assert stored.key.startswith(f"{tenant}/") and stored.size == 10
    assert list(store.keys(tenant)) == [stored.key]


def test_another_tenants_key_is_a_missing_file(store):
    stored = store.save(uuid4(), BytesIO(b"x"), limit=100)
    with pytest.raises(FileRefused, match="no_such_file"):
        store.path(uuid4(), stored.key)


HOSTILE = ["", "../../etc/passwd", "/etc/passwd", "a" * 300, "name\0.csv", "\u2215etc\u2215passwd", "..\\..\\x", "%2e%2e/x", "CON"]


@pytest.mark.parametrize("tail", HOSTILE)
@pytest.mark.parametrize("own", [True, False])
def test_no_made_up_key_leaves_the_tenants_shelf(store, tail, own):
    tenant = uuid4()
    for verb in (store.path, store.remove):
        with pytest.raises(FileRefused):
            verb(tenant, f"{tenant}/{tail}" if own else tail)


def test_too_much_and_nothing_leave_no_file_behind(store):
    tenant = uuid4()
    for content, code in ((b"x" * 101, "too_large"), (b"", "empty")):
        with pytest.raises(FileRefused, match=code):
            store.save(tenant, BytesIO(content), limit=100)
    assert [place for place in store.root.rglob("*") if place.is_file()] == []


def test_a_file_is_removed_once_and_again(store):
    tenant = uuid4()
    stored = store.save(tenant, BytesIO(b"x"), limit=100)
    store.remove(tenant, stored.key)
    store.remove(tenant, stored.key)
    assert list(store.keys(tenant)) == []
