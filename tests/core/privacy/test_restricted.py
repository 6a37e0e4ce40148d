"""A restricted person's data are kept and not worked with (GDPR 18), by whichever door; the database would refuse late, here it is said."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from core.base.errors import Refused
from core.merging import running as merging
from core.parties import actions, affiliations, queries, reach, restricting
from core.parties.models import Contact
from core.personal import actions as facts
from tests.core.bulk.conftest import Bulk
from tests.support.world import House


@pytest.fixture(scope="module")
def house(app):
    """A tenant of this module's own: runs commit."""
    return House(f"r{uuid4().hex[:8]}")


@pytest.fixture
def held(house):
    """A person who was worked with, and is restricted since: (key, key of a further mail, of a fact, of another person)."""
    with house.ctx() as ctx:
        contact = actions.create_contact(ctx, name=f"Held {uuid4().hex[:6]}", mail=f"{uuid4().hex[:6]}@held.example", source="fair")
        other = actions.create_contact(ctx, name=f"Other {uuid4().hex[:6]}", mail=f"{uuid4().hex[:6]}@held.example")
        ctx.session.flush()
        point = reach.add_point(ctx, contact, "mail", f"{uuid4().hex[:6]}@held.example")
        fact = facts.add_fact(ctx, contact, body="Likes tea")
        elsewhere = actions.create_account(ctx, name="Elsewhere")
        ctx.session.flush()
        keys = (contact.id, point.id, fact.id, other.id, elsewhere.id)
        restricting.restrict(ctx, contact, "disputed")
    return keys


DOORS = {
    "its fields": lambda ctx, one, keys: actions.edit_contact(ctx, one, source="x"),
    "a further number": lambda ctx, one, keys: reach.add_point(ctx, one, "phone", "+49 431 5556661"),
    "a further address": lambda ctx, one, keys: reach.add_address(ctx, one, city="Kiel"),
    "the main mail": lambda ctx, one, keys: reach.make_main(ctx, reach.one(ctx, reach.ContactPoint, keys[1])),
    "what is taken away": lambda ctx, one, keys: reach.remove(ctx, reach.one(ctx, reach.ContactPoint, keys[1])),
    "a role elsewhere": lambda ctx, one, keys: affiliations.affiliate(ctx, one, keys[4]),
    "a fact": lambda ctx, one, keys: facts.add_fact(ctx, one, body="x"),
    "a fact's words": lambda ctx, one, keys: facts.edit_fact(ctx, ctx.session.get_one(facts.PersonalFact, keys[2]), body="x"),
    "merged into him": lambda ctx, one, keys: merging.merge(ctx, "contact", one.id, [keys[3]]),
    "merged into another": lambda ctx, one, keys: merging.merge(ctx, "contact", keys[3], [one.id]),
}


@pytest.mark.parametrize("door", DOORS)
def test_nothing_of_him_is_changed(house, held, door):
    with house.ctx() as ctx, pytest.raises(Refused, match="contact_restricted"):
        DOORS[door](ctx, queries.one_contact(ctx, held[0]), held)


def test_many_values_at_once_pass_him_over(house, held):
    rows = [{"record_id": key, "kind": "phone", "value": "+49 431 5556662"} for key in (held[0], held[3])]
    with house.ctx() as ctx:
        assert [record for record, _ in reach.add_many(ctx, "contacts", rows)] == [held[3]]


def two(house):
    with house.ctx() as ctx:
        made = [actions.create_contact(ctx, name=f"Bulk {uuid4().hex[:6]}", source="fair") for _ in range(2)]
        ctx.session.flush()
        return [one.id for one in made]


def sources(house, keys):
    with house.ctx() as ctx:
        return [ctx.session.execute(select(Contact.source).where(Contact.id == key)).scalar_one() for key in keys]


def restrict(house, key):
    with house.ctx() as ctx:
        restricting.restrict(ctx, queries.one_contact(ctx, key), "disputed")


def test_who_is_restricted_between_preview_and_run_is_left_as_he_is(house):
    keys = two(house)
    one = Bulk(house, kind="contacts").select(keys=keys).preview("change", source="show")
    restrict(house, keys[0])
    one.start()
    assert sources(house, keys) == ["fair", "show"]


def test_who_is_restricted_before_the_undo_is_left_as_he_is(house):
    keys = two(house)
    one = Bulk(house, kind="contacts").select(keys=keys).preview("change", source="show").start()
    restrict(house, keys[0])
    one.undo()
    assert sources(house, keys) == ["show", "fair"] and one.row.counts["kept"] == 1


def test_an_import_taken_back_leaves_him_as_he_is(house):
    from tests.core.transfer.conftest import Import

    keys = two(house)
    with house.ctx() as ctx:
        names = [queries.one_contact(ctx, key).name for key in keys]
    run = Import(house).upload("name,source\n" + "".join(f"{name},show\n" for name in names), kind="contacts").choose(mode="update", key_field="name").check().run()
    restrict(house, keys[0])
    run.undo()
    assert sources(house, keys) == ["show", "fair"] and run.row.counts["kept"] == 1
