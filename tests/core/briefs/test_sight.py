"""Today and advice say nothing of entries about people out of the reader's sight."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from core.activities import actions as log
from core.briefs import advising, day
from core.parties import actions as parties
from tests.support.world import House


@pytest.fixture
def house(app):
    return House(f"bs-{uuid4().hex[:8]}")


def narrowed(ctx):
    """The same person, who sees only his own contacts."""
    return replace(ctx, actor=replace(ctx.actor, scopes={"contacts": ("own", "own")}))


def spoken(ctx, house, *, days, **more):
    """A customer of the manager's and a colleague's contact there, spoken to so long ago."""
    account = parties.create_account(ctx, name="Buyer", owner_id=house.users["manager"].id, is_customer=True)
    person = parties.create_contact(ctx, name="Inga", account_id=account.id, owner_id=house.users["rep"].id)
    entry = log.log_activity(ctx, kind="call", contact=person, body="x", **more)
    entry.happened_at = ctx.now - timedelta(days=days)
    entry.owner_id, entry.account_id = house.users["rep"].id, account.id
    ctx.session.flush()
    return account, entry


def test_who_was_silent_is_told_by_what_the_reader_sees(house):
    with house.ctx("owner") as ctx:
        spoken(ctx, house, days=90)
    with house.ctx("manager") as ctx:
        assert [row.name for row in day.waiting_and_recent(ctx)[0] if row.kind == "silent"] == ["Buyer"]
        assert [row.name for row in day.waiting_and_recent(narrowed(ctx))[0] if row.kind == "silent"] == []


def test_a_plan_with_a_person_out_of_sight_silences_nothing(house):
    with house.ctx("owner") as ctx:
        account, _ = spoken(ctx, house, days=5, next_contact=str(ctx.today + timedelta(days=3)))
        log.log_activity(ctx, kind="call", account=account, body="y").happened_at = ctx.now - timedelta(days=90)
    with house.ctx("manager") as ctx:
        assert [row.name for row in day.waiting_and_recent(ctx)[0] if row.kind == "silent"] == []
        assert [row.name for row in day.waiting_and_recent(narrowed(ctx))[0] if row.kind == "silent"] == ["Buyer"]


def test_a_broken_promise_to_a_person_out_of_sight_is_no_reason(house):
    with house.ctx("owner") as ctx:
        account, entry = spoken(ctx, house, days=5, next_contact=str(ctx.today + timedelta(days=1)))
        entry.next_contact_kind, entry.next_contact_on = "promise", ctx.today - timedelta(days=2)
    with house.ctx("manager") as ctx:
        assert advising.for_account(ctx, account.id).case.broken == 1
        assert advising.for_account(narrowed(ctx), account.id).case.broken == 0
