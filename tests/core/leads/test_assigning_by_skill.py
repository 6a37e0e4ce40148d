"""To whom leads go by what people can do: their language, what they ask for; where nobody of a rule can, the next one is asked."""

from uuid import uuid4

import pytest

from core.identity.models import User
from core.leads import actions, assigning
from core.products import actions as products
from core.products import arranging
from core.skills.actions import set_skills
from tests.support.statements import counted
from tests.support.world import House

CAST = {"owner": "admin", "a": "sales", "b": "sales", "c": "sales"}


@pytest.fixture
def house(app):
    return House(f"by-{uuid4().hex[:8]}", CAST)


def rule(house, *who, **given):
    with house.ctx() as ctx:
        return assigning.save_rule(ctx, None, **{"name": "Rule", "way": "turn", "user_ids": [house.users[one].id for one in who]} | given).id


def able(house, who, **given):
    with house.ctx() as ctx:
        set_skills(ctx, ctx.session.get_one(User, house.users[who].id), **given)


def lights(house):
    """The key of a part of the catalogue below which floodlights are; LZ-30 is one of those."""
    with house.ctx() as ctx:
        found = arranging.add_category(ctx, name="Lights")
        ctx.session.flush()
        below = arranging.add_category(ctx, name="Floodlights", parent_id=str(found.id))
        ctx.session.flush()
        products.create_product(ctx, code="LZ-30", name="Beam 30", price="9", category_id=below.id)
        return found.id


def come(house, n=1, who="owner", **given):
    """Who got each of so many leads."""
    names = {user.id: who for who, user in house.users.items()}
    found = []
    for _ in range(n):
        with house.ctx(who) as ctx:
            found.append(names.get(actions.capture(ctx, name=f"Lead {uuid4().hex[:6]}", **given).owner_id))
    return found


def test_a_lead_goes_to_those_who_speak_its_language_in_turn(house):
    able(house, "b", languages=["es"])
    with house.ctx() as ctx:
        ctx.session.get_one(User, house.users["c"].id).locale = "es"
    rule(house, "a", "b", "c", needs_language=True)
    assert come(house, 3, language="es") == ["b", "c", "b"] and come(house, 2, language="Spanish") == ["c", "b"]
    assert come(house, 3) == ["c", "a", "b"], "where none is said anybody will do"


def test_where_nobody_who_is_there_can_the_next_rule_is_asked(house):
    able(house, "a", languages=["fr"])
    rule(house, "a", needs_language=True)
    assert come(house, language="ru") == [None] and come(house, language="fr") == ["a"]
    rule(house, "c", name="All others")
    assert come(house, language="ru") == ["c"] and come(house, language="fr") == ["a"]


def test_a_lead_goes_to_those_who_know_what_it_asks_for(house):
    above = lights(house)
    able(house, "b", category_ids=[above])
    able(house, "c", words=["CNC"])
    rule(house, "a", "b", "c", needs_product=True)
    assert come(house, interest="lz-30") == ["b"] and come(house, interest="Two floodlights") == ["b"] and come(house, interest="beam 30; ladders") == ["b"]
    assert come(house, interest="A mill", message="for our CNC") == ["c"] and come(house, 2, interest="Ladders") == ["a", "b"]


def test_both_must_hold_and_the_fewest_is_counted_among_them(house):
    above = lights(house)
    able(house, "a", category_ids=[above])
    able(house, "b", category_ids=[above], languages=["de"])
    able(house, "c", languages=["de"])
    rule(house, "a", "b", "c", way="least", needs_language=True, needs_product=True)
    assert come(house, 2, language="de", interest="Lights") == ["b", "b"] and come(house, interest="Lights") == ["a"] and come(house, language="de") == ["c"]


def test_many_at_once_are_read_by_as_few_statements_as_two(house):
    able(house, "b", words=["CNC"])
    rule(house, "a", "b", needs_language=True, needs_product=True)

    def brought(number):
        with house.ctx() as ctx:
            leads = [actions.create_lead(ctx, name=f"L{n}", owner_id=None, interest=f"CNC {n}", language="en") for n in range(number)]
            ctx.session.flush()
            with counted() as made:
                given = assigning.assign_many(ctx, leads)
            assert len(given) == number and {lead.owner_id for lead in leads} == {house.users["b"].id}
            return sum(text.startswith("SELECT") for text in made)

    assert brought(40) == brought(2)
