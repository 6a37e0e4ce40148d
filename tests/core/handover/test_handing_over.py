"""Whoever leaves leaves no customer without somebody: accounts, contacts and what is still to do go to a colleague (FEATURES 1.12, 164)."""

from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from core.activities import actions as log
from core.activities.models import Activity
from core.base.errors import Forbidden, Refused
from core.base.facts import Fact
from core.bulk import running, undoing
from core.bulk import queries as bulk
from core.handover import actions as handover
from core.identity import queries
from core.parties import actions as parties
from core.parties.models import Account, Contact
from tests.support.world import House


@pytest.fixture
def house(app):
    made = House(f"ho-{uuid4().hex[:8]}")
    with made.ctx("owner") as ctx:
        for who in ("rep", "colleague"):
            account = parties.create_account(ctx, name=f"Account of {who}", owner_id=made.users[who].id)
            parties.create_contact(ctx, name=f"Person of {who}", owner_id=made.users[who].id)
            for done in (True, False):
                entry = log.log_activity(ctx, kind="call", account=account, body="x", next_contact=str(ctx.today + timedelta(days=3)))
                entry.owner_id, entry.done_at = made.users[who].id, ctx.now if done else None
    return made


def leave(house, to="manager", who="owner"):
    with house.ctx(who) as ctx:
        done = handover.hand_over(ctx, queries.one_user(ctx, house.users["rep"].id), house.users[to].id)
        return SimpleNamespace(open=done.open, runs=[SimpleNamespace(id=run.id, kind=run.kind, state=run.state, counts=run.counts) for run in done.runs])


def owns(house, who, *where, model=Account):
    with house.ctx() as ctx:
        return ctx.session.execute(select(func.count()).select_from(model).where(model.owner_id == house.users[who].id, *where)).scalar_one()


def test_accounts_contacts_and_what_is_open_go_to_the_successor_and_nothing_else(house):
    done = leave(house)
    assert [(run.kind, run.state, run.counts["changed"]) for run in done.runs] == [("accounts", "done", 1), ("contacts", "done", 1)] and done.open == 1
    for model in (Account, Contact):
        assert (owns(house, "rep", model=model), owns(house, "manager", model=model), owns(house, "colleague", model=model)) == (0, 1, 1)
    assert owns(house, "manager", Activity.done_at.is_(None), model=Activity) == 1
    assert owns(house, "rep", Activity.done_at.is_not(None), model=Activity) == 1, "what was done stays whose it was"
    with house.ctx() as ctx:
        assert ctx.session.execute(select(func.count()).select_from(Fact).where(Fact.kind == "user.handed_over")).scalar_one() == 1


def test_accounts_and_contacts_are_taken_back_like_any_bulk_edit(house):
    done = leave(house)
    for run in done.runs:
        with house.ctx() as ctx:
            undoing.start_undo(ctx, bulk.one(ctx, run.id))
    assert owns(house, "rep") == owns(house, "rep", model=Contact) == 1


def test_many_go_in_the_background(house, monkeypatch):
    monkeypatch.setattr(running, "AT_ONCE", 0)
    done = leave(house)
    assert {run.state for run in done.runs} == {"running"} and owns(house, "rep") == 1


def test_who_has_nothing_leaves_nothing(house):
    leave(house)
    assert leave(house).runs == []


@pytest.mark.parametrize("to", ["rep", "ex"])
def test_nobody_who_can_not_sign_in_takes_over(house, to):
    with pytest.raises(Refused, match="user_unknown"):
        leave(house, to)


def test_only_who_may_end_access_hands_over(house):
    with pytest.raises(Forbidden):
        leave(house, who="manager")
