"""How deals go through the stages: also those that go back, are opened again, and stages that are called otherwise now."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from core.deals import actions, moving, pipelines, staging
from core.deals.forecast import Scope
from core.deals.periods import Period
from core.deals.stage_report import COUNTS, deals_in, stages_of
from tests.support.statements import counted

YEAR = Period(date(2031, 1, 1), "year")
START = datetime(2031, 3, 1, 12, tzinfo=UTC)


def stage(ctx, code):
    return next(one for one in pipelines.ways(ctx)[0].stages if one.code == code).id


def walk(ctx, name, *codes, every=2):
    """A deal that stands so many days in each of the stages, in this order."""
    made = actions.create_deal(replace(ctx, now=START), name=name, amount=100, stage_id=stage(ctx, codes[0]))
    for number, code in enumerate(codes[1:], 1):
        moving.move_deal(replace(ctx, now=START + timedelta(days=every * number)), made, stage(ctx, code), loss_reason="Too dear" if code == "lost" else None)
    return made


def report(ctx, days=20):
    then = replace(ctx, now=START + timedelta(days=days))
    return then, {code: found for code in ("new", "qualified", "proposal", "negotiation") if (found := stages_of(then, Scope(), YEAR).get(stage(ctx, code)))}


def test_each_stage_says_how_many_came_in_went_on_were_won_and_lost_and_how_long_they_stood(ctx):
    walk(ctx, "Won", "new", "qualified", "won"), walk(ctx, "Lost", "new", "lost", every=4), walk(ctx, "There", "new")
    _, found = report(ctx)
    new, qualified = found["new"], found["qualified"]
    assert (new.entered, new.went_on, new.won, new.lost, new.here) == (3, 1, 1, 1, 1) and (qualified.entered, qualified.went_on, qualified.won) == (1, 1, 1)
    assert abs(float(new.days) - (2 + 4 + 20) / 3) < 0.001
    assert float(new.median) == 4 and float(qualified.days) == 2 and "proposal" not in found


def test_a_deal_that_goes_back_and_forth_counts_once_with_all_its_days(ctx):
    walk(ctx, "Restless", "new", "qualified", "new", "qualified", "proposal")
    _, found = report(ctx)
    assert [(found[code].entered, float(found[code].days), found[code].went_on) for code in ("new", "qualified")] == [(1, 4, 1), (1, 4, 1)] and found["proposal"].here == 1


def test_one_that_began_late_and_fell_back_did_not_go_on(ctx):
    walk(ctx, "Fallen", "proposal", "new")
    _, found = report(ctx)
    assert (found["new"].went_on, found["proposal"].went_on) == (0, 0)


def test_a_deal_opened_again_is_no_longer_lost_and_a_renamed_stage_keeps_its_past(ctx):
    walk(ctx, "Again", "new", "lost", "new")
    staging.change_stage(ctx, staging.one_stage(ctx, stage(ctx, "new")), probability=20)
    _, found = report(ctx)
    assert (found["new"].entered, found["new"].lost, found["new"].here, float(found["new"].days)) == (1, 0, 1, 18)


def test_figures_open_the_deals_that_they_count_in_their_period_alone(ctx):
    walk(ctx, "Won", "new", "qualified", "won"), walk(ctx, "There", "new")
    then, found = report(ctx)
    for code, line in found.items():
        for name in COUNTS:
            assert len(deals_in(then, Scope(), YEAR, stage(ctx, code), name)) == getattr(line, name)
    assert stages_of(then, Scope(), Period(date(2031, 4, 1))) == {} and stage(ctx, "new") in stages_of(then, Scope(), Period(date(2031, 3, 1)))


def test_a_salesperson_is_told_of_his_own_deals_by_one_statement(as_):
    manager = as_("manager")
    rep = replace(as_("rep"), session=manager.session)
    walk(manager, "Theirs", "new", "qualified"), walk(rep, "Mine", "new")
    _, found = report(rep)
    assert found["new"].entered == 1 and "qualified" not in found
    pipelines.ways(rep)
    with counted() as sent:
        stages_of(rep, Scope(), YEAR)
    assert len(sent) == 1
