"""Whom somebody told apart from a record is told apart from what it was merged into, until that is taken back."""

import random

import pytest
from sqlalchemy import select

from core.merging import pairs, running, scanning
from core.merging.grouping import groups
from core.parties import queries as parties
from core.parties.beside_models import DuplicatePair


@pytest.fixture
def four(merging):
    """(somebody who merges, four accounts that are alike)."""
    me, word = merging(), "".join(random.choices("bdfgklmnprst", k=8))
    return me, [me.make("account", f"Rotmilan {word} Reisen") for _ in range(4)]


def pair(me, one, other, state="not_duplicates"):
    with me.door() as ctx:
        a, b = sorted((one, other))
        made = DuplicatePair(kind="account", a_id=a, b_id=b, score=0.9, reasons=["name"], state="open")
        ctx.session.add(made)
        ctx.session.flush()
        return pairs.decide(ctx, made.id, state).id


def states(me, keys):
    """{(place, place): state} of the pairs among these records."""
    with me.door() as ctx:
        found = ctx.session.execute(select(DuplicatePair).where(DuplicatePair.a_id.in_(keys), DuplicatePair.b_id.in_(keys))).scalars()
        return {tuple(sorted((keys.index(one.a_id), keys.index(one.b_id)))): one.state for one in found}


def alike(me, key):
    with me.door() as ctx:
        return {match.id for match in parties.likely_duplicates(ctx, {"type": "account", "id": key, "name": parties.one_account(ctx, key).name}, limit=9)}


def test_who_is_not_a_loser_is_not_the_survivor_either_and_the_undo_brings_all_back(four):
    me, keys = four
    pair(me, keys[0], keys[2], "open"), pair(me, keys[1], keys[2]), pair(me, keys[1], keys[3])
    before = states(me, keys)
    assert {keys[2], keys[3]} <= alike(me, keys[0])
    me.merge("account", keys[0], keys[1])
    assert states(me, keys) == {(0, 2): "not_duplicates", (1, 2): "not_duplicates", (0, 3): "not_duplicates", (1, 3): "not_duplicates"}
    assert not {keys[2], keys[3]} & alike(me, keys[0])
    with me.door() as ctx:
        one = scanning.start(ctx, threshold=0.5)
        run_id, round = one.id, one.round
    scanning.scan_all(me.door, run_id, round)
    with me.door() as ctx:
        assert not [group for group in groups(ctx, "account") if keys[0] in group.members]
    me.undo()
    after = states(me, keys)
    assert {two: state for two, state in after.items() if two in before} == before and after.get((0, 3), "open") == "open"
    assert {keys[2], keys[3]} <= alike(me, keys[0]) and not {keys[2], keys[3]} & alike(me, keys[1])


def test_without_passing_it_on_they_are_asked_about_again(four, monkeypatch):
    """Negative control."""
    me, keys = four
    monkeypatch.setattr(running.apart, "pass_on", lambda ctx, run: None)
    pair(me, keys[1], keys[2])
    me.merge("account", keys[0], keys[1])
    assert keys[2] in alike(me, keys[0])


def test_what_somebody_decided_since_stays(four):
    me, keys = four
    pair(me, keys[0], keys[2], "later"), pair(me, keys[1], keys[2]), pair(me, keys[1], keys[3])
    me.merge("account", keys[0], keys[1])
    with me.door() as ctx:
        mine = ctx.session.execute(select(DuplicatePair.id).where(DuplicatePair.a_id.in_(keys[:1]) | DuplicatePair.b_id.in_(keys[:1]), DuplicatePair.a_id.in_(keys[3:]) | DuplicatePair.b_id.in_(keys[3:]))).scalar_one()
        pairs.decide(ctx, mine, "not_duplicates")
    me.undo()
    assert states(me, keys) == {(0, 2): "later", (1, 2): "not_duplicates", (0, 3): "not_duplicates", (1, 3): "not_duplicates"}


def test_two_losers_told_apart_from_one_and_from_each_other(four):
    me, keys = four
    pair(me, keys[1], keys[2]), pair(me, keys[1], keys[3]), pair(me, keys[2], keys[3])
    me.merge("account", *keys[:3])
    assert states(me, keys) == {(1, 2): "not_duplicates", (0, 3): "not_duplicates", (1, 3): "not_duplicates", (2, 3): "not_duplicates"}
    me.undo()
    assert (0, 3) not in states(me, keys)


def test_it_goes_on_to_what_the_other_is_merged_into(four):
    me, keys = four
    pair(me, keys[1], keys[2])
    me.merge("account", keys[0], keys[1])
    type(me)(me.house).merge("account", keys[3], keys[2])
    assert states(me, keys)[0, 3] == "not_duplicates" and keys[3] not in alike(me, keys[0])
