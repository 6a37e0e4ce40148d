"""First addresses of many people, as an import puts them."""

import pytest
from sqlalchemy import select

from core.parties import actions, reach, reach_many
from core.parties.reach_models import PostalAddress
from tests.support.statements import counted


@pytest.fixture
def people(ctx):
    found = [actions.create_contact(ctx, name=f"Person {n}") for n in range(3)]
    for one in found:
        reach.add_address(ctx, one, street="Old street", city="Kiel")
    ctx.session.flush()
    return [one.id for one in found]


def places(ctx, keys):
    found = {one.contact_id: (one.street, one.city, one.version) for one in ctx.session.execute(select(PostalAddress).execution_options(populate_existing=True)).scalars()}
    return [found[key] for key in keys]


def test_they_are_changed_by_one_statement_each_in_its_own_parts(ctx, people):
    a, b, c = people
    with counted() as sent:
        done = reach_many.put_addresses(ctx, {a: {"city": "Ulm"}, b: {"street": "New street"}, c: {"city": "Kiel"}})
    assert sum("UPDATE postal_address" in one for one in sent) == 1
    assert places(ctx, people) == [("Old street", "Ulm", 2), ("New street", "Kiel", 2), ("Old street", "Kiel", 1)]
    assert {key: (what, was["version"], was["was"]) for key, (what, was) in done.items()} == {a: ("changed", 2, {"city": "Kiel"}), b: ("changed", 2, {"street": "Old street"})}


def test_what_somebody_changes_at_this_moment_is_not_written_over(ctx, people, monkeypatch):
    """It was read at one version, and stands at another when it is written."""
    read = reach_many._known_addresses
    monkeypatch.setattr(reach_many, "_known_addresses", lambda ctx, keys: {key: {**row, "version": row["version"] - (key == people[0])} for key, row in read(ctx, keys).items()})
    done = reach_many.put_addresses(ctx, {key: {"city": "Ulm"} for key in people})
    assert set(done) == set(people[1:]) and [city for _, city, _ in places(ctx, people)] == ["Kiel", "Ulm", "Ulm"]
