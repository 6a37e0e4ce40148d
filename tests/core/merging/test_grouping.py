"""Pairs that hang together are one group, without those whom somebody told apart."""

import random
from types import SimpleNamespace
from uuid import UUID

from core.base.registry import collect_children
from core.merging import grouping, moving, pairs, running, scanning
from core.parties import actions
from core.parties.models import Account
from tests.support.world import House


def pair(a, b, score=0.9):
    a, b = sorted((a, b))
    return SimpleNamespace(id=UUID(int=a * 1000 + b), a_id=UUID(int=a), a_name=f"R{a}", b_id=UUID(int=b), b_name=f"R{b}", score=score, reasons=["name"])


def shapes(found, apart=()):
    told = {frozenset(UUID(int=n) for n in two) for two in apart}
    return [sorted(key.int for key in group.members) for group in grouping.grouped(found, told)]


def test_pairs_that_share_a_record_are_one_group():
    assert shapes([pair(1, 2), pair(3, 4), pair(2, 3), pair(5, 6)]) == [[1, 2, 3, 4], [5, 6]]


def test_two_who_were_told_apart_never_stand_in_one():
    assert shapes([pair(1, 2), pair(2, 3)], [(1, 3)]) == [[1, 2], [2, 3]]
    assert shapes([pair(1, 2), pair(3, 4), pair(2, 3)], [(1, 4)]) == [[1, 2], [3, 4], [2, 3]]


def test_no_group_is_larger_than_a_merge():
    assert all(len(shape) <= running.MOST for shape in shapes([pair(n, n + 1) for n in range(1, 40)]))


def test_whatever_the_pairs_each_stands_once_and_nobody_with_whom_he_is_not():
    for seed in range(200):
        dice = random.Random(seed)
        edges = sorted({tuple(sorted(dice.sample(range(1, 14), 2))) for _ in range(dice.randrange(1, 25))}, key=lambda _: dice.random())
        apart = [edge for edge in {tuple(sorted(dice.sample(range(1, 14), 2))) for _ in range(4)} if edge not in edges]
        made = grouping.grouped([pair(*edge) for edge in edges], {frozenset(UUID(int=n) for n in two) for two in apart})
        assert sorted(one.id for group in made for one in group.pairs) == sorted(pair(*edge).id for edge in edges), seed
        for group in made:
            assert {key for one in group.pairs for key in (one.a_id, one.b_id)} == set(group.members) and len(group.members) <= running.MOST, seed
            assert not any({UUID(int=a), UUID(int=b)} <= set(group.members) for a, b in apart), seed


def test_three_are_merged_in_one_go_and_what_was_told_apart_stays_so(app, monkeypatch):
    monkeypatch.setattr(moving, "collect_children", collect_children)  # without the table that other tests here stand in for a room above
    house = House("groups-" + "".join(random.choices("abcdef", k=6)))
    with house.ctx() as ctx:
        keys = [actions.create_account(ctx, name="Wanderfalke Reisen", phone=f"+49 40 77712{n}").id for n in range(3)]

    def scan():
        with house.ctx() as ctx:
            one = scanning.start(ctx, threshold=0.5)
            key, round = one.id, one.round
        scanning.scan_all(house.ctx, key, round)

    scan()
    with house.ctx() as ctx:
        (group,) = grouping.groups(ctx, "account")
        assert set(group.members) == set(keys) and len(group.pairs) == 3
        told = next(one.id for one in group.pairs if {one.a_id, one.b_id} == set(keys[:2]))
        pairs.decide(ctx, told, "not_duplicates")
    scan()
    with house.ctx() as ctx:
        assert [len(group.members) for group in grouping.groups(ctx, "account")] == [2, 2]
        pairs.decide(ctx, told, "open")
    with house.ctx() as ctx:
        (group,) = grouping.groups(ctx, "account")
        survivor, *losers = group.members
        assert running.merge(ctx, "account", survivor, losers).state == "done"
    with house.ctx() as ctx:
        assert grouping.groups(ctx, "account") == [] and ctx.session.get(Account, survivor).deleted_at is None
