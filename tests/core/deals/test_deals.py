"""Deals from their beginning to their end: what may be said of one, who sees it, what a stage asks for, and what is kept of each move."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from core.activities import queries as log
from core.base.errors import Conflict, Forbidden, NotFound, Refused
from core.deals import actions, moving, pipelines, queries, staging
from core.deals.models import DealStay
from core.parties import actions as parties
from core.views.filtering import Filters

NOBODY = UUID("7a1f0c52-6f0e-4c0b-9d7e-3b8f2a5e9c11")


@pytest.fixture
def stage(ctx):
    """Code of a stage of the starter pipeline -> the stage."""
    return {one.code: one for one in pipelines.working(ctx)[0].stages}


def intervals(ctx, deal):
    query = select(DealStay.stage_id, DealStay.entered_at, DealStay.left_at).where(DealStay.deal_id == deal.id)
    return list(ctx.session.execute(query.order_by(DealStay.left_at.asc().nulls_last(), DealStay.id)))


def test_only_a_name_is_needed(ctx, stage):
    deal = actions.create_deal(ctx, name="Trays")
    assert (deal.state, deal.stage_id, deal.currency, deal.owner_id) == ("open", stage["new"].id, ctx.tenant.currency, ctx.actor.id)
    assert [row.left_at for row in intervals(ctx, deal)] == [None]


@pytest.mark.parametrize(("given", "code"), [
    ({"amount": "-1"}, "amount_negative"), ({"amount": "ten"}, "not_an_amount"), ({"probability": "101"}, "not_whole"), ({"closes_on": "soon"}, "not_a_date"), ({"currency": "EURO"}, "not_a_currency"),
    ({"next_step": "Call"}, "next_step_needs_day"), ({"account_id": NOBODY}, "account_unknown"), ({"contact_id": NOBODY}, "contact_unknown"), ({"stage_id": NOBODY}, "stage_unknown"),
    ({"pipeline_id": NOBODY}, "pipeline_unknown"), ({"owner_id": NOBODY}, "owner_unknown"), ({"colour": "red"}, "unknown_field"), ({"name": " "}, "required"),
])
def test_what_no_deal_can_say_is_refused(ctx, given, code):
    with pytest.raises(Refused) as refused:
        actions.create_deal(ctx, **{"name": "Trays"} | given)
    assert refused.value.code == code


def test_a_lost_deal_says_why_also_to_the_database(ctx, stage):
    deal = actions.create_deal(ctx, name="Trays")
    with pytest.raises(Refused) as refused:
        moving.move_deal(ctx, deal, stage["lost"].id)
    assert refused.value.code == "loss_reason_needed"
    moving.move_deal(ctx, deal, stage["lost"].id, loss_reason="Too dear")
    assert (deal.state, deal.loss_reason, deal.closed_at) == ("lost", "Too dear", ctx.now)
    with pytest.raises(IntegrityError), ctx.session.begin_nested():
        ctx.session.execute(text("UPDATE deal SET loss_reason = NULL WHERE id = :id"), {"id": deal.id})


def test_no_deal_is_won_in_a_stage_of_the_lost(ctx, stage):
    deal = actions.create_deal(ctx, name="Trays")
    with pytest.raises(IntegrityError), ctx.session.begin_nested():
        ctx.session.execute(text("UPDATE deal SET state = 'won', closed_at = now() WHERE id = :id"), {"id": deal.id})


def test_a_stage_says_what_it_asks_for_also_where_it_is_passed_over(ctx, stage):
    staging.change_stage(ctx, stage["qualified"], criteria=["amount", "closes_on"])
    deal = actions.create_deal(ctx, name="Trays")
    with pytest.raises(Refused) as refused:
        moving.move_deal(ctx, deal, stage["won"].id)
    assert refused.value.code == "stage_asks"
    assert refused.value.params == {"stage": "Qualified", "missing": "Amount, Expected close"}
    moving.move_deal(ctx, deal, stage["qualified"].id)
    actions.edit_deal(ctx, deal, amount="1200.50", closes_on="2027-01-31")
    assert moving.move_deal(ctx, deal, stage["won"].id).state == "won"


def test_going_back_and_losing_ask_for_nothing(ctx, stage):
    deal = actions.create_deal(ctx, name="Trays", stage_id=stage["proposal"].id)
    staging.change_stage(ctx, stage["proposal"], criteria=["amount"])
    staging.change_stage(ctx, stage["new"], criteria=["amount"])
    assert moving.move_deal(ctx, deal, stage["new"].id).stage_id == stage["new"].id
    assert moving.move_deal(ctx, deal, stage["lost"].id, loss_reason="No budget").state == "lost"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(("new", "qualified", "proposal", "negotiation", "won", "lost")), st.integers(0, 90_000)), max_size=12))
def test_back_and_forth_leaves_no_gap_and_no_overlap(ctx, stage, moves):
    from dataclasses import replace

    deal, at = actions.create_deal(ctx, name="Trays"), ctx.now
    for code, seconds in moves:
        at += timedelta(seconds=seconds)
        moving.move_deal(replace(ctx, now=at), deal, stage[code].id, loss_reason="Gone")
    rows = intervals(ctx, deal)
    assert rows[0].entered_at == ctx.now and rows[-1].left_at is None and rows[-1].stage_id == deal.stage_id
    assert [row.left_at for row in rows[:-1]] == [row.entered_at for row in rows[1:]]
    assert all(row.left_at >= row.entered_at for row in rows[:-1]) and deal.stage_since == rows[-1].entered_at
    steps = [code for number, (code, _) in enumerate(moves) if code != (moves[number - 1][0] if number else "new")]
    assert [row.stage_id for row in rows] == [stage[code].id for code in ("new", *steps)]


def test_the_database_keeps_one_open_interval(ctx, stage):
    deal = actions.create_deal(ctx, name="Trays")
    with pytest.raises(IntegrityError), ctx.session.begin_nested():
        ctx.session.add(DealStay(deal_id=deal.id, stage_id=stage["won"].id, entered_at=ctx.now))
        ctx.session.flush()


def test_a_move_is_taken_back_unless_something_happened_since(ctx, stage):
    deal = actions.create_deal(ctx, name="Trays")
    moving.move_deal(ctx, deal, stage["proposal"].id)
    seen = deal.version
    assert moving.move_back(ctx, deal, version=seen).stage_id == stage["new"].id
    with pytest.raises(Conflict):
        moving.move_back(ctx, deal, version=seen)
    with pytest.raises(Conflict):
        moving.move_deal(ctx, deal, stage["won"].id, version=seen)


def test_what_is_older_than_its_record_keeps_its_days(ctx, stage):
    began, closed = datetime(2025, 3, 1, tzinfo=UTC), datetime(2025, 5, 2, tzinfo=UTC)
    deal = actions.create_deal(ctx, name="Old", stage_id=stage["won"].id, amount="10", began_at=began, closed_at=closed)
    assert (deal.state, deal.closed_at) == ("won", closed)
    assert [(row.entered_at, row.left_at) for row in intervals(ctx, deal)] == [(began, closed), (closed, None)]


def test_each_sees_his_own_and_a_reader_changes_nothing(as_):
    with_rep = as_("rep")
    deal = actions.create_deal(with_rep, name="Mine", amount="5")
    assert queries.one_deal(with_rep, deal.id) is deal


def test_a_colleague_does_not_find_it(house_pair):
    mine, other, reader = house_pair
    with other() as ctx:
        assert "Hers" not in [row.name for row in queries.deals(ctx).rows]
        with pytest.raises(NotFound):
            queries.one_deal(ctx, mine)
        assert queries.sums(ctx) == []
    with reader() as ctx:
        deal = queries.one_deal(ctx, mine)
        with pytest.raises(Forbidden):
            actions.edit_deal(ctx, deal, name="Other")


@pytest.fixture
def house_pair(world):
    with world.acme.ctx("rep") as ctx:
        key = actions.create_deal(ctx, name="Hers", amount="5").id
    return key, lambda: world.acme.ctx("colleague"), lambda: world.acme.ctx("reader")


def test_an_accounts_timeline_tells_of_a_deal_only_to_who_may_open_it(world):
    with world.acme.ctx("rep") as ctx:
        account = parties.create_account(ctx, name="Shared", owner_id=None)
        ctx.session.flush()
        actions.create_deal(ctx, name="Whispered", account_id=account.id)
        assert "Whispered" in str([row.params for row in log.timeline(ctx, account).entries])
        key = account.id
    with world.acme.ctx("colleague") as ctx:
        from core.parties.queries import one_account

        assert "Whispered" not in str([row.params for row in log.timeline(ctx, one_account(ctx, key)).entries])


def test_the_sum_is_the_same_by_currency_and_weighted_by_the_stage_or_its_own_word(ctx, stage):
    actions.create_deal(ctx, name="A", amount="100", currency="EUR", stage_id=stage["proposal"].id)
    actions.create_deal(ctx, name="B", amount="50", currency="EUR", probability="20")
    actions.create_deal(ctx, name="C", amount="7", currency="USD")
    found = {one.currency: (one.amount, one.weighted, one.number) for one in queries.sums(ctx)}
    assert found == {"EUR": (Decimal(150), Decimal(70), 2), "USD": (Decimal(7), Decimal("0.7"), 1)}
    assert [row.name for row in queries.deals(ctx, Filters(where=(("probability", "lte", "20"),))).rows] == ["B", "C"]


def test_a_merge_moves_the_deals(ctx):
    from core.merging import running

    kept, gone = (parties.create_account(ctx, name=name) for name in ("Kept", "Gone"))
    ctx.session.flush()
    deal = actions.create_deal(ctx, name="Trays", account_id=gone.id)
    running.merge(ctx, "account", kept.id, [gone.id])
    ctx.session.refresh(deal)
    assert deal.account_id == kept.id


def test_pipelines_are_arranged_by_who_may(ctx, as_, stage):
    row = pipelines.create_pipeline(ctx, name="Renewals")
    added = staging.add_stage(ctx, row, name="Asked", probability="40", colour="cyan", stale_after="10")
    assert [pipelines.called(one, "es") for one in pipelines.one_way(ctx, row.id).stages] == ["Consulta", "Asked", "Ganada", "Cerrada y perdida"]
    staging.move_stage(ctx, added, -1)
    assert [one.name for one in pipelines.one_way(ctx, row.id).stages] == ["Asked", "Enquiry", "Won", "Closed lost"]
    with pytest.raises(Refused) as refused:
        staging.remove_stage(ctx, next(one for one in pipelines.one_way(ctx, row.id).stages if one.kind == "won"))
    assert refused.value.code == "stage_needed"
    staging.remove_stage(ctx, added)
    pipelines.archive_pipeline(ctx, row)
    with pytest.raises(Refused) as refused:
        pipelines.archive_pipeline(ctx, pipelines.ways(ctx)[0].row)
    assert refused.value.code == "pipeline_last"


def test_a_salesperson_does_not_arrange_them(as_):
    with pytest.raises(Forbidden):
        pipelines.create_pipeline(as_("rep"), name="Mine")


def test_a_pipeline_of_a_team_is_worked_in_by_the_team(world):
    from core.identity import teams

    with world.acme.ctx("owner") as ctx:
        team = teams.create_team(ctx, name="South")
        ctx.session.flush()
        teams.put_member(ctx, team, world.acme.users["rep"].id)
        row = pipelines.create_pipeline(ctx, name="South only")
        pipelines.change_pipeline(ctx, row, team_ids=[team.id])
        key = row.id
    with world.acme.ctx("rep") as ctx:
        assert actions.create_deal(ctx, name="There", pipeline_id=key).pipeline_id == key
    with world.acme.ctx("colleague") as ctx, pytest.raises(Refused) as refused:
        actions.create_deal(ctx, name="There", pipeline_id=key)
    assert refused.value.code == "pipeline_unknown"


@pytest.mark.parametrize("down", [False, True], ids=["up", "down"])
def test_every_column_sorts_both_ways_page_by_page(ctx, stage, down):
    from core.deals.columns import COLUMNS, UNSORTED

    for number in range(14):
        actions.create_deal(ctx, name=f"Row {number}", amount=None if number % 4 else number, stage_id=list(stage.values())[number % 5].id, probability=None if number % 3 else 40, closes_on=None if number % 5 else "2027-01-01", source=None if number % 2 else "Fair")
    for name in (one for one in COLUMNS if one not in UNSORTED):
        page = queries.deals(ctx, sort=f"-{name}" if down else name, chosen=[name], limit=5)
        rows = list(page.rows)
        while page.next:
            page = queries.deals(ctx, sort=f"-{name}" if down else name, chosen=[name], limit=5, cursor=page.next)
            rows += page.rows
        assert len({row.id for row in rows}) == len(rows) == 14, name


def test_who_leaves_hands_his_open_deals_over_and_gets_them_back(world):
    from core.handover import giving, leaving
    from core.handover import queries as handovers

    with world.acme.ctx("colleague") as ctx:
        deal = actions.create_deal(ctx, name="Goes along").id
        shut = actions.create_deal(ctx, name="Stays", stage_id=next(one.id for one in pipelines.ways(ctx)[0].stages if one.kind == "won")).id
    with world.acme.ctx("owner") as ctx:
        done = leaving.hand_over(ctx, world.acme.users["colleague"], world.acme.users["rep"].id)
        assert done.counts[str(world.acme.users["rep"].id)]["deals"] == 1
        assert queries.one_deal(ctx, deal).owner_id == world.acme.users["rep"].id and queries.one_deal(ctx, shut).owner_id == world.acme.users["colleague"].id
        ctx.session.flush()
        key = done.id
    with world.acme.ctx("owner") as ctx:
        giving.start_undo(ctx, handovers.one(ctx, key))
    with world.acme.ctx("owner") as ctx:
        assert queries.one_deal(ctx, deal).owner_id == world.acme.users["colleague"].id


def test_the_workspaces_reasons_are_offered_and_a_deal_keeps_its_words(ctx, as_):
    from core.deals import reasons

    row = reasons.add_reason(ctx, "Too dear")
    assert pipelines.ways(ctx)[0].reasons == ("Too dear",)
    for wrong in ("too DEAR", " ", "x" * 101):
        with pytest.raises(Refused):
            reasons.add_reason(ctx, wrong)
    lost = next(one for one in pipelines.ways(ctx)[0].stages if one.kind == "lost")
    deal = actions.create_deal(ctx, name="Trays", stage_id=lost.id, loss_reason="Too dear")
    reasons.remove_reason(ctx, row.id)
    assert pipelines.ways(ctx)[0].reasons == () and deal.loss_reason == "Too dear"
    with pytest.raises(Forbidden):
        reasons.add_reason(as_("rep"), "No budget")
