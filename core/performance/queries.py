"""Performance by person, team or branch in a period, beside the period before; one figure by itself."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, text

from core.activities.models import Activity
from core.base.context import Context
from core.base.errors import Refused
from core.base.money import Money
from core.deals.credit import apart, is_first
from core.deals.knowing import knows
from core.deals.models import Deal
from core.deals.periods import Period
from core.deals.whose import Staff, Whose, staff
from core.performance.behind import earnings, seconds_to_end
from core.performance.measures import MEASURES, SOURCES, measures, where
from core.products.rating import rates_on
from core.products.rules import Rates

BY, DAY = ("person", "team", "branch"), 86_400


@dataclass
class Tally:
    """What somebody did, as it is added up: his own work, or his part of deals in which the same crew has parts. money: measure -> currency ->
    amount; uncosted: accepted quotes whose costs are not all known."""

    numbers: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    money: dict[str, dict[str, Decimal]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(Decimal)))
    seconds: Decimal = Decimal(0)
    closed: int = 0
    uncosted: int = 0

    def add(self, other: "Tally", *, counts: bool) -> None:
        """counts: it is not counted yet by another of its crew; money is everybody's own."""
        for name, amounts in other.money.items():
            for currency, amount in amounts.items():
                self.money[name][currency] += amount
        if not counts:
            return
        for name, number in other.numbers.items():
            self.numbers[name] += number
        self.seconds += other.seconds
        self.closed += other.closed
        self.uncosted += other.uncosted

    def figure(self, name: str, rates: Rates) -> Decimal | int | None:
        """The figure of a measure: a number, an amount of the workspace's own currency (None where a rate is missing), days, percent; None where there is nothing to divide by."""
        if name in ("revenue", "margin"):
            return _own(self.money[name], rates)
        if name == "cycle":
            return self.seconds / DAY / self.numbers["won"] if self.numbers["won"] else None
        if name == "conversion":
            return Decimal(self.numbers["won"]) * 100 / self.closed if self.closed else None
        return self.numbers[name]


# (person, the crew that has parts of the same deals; None of his own work)
Tallies = dict[tuple[UUID | None, tuple[UUID | None, ...] | None], Tally]


@dataclass(frozen=True)
class Line:
    """Somebody's figures, and those of the period before. people: whose work that is."""

    name: str
    whose: Whose
    people: frozenset[UUID] | None
    now: dict[str, Any]
    before: dict[str, Any]
    uncosted: int = 0


@dataclass(frozen=True)
class Table:
    """lines: ranked by one measure, the best first; whole: everything once, whatever lines it stands in."""

    lines: list[Line]
    whole: Line
    staff: Staff
    measures: list[str]
    unrated: list[str]


def table(ctx: Context, period: Period, *, by: str = "person", rank: str = "revenue") -> Table:
    """Everybody (or every team, branch) whose records the actor sees all of. The number of statements does not grow with people."""
    known, offered = staff(ctx), measures(ctx)
    if by not in BY or not offered:
        raise Refused("unknown_value", field="by")
    rank = rank if rank in offered else offered[0]
    both = {one: tallies(ctx, one, offered) for one in (period, period.next(-1))}
    rates = {one: rates_of(ctx, one) for one in both}

    def line(name: str, whose: Whose, people: frozenset[UUID] | None) -> Line:
        sums = {one: _sum(found, people) for one, found in both.items()}
        told = [{name: sums[one].figure(name, rates[one]) for name in offered} for one in both]
        return Line(name, whose, people, *told, uncosted=sums[period].uncosted)

    lines = [line(known.names.get(key, ""), Whose(user_id=key), frozenset((key,))) for key in _persons(known, both)] if by == "person" else [
        line(one.name, Whose(team_id=one.id), one.people) for one in known.units if (by == "team" or one.is_branch) and known.covers(Whose(team_id=one.id))
    ]
    lines.sort(key=lambda one: (one.now[rank] is None, -(one.now[rank] or 0), one.name.lower()))
    unrated = {currency for one, found in both.items() for tally in found.values() for amounts in tally.money.values() for currency in amounts if currency != rates[one].base and currency not in rates[one].per_base}
    return Table(lines, line("", Whose(), known.reach), known, offered, sorted(unrated))


def tallies(ctx: Context, period: Period, offered: Iterable[str], people: frozenset[UUID] | None = None) -> Tallies:
    """(person, his crew or None) -> what he did in a period, of these people, None: of everybody; a statement for each kind of records."""
    found: Tallies = defaultdict(Tally)
    asked = set(offered)
    sources = {MEASURES[name][0] for name in asked}
    if "log" in sources:
        for key, number, visits in ctx.session.execute(_grouped(ctx, "log", period, people, func.count().filter(Activity.kind == "visit"))):
            found[key, None].numbers |= {"contacts": number, "visits": visits}
    for name in ("sent", "accepted"):
        if name in asked:
            for key, number in ctx.session.execute(_grouped(ctx, name, period, people)):
                found[key, None].numbers[name] = number
    if "closed" in sources:
        _deals(ctx, period, people, found)
    if "margin" in asked:
        for key, currency, amount in _margins(ctx, period, people):
            found[key, None].uncosted += amount is None
            if amount is not None:
                found[key, None].money["margin"][currency] += amount
    return found


def rates_of(ctx: Context, period: Period) -> Rates:
    """The rates of a period's last day, of today where it still goes on."""
    today = ctx.now.astimezone(ZoneInfo(ctx.tenant.timezone)).date()
    return rates_on(ctx, min(period.last, today))


def figure(ctx: Context, name: str, period: Period, people: frozenset[UUID] | None) -> tuple[Any, dict[str, Decimal]]:
    """(one figure, by the same sums as in the table; of money its amount in each currency)."""
    if name not in measures(ctx):
        raise Refused("unknown_value", field="measure")
    whole = _sum(tallies(ctx, period, [name], people), people)
    return whole.figure(name, rates_of(ctx, period)), dict(whole.money[name])


def _grouped(ctx: Context, source: str, period: Period, people: frozenset[UUID] | None, *more: Any) -> Any:
    one = SOURCES[source]
    return select(one.whose, func.count(), *more).where(*where(ctx, source, period, people)).group_by(one.whose)


def _deals(ctx: Context, period: Period, people: frozenset[UUID] | None, found: Tallies) -> None:
    won, (part, person, worth) = Deal.state == "won", apart(knows(ctx, "amount"))
    shown = (person.label("person"), part.c.crew.label("crew"), Deal.currency, func.count(), func.count().filter(won))
    query = select(*shown, func.coalesce(func.sum(worth).filter(won), 0), func.coalesce(func.sum(seconds_to_end()).filter(won), 0)).join(part, part.c.deal_id == Deal.id, isouter=True)
    for key, crew, currency, closed, number, amount, seconds in ctx.session.execute(query.where(*where(ctx, "closed", period, people)).group_by(text("person"), text("crew"), Deal.currency)):
        one = found[key, crew and tuple(crew)]
        one.closed += closed
        one.numbers["won"] += number
        one.seconds += Decimal(seconds)
        if amount:
            one.money["revenue"][currency] += amount


def _margins(ctx: Context, period: Period, people: frozenset[UUID] | None) -> Iterable[tuple[UUID | None, str, Decimal | None]]:
    return ((quote.owner_id, version.currency, amount) for quote, version, amount in earnings(ctx, period, people))


def _own(amounts: dict[str, Decimal], rates: Rates) -> Decimal | None:
    if any(currency not in (rates.base, *rates.per_base) for currency in amounts):
        return None
    return sum((rates.convert(Money(amount, currency), rates.base).amount for currency, amount in amounts.items()), Decimal(0))


def _sum(found: Tallies, people: frozenset[UUID] | None) -> Tally:
    """All that these people did; a deal of which several of them have a part once."""
    whole = Tally()
    for (person, crew), one in found.items():
        if people is None or person in people:
            whole.add(one, counts=is_first(person, crew, people))
    return whole


def _persons(known: Staff, both: dict[Period, Tallies]) -> list[UUID]:
    """Everybody who did something in either period, as far as the actor sees all that he does."""
    did = {key for found in both.values() for key, _ in found if key is not None and key in known.names}
    return [key for key in did if known.reach is None or key in known.reach]
