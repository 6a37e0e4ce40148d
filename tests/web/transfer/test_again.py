"""After an import with wrong rows "Put right" is still offered, and leads into an import of those rows alone."""

from uuid import uuid4

import pytest

from core.transfer import checking, queries, running

DIRTY = "name,employees\nSol {t},many\nLuna {t},many\nMar {t},3\n"


def door(world):
    return lambda: world.acme.ctx("owner")


def row(world, key):
    with world.acme.ctx("owner") as ctx:
        return queries.one(ctx, key)


@pytest.fixture
def ended(world):
    """An import of the owner's that left two rows out."""
    key = world.api("owner").client.post("/api/v1/imports?dry_run=true", base_url=f"http://{world.acme.host}", data=DIRTY.format(t=uuid4().hex).encode(), content_type="text/csv").json["id"]
    checking.check_file(door(world), key, row(world, key).round)
    assert world.browser("owner").post(f"/imports/{key}/run").status_code == 303
    running.run_import(door(world), key, row(world, key).round)
    return key


def test_put_right_leads_to_the_rows_that_failed(world, ended):
    owner = world.browser("owner")
    assert f"/imports/{ended}/further" in owner.get(f"/imports/{ended}").text
    answer = owner.post(f"/imports/{ended}/further")
    assert answer.status_code == 303
    there = answer.headers["Location"]
    key = there.rsplit("/", 1)[1]
    assert key != ended
    checking.check_file(door(world), key, row(world, key).round)
    page = owner.get(there).text
    assert "Put right" in page and f"/imports/{ended}" in page and "Only rows that failed" in page
    grid = owner.get(f"{there}/problems").text
    assert grid.count('value="many"') == 2 and 'value="Mar' not in grid
    assert "Rows that failed in an earlier import" in owner.get(f"{there}?step=columns").text
    assert owner.post(f"{there}/problems/rows", {"line": "2", "shown": "1", "c1": "12", "choice": ""}).status_code == 303
    assert owner.post(f"{there}/run").status_code == 303
    running.run_import(door(world), key, row(world, key).round)
    assert row(world, key).counts["created"] == 1 and row(world, ended).counts["created"] == 1


def test_whoever_may_not_import_is_not_offered_it(world, ended):
    reader = world.browser("reader")
    assert "/further" not in reader.get(f"/imports/{ended}").text
    assert reader.post(f"/imports/{ended}/further").status_code in (403, 404)
