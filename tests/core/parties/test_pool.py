"""The shared pool: who goes there when, who is told, who takes from it, and that others' accounts are protected."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm.exc import StaleDataError

from core.activities.actions import log_activity
from core.base.errors import NotFound, Refused
from core.base.facts import Fact
from core.bulk import previewing, selecting
from core.notifications.models import Notification
from core.parties import actions, pool, queries
from core.parties.beside_models import PoolClaim, PoolRules, PoolWarning
from core.parties.models import Account
from core.transfer.fields import writable
from tests.support import races
from tests.support.world import House

BEGAN = datetime(2026, 1, 5, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def house(app):
    """service changes everybody's records and may not reassign; manager may."""
    return House(f"pool-{uuid4().hex[:6]}", {"owner": "admin", "rep": "sales", "colleague": "sales", "manager": "manager", "service": "service"})


@pytest.fixture(autouse=True)
def empty(house):
    with house.ctx() as ctx:
        for model in (PoolClaim, PoolWarning, PoolRules, Notification):
            ctx.session.execute(delete(model))
        ctx.session.execute(update(Account).values(deleted_at=BEGAN, version=Account.version))


def ruled(house, **given):
    with house.ctx(now=BEGAN) as ctx:
        pool.change_rules(ctx, **given)


def made(house, who="rep", name="Nordlicht", at=BEGAN, **given):
    with house.ctx(who, now=at) as ctx:
        found = actions.create_account(ctx, name=name, **given)
        ctx.session.flush()
        return found.id


def night(house, day):
    with house.ctx(now=BEGAN + timedelta(days=day)) as ctx:
        found = pool.keep(ctx)
    return found["warned"], found["released"]


def owner(house, key):
    with house.ctx() as ctx:
        return ctx.session.get_one(Account, key).owner_id


def told(house, who):
    with house.ctx() as ctx:
        rows = ctx.session.execute(select(Notification).where(Notification.user_id == house.users[who].id).order_by(Notification.created_at, Notification.id)).scalars()
        return [(row.params.get("say"), row.params.get("what")) for row in rows]


def test_nothing_goes_where_no_rule_is_set(house):
    key = made(house)
    assert night(house, 4000) == (0, 0) and owner(house, key) and not told(house, "rep")


def test_warned_two_weeks_before_told_at_the_time_and_written_on_the_timeline(house):
    ruled(house, idle_days=60)
    key = made(house)
    assert night(house, 45) == (0, 0) and night(house, 47) == (1, 0) and night(house, 48) == (0, 0)
    assert told(house, "rep") == [("told.pool_soon", "Nordlicht")]
    assert night(house, 59) == (0, 0) and night(house, 61) == (0, 1)
    assert owner(house, key) is None and told(house, "rep")[1:] == [("told.pool_gone", "Nordlicht")]
    with house.ctx() as ctx:
        assert ctx.session.execute(select(Fact.kind).where(Fact.subject_id == key).order_by(Fact.at.desc(), Fact.id.desc())).scalars().first() == "account.pooled"
    assert night(house, 62) == (0, 0)


def test_what_has_been_idle_for_years_is_warned_of_before_it_goes(house):
    key = made(house)
    ruled(house, idle_days=60)
    assert night(house, 900) == (1, 0) and owner(house, key) and night(house, 913) == (0, 0) and night(house, 914) == (0, 1)


@pytest.mark.parametrize("happened", ["contact", "planned", "handed"])
def test_a_contact_a_plan_and_a_change_of_hands_keep_it(house, happened):
    ruled(house, idle_days=60)
    key = made(house)
    assert night(house, 50) == (1, 0)
    with house.ctx("manager" if happened == "handed" else "rep", now=BEGAN + timedelta(days=52)) as ctx:
        account = queries.one_account(ctx, key)
        if happened == "handed":
            actions.change_owner(ctx, account, house.users["colleague"].id)
        else:
            log_activity(ctx, kind="note" if happened == "planned" else "call", account=account, body="x", next_contact=ctx.today + timedelta(days=30) if happened == "planned" else None)
    assert night(house, 70) == (0, 0) and owner(house, key)
    assert night(house, 100) == (1, 0), "and then the time counts anew"


def test_one_notification_for_many(house):
    ruled(house, idle_days=60)
    for n in range(5):
        made(house, name=f"Firm {n}")
    assert night(house, 50) == (5, 0) and [what for _, what in told(house, "rep")] == ["Firm 0, Firm 1, Firm 2 …"]


def test_taken_from_the_pool_with_a_fact_and_given_back(house):
    key = made(house, "owner", owner_id=None)
    with house.ctx("rep") as ctx:
        pool.claim(ctx, key)
    assert owner(house, key) == house.users["rep"].id
    with house.ctx("rep") as ctx:
        pool.give_back(ctx, queries.one_account(ctx, key))
    assert owner(house, key) is None
    with house.ctx() as ctx:
        kinds = ctx.session.execute(select(Fact.kind).where(Fact.subject_id == key)).scalars().all()
        assert {"account.claimed", "account.given_back"} <= set(kinds) and ctx.session.execute(select(PoolClaim)).first() is None


def both_claim(house, key):
    def act(who):
        try:
            with house.ctx(who) as ctx:
                pool.claim(ctx, key)
        except StaleDataError:
            raise Refused("stale") from None

    return races.at_once(lambda: act("rep"), lambda: act("colleague"))


@pytest.mark.parametrize("n", range(4))
def test_of_two_at_once_one_gets_it_and_the_other_hears_who_was_quicker(house, n):
    key = made(house, "owner", owner_id=None)
    assert both_claim(house, key) == ["done", "pool_taken"]


def test_without_the_lock_the_other_would_not_hear_it(house, monkeypatch):
    """Negative control: only the version of the row would stop him, with an error."""
    key = made(house, "owner", owner_id=None)
    monkeypatch.setattr(pool.editing, "hold", races.meeting(lambda ctx, record: None, 2))
    assert both_claim(house, key) == ["done", "stale"]


def test_whoever_comes_later_and_does_not_see_it_any_more_hears_it_too_and_a_stranger_hears_nothing(house):
    free, never = made(house, "owner", owner_id=None), made(house, "rep", name="Never free")
    with house.ctx("rep", now=BEGAN) as ctx:
        pool.claim(ctx, free)
    with house.ctx("colleague", now=BEGAN + timedelta(minutes=5)) as ctx:
        with pytest.raises(Refused, match="pool_taken"):
            pool.claim(ctx, free)
        with pytest.raises(NotFound):
            pool.claim(ctx, never)
    with house.ctx("colleague", now=BEGAN + timedelta(hours=2)) as ctx, pytest.raises(NotFound):
        pool.claim(ctx, free)


def test_no_more_than_so_many_a_day_and_tomorrow_again(house):
    ruled(house, claims_a_day=2)
    keys = [made(house, "owner", name=f"Free {n}", owner_id=None) for n in range(3)]

    def take(key, day=0):
        with house.ctx("rep", now=BEGAN + timedelta(days=day)) as ctx:
            pool.claim(ctx, key)

    take(keys[0])
    take(keys[1])
    with pytest.raises(Refused, match="pool_enough"):
        take(keys[2])
    take(keys[2], day=1)


def hand_over(house, who, key, to, day=1):
    with house.ctx(who, now=BEGAN + timedelta(days=day)) as ctx:
        actions.edit_account(ctx, queries.one_account(ctx, key), owner_id=str(house.users[to].id))


def test_others_accounts_are_protected_within_their_time(house):
    key = made(house)
    hand_over(house, "service", key, "service")
    hand_over(house, "service", key, "rep")  # no rule: as ever
    ruled(house, idle_days=60)
    with pytest.raises(Refused, match="account_protected"):
        hand_over(house, "service", key, "service")
    hand_over(house, "rep", key, "colleague")
    hand_over(house, "manager", key, "rep")
    hand_over(house, "service", key, "service", day=400)


def test_neither_a_bulk_edit_nor_an_import_goes_round_the_protection(house):
    key = made(house)
    ruled(house, idle_days=60)
    for who, left in (("service", {"not_yours": 1}), ("manager", {"due": 1})):
        with house.ctx(who) as ctx:
            run = selecting.select_records(ctx, "accounts", keys=[key])
            run = previewing.preview(ctx, run, "owner", {"owner_id": str(house.users[who].id)})
            assert {name: run.counts[name] for name in left} == left
            assert ("owner_id" in writable(ctx, "accounts")) is (who == "manager")


@pytest.mark.parametrize(("given", "code"), [({"idle_days": "29"}, "not_whole"), ({"idle_days": "x"}, "not_whole"), ({"claims_a_day": 0}, "not_whole"), ({"other": 1}, "unknown_field")])
def test_rules_that_can_not_be_are_refused(house, given, code):
    with house.ctx() as ctx, pytest.raises(Refused, match=code):
        pool.change_rules(ctx, **given)
