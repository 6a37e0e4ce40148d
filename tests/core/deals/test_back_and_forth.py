"""A deal's way through the stages: moved, taken back and opened again, by hosts whose clocks differ, it was in one stage at every moment since it began."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from core.base.errors import Conflict
from core.deals import actions, moving, pipelines
from core.deals.models import DealStay

CODES = ("new", "qualified", "proposal", "negotiation", "won", "lost")
STEPS = st.lists(st.tuples(st.sampled_from((*CODES, "back", "back")), st.integers(-3_600, 90_000)), min_size=1, max_size=14)


def stays(ctx, deal):
    query = select(DealStay.stage_id, DealStay.entered_at, DealStay.left_at).where(DealStay.deal_id == deal.id)
    return list(ctx.session.execute(query.order_by(DealStay.left_at.asc().nulls_last(), DealStay.id)))


def stage_at(ctx, deal, moment):
    """Of how many intervals a moment is part, as whoever asks the past would ask."""
    query = select(func.count()).where(DealStay.deal_id == deal.id, DealStay.entered_at <= moment, (DealStay.left_at > moment) | DealStay.left_at.is_(None))
    return ctx.session.execute(query).scalar_one()


@settings(max_examples=12, deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_at_every_moment_it_is_in_one_stage_whatever_is_moved_and_taken_back(ctx, steps):
    codes = {one.code: one.id for one in pipelines.ways(ctx)[0].stages}
    deal, at, expected, moments = actions.create_deal(ctx, name="Trays"), ctx.now, [codes["new"]], [ctx.now]
    for code, seconds in steps:
        at += timedelta(seconds=seconds)
        there, target = replace(ctx, now=at), codes.get(code, expected[-2] if len(expected) > 1 else None)
        try:
            moving.move_back(there, deal, version=deal.version) if code == "back" else moving.move_deal(there, deal, target, loss_reason="Gone")
        except Conflict:
            assert code == "back" and len(expected) == 1, "nothing was moved yet"
            continue
        moments.append(deal.stage_since)
        expected += [target] if target != expected[-1] else []
        assert (deal.state == "open") == (deal.closed_at is None) and deal.stage_id == expected[-1]
    rows = stays(ctx, deal)
    assert [row.stage_id for row in rows] == expected
    assert [row.left_at for row in rows] == [*(row.entered_at for row in rows[1:]), None] and rows[0].entered_at == ctx.now
    assert all(row.left_at is None or row.left_at >= row.entered_at for row in rows) and deal.stage_since == rows[-1].entered_at
    assert {stage_at(ctx, deal, moment + timedelta(seconds=n)) for moment in moments for n in (0, 1)} == {1} and stage_at(ctx, deal, ctx.now - timedelta(seconds=1)) == 0
