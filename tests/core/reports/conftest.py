"""People whose reports are read, a day's work of one of them, and a report that he handed in."""

from datetime import timedelta
from uuid import uuid4

import pytest

from core.activities import actions as log
from core.deals import actions as deals
from core.deals import moving, pipelines
from core.identity import teams
from core.leads import actions as leads
from core.leads import judging
from core.parties import actions as parties
from core.quotes import drafting, lining, sending
from core.reports import actions
from core.reports.rules import span_of
from tests.support.world import House

CAST = {"owner": "admin", "manager": "manager", "lead": "team_lead", "rep": "sales", "colleague": "sales", "reader": "reader"}


@pytest.fixture
def house(app):
    made = House(f"rp-{uuid4().hex[:8]}", CAST)
    with made.ctx("owner") as ctx:
        team = teams.create_team(ctx, name="North")
        teams.put_member(ctx, team, made.users["lead"].id, leads=True)
        teams.put_member(ctx, team, made.users["rep"].id)
    return made


def today(ctx):
    return span_of(ctx.today, "day")


def stage(ctx, kind):
    return next(one for one in pipelines.ways(ctx)[0].stages if one.kind == kind)


def work(ctx):
    """A day's work: a call, a visit with a promise, a deal won, one begun, a quote, a lead, a next step."""
    account = parties.create_account(ctx, name="Nordlicht")
    log.log_activity(ctx, kind="call", account=account, body="Asked for trays")
    log.log_activity(ctx, kind="visit", account=account, body="Saw the kitchen", next_contact=ctx.today + timedelta(days=1), next_contact_kind="promise", next_contact_note="Send the samples")
    log.log_activity(ctx, kind="note", account=account, body="Likes tea")
    won = deals.create_deal(ctx, name="Forty trays", account_id=account.id, amount="4800")
    moving.move_deal(ctx, won, stage(ctx, "won").id)
    deals.create_deal(ctx, name="Ovens", account_id=account.id, amount="900", next_step="Measure", next_step_on=ctx.today)
    quote = drafting.create_quote(ctx, name="Trays", account_id=account.id)
    lining.save_lines(ctx, quote, [{"name": "Tray", "unit_price": "12"}])
    sending.send_quote(ctx, quote)
    lead = leads.create_lead(ctx, name="Anna", mail="anna@lead.example", owner_id=ctx.actor.id)
    judging.judge(ctx, lead, "accepted")
    return account


def told(content):
    return sorted((one.line.section, one.line.what, one.name) for one in content.lines)


def handed(house, who="rep", **given):
    with house.ctx(who) as ctx:
        work(ctx)
        return actions.hand_in(ctx, today(ctx), **given).id
