"""Each day's forecast is kept once and small, and later says what was expected and what came."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from sqlalchemy import func, select

from core.deals import actions, forecast_board, moving, pipelines, predictions, snapshots
from core.deals.forecast import Scope, figures, scoped, within
from core.deals.models import ForecastDay, ForecastLine
from core.deals.periods import Period
from core.products import rating
from tests.support.statements import counted

MAY = Period(date(2031, 5, 1))


def at(ctx, day, hour=12, zone="UTC"):
    return replace(ctx, now=datetime.fromisoformat(f"{day}T{hour:02}:00:00").replace(tzinfo=UTC), tenant=replace(ctx.tenant, timezone=zone))


def stage(ctx, code):
    return next(one for one in pipelines.ways(ctx)[0].stages if one.code == code).id


def deal(ctx, name, *, code="negotiation", **given):
    return actions.create_deal(ctx, name=name, stage_id=stage(ctx, code), **{"closes_on": "2031-05-20", "amount": 100, **given})


def lines(ctx):
    return ctx.session.execute(select(func.count()).select_from(ForecastLine)).scalar_one()


def test_a_day_is_kept_once_and_only_what_changed_makes_a_line(ctx):
    first, second = deal(ctx, "One"), deal(ctx, "Two")
    deal(ctx, "Lost", code="lost", loss_reason="Too dear")
    assert snapshots.keep_day(at(ctx, "2031-04-01")) and lines(ctx) == 2
    assert not snapshots.keep_day(at(ctx, "2031-04-01", 15)) and lines(ctx) == 2
    assert snapshots.keep_day(at(ctx, "2031-04-02")) and lines(ctx) == 2
    actions.edit_deal(ctx, first, amount=150)
    actions.delete_deal(ctx, second)
    ctx.session.flush()
    assert snapshots.keep_day(at(ctx, "2031-04-03")) and lines(ctx) == 3
    open_ = ctx.session.execute(select(ForecastLine.deal_id).where(ForecastLine.until_day.is_(None))).scalars().all()
    assert open_ == [first.id] and not snapshots.keep_day(at(ctx, "2031-03-01"))
    assert predictions.predicted(ctx, Scope(), date(2031, 4, 2), MAY).expected("commit").amount == 200
    assert predictions.predicted(ctx, Scope(), date(2031, 4, 3), MAY).expected("commit").amount == 150
    assert predictions.predicted(ctx, Scope(), date(2031, 4, 4), MAY) is None
    assert predictions.days(ctx, until=date(2031, 4, 30)) == (date(2031, 4, 1), date(2031, 4, 3))


def test_the_day_is_the_workspaces(ctx):
    deal(ctx, "One")
    snapshots.keep_day(at(ctx, "2031-04-01", 12, "Pacific/Kiritimati"))
    assert ctx.session.execute(select(ForecastDay.day)).scalar_one() == date(2031, 4, 2)


def test_keeping_takes_few_statements_however_many_deals(ctx):
    for number in range(40):
        deal(ctx, f"Deal {number}")
    ctx.session.flush()
    with counted() as sent:
        snapshots.keep_day(at(ctx, "2031-04-01"))
    assert len(sent) <= 5, sent


def test_what_was_kept_is_what_the_forecast_said_that_day(ctx):
    deal(ctx, "A"), deal(ctx, "B", code="new", amount=7), deal(ctx, "C", code="new", amount=9, forecast="best_case"), deal(ctx, "D", closes_on="2031-06-01")
    said = figures(ctx, [*scoped(ctx, Scope()), within(ctx, MAY)])[None]
    snapshots.keep_day(at(ctx, "2031-04-01"))
    kept = predictions.predicted(ctx, Scope(), date(2031, 4, 1), MAY)
    for word in ("commit", "best_case", "pipeline"):
        assert kept.expected(word).amount == said.amount(word) and kept.expected(word).number == said.numbers[word]


def test_what_came_of_it_is_told_by_what_became_of_each_deal(ctx):
    then = at(ctx, "2031-05-02")
    won, lost, late, still, gone, undated = (deal(then, name, amount=amount) for name, amount in (("Won", 10), ("Lost", 20), ("Late", 40), ("Still", 80), ("Gone", 160), ("Undated", 320)))
    snapshots.keep_day(then)
    now = at(ctx, "2031-05-10")
    moving.move_deal(now, won, stage(now, "won"))
    moving.move_deal(now, lost, stage(now, "lost"), loss_reason="Too dear")
    actions.edit_deal(now, late, closes_on="2031-06-10")
    forecast_board.put_into_period(now, undated, "none")
    actions.delete_deal(now, gone)
    surprise = deal(now, "Surprise", code="new", amount=5)
    moving.move_deal(now, surprise, stage(now, "won"))
    ctx.session.flush()
    found = predictions.predicted(now, Scope(), date(2031, 5, 2), MAY)
    assert {word: found.outcome(word).amount for word in predictions.OUTCOMES} == {"won": 10, "won_elsewhere": 0, "lost": 20, "slipped": 40, "open": 80, "undated": 320, "deleted": 160}
    assert (found.came.amount, found.came.number, found.unforeseen.amount) == (15, 2, 5) and found.outcome("slipped").days == 21
    assert found.expected("won", "commit").amount == 630 and found.accuracy == Decimal(1500) / 630
    (row,) = predictions.deals_of(now, Scope(), date(2031, 5, 2), MAY, "commit", "slipped")
    assert (row.name, row.slip, row.now_on) == ("Late", 21, date(2031, 6, 10))
    assert [one.name for one in predictions.deals_of(now, Scope(), date(2031, 5, 2), MAY, "", "deleted")] == [None]


def test_a_rate_that_changes_later_changes_nothing_that_was_expected(ctx):
    then = at(ctx, "2031-05-02")
    rating.add_currency(then, "USD")
    rating.store_rate(then, currency="USD", rate="2", day="2031-05-02")
    deal(then, "Abroad", amount=100, currency="USD")
    snapshots.keep_day(then)
    rating.store_rate(then, currency="USD", rate="4", day="2031-05-02")
    assert predictions.predicted(then, Scope(), date(2031, 5, 2), MAY).expected("commit").amount == 50
    assert figures(then, [*scoped(then, Scope()), within(then, MAY)])[None].amount("commit") == 25


def test_a_salesperson_looks_back_at_his_own_deals(as_):
    manager = as_("manager")
    rep = replace(as_("rep"), session=manager.session)
    deal(manager, "Theirs", amount=7000), deal(rep, "Mine", amount=30)
    day = date(2031, 4, 1)
    snapshots.keep_day(at(manager, "2031-04-01"))
    assert predictions.predicted(rep, Scope(), day, MAY).expected("commit").amount == 30
    assert [row.name for row in predictions.deals_of(rep, Scope(), day, MAY, "", "")] == ["Mine"]
    assert predictions.predicted(manager, Scope(people=frozenset((rep.actor.id,))), day, MAY).expected("commit").amount == 30
    assert predictions.predicted(manager, Scope(), day, MAY).expected("commit").amount == 7030
