"""Sixty things that people type, each about one record: all are found, and whoever sees half of the records finds exactly those.
How long that takes among 100,000 others, and how many are found there, says bin/bench."""

from uuid import uuid4

import pytest

from core.parties.actions import create_account, create_contact
from tests.support.finding import ASKED, PEOPLE, furnish, place_of
from tests.support.world import House

# Others who are called alike, so that to be found is something.
ALIKE = (
    "Zoltan Kovacs", "Ingrid Blad", "Perparim Gashi", "Аристарх Верейский", "欧阳修", "남궁민", "Chrysanthi Papadopoulou", "Fitzgerald Shaw", "Gudrun Thorsen", "Wolfgang Grossmann", "Noelle Lefevre", "Kristina Rehak",
)
MINE = tuple(PEOPLE)[::2]


@pytest.fixture(scope="module")
def house(app):
    """The people, every other one of the salesperson, the rest and all who are called alike of a colleague."""
    found = House(f"sixty-{uuid4().hex[:6]}", {"owner": "admin", "rep": "sales", "colleague": "sales"})
    with found.ctx() as ctx:
        found.keys = furnish(ctx, MINE, owner_id=found.users["rep"].id)
        found.keys |= furnish(ctx, [name for name in PEOPLE if name not in MINE], owner_id=found.users["colleague"].id)
        for name in ALIKE:
            create_contact(ctx, name=name, mail=f"{uuid4().hex[:8]}@alike.example", owner_id=found.users["colleague"].id)
            create_account(ctx, name=f"{name} Ltd")
    return found


def missed(house, who, names):
    """What is typed about these people and does not show them among eight."""
    with house.ctx(who) as ctx:
        return [(typed, name) for _, typed, name in ASKED if name in names and place_of(ctx, typed, house.keys[name]) is None]


def test_all_sixty_are_found(house):
    assert len(ASKED) == len({typed for _, typed, _ in ASKED}) == 60 and {name for *_, name in ASKED} == PEOPLE.keys()
    assert missed(house, "owner", PEOPLE) == []


def test_whoever_sees_half_of_them_finds_exactly_those(house):
    """However it is asked: the others' records are not found, and nothing is found in place of them that stands in nobody's sight."""
    assert missed(house, "rep", MINE) == []
    others = [name for name in PEOPLE if name not in MINE]
    assert missed(house, "rep", others) == [(typed, name) for _, typed, name in ASKED if name in others]
    assert 20 < sum(name in MINE for *_, name in ASKED) < 40
