"""Contact plans: how often customers hear from us, and whose turn it is."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from core.activities import actions as log
from core.base.errors import Conflict, Forbidden, Refused
from core.contact_plans import due, plans
from core.parties import actions as parties

DAY = timedelta(days=1)


@pytest.fixture
def bare(ctx):
    """Without the plans that a workspace begins with."""
    for one in plans.plans(ctx):
        plans.delete_plan(ctx, one)
    return ctx


def account(ctx, name, days_ago, **given):
    """Added so many days ago."""
    stage = given.pop("stage", None)
    row = parties.create_account(ctx, name=name, owner_id=ctx.actor.id, **given)
    ctx.session.flush()
    if stage:
        ctx.session.execute(text("UPDATE account SET stage = :stage WHERE id = :id"), {"stage": stage, "id": row.id})
    ctx.session.execute(text("UPDATE account SET created_at = :at WHERE id = :id"), {"at": ctx.now - days_ago * DAY, "id": row.id})
    return row


def called(ctx, account, days_ago, **given):
    return log.log_activity(ctx, kind="call", body="Talked", account=account, happened_at=ctx.now - days_ago * DAY, **given)


def names(ctx, **given):
    return [one.name for one in due.turns(ctx, **given)]


def test_a_workspace_begins_with_four_contacts_for_customers_and_six_for_prospects(ctx):
    assert [(plans.called(one, "en"), one.times_a_year) for one in plans.plans(ctx)] == [("Customers", 4), ("Prospects", 6)]
    customer, prospect = account(ctx, "Customer", 92, is_customer=True), account(ctx, "Prospect", 62, stage="identified")
    account(ctx, "Young", 60, is_customer=True)
    assert {(one.name, plans.called(one.plan, "en"), one.due_on) for one in due.turns(ctx)} == {("Customer", "Customers", ctx.today - DAY), ("Prospect", "Prospects", ctx.today - DAY)}
    assert (customer.name, prospect.name) == ("Customer", "Prospect")


def test_it_is_counted_from_the_last_contact_and_a_planned_one_ends_the_waiting(bare):
    plans.save_plan(bare, None, name="All", times_a_year=12)
    quiet, heard, planned = (account(bare, name, 400) for name in ("Quiet", "Heard", "Planned"))
    called(bare, quiet, 31)
    called(bare, heard, 5)
    called(bare, planned, 300, next_contact=bare.today + 3 * DAY)
    assert [(one.name, one.last_on, one.due_on) for one in due.turns(bare)] == [("Quiet", bare.today - 31 * DAY, bare.today - DAY)]
    assert names(bare, until=bare.today + 30 * DAY) == ["Quiet", "Heard"]


def test_the_first_plan_that_fits_holds_and_zero_leaves_out(bare):
    plans.save_plan(bare, None, name="Dormant", times_a_year=0, conditions=[["tags", "has", "dormant"]])
    plans.save_plan(bare, None, name="Key", times_a_year=52, conditions=[["tags", "has", "key"]])
    plans.save_plan(bare, None, name="Rest", times_a_year=1)
    account(bare, "Both", 500, tags="dormant, key")
    account(bare, "Key", 8, tags="key")
    account(bare, "Rest", 366)
    assert [(one.name, one.plan.name) for one in due.turns(bare)] == [("Key", "Key"), ("Rest", "Rest")]
    plans.move_plan(bare, plans.plans(bare)[1], -1)
    assert "Both" in names(bare)


def test_nobody_is_told_of_accounts_that_are_not_his(as_):
    rep, colleague = as_("rep"), as_("colleague")
    for one in plans.plans(rep):
        assert one.times_a_year
    account(rep, "Mine", 500, is_customer=True)
    assert names(rep) == ["Mine"] and names(colleague, owner=None) == []


def test_deleted_accounts_and_entries_do_not_count(bare):
    plans.save_plan(bare, None, name="All", times_a_year=4)
    gone, kept = account(bare, "Gone", 500), account(bare, "Kept", 500)
    parties.delete_account(bare, gone)
    entry = called(bare, kept, 1)
    assert names(bare) == []
    log.delete_activity(bare, entry)
    bare.session.flush()
    assert names(bare) == ["Kept"]


def test_days_are_those_of_the_reader(ctx):
    """A call at eight in the evening of the 9th in Berlin was made on the 10th in Auckland."""
    evening = datetime(2026, 3, 9, 19, tzinfo=UTC)
    for zone, day in (("Europe/Berlin", date(2026, 3, 9)), ("Pacific/Auckland", date(2026, 3, 10))):
        there = replace(ctx, now=evening + 100 * DAY, timezone=zone)
        one = account(there, f"In {zone}", 300, is_customer=True)
        log.log_activity(there, kind="call", body="Talked", account=one, happened_at=evening)
        assert [(row.last_on, row.due_on) for row in due.turns(there) if row.name == one.name] == [(day, day + 91 * DAY)]


@pytest.mark.parametrize(("given", "code"), [
    ({"name": " "}, "required"), ({"times_a_year": ""}, "required"), ({"times_a_year": 53}, "not_whole"), ({"times_a_year": "often"}, "not_whole"), ({"name": "customers"}, "name_taken_here"),
    ({"conditions": [["colour", "eq", "red"]]}, "unknown_field"), ({"conditions": [["last_contact", "null", "true"]]}, "plan_conditions"), ({"conditions": [["city", "eq", "a"]] * 6}, "too_many_items"),
])
def test_what_no_plan_can_say_is_refused(ctx, given, code):
    with pytest.raises(Refused) as refused:
        plans.save_plan(ctx, None, **{"name": "Fresh", "times_a_year": 4} | given)
    assert refused.value.code == code


def test_two_who_change_a_plan_at_once_meet_and_a_name_of_its_own_stays(ctx):
    plan = plans.plans(ctx)[0]
    version = plan.version
    plans.save_plan(ctx, plan, name="Clients", times_a_year=5, conditions=plan.conditions)
    assert (plan.code, plan.name) == (None, "Clients")
    with pytest.raises(Conflict):
        plans.save_plan(ctx, plan, name="Others", times_a_year=5, version=version)


def test_the_database_keeps_how_often(ctx):
    with pytest.raises(IntegrityError), ctx.session.begin_nested():
        ctx.session.execute(text("UPDATE contact_plan SET times_a_year = 53"))


def test_whoever_only_sells_changes_no_plan(as_):
    rep = as_("rep")
    with pytest.raises(Forbidden):
        plans.save_plan(rep, None, name="Fresh", times_a_year=4)
    with pytest.raises(Forbidden):
        plans.delete_plan(rep, plans.plans(rep)[0])
