"""Shares of a deal's team in figures: to the coin, each his part, a team a deal once, and the whole the deal itself."""

import csv
import io
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from core.audit.models import AuditEntry
from core.base.errors import Refused
from core.base.facts import Fact
from core.deals import actions, forecast_board, pipelines, predictions, queries, snapshots, targets, team
from core.deals.counted_deals import come_to, counted_deals
from core.deals.credit import divided, parts
from core.deals.forecast import Scope
from core.deals.forecast_table import table
from core.deals.models import Deal, DealMember, ForecastLine
from core.deals.periods import Period
from core.deals.whose import Whose, staff
from core.identity import teams
from core.transfer import wanted
from core.transfer.exporting import Shape
from core.views.filtering import Filters
from core.views.totals import totals
from tests.support.statements import counted
from tests.support.world import House

MAY = Period(date(2031, 5, 1))
AMOUNTS = st.decimals(0, 10**9, places=2)
SHARES = st.lists(st.decimals(0, 100, places=2), max_size=6).map(lambda some: [one for place, one in enumerate(some) if sum(some[: place + 1]) <= 100])


@pytest.fixture
def house(app):
    return House(f"cr-{uuid4().hex[:8]}", {"owner": "admin", "manager": "manager", "rep": "sales", "colleague": "sales", "third": "sales"})


def deal(ctx, house, name="Trays", *, owner="rep", code="negotiation", shares=(), **given):
    stage = next(one for one in pipelines.ways(ctx)[0].stages if one.code == code).id
    made = actions.create_deal(ctx, name=name, stage_id=stage, owner_id=house.users[owner].id, **{"closes_on": "2031-05-20", "amount": "100", **given})
    for who, credit in shares:
        team.add_member(ctx, made, user_id=house.users[who].id, credit=credit)
    ctx.session.flush()
    return made


def with_shares(ctx, *deals):
    """As whoever belongs to the teams of these deals signs in."""
    return replace(ctx, actor=replace(ctx.actor, shares={"deal": dict.fromkeys(deals, "write")}))


def lines(ctx, by="owner_id", word="commit", scope=Scope()):
    found = table(ctx, scope, MAY, by)
    return {one.name: (one.figures.amount(word), one.figures.numbers[word]) for one in (*found.lines, found.whole)}


@settings(max_examples=300)
@given(AMOUNTS, st.sampled_from(["EUR", "JPY", "KWD"]), SHARES)
def test_the_parts_of_a_deal_add_up_to_it_to_the_coin(amount, currency, shares):
    given_ = {uuid4(): share for share in shares}
    own, others = divided(amount, currency, given_)
    assert own + sum(others.values(), Decimal(0)) == amount and own >= 0 and all(one >= 0 for one in others.values())
    coin = Decimal(1) if currency == "JPY" and amount == amount.to_integral_value() else Decimal("0.01")
    for key, share in given_.items():
        assert abs(others[key] - amount * share / 100) < coin and others[key] % coin == 0
    assert divided(None, currency, given_) == (None, dict.fromkeys(given_))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(AMOUNTS | st.none(), st.sampled_from(["EUR", "JPY", "KWD"]), st.lists(st.decimals(0, "33.33", places=2), min_size=1, max_size=3), st.booleans())
def test_the_database_divides_as_the_page_does(ctx, shared_house, amount, currency, shares, pooled):
    outer = ctx.session.begin_nested()
    try:
        one = actions.create_deal(ctx, name="Divided", amount=amount, currency=currency)
        keys = [shared_house.users[who].id for who in ("colleague", "manager", "rep")]
        for key, share in zip(keys, shares, strict=False):
            team.add_member(ctx, one, user_id=key, credit=share)
        if pooled:
            one.owner_id = None
        ctx.session.flush()
        given_ = dict(zip(keys, shares, strict=False))
        own, others = divided(amount, currency, given_)
        rows = parts()
        found = {row.user_id: row for row in ctx.session.execute(select(rows).where(rows.c.deal_id == one.id))}
        named = {key for key, share in given_.items() if share}
        assert {key: row.part for key, row in found.items()} == ({one.owner_id: own} | {key: others[key] for key in named} if named else {})
        assert all(row.crew == [one.owner_id, *sorted(named)] for row in found.values())
    finally:
        outer.rollback()


def test_each_has_his_part_and_the_company_the_deal_once(house):
    with house.ctx("manager") as ctx:
        deal(ctx, house, amount="100", shares=(("colleague", "33.33"), ("third", "33.33")))
        deal(ctx, house, "Alone", amount="10")
        assert lines(ctx) == {"Rep": (Decimal("43.34"), 2), "Colleague": (Decimal("33.33"), 1), "Third": (Decimal("33.33"), 1), "": (110, 2)}
        assert lines(ctx, "pipeline")[""] == (110, 2)


def test_who_gave_all_of_it_away_is_not_counted_with_it(house):
    with house.ctx("manager") as ctx:
        one = deal(ctx, house, shares=(("colleague", "60"), ("third", "40")))
        assert lines(ctx) == {"Colleague": (60, 1), "Third": (40, 1), "": (100, 1)}
        assert lines(ctx, scope=Scope(people=frozenset((house.users["rep"].id,)))) == {"": (0, 0)}
        actions.change_owner(ctx, one, house.users["colleague"].id)
        ctx.session.flush()
        assert lines(ctx) == {"Colleague": (60, 1), "Third": (40, 1), "": (100, 1)}, "the rest of the hundred is his while he owns it"


def test_a_team_has_a_deal_of_two_of_its_people_once_and_two_teams_each_their_part(house):
    with house.ctx("owner") as ctx:
        north, south = (teams.create_team(ctx, name=name) for name in ("North", "South"))
        for team_, who in ((north, "rep"), (north, "colleague"), (south, "third")):
            teams.put_member(ctx, team_, house.users[who].id)
        deal(ctx, house, amount="1000", shares=(("colleague", "30"), ("third", "20")))
        assert lines(ctx, "team") == {"North": (800, 1), "South": (200, 1), "": (1000, 1)}
        both = Scope(people=frozenset(house.users[who].id for who in ("rep", "colleague")))
        assert lines(ctx, scope=both) == {"Rep": (500, 1), "Colleague": (300, 1), "": (800, 1)}
        assert lines(ctx, "pipeline", scope=both)[""] == (800, 1)


def test_a_target_is_attained_by_ones_part(house):
    with house.ctx("manager") as ctx:
        whose = Whose(user_id=house.users["colleague"].id)
        targets.set_target(ctx, whose, MAY, "500")
        stage = deal(ctx, house, code="won", amount="1000", shares=(("colleague", "25"),))
        stage.closed_at = datetime(2031, 5, 5, tzinfo=UTC)
        ctx.session.flush()
        line = next(one for one in table(ctx, Scope(), MAY, "owner_id").lines if one.whose == whose)
        assert (line.attained, line.gap) == (50, 250) and targets.targets(ctx, staff(ctx), MAY)[whose].amount == 500


def test_nobody_is_told_of_parts_of_deals_that_he_does_not_see(house):
    with house.ctx("manager") as ctx:
        shared = deal(ctx, house, "Shared", amount="100", shares=(("colleague", "40"),)).id
        deal(ctx, house, "Theirs", amount="900")
    with house.ctx("colleague") as ctx:
        ctx = with_shares(ctx, shared)
        assert lines(ctx) == {"Colleague": (40, 1), "": (100, 1)}
        assert lines(ctx, scope=Scope(people=frozenset((house.users["rep"].id,))))[""] == (60, 1)
    with house.ctx("third") as ctx:
        assert lines(ctx) == {"": (0, 0)}


def test_those_of_whom_one_is_told_no_figures_have_one_line_without_names(house):
    with house.ctx("manager") as ctx:
        shared = deal(ctx, house, "Shared", amount="100", shares=(("colleague", "40"), ("third", "15"))).id
        deal(ctx, house, "Nobody's", amount="7").owner_id = None
        pooled = deal(ctx, house, "Pooled", amount="5", owner="third", shares=(("colleague", "20"),)).id
    with house.ctx("colleague") as ctx:
        found = table(with_shares(ctx, shared, pooled), Scope(), MAY, "owner_id")
        told = [(one.name, one.others, one.whose, one.key, one.people, one.figures.amount("commit"), one.figures.numbers["commit"]) for one in found.lines]
        key = house.users["colleague"].id
        mine = ("Colleague", False, Whose(user_id=key), key, frozenset((key,)), 41, 2)
        assert told[:2] == [mine, ("", True, None, None, None, 64, 2)] and [one[0] for one in told[2:]] in ([], [""])
        assert sum(one.figures.amount("commit") for one in found.lines) == found.whole.figures.amount("commit")
    with house.ctx("manager") as ctx:
        assert [one.others for one in table(ctx, Scope(), MAY, "owner_id").lines] == [False] * 4


def test_a_share_that_waits_for_the_owner_gives_way_to_one_that_is_given_now(house):
    with house.ctx("manager") as ctx:
        one = deal(ctx, house, shares=(("colleague", "60"), ("third", "30")))
        actions.change_owner(ctx, one, house.users["colleague"].id)
        ctx.session.flush()
        waiting = lambda: ctx.session.execute(select(DealMember.credit).where(DealMember.deal_id == one.id, DealMember.user_id == house.users["colleague"].id)).scalar_one()  # noqa: E731
        with pytest.raises(Refused) as refused:
            team.add_member(ctx, one, user_id=house.users["rep"].id, credit="70.01")
        assert (refused.value.code, refused.value.params["left"]) == ("credit_over", 70) and waiting() == 60
        team.add_member(ctx, one, user_id=house.users["rep"].id, credit="50")
        assert waiting() == 20
        row = next(row for row, name in team.members(ctx, one) if name == "Third")
        team.change_member(ctx, one, row, role=None, credit="50")
        ctx.session.flush()
        assert waiting() == 0 and lines(ctx) == {"Rep": (50, 1), "Third": (50, 1), "": (100, 1)}
        told = ctx.session.execute(select(Fact.params).where(Fact.subject_id == one.id, Fact.kind == "deal.share_changed").order_by(Fact.id)).scalars()
        assert [(one["member"], one["was"], one["to"]) for one in told][2:] == [("Colleague", "60 %", "20 %"), ("Rep", "0 %", "50 %"), ("Colleague", "20 %", "0 %"), ("Third", "30 %", "50 %")]
        kept = ctx.session.execute(select(AuditEntry.changes).where(AuditEntry.table_name == "deal_member", AuditEntry.action == "update")).scalars()
        assert [60, 20] in [[float(side) for side in one["credit"]] for one in kept if "credit" in one]


def test_the_board_of_somebody_has_his_parts_and_says_them_beside_the_amounts(house):
    with house.ctx("manager") as ctx:
        deal(ctx, house, "Shared", amount="100", shares=(("colleague", "33.33"),))
        deal(ctx, house, "Theirs", amount="900")
        his = Scope(people=frozenset((house.users["colleague"].id,)))
        lane = next(one for one in forecast_board.lanes(ctx, his, MAY, 1) if one.period)
        assert [(one.name, one.amount, one.theirs) for one in lane.cards] == [("Shared", 100, Decimal("33.33"))] and lane.figures.amount("commit") == Decimal("33.33")
        assert {one.name: one.theirs for one in next(one for one in forecast_board.lanes(ctx, Scope(), MAY, 1) if one.period).cards} == {"Shared": 100, "Theirs": 900}


@pytest.mark.parametrize("who", [("rep",), ("colleague",), ("rep", "third"), None])
def test_the_deals_behind_a_figure_come_to_it(house, who):
    with house.ctx("manager") as ctx:
        deal(ctx, house, "One", amount="100.01", shares=(("colleague", "50"),))
        deal(ctx, house, "Two", amount="7", shares=(("colleague", "10"), ("third", "90")))
        deal(ctx, house, "Nobody's say", amount=None)
        scope = Scope(people=who and frozenset(house.users[one].id for one in who))
        rows, found = list(counted_deals(ctx, scope, MAY, "commit")), come_to(ctx, scope, MAY, "commit")
        assert (sum((row.theirs for row in rows if row.theirs), Decimal(0)), len(rows)) == (found.amount("commit"), found.numbers["commit"])
        assert lines(ctx, "pipeline", scope=scope)[""] == (found.amount("commit"), len(rows))


def test_a_kept_day_keeps_the_shares_of_that_day(house):
    with house.ctx("manager") as ctx:
        at = lambda day: replace(ctx, now=datetime(2031, 4, day, 12, tzinfo=UTC))  # noqa: E731
        one = deal(ctx, house, amount="100", shares=(("colleague", "33.33"),))
        snapshots.keep_day(at(1))
        (member, _), = team.members(ctx, one)
        team.change_member(ctx, one, member, role=None, credit="80")
        snapshots.keep_day(at(2))
        his = Scope(people=frozenset((house.users["colleague"].id,)))
        told = lambda scope, day: predictions.predicted(ctx, scope, date(2031, 4, day), MAY).expected("commit").amount  # noqa: E731
        assert [told(his, day) for day in (1, 2)] == [Decimal("33.33"), 80] and told(Scope(), 1) == told(Scope(), 2) == 100
        (row,) = predictions.deals_of(ctx, his, date(2031, 4, 1), MAY, "", "")
        assert (row.whole, row.amount) == (100, Decimal("33.33"))
        team.remove_member(ctx, one, member)
        snapshots.keep_day(at(3))
        assert predictions.deals_of(ctx, his, date(2031, 4, 3), MAY, "", "") == []
        kept = ctx.session.execute(select(ForecastLine.people, ForecastLine.parts).where(ForecastLine.deal_id == one.id).order_by(ForecastLine.from_day)).all()
        assert [found[1] for found in kept] == [[Decimal("66.67"), Decimal("33.33")], [20, 80], None]
        with pytest.raises(IntegrityError), ctx.session.begin_nested():
            ctx.session.execute(update(ForecastLine).where(ForecastLine.deal_id == one.id).values(people=[house.users["rep"].id], parts=None))


def test_what_came_is_ones_part_too(house):
    with house.ctx("manager") as ctx:
        one = deal(ctx, house, amount="100", shares=(("colleague", "40"),))
        snapshots.keep_day(replace(ctx, now=datetime(2031, 4, 1, 12, tzinfo=UTC)))
        won = next(stage for stage in pipelines.ways(ctx)[0].stages if stage.kind == "won")
        one.stage_id, one.state, one.closed_at = won.id, "won", datetime(2031, 5, 7, tzinfo=UTC)
        ctx.session.flush()
        found = predictions.predicted(ctx, Scope(people=frozenset((house.users["colleague"].id,))), date(2031, 4, 1), MAY)
        assert (found.came.amount, found.accuracy) == (40, 100)


def test_ones_own_part_is_a_column_of_the_list_adds_up_and_goes_out(house):
    with house.ctx("manager") as ctx:
        shared = deal(ctx, house, "Shared", amount="100", shares=(("colleague", "33.33"),)).id
        deal(ctx, house, "Own", amount="10", owner="colleague")
    with house.ctx("colleague") as ctx:
        ctx = with_shares(ctx, shared)
        rows = {row.name: row.my_share for row in queries.deals(ctx, chosen=("amount", "my_share")).rows}
        assert rows == {"Shared": Decimal("33.33"), "Own": 10}
        assert [(one.currency, one.sum, one.number) for one in totals(ctx, "deals", Filters(), ("my_share",)).whole["my_share"]] == [(ctx.tenant.currency, Decimal("43.33"), 2)]
        assert [row.name for row in queries.deals(ctx, Filters(where=(("my_share", "gt", "20"),)), sort="-my_share", chosen=("my_share",)).rows] == ["Shared"]
    with house.ctx("manager") as ctx:
        assert {row.my_share for row in queries.deals(ctx, chosen=("my_share",)).rows} == {None}
        file = io.BytesIO()
        wanted.take_out(replace(ctx, actor=replace(ctx.actor, id=house.users["colleague"].id)), wanted.Wanted("deals", Filters(), None, Shape("csv", ("amount", "my_share"))), file)
        assert {row["Name"]: row["My share"] for row in csv.DictReader(io.StringIO(file.getvalue().decode("utf-8-sig")))} == {"Shared": "33.33", "Own": "10.00"}


def test_the_database_keeps_the_shares_of_a_deal_within_a_hundred(house):
    with house.ctx("manager") as ctx:
        one = deal(ctx, house, shares=(("colleague", "60"),))
        for row in (DealMember(deal_id=one.id, user_id=house.users["third"].id, credit=Decimal("40.01")), DealMember(deal_id=one.id, user_id=house.users["third"].id, credit=Decimal(-1))):
            with pytest.raises(IntegrityError), ctx.session.begin_nested():
                ctx.session.add(row)
                ctx.session.flush()
        with pytest.raises(IntegrityError), ctx.session.begin_nested():
            ctx.session.execute(update(DealMember).where(DealMember.deal_id == one.id).values(credit=Decimal("100.5")))


def test_a_change_of_a_share_is_told_from_what_to_what(house):
    with house.ctx("manager") as ctx:
        one = deal(ctx, house, shares=(("colleague", "60"),))
        (member, _), = team.members(ctx, one)
        team.change_member(ctx, one, member, role="Advice", credit="60")
        team.change_member(ctx, one, member, role="Advice", credit="12.50")
        team.remove_member(ctx, one, member)
        told = ctx.session.execute(select(Fact.kind, Fact.params).where(Fact.subject_id == one.id, Fact.kind.in_(("deal.share_changed", "deal.member_changed"))).order_by(Fact.id)).all()
        assert [(kind, params.get("was"), params.get("to")) for kind, params in told] == [
            ("deal.share_changed", "0 %", "60 %"), ("deal.member_changed", None, None), ("deal.share_changed", "60 %", "12.5 %"), ("deal.share_changed", "12.5 %", "0 %"),
        ]


def test_shares_take_no_statement_more(house):
    with house.ctx("manager") as ctx:
        deal(ctx, house)
        table(ctx, Scope(), MAY, "owner_id")
        with counted() as bare:
            table(ctx, Scope(), MAY, "team"), forecast_board.lanes(ctx, Scope(people=frozenset((house.users["rep"].id,))), MAY, 2)
        for number in range(5):
            deal(ctx, house, f"Shared {number}", shares=(("colleague", "20"), ("third", number)))
        with counted() as full:
            table(ctx, Scope(), MAY, "team"), forecast_board.lanes(ctx, Scope(people=frozenset((house.users["rep"].id,))), MAY, 2)
        assert len(full) == len(bare) and ctx.session.execute(select(Deal.id)).first()
