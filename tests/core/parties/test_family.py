"""Trees of accounts: what stands below and above, figures over all of it, as far as the actor sees; a circle ends."""

import random
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import update

from core.activities.actions import log_activity
from core.base.errors import Refused
from core.parties import actions, family, queries
from core.parties.models import Account
from core.parties.queries import Filters
from tests.support.statements import counted
from tests.support.world import House


@pytest.fixture(scope="module")
def house(app):
    return House(f"tree-{uuid4().hex[:6]}", {"owner": "admin", "rep": "sales", "reader": "reader"})


@pytest.fixture(scope="module")
def made(house):
    """Sixty accounts in trees as the dice fall, with people, contacts made and planned: key -> (parent, owner)."""
    dice, found = random.Random(11), {}
    with house.ctx() as ctx:
        owners = [house.users["owner"].id, house.users["rep"].id, None]
        for n in range(60):
            parent = dice.choice([None, *found, *found, *found]) if found else None
            account = actions.create_account(ctx, name=f"Node {n:02}", parent_id=parent, owner_id=dice.choice(owners))
            ctx.session.flush()
            found[account.id] = (parent, account.owner_id)
            for k in range(dice.randrange(3)):
                person = actions.create_contact(ctx, name=f"P {n}.{k}", account_id=account.id, owner_id=dice.choice(owners))
                ctx.session.flush()
                log_activity(ctx, kind=dice.choice(["call", "note"]), account=account, contact=person, body="x", happened_at=ctx.now - timedelta(days=dice.randrange(90)), next_contact=dice.choice([None, ctx.today + timedelta(days=dice.randrange(30))]))
    return found


def under(made, key, seen):
    """The same by hand."""
    if not seen(key):
        return set()
    return {key}.union(*(under(made, child, seen) for child, (parent, _) in made.items() if parent == key))


@pytest.mark.parametrize("who", ["owner", "rep"])
def test_what_stands_below_is_what_walking_by_hand_finds(house, made, who):
    mine = {None, house.users[who].id}
    seen = lambda key: who == "owner" or made[key][1] in mine  # noqa: E731
    with house.ctx(who) as ctx:
        for key in made:
            found = set(ctx.session.execute(family.below(ctx, key)).scalars())
            assert found == under(made, key, seen)
            if not seen(key):
                continue
            tree = family.tree(ctx, ctx.session.get_one(Account, key), limit=100)
            assert {row.id for row in tree.rows} == found and tree.total == len(found)
            depth = {row.id: row.depth for row in tree.rows}
            assert depth[key] == 0 and all(depth[row.id] == depth[made[row.id][0]] + 1 for row in tree.rows[1:]), "each branch below its parent"
            assert {row.id for row in queries.accounts(ctx, Filters(under=str(key)), limit=200).rows} == found


def test_branches_follow_their_parent_and_the_rest_is_counted(house, made):
    with house.ctx() as ctx:
        biggest = max(made, key=lambda key: len(under(made, key, lambda _: True)))
        tree = family.tree(ctx, ctx.session.get_one(Account, biggest), limit=3)
        assert len(tree.rows) == 4 and tree.total == len(under(made, biggest, lambda _: True)) > 4
        seen = set()
        for row in family.tree(ctx, ctx.session.get_one(Account, biggest), limit=100).rows:
            assert not seen or made[row.id][0] in seen
            seen.add(row.id)


def test_those_above_come_from_the_top(house, made):
    with house.ctx() as ctx:
        for key in made:
            chain, at = [], made[key][0]
            while at:
                chain.insert(0, at)
                at = made[at][0]
            assert [row.id for row in family.ancestors(ctx, ctx.session.get_one(Account, key))] == chain


def test_figures_are_one_statement_and_of_what_one_sees(house, made):
    with house.ctx() as ctx:
        everything = {key for key in made}
        biggest = max(made, key=lambda key: len(under(made, key, lambda _: True)))
        keys = under(made, biggest, lambda _: True)
        people = [p for key in keys for p in queries.contacts_of(ctx, key)]
        with counted() as told:
            found = {one.name: value for one, value in family.figures(ctx, biggest)}
        assert len(told) == 1 and found["people"] == len(people) and found["open_contacts"] > 0 and found["last_contact"] <= ctx.today <= found["next_contact"] and everything
    with house.ctx("rep") as ctx:
        mine = next(key for key in made if made[key][1] == house.users["rep"].id)
        assert {one.name for one, _ in family.figures(ctx, mine)} >= {"people", "open_contacts"}


def test_a_circle_that_somehow_came_about_ends(house):
    with house.ctx() as ctx:
        keys = [actions.create_account(ctx, name=f"Round {n}") for n in range(3)]
        ctx.session.flush()
        for n, one in enumerate(keys):
            ctx.session.execute(update(Account).where(Account.id == one.id).values(parent_id=keys[n - 1].id, version=Account.version + 1))
        ctx.session.expire_all()
        assert len(ctx.session.execute(family.below(ctx, keys[0].id)).all()) == 3
        assert family.tree(ctx, keys[0]).total == 3 and len(family.ancestors(ctx, keys[0])) <= family.DEEPEST + 1
        ctx.session.rollback()


def test_an_unknown_tree_is_refused_or_empty(house):
    with house.ctx() as ctx:
        assert queries.contacts(ctx, Filters(under=uuid4())).rows == []
        with pytest.raises(Refused, match="unknown_value"):
            queries.accounts(ctx, Filters(under="x"))
