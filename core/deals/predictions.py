"""What was expected of a period on some day, and what came of it: the kept days of the forecast beside the deals as they are now."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from sqlalchemy import (
    ColumnElement,
    Date,
    Numeric,
    Row,
    Select,
    Uuid,
    any_,
    case,
    cast,
    column,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY

from core.base.context import Context
from core.base.policy import sees
from core.deals.credit import credited, worth_to
from core.deals.forecast import Scope
from core.deals.models import Deal, ForecastDay, ForecastLine
from core.deals.outlook import day_of
from core.deals.periods import Period
from core.deals.queries import Sum
from core.deals.worth import whole
from core.products.rules import Rates
from core.views.filtering import key_of

# What became of a deal: won in the period, won in another, lost, to come later, still to come in it, without a day (or with one before), deleted.
OUTCOMES = ("won", "won_elsewhere", "lost", "slipped", "open", "undated", "deleted")
MOST_DEALS = 500


@dataclass
class Outcome:
    """number: of deals; amount: what was expected of them, in the workspace's own currency (None: a rate is missing); days: by how
    many days those that slipped did, on average."""

    number: int = 0
    amount: Decimal | None = Decimal(0)
    days: Decimal | None = None


@dataclass
class Prediction:
    """day: the kept day; currency: the workspace's own on it, of every amount here. by: what was expected as (counted, outcome). came: what is won in the period by now; unforeseen: the part of
    it that nobody expected in it on that day."""

    day: date
    currency: str
    by: dict[tuple[str, str], Outcome] = field(default_factory=lambda: defaultdict(Outcome))
    came: Outcome = field(default_factory=Outcome)
    unforeseen: Outcome = field(default_factory=Outcome)

    def expected(self, *words: str) -> Outcome:
        """What was counted so, whatever became of it."""
        return _together(one for (word, _), one in self.by.items() if word in words)

    def outcome(self, outcome: str, *words: str) -> Outcome:
        return _together(one for (word, what), one in self.by.items() if what == outcome and (not words or word in words))

    @property
    def accuracy(self) -> Decimal | None:
        """What came for a hundred that were expected (won and committed on that day)."""
        said = self.expected("won", "commit").amount
        return self.came.amount * 100 / said if said and self.came.amount is not None else None


def days(ctx: Context, *, until: date | None = None) -> tuple[date | None, date | None]:
    """(the first kept day, the last one: at or before `until`)."""
    query = select(func.min(ForecastDay.day), func.max(ForecastDay.day).filter(or_(literal(until is None), ForecastDay.day <= literal(until, Date))))
    return tuple(ctx.session.execute(query).one())


def predicted(ctx: Context, scope: Scope, day: date, period: Period) -> Prediction | None:
    """What was expected of a period on a kept day, by what became of it; None where that day was not kept. Of the deals that the actor
    sees, in the currency that was the workspace's own then, at the rates of that day, so that only deals make a difference and no rate does."""
    kept = ctx.session.execute(select(ForecastDay).where(ForecastDay.day == day)).scalar_one_or_none()
    if kept is None:
        return None
    rates, found = Rates(kept.currency, day, {code: Decimal(rate) for code, rate in kept.rates.items()}), Prediction(day, kept.currency)
    sums: dict[tuple[str, str], list[Sum]] = defaultdict(list)
    slipped: dict[tuple[str, str], list[tuple[int, Decimal]]] = defaultdict(list)
    lines = _lines(ctx, scope, day, period).subquery()
    shown = (lines.c.counted, lines.c.outcome, lines.c.currency, func.sum(lines.c.amount), func.count(lines.c.amount), func.count(), func.avg(lines.c.slip), func.count(lines.c.slip))
    for counted, outcome, currency, amount, priced, number, late, of in ctx.session.execute(select(*shown).group_by(lines.c.counted, lines.c.outcome, lines.c.currency)):
        found.by[counted, outcome].number += number
        if priced:
            sums[counted, outcome].append(Sum(currency, amount, amount, priced))
        if of:
            slipped[counted, outcome].append((of, late))
    for key, some in sums.items():
        found.by[key].amount = _worth(some, rates)
    for key, some in slipped.items():
        found.by[key].days = sum((of * late for of, late in some), Decimal(0)) / sum(of for of, _ in some)
    found.came, found.unforeseen = _came(ctx, scope, day, period, rates)
    return found


def deals_of(ctx: Context, scope: Scope, day: date, period: Period, counted: str, outcome: str) -> list[Row]:
    """The deals behind a figure, the largest first: (deal_id, name, whole, amount, currency, expected_on, counted, outcome, now_on, slip).
    whole: its amount; amount: what of it was theirs. One that was deleted has no name."""
    lines = _lines(ctx, scope, day, period).subquery()
    query = select(lines).order_by(lines.c.amount.desc().nulls_last(), lines.c.deal_id).limit(MOST_DEALS)
    for said, word in ((lines.c.counted, counted), (lines.c.outcome, outcome)):
        query = query.where(said == word) if word else query
    return list(ctx.session.execute(query))


def _lines(ctx: Context, scope: Scope, day: date, period: Period) -> Select:
    """Every deal that was counted in the period on that day, by the shares of that day, with what became of it."""
    gone = Deal.deleted_at.is_not(None)
    outcome = _outcome(ctx, period)
    return select(
        ForecastLine.deal_id, case((gone, None), else_=Deal.name).label("name"), ForecastLine.amount.label("whole"), _worth_then(scope).label("amount"), ForecastLine.currency, ForecastLine.day.label("expected_on"), ForecastLine.counted,
        outcome.label("outcome"), day_of(ctx).label("now_on"), case((outcome == "slipped", Deal.closes_on - ForecastLine.day)).label("slip"),
    ).join(Deal, Deal.id == ForecastLine.deal_id).where(*_kept(scope, day), ForecastLine.day >= period.first, ForecastLine.day < period.after, sees(ctx, Deal))


def _kept(scope: Scope, day: date) -> list[ColumnElement[bool]]:
    """The lines that held on a day, of these people and that pipeline."""
    found = [ForecastLine.from_day <= day, or_(ForecastLine.until_day.is_(None), ForecastLine.until_day > day)]
    if scope.people is not None:
        mine = literal(sorted(scope.people), ARRAY(Uuid))
        found.append(or_(ForecastLine.people.is_(None) & (ForecastLine.owner_id == any_(mine)), ForecastLine.people.overlap(mine)))
    found += [ForecastLine.pipeline_id == key_of(value, "pipeline") for name, _, value in scope.filters.where if name == "pipeline"]
    return found


def _worth_then(scope: Scope) -> ColumnElement:
    """What of a line's amount was theirs."""
    if scope.people is None:
        return ForecastLine.amount
    each = func.unnest(ForecastLine.people, ForecastLine.parts).table_valued(column("person", Uuid), column("part", Numeric(18, 2)), name="each").render_derived()
    theirs = select(func.sum(each.c.part)).where(each.c.person == any_(literal(sorted(scope.people), ARRAY(Uuid)))).correlate(ForecastLine).scalar_subquery()
    return case((ForecastLine.people.is_(None), ForecastLine.amount), else_=theirs)


def _outcome(ctx: Context, period: Period) -> ColumnElement[str]:
    now = day_of(ctx)
    inside = (now >= period.first) & (now < period.after)
    return case(
        (Deal.deleted_at.is_not(None), "deleted"), (Deal.state == "lost", "lost"), ((Deal.state == "won") & inside, "won"), (Deal.state == "won", "won_elsewhere"),
        (inside, "open"), (now >= cast(literal(period.after), Date), "slipped"), else_="undated",
    )


def _came(ctx: Context, scope: Scope, day: date, period: Period, rates: Rates) -> tuple[Outcome, Outcome]:
    """(what is won in the period by now, the part of it that was not counted in it on that day)."""
    now = day_of(ctx)
    foreseen = select(literal(1)).where(ForecastLine.deal_id == Deal.id, *_kept(Scope(), day), ForecastLine.day >= period.first, ForecastLine.day < period.after).correlate(Deal).exists()
    where = [Deal.deleted_at.is_(None), sees(ctx, Deal), Deal.state == "won", now >= period.first, now < period.after]
    if scope.people is not None:
        where.append(credited(scope.people))
    where += [Deal.pipeline_id == key_of(value, "pipeline") for name, _, value in scope.filters.where if name == "pipeline"]
    came: tuple[Outcome, Outcome] = (Outcome(), Outcome())
    sums: tuple[list[Sum], list[Sum]] = ([], [])
    worth = worth_to(scope.people)
    query = select(foreseen.label("foreseen"), Deal.currency, func.sum(worth), func.count(worth), func.count()).where(*where).group_by("foreseen", Deal.currency)
    for was, currency, amount, priced, number in ctx.session.execute(query):
        for place in (0,) if was else (0, 1):
            came[place].number += number
            if priced:
                sums[place].append(Sum(currency, amount, amount, priced))
    for one, some in zip(came, sums, strict=True):
        one.amount = _worth(some, rates)
    return came


def _worth(sums: list[Sum], rates: Rates) -> Decimal | None:
    found = whole(_by_currency(sums), rates).sum
    return None if found is None else found.amount


def _by_currency(sums: Iterable[Sum]) -> list[Sum]:
    made: dict[str, Sum] = {}
    for one in sums:
        there = made.get(one.currency, Sum(one.currency, Decimal(0), Decimal(0), 0))
        made[one.currency] = Sum(one.currency, there.amount + one.amount, there.weighted + one.weighted, there.number + one.number)
    return list(made.values())


def _together(some: Iterable[Outcome]) -> Outcome:
    found = list(some)
    late = [(one.number, one.days) for one in found if one.days is not None]
    number = sum(of for of, _ in late)
    return Outcome(
        sum(one.number for one in found), None if any(one.amount is None for one in found) else sum((one.amount for one in found), Decimal(0)),
        sum((of * mean for of, mean in late), Decimal(0)) / number if number else None,
    )
