"""A real pipeline (Maven Analytics, public domain): 8,800 deals of 35 agents brought in through the use case, whose sums come out alike
everywhere. Usually two of the best agents; with --deep all of it."""

import csv
import io
import os
from collections import defaultdict
from datetime import UTC, date, datetime, time
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from core.deals import actions, pipelines, queries
from core.deals.forecast import Scope, figures, scoped, within
from core.deals.models import Deal
from core.deals.periods import period_of
from core.identity.models import User
from core.parties import actions as parties
from core.transfer import wanted
from core.views.filtering import Filters
from core.views.totals import totals
from tests.support.world import House

DEEP = bool(os.environ.get("TENDERO_DEEP"))
BEST = {"Vicki Laflamme": 478_396, "Kary Hendrixson": 454_298} | ({"Darcel Schlecht": 1_153_214} if DEEP else {})
TOTAL = 10_005_534
STAGES = {"Prospecting": "new", "Engaging": "qualified", "Won": "won", "Lost": "lost"}


@pytest.fixture(scope="module")
def rows(data):
    with open(data / "crm-maven-sales" / "sales_pipeline.csv", encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if DEEP or row["sales_agent"] in BEST]


@pytest.fixture(scope="module")
def house(app, rows):
    found = House(f"maven-{uuid4().hex[:6]}")
    with found.ctx() as ctx:
        agents = {name: User(mail=f"a{n}@maven.example", mail_norm=f"a{n}@maven.example", name=name, role_id=found.users["rep"].role_id, state="active") for n, name in enumerate(sorted({row["sales_agent"] for row in rows}))}
        ctx.session.add_all(agents.values())
        accounts = {name: parties.create_account(ctx, name=name) for name in sorted({row["account"] for row in rows if row["account"]})}
        stages = {one.code: one.id for one in pipelines.ways(ctx)[0].stages}
        ctx.session.flush()
        for number, row in enumerate(rows):
            _bring(ctx, row, agents, accounts, stages)
            if number % 500 == 499:
                ctx.session.flush()
                ctx.session.expunge_all()
    return found


def _bring(ctx, row, agents, accounts, stages):
    """One line through the use case, with the days that it had."""
    moment = lambda day: datetime.combine(date.fromisoformat(day), time(12), UTC) if day else None  # noqa: E731
    actions.create_deal(
        ctx, name=f"{row['product']} {row['opportunity_id']}", external_id=row["opportunity_id"], account_id=accounts[row["account"]].id if row["account"] else None, owner_id=agents[row["sales_agent"]].id,
        stage_id=stages[STAGES[row["deal_stage"]]], amount=row["close_value"] or None, currency="USD", closes_on=row["close_date"] or None, source=row["product"], began_at=moment(row["engage_date"]) or moment("2017-12-31"),
        closed_at=moment(row["close_date"]), loss_reason="Not said" if row["deal_stage"] == "Lost" else None,
    )


WON = Filters(where=(("state", "eq", "won"),))


def test_the_won_total_is_the_published_one_in_list_sums_and_export(house, rows):
    expected = TOTAL if DEEP else sum(BEST.values())
    with house.ctx() as ctx:
        assert [(one.currency, one.amount) for one in queries.sums(ctx, WON)] == [("USD", Decimal(expected))]
        (below,) = totals(ctx, "deals", WON, ["amount"]).whole["amount"]
        assert (below.currency, below.sum) == ("USD", Decimal(expected))
        file = io.BytesIO()
        number = wanted.take_out(ctx, wanted.Wanted("deals", WON), file)
        taken = list(csv.DictReader(io.StringIO(file.getvalue().decode())))
        assert number == len(taken) == sum(row["deal_stage"] == "Won" for row in rows) and sum(Decimal(row["Amount"]) for row in taken) == expected
        assert queries.deals(ctx, WON).total == min(len(taken), 10_000)


def test_the_forecast_counts_what_the_list_counts(house, rows):
    with house.ctx() as ctx:
        by_owner = figures(ctx, scoped(ctx, Scope(WON)), Deal.owner_id)
        assert sum((one.amount for some in by_owner.values() for one in some.sums["won"]), Decimal(0)) == queries.sums(ctx, WON)[0].amount
        days = ctx.session.execute(select(func.min(Deal.closed_at), func.max(Deal.closed_at)).where(Deal.state == "won")).one()
        years = [period_of(date(year, 1, 1), "year") for year in range(days[0].year, days[1].year + 1)]
        found = [figures(ctx, [*scoped(ctx, Scope()), within(ctx, year)]).get(None) for year in years]
        assert sum((one.amount for some in found if some for one in some.sums["won"]), Decimal(0)) == queries.sums(ctx, WON)[0].amount


def test_each_agent_has_won_what_is_published(house, rows):
    mine: dict[str, Decimal] = defaultdict(Decimal)
    for row in rows:
        mine[row["sales_agent"]] += Decimal(row["close_value"] or 0) if row["deal_stage"] == "Won" else 0
    assert {name: mine[name] for name in BEST} == BEST
    with house.ctx() as ctx:
        keys = {row.name: row.id for row in ctx.session.execute(queries.select(User.name, User.id).where(User.name.in_(mine)))}
        for name, total in mine.items():
            found = queries.sums(ctx, Filters(owner=keys[name], where=WON.where))
            assert sum(one.amount for one in found) == total, name


def test_performance_by_person_says_the_same_year_by_year(house, rows):
    from core.performance.behind import records
    from core.performance.queries import table

    with house.ctx() as ctx:
        won: dict[str, Decimal] = defaultdict(Decimal)
        for year in range(2016, 2019):
            period = period_of(date(year, 1, 1), "year")
            for line in table(ctx, period).lines:
                behind = list(records(ctx, "won", period, line.people))
                won[line.name] += sum((row.amount or Decimal(0) for row in behind), Decimal(0))
                assert len(behind) == line.now["won"] < 2000
        assert {name: won[name] for name in BEST} == BEST


def test_programs_are_told_the_same(house, app):
    from tests.support.world import World

    api, taken, cursor = World.of(app, house).api("owner"), Decimal(0), ""
    import web.api.shell as shell

    patch = pytest.MonkeyPatch()
    patch.setattr(shell, "BURST", 1_000_000)
    try:
        while cursor is not None:
            answer = api.json("GET", f"/api/v1/deals?filter[state][eq]=won&limit=200&sort=id{'&cursor=' + cursor if cursor else ''}").json
            taken += sum(Decimal(one["amount"]["amount"]) for one in answer["data"])
            cursor = answer["next_cursor"]
    finally:
        patch.undo()
    assert taken == (TOTAL if DEEP else sum(BEST.values()))


def test_the_board_sums_what_the_list_sums(house):
    from core.deals import board

    with house.ctx() as ctx:
        way = pipelines.ways(ctx)[0]
        lanes = board.lanes(ctx, way)
        for lane in lanes:
            there = Filters(where=(("stage", "eq", str(lane.stage.id)),))
            assert lane.sums == queries.sums(ctx, there) and lane.number == queries.deals(ctx, there).total
        assert sum(lane.number for lane in lanes) == ctx.session.execute(select(func.count()).where(Deal.state == "open")).scalar_one()


def test_gtxpro_is_reported_as_a_product_that_the_catalogue_has_not(rows, data):
    """A deal keeps the product's name as its source says it, so that it can be matched: "GTXPro" is none of the catalogue's names."""
    with open(data / "crm-maven-sales" / "products.csv", encoding="utf-8") as file:
        known = {row["product"] for row in csv.DictReader(file)}
    assert {row["product"] for row in rows} - known == {"GTXPro"}
