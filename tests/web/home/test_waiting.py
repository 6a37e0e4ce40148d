"""Today shows what else waits: steps that are due, quotes that run out, customers from whom nothing was heard; of one's own alone, by one statement."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from core.activities import actions as log
from core.activities.models import Activity
from core.briefs import day
from core.deals import actions as deals
from core.parties import actions as parties
from core.quotes import drafting, lining, sending
from tests.support.statements import counted

NOW = datetime(2026, 3, 24, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def filled(world):
    with world.acme.ctx("rep", now=NOW) as ctx:
        accounts = {name: parties.create_account(ctx, name=name, is_customer=customer) for name, customer in (("Silent", True), ("Spoken", True), ("Planned", True), ("No customer", False))}
        ctx.session.flush()
        for name, account in accounts.items():
            entry = log.log_activity(ctx, kind="call", account=account, body="x", **({"next_contact": NOW.date() + timedelta(days=3)} if name == "Planned" else {}))
            ctx.session.flush()
            ctx.session.execute(update(Activity).where(Activity.id == entry.id).values(happened_at=NOW - timedelta(days=59 if name == "Spoken" else 61)))
        for name, ahead in (("Overdue step", -2), ("Step of today", 0), ("Step to come", 1)):
            deals.create_deal(ctx, name=name, next_step="Call", next_step_on=(NOW.date() + timedelta(days=ahead)).isoformat())
        for name, ahead in (("Runs out", 7), ("Holds", 8)):
            quote = drafting.create_quote(ctx, name=name, account_id=accounts["Spoken"].id)
            lining.save_lines(ctx, quote, [{"name": "Tray", "unit_price": "5"}])
            sending.send_quote(ctx, quote, valid_until=(NOW.date() + timedelta(days=ahead)).isoformat())
    return accounts


def test_what_is_due_runs_out_or_is_silent_waits_in_one_statement(world, filled):
    with world.acme.ctx("rep", now=NOW) as ctx:
        with counted() as sent:
            rows = day.waiting_and_recent(ctx)[0]
        assert len(sent) == 1
        assert [(row.kind, row.name) for row in rows] == [("step", "Overdue step"), ("step", "Step of today"), ("quote", "Runs out"), ("silent", "Silent")]
        assert rows[-1].on == (NOW - timedelta(days=61)).date()


def added(ctx, name, days, **given):
    """An account of the actor's that was added so long ago."""
    row = parties.create_account(ctx, name=name, owner_id=ctx.actor.id, **{"is_customer": True, **given})
    row.created_at = NOW - timedelta(days=days)
    ctx.session.flush()
    return row


def test_a_customer_with_whom_nobody_ever_spoke_waits_from_the_day_it_was_added(world, filled):
    with world.acme.ctx("rep", now=NOW) as ctx:
        added(ctx, "Never", 61)
        added(ctx, "Young", 59)
        added(ctx, "No customer yet", 90, is_customer=False)
        log.log_activity(ctx, kind="note", account=added(ctx, "Planned first", 90), body="x", next_contact=NOW.date() + timedelta(days=3))
        log.log_activity(ctx, kind="call", account=added(ctx, "Spoken now", 90), body="x", happened_at=NOW - timedelta(days=1))
        with counted() as sent:
            rows = day.waiting_and_recent(ctx)[0]
        assert len(sent) == 1
        assert [(row.name, row.on) for row in rows if row.kind == "never"] == [("Never", (NOW - timedelta(days=61)).date())]
        assert [row.name for row in rows if row.kind == "silent"] == ["Silent"]
        assert [(row.name, row.of) for row in day.counted(ctx, 10) if row.kind == "never"] == [("Never", 1)]
        ctx.session.rollback()


def test_the_day_says_in_words_that_nobody_ever_spoke_with_a_customer(world):
    with world.acme.ctx("colleague") as ctx:
        row = parties.create_account(ctx, name="Forgotten trays", is_customer=True)
        row.created_at = ctx.now - timedelta(days=70)
    page = world.browser("colleague").get("/").text
    assert "Forgotten trays" in page and "Never contacted, added on" in page


def test_others_things_wait_for_others_and_rooms_that_are_not_ones_own_are_absent(world, filled):
    with world.acme.ctx("manager", now=NOW) as ctx:
        assert day.waiting_and_recent(ctx)[0] == []
    with world.acme.ctx("rep", now=NOW) as ctx:
        object.__setattr__(ctx.actor, "permissions", ctx.actor.permissions - {"deals.read", "activities.read"})
        assert [row.kind for row in day.waiting_and_recent(ctx)[0]] == ["quote"]


def test_the_day_shows_them_and_each_leads_to_its_record(world):
    with world.acme.ctx("colleague") as ctx:
        deal = deals.create_deal(ctx, name="Forty trays", next_step="Call Sofie", next_step_on=(ctx.today - timedelta(days=1)).isoformat())
        ctx.session.flush()
        key = deal.id
    page = world.browser("colleague").get("/").text
    assert "Also waiting" in page and f'href="/deals/{key}"' in page and "Call Sofie" in page
    assert f'href="/deals/{key}"' not in world.browser("manager").get("/").text
