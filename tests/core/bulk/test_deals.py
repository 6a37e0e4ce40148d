"""Bulk edits of deals: what the use cases leave one by one, who is left out and why, and the way back."""

from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import select

from core.base.errors import Refused
from core.bulk import deciding
from core.custom_fields import actions as defining
from core.deals import actions, batched, lines, moving, pipelines
from core.deals.models import Deal
from core.parties import actions as parties
from tests.core.bulk.test_equality import named, one_by_one, same
from tests.support.world import House

ROWS = [
    {"name": "Ovens", "amount": "1200.50", "next_step": "Call", "next_step_on": "2030-01-01", "probability": "40"}, {"name": "Trays", "source": "Fair", "closes_on": "2030-05-06"},
    {"name": "北京", "notes": "line\nline", "forecast": "commit"}, {"name": "Печи", "amount": "7", "currency": "USD"},
]
CHANGES = [
    {"source": "Fair"}, {"closes_on": "2030-05-06"}, {"amount": "99.90", "currency": "chf"}, {"currency": None}, {"forecast": ""}, {"probability": "40", "notes": "one\ntwo"},
    {"next_step": "Write", "next_step_on": "2031-02-03"}, {"next_step": None, "next_step_on": None},
]


@pytest.fixture
def deal(house):
    """deal("A", amount="1"): deals of that person; their keys."""

    def made(*names, who="owner", **values):
        with house.ctx(who) as ctx:
            return [actions.create_deal(ctx, name=name, **values).id for name in names]

    return made


@pytest.fixture
def deals(bulk):
    return lambda who="owner", at=None: bulk(who, "deals", at)


@pytest.fixture
def two(app):
    """Two houses with the same deals, each of an account and a person."""
    houses = House(f"set{uuid4().hex[:6]}"), House(f"one{uuid4().hex[:6]}")
    for house in houses:
        with house.ctx() as ctx:
            north, _south = [parties.create_account(ctx, name=name) for name in ("North", "South")]
            ana = parties.create_contact(ctx, name="Ana")
            ctx.session.flush()
            for row in ROWS:
                actions.create_deal(ctx, **row, account_id=north.id, contact_id=ana.id)
    return houses


KEYS = ("account_id", "contact_id", "pipeline_id", "stage_id")


def test_changed_fields(deals, two):
    """One after the other, each as the use case for one leaves it."""
    by_set, alone = two
    for change in CHANGES:
        one = deals(at=by_set).select(named(by_set, Deal, ROWS)).preview("change", **change).run()
        one_by_one(alone, Deal, ROWS, lambda ctx, row, change=change: actions.edit_deal(ctx, row, **change))
        first, second = same(by_set, alone, Deal, but=(*KEYS, "stage_since"))
        assert first == second and one.counts["changed"], change


def test_at_another_account_it_stands_on_both_timelines(deals, two):
    by_set, alone = two

    def south(house):
        with house.ctx() as ctx:
            return ctx.session.execute(select(parties.Account.id).where(parties.Account.name == "South")).scalar_one()

    deals(at=by_set).select(named(by_set, Deal, ROWS)).preview("change", account_id=str(south(by_set))).run()
    one_by_one(alone, Deal, ROWS, lambda ctx, row: actions.edit_deal(ctx, row, account_id=south(alone)))
    first, second = (left[2] for left in same(by_set, alone, Deal, but=(*KEYS, "stage_since")))
    assert first == second
    assert sum(kind == "deal.edited" for kind, *_ in first) == 4 * len(ROWS), "on its own timeline, the person's, the new account's, the old one's"


@pytest.mark.parametrize("owner", ["rep", None])
def test_a_new_owner(deals, two, owner):
    by_set, alone = two
    key = lambda house: house.users[owner].id if owner else None  # noqa: E731
    deals(at=by_set).select(named(by_set, Deal, ROWS)).preview("owner", owner_id=key(by_set) and str(key(by_set))).run()
    one_by_one(alone, Deal, ROWS, lambda ctx, row: actions.change_owner(ctx, row, key(alone)))
    first, second = same(by_set, alone, Deal, but=(*KEYS, "stage_since"))
    assert first[:3] == second[:3]


def test_deleted_and_brought_back(deals, two):
    by_set, alone = two
    one = deals(at=by_set).select(named(by_set, Deal, ROWS)).preview("delete").run()
    one_by_one(alone, Deal, ROWS, actions.delete_deal)
    gone = lambda left: [sorted(left[0]), [(row["version"], row["deleted_at"] is None) for row in left[0].values()], left[2]]  # noqa: E731
    first, second = same(by_set, alone, Deal)
    assert gone(first) == gone(second)
    one.undo()
    one_by_one(alone, Deal, ROWS, actions.restore_deal)
    first, second = same(by_set, alone, Deal, but=(*KEYS, "stage_since"))
    assert first[:3] == second[:3] and {row["deleted_at"] for row in first[0].values()} == {None}


def test_what_its_products_make_is_written_by_nobody(house, deals, deal, find):
    made, plain = deal("Of lines", "Plain", amount="5")
    with house.ctx() as ctx:
        lines.save_lines(ctx, ctx.session.get(Deal, made), [{"name": "Oven", "quantity": "2", "unit_price": "50"}])
    one = deals().select([made, plain]).preview("change", amount="9")
    assert one.counts == {"due": 1, "of_lines": 1}
    one.run()
    assert [find(key, Deal).amount for key in (made, plain)] == [Decimal(100), Decimal(9)]


def test_without_that_question_it_would_be(house, deals, deal, find, monkeypatch):
    """Negative control of the one above."""
    made, = deal("Of lines too", amount="5")
    with house.ctx() as ctx:
        lines.save_lines(ctx, ctx.session.get(Deal, made), [{"name": "Oven", "quantity": "2", "unit_price": "50"}])
    monkeypatch.setattr(batched, "_is_priced", lambda values: False)
    deals().select([made]).preview("change", amount="9").run()
    assert find(made, Deal).amount == Decimal(9)


def test_an_amount_that_products_make_by_now_is_not_put_back(house, deals, deal, find):
    made, = deal("Lines come", amount="5")
    one = deals().select([made]).preview("change", amount="9").run()
    with house.ctx() as ctx:
        lines.save_lines(ctx, ctx.session.get(Deal, made), [{"name": "Oven", "quantity": "2", "unit_price": "50"}])
    assert one.undo().counts == {"kept": 1} and find(made, Deal).amount == Decimal(100)


def test_a_step_needs_its_day_and_a_loss_its_reason(house, deals, deal, find):
    """What a rule of the database would refuse for all is left out one by one."""
    dated, bare = deal("Dated", next_step="Call", next_step_on="2030-01-01") + deal("Bare")
    lost, = deal("Lost")
    with house.ctx() as ctx:
        stage = next(one for one in pipelines.ways(ctx)[0].stages if one.kind == "lost")
        moving.move_deal(ctx, ctx.session.get(Deal, lost), stage.id, loss_reason="Price")
    assert deals().select([dated, bare]).preview("change", next_step="Write").counts == {"due": 1, "unfit": 1}
    assert deals().select([dated, bare]).preview("change", next_step_on=None).counts == {"same": 1, "unfit": 1}
    assert deals().select([lost]).preview("change", loss_reason=None).counts == {"unfit": 1}
    with pytest.raises(Refused, match="next_step_needs_day"):
        deals().select([bare]).preview("change", next_step="Write", next_step_on=None)


def test_nobody_changes_what_is_not_his(deals, deal, find, monkeypatch):
    mine, = deal("Mine", who="rep")
    theirs, = deal("Theirs", who="colleague")
    one = deals("rep").select([mine, theirs])
    assert one.row.counts == {"selected": 1, "missing": 1}
    one.preview("change", source="Fair").run()
    assert (find(mine, Deal).source, find(theirs, Deal).source) == ("Fair", None)
    other = deals().select([theirs]).preview("change", source="Fair")
    monkeypatch.setattr(deciding, "changes", lambda ctx, model: model.id.is_(None))
    assert other.preview("change", source="Fair").counts == {"not_yours": 1}


def test_what_is_a_deals_own_is_not_changed_in_many(deals, deal):
    keys = deal("One", "Two")
    for given, code in (({"external_id": "A-1"}, "bulk_not_this_field"), ({"stage_id": str(uuid4())}, "unknown_field"), ({"state": "won"}, "unknown_field"), ({"account_id": str(uuid4())}, "account_unknown")):
        with pytest.raises(Refused, match=code):
            deals().select(keys).preview("change", **given)
    with pytest.raises(Refused, match="unknown_value"):
        deals().select(keys).preview("price", percent="5")


def test_an_own_field_is_changed_and_put_back(house, deals, deal, find):
    keys = deal("Own A", "Own B")
    with house.ctx() as ctx:
        field = defining.create_field(ctx, room="deals", kind="text", label="Channel of sale").key
    one = deals().select(keys).preview("change", **{f"custom.{field}": "web"}).run()
    assert [getattr(find(key, Deal), f"custom.{field}") for key in keys] == ["web", "web"]
    assert one.undo().counts == {"undone": 2} and [getattr(find(key, Deal), f"custom.{field}") for key in keys] == [None, None]


def test_what_somebody_changed_since_is_kept(house, deals, deal, find):
    touched, free = deal("Touched", "Free", source="Call")
    one = deals().select(where=(("source", "eq", "Call"),)).preview("change", source="Fair").run()
    with house.ctx() as ctx:
        actions.edit_deal(ctx, ctx.session.get(Deal, touched), notes="seen")
    assert one.undo().counts == {"undone": 1, "kept": 1} and one.named("kept") == ["Touched"]
    assert (find(touched, Deal).source, find(free, Deal).source) == ("Fair", "Call")
