"""The column that says for how many days deals have been stalled, and what it is filtered by."""

import io
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from core.activities import actions as log
from core.base.context import Context
from core.deals import actions, moving, pipelines, queries
from core.deals.models import DealStage
from core.identity.models import User
from core.parties import actions as parties
from core.parties.models import Account
from core.transfer import wanted
from core.transfer.exporting import Shape
from core.views.filtering import Filters
from core.views.grouping import groupable
from core.views.totals import totals
from tests.support.statements import counted

LIMIT = 14


@pytest.fixture
def deals(ctx):
    """By name: deals of forty, thirty and of twenty days ago, one of which somebody was in touch with since, and one of today; their first stage calls them stalled
    after two weeks."""
    pipelines.ways(ctx)
    ctx.session.execute(update(DealStage).where(DealStage.kind == "open").values(stale_after=LIMIT))
    account = parties.create_account(at(ctx, 40), name="Stalled Optik")
    ctx.session.flush()
    found = {name: actions.create_deal(at(ctx, ago), name=name, account_id=account.id if name == "Touched" else None) for name, ago in (("Forty", 40), ("Thirty", 30), ("Touched", 20), ("New", 0))}
    ctx.session.flush()
    log.log_activity(at(ctx, 3), kind="call", account=account, body="Spoke")
    ctx.session.flush()
    return found


def at(ctx: Context, ago: int) -> Context:
    return replace(ctx, now=ctx.now - timedelta(days=ago))


def shown(ctx, *where, sort="name"):
    ctx.session.flush()
    return {row.name: row.stalled_days for row in queries.deals(ctx, Filters(where=where), sort=sort, chosen=("stalled_days",)).rows if row.name in ("Forty", "Thirty", "Touched", "New")}


def test_only_what_is_marked_says_for_how_long(ctx, deals):
    assert shown(ctx) == {"Forty": 40, "Thirty": 30, "Touched": None, "New": None}


def test_it_is_filtered_and_sorted_by(ctx, deals):
    assert shown(ctx, ("stalled_days", "gte", "30")) == {"Forty": 40, "Thirty": 30} == shown(ctx, ("stalled_days", "null", "false"))
    assert shown(ctx, ("stalled_days", "gt", "30")) == {"Forty": 40} == shown(ctx, ("stalled_days", "eq", "40"))
    assert set(shown(ctx, ("stalled_days", "lt", "40"))) == {"Thirty"} and set(shown(ctx, ("stalled_days", "null", "true"))) == {"Touched", "New"}
    assert list(shown(ctx, sort="-stalled_days"))[:2] == ["Forty", "Thirty"] and list(shown(ctx, sort="stalled_days"))[:2] == ["Thirty", "Forty"]


def test_a_deal_that_ended_or_whose_stage_says_nothing_is_never_stalled(ctx, deals):
    won = next(one.id for one in pipelines.ways(ctx)[0].stages if one.kind == "won")
    moving.move_deal(at(ctx, 39), deals["Forty"], won)
    ctx.session.execute(update(DealStage).where(DealStage.kind == "open").values(stale_after=None))
    assert set(shown(ctx).values()) == {None} and shown(ctx, ("stalled_days", "null", "false")) == {}


def test_whoever_does_not_see_a_contact_is_not_told_of_it_by_the_column(ctx, deals):
    """The account is a colleague's: that somebody was in touch with it is told by neither the column nor the filter."""
    account = ctx.session.get_one(Account, deals["Touched"].account_id)
    account.owner_id = ctx.session.execute(select(User.id).where(User.id != ctx.actor.id).limit(1)).scalar_one()
    ctx.session.flush()
    rights = {"permissions": frozenset({"deals.read", "activities.read", "accounts.read"}), "scopes": {"accounts": ("own", "own"), "contacts": ("own", "own")}}
    blind = replace(ctx, actor=replace(ctx.actor, id=uuid4(), **rights))
    assert shown(blind)["Touched"] == 20 and set(shown(blind, ("stalled_days", "eq", "20"))) == {"Touched"}
    logless = replace(ctx, actor=replace(ctx.actor, id=uuid4(), permissions=frozenset({"deals.read"})))
    assert shown(logless)["Touched"] == 20


def test_a_list_that_does_not_show_it_asks_for_nothing_and_one_that_does_takes_no_statement_more(ctx, deals):
    ctx.session.flush()
    pipelines.ways(ctx)
    with counted() as without:
        queries.deals(ctx, chosen=("amount",))
    with counted() as with_it:
        queries.deals(ctx, chosen=("amount", "stalled_days"))
    assert len(without) == len(with_it) and not any("fact_subject" in one for one in without) and any("fact_subject" in one for one in with_it)


def test_no_list_is_grouped_by_it_and_it_adds_up_to_nothing(ctx, deals):
    assert "stalled_days" not in groupable(ctx, "deals") and not totals(ctx, "deals", Filters(), ("stalled_days",)).whole


def test_a_file_of_a_view_has_it_and_the_whole_file_looks_nothing_up(ctx, deals):
    file = io.BytesIO()
    wanted.take_out(ctx, wanted.Wanted("deals", Filters(where=(("stalled_days", "gte", "30"),)), None, Shape("csv", ("stalled_days", "my_share"))), file)
    lines = file.getvalue().decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Name,Stalled for (days),My share") and [line.split(",")[:2] for line in lines[1:]] == [["Forty", "40"], ["Thirty", "30"]]
    with counted() as asked:
        wanted.take_out(ctx, wanted.Wanted("deals", Filters(), None, Shape("csv", None)), io.BytesIO())
    assert asked and not any("fact_subject" in one for one in asked if one.startswith("SELECT"))
