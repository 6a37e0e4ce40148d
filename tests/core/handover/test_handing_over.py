"""Whoever leaves leaves no customer without somebody: accounts, contacts and what is still to do go to a colleague (FEATURES 1.12, 164)."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete, func, select

from core.activities import actions as log
from core.activities.models import Activity
from core.base.errors import Forbidden, Refused
from core.base.facts import Fact
from core.handover import giving
from core.handover import leaving as handover
from core.handover import queries as handovers
from core.handover.run_models import HandoverRow, HandoverRun
from core.identity import programs, queries
from core.identity.models import ApiToken
from core.leads import actions as leads
from core.leads import judging
from core.leads.models import Lead
from core.parties import actions as parties
from core.parties.models import Account, Contact
from core.quotes import drafting, lining, sending
from core.quotes.models import Quote
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
        run = handover.hand_over(ctx, queries.one_user(ctx, house.users["rep"].id), house.users[to].id)
        ctx.session.flush()
        ctx.session.refresh(run)
        ctx.session.expunge(run)
        return run


def owns(house, who, *where, model=Account):
    with house.ctx() as ctx:
        return ctx.session.execute(select(func.count()).select_from(model).where(model.owner_id == house.users[who].id, *where)).scalar_one()


def test_accounts_contacts_and_what_is_open_go_to_the_successor_and_nothing_else(house):
    done = leave(house)
    assert (done.state, done.outcomes, done.counts) == ("done", {"given": 3}, {str(house.users["manager"].id): {"accounts": 1, "contacts": 1, "activities": 1}})
    for model in (Account, Contact):
        assert (owns(house, "rep", model=model), owns(house, "manager", model=model), owns(house, "colleague", model=model)) == (0, 1, 1)
    assert owns(house, "manager", Activity.done_at.is_(None), model=Activity) == 1
    assert owns(house, "rep", Activity.done_at.is_not(None), model=Activity) == 1, "what was done stays whose it was"
    with house.ctx() as ctx:
        assert ctx.session.execute(select(func.count()).select_from(Fact).where(Fact.kind == "user.handed_over")).scalar_one() == 1


def test_it_is_a_handover_like_any_other(house):
    done = leave(house)
    with house.ctx("manager") as ctx:
        assert [run.id for run in handovers.runs(ctx)] == [done.id]
        giving.start_undo(ctx, handovers.one(ctx, done.id))
    assert owns(house, "rep") == owns(house, "rep", model=Contact) == 1


def test_many_go_in_the_background(house, monkeypatch):
    monkeypatch.setattr(giving, "AT_ONCE", 0)
    assert leave(house).state == "running" and owns(house, "rep") == 1


def test_who_has_nothing_leaves_nothing(house):
    leave(house)
    assert leave(house).state == "cancelled"


@pytest.mark.parametrize("to", ["rep", "ex", "reader"])
def test_nobody_who_can_not_sign_in_or_works_on_no_accounts_takes_over(house, to):
    with pytest.raises(Refused, match="user_unknown"):
        leave(house, to)


def test_only_who_may_end_access_hands_over(house):
    with pytest.raises(Forbidden):
        leave(house, who="manager")


def take_back(house, who="owner", now=None):
    with house.ctx(who, now=now) as ctx:
        (row,) = handover.handed_over(ctx, house.users["rep"].id)
        return dict(giving.start_undo(ctx, row).outcomes)


def test_all_of_it_is_taken_back_at_once_the_open_next_contacts_too(house):
    leave(house)
    assert take_back(house) == {"undone": 3, "kept": 0}
    for model in (Account, Contact):
        assert (owns(house, "rep", model=model), owns(house, "manager", model=model)) == (1, 0)
    assert owns(house, "rep", Activity.done_at.is_(None), model=Activity) == 1 and owns(house, "manager", model=Activity) == 0
    assert owns(house, "colleague", model=Activity) == 2, "nobody else's"
    with house.ctx() as ctx:
        assert handover.handed_over(ctx, house.users["rep"].id) == []
        assert ctx.session.execute(select(Fact.params).where(Fact.kind == "handover.undone")).scalar_one()["undone"] == 3


def test_what_was_done_or_given_to_a_third_meanwhile_stays(house):
    with house.ctx("owner") as ctx:
        account = ctx.session.execute(select(Account).where(Account.owner_id == house.users["rep"].id)).scalar_one()
        for _ in range(2):
            log.log_activity(ctx, kind="call", account=account, body="y", next_contact=str(ctx.today + timedelta(days=3))).owner_id = house.users["rep"].id
    assert leave(house).outcomes == {"given": 5}
    with house.ctx("manager") as ctx:
        one, two, _ = ctx.session.execute(select(Activity).where(Activity.owner_id == house.users["manager"].id, Activity.done_at.is_(None)).order_by(Activity.id)).scalars()
        log.complete_next_contact(ctx, one)
        two.owner_id = house.users["colleague"].id
    assert take_back(house) == {"undone": 3, "kept": 2}
    assert owns(house, "rep", Activity.done_at.is_(None), model=Activity) == 1


def test_what_the_successor_had_himself_stays_his(house):
    with house.ctx("owner") as ctx:
        account = ctx.session.execute(select(Account).where(Account.owner_id == house.users["rep"].id)).scalar_one()
        log.log_activity(ctx, kind="call", account=account, body="own", next_contact=str(ctx.today + timedelta(days=3))).owner_id = house.users["manager"].id
    leave(house)
    take_back(house)
    assert owns(house, "manager", model=Activity) == 1


def test_it_is_taken_back_once_and_for_thirty_days(house):
    leave(house)
    with house.ctx() as ctx:
        (row,) = handover.handed_over(ctx, house.users["rep"].id)
        late = replace(ctx, now=ctx.now + timedelta(days=31))
        assert handover.handed_over(late, house.users["rep"].id) == []
        with pytest.raises(Refused, match="bulk_too_late"):
            giving.start_undo(late, row)
        giving.start_undo(ctx, row)
        with pytest.raises(Refused, match="handover_not_now"):
            giving.start_undo(ctx, row)


def test_who_hands_nothing_over_takes_nothing_back(house):
    key = leave(house).id
    with house.ctx("colleague") as ctx:
        assert handover.handed_over(ctx, house.users["rep"].id) == []
        with pytest.raises(Forbidden):
            handovers.one(ctx, key)
        with pytest.raises(Forbidden):
            giving.start_undo(ctx, ctx.session.get(HandoverRun, key))


def test_what_programs_make_for_him_is_the_successors_from_now_on(house):
    with house.ctx() as ctx:
        _, row = programs.make_program(ctx, name="Website sync", role="manager", owner_id=house.users["rep"].id)
        key = row.id
    leave(house)
    with house.ctx() as ctx:
        assert ctx.session.get(ApiToken, key).owner_id == house.users["manager"].id


def test_without_the_memory_of_what_went_along_it_stays_where_it_is(house):
    """Negative control."""
    key = leave(house).id
    with house.ctx() as ctx:
        ctx.session.execute(delete(HandoverRow).where(HandoverRow.run_id == key, HandoverRow.kind == "activities"))
    assert take_back(house)["undone"] == 2 and owns(house, "rep", Activity.done_at.is_(None), model=Activity) == 0


def test_open_leads_go_along_and_come_back_and_what_has_ended_stays(house):
    with house.ctx("rep") as ctx:
        leads.create_lead(ctx, name="Open")
        judging.judge(ctx, leads.create_lead(ctx, name="Out"), "disqualified", reason="spam")
    leave(house)
    assert (owns(house, "manager", model=Lead), owns(house, "rep", Lead.state == "disqualified", model=Lead)) == (1, 1)
    take_back(house)
    assert (owns(house, "manager", model=Lead), owns(house, "rep", model=Lead)) == (0, 2)


def test_open_quotes_go_along_and_come_back_and_what_is_over_stays(house):
    with house.ctx("rep") as ctx:
        account = parties.create_account(ctx, name="Quoted")
        ctx.session.flush()
        drafting.create_quote(ctx, name="Draft", account_id=account.id)
        out = drafting.create_quote(ctx, name="Withdrawn", account_id=account.id)
        lining.save_lines(ctx, out, [{"name": "Tray", "unit_price": "10"}])
        sending.send_quote(ctx, out)
        sending.withdraw(ctx, out)
    leave(house)
    assert (owns(house, "manager", model=Quote), owns(house, "rep", Quote.state == "withdrawn", model=Quote)) == (1, 1)
    take_back(house)
    assert (owns(house, "manager", model=Quote), owns(house, "rep", model=Quote)) == (0, 2)
