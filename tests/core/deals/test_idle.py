"""Since when nothing has happened with a deal, and what counts as something."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from core.activities import actions as log
from core.base.context import Context
from core.base.facts import record
from core.deals import actions, moving, pipelines
from core.deals.idle import idle_since, last_contact
from core.deals.models import Deal
from core.identity.models import User
from core.parties import actions as parties


@pytest.fixture
def sold(ctx):
    """A deal of forty days ago with its account and person; somebody else at that account."""
    then = at(ctx, 40)
    account = parties.create_account(then, name="Idle Optik")
    ctx.session.flush()
    people = [parties.create_contact(then, name=name, account_id=account.id) for name in ("Sofie", "Other")]
    ctx.session.flush()
    return actions.create_deal(then, name="Idle", account_id=account.id, contact_id=people[0].id), account, people


def at(ctx: Context, ago: int) -> Context:
    return replace(ctx, now=ctx.now - timedelta(days=ago))


def days(ctx, deal) -> int:
    ctx.session.flush()
    return (ctx.now - ctx.session.execute(select(idle_since(ctx)).where(Deal.id == deal.id)).scalar_one()).days


def test_a_change_a_move_and_a_contact_with_its_person_count(ctx, sold):
    deal, account, (sofie, _) = sold
    assert days(ctx, deal) == 40
    actions.edit_deal(at(ctx, 30), deal, notes="Asked for drawings")
    assert days(ctx, deal) == 30
    log.log_activity(at(ctx, 20), kind="call", contact=sofie, body="Spoke")
    assert days(ctx, deal) == 20
    found = ctx.session.execute(select(last_contact(ctx)).where(Deal.id == deal.id)).scalar_one()
    assert (found["kind"], found["who"]) == ("call", ctx.actor.name)
    moving.move_deal(at(ctx, 10), deal, next(one.id for one in pipelines.ways(ctx)[0].stages if one.code == "qualified"))
    assert days(ctx, deal) == 10


def test_notes_others_and_the_clock_do_not(ctx, sold):
    deal, account, (_, other) = sold
    log.log_activity(at(ctx, 20), kind="call", contact=other, body="About something else")
    log.log_activity(at(ctx, 15), kind="note", account=account, body="A thought")
    record(at(ctx, 10), "quote.expired", account, about=(deal.id,), number="1")
    assert days(ctx, deal) == 40


def test_without_a_person_every_contact_with_the_account_counts(ctx, sold):
    deal, account, (_, other) = sold
    actions.edit_deal(at(ctx, 35), deal, contact_id=None)
    log.log_activity(at(ctx, 20), kind="visit", contact=other, body="Was there")
    assert days(ctx, deal) == 20


def test_whoever_reads_no_contact_log_is_told_of_none(ctx, sold):
    deal, _, (sofie, _) = sold
    log.log_activity(at(ctx, 20), kind="call", contact=sofie, body="Spoke")
    blind = replace(ctx, actor=replace(ctx.actor, permissions=frozenset({"deals.read"})))
    assert last_contact(blind) is None and days(blind, deal) == 40


def test_a_contact_with_an_account_that_the_actor_does_not_see_is_not_told(ctx, sold):
    """The deal is everybody's, its account is not: neither how nor when somebody spoke with it."""
    deal, account, _ = sold
    actions.edit_deal(at(ctx, 35), deal, contact_id=None)
    log.log_activity(at(ctx, 20), kind="visit", account=account, body="Was there")
    account.owner_id = ctx.session.execute(select(User.id).where(User.id != ctx.actor.id).limit(1)).scalar_one()
    ctx.session.flush()
    assert days(ctx, deal) == 20
    other = uuid4()
    blind = replace(ctx, actor=replace(ctx.actor, id=other, permissions=frozenset({"deals.read", "activities.read", "accounts.read"}), scopes={"accounts": ("own", "own"), "contacts": ("own", "own")}))
    assert days(blind, deal) == 35 and ctx.session.execute(select(last_contact(blind)).where(Deal.id == deal.id)).scalar_one() is None
