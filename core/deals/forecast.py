"""What is won and what is expected: by month or quarter, by how sure it is, in the workspace's own currency.

Whatever is added up here is added up from the deals that the actor sees, by the rates of today (core.deals.worth), so that board,
list, forecast and export say the same.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Date, Text, case, cast, func, literal, or_, select, text

from core.base.context import Context
from core.base.days import begins
from core.deals.columns import deals_where
from core.deals.credit import apart, credited, is_first, worth_to
from core.deals.knowing import check_forecast
from core.deals.models import FORECASTS, Deal, DealStage
from core.deals.outlook import counted_as, day_of, likely
from core.deals.periods import Period
from core.deals.queries import Sum
from core.deals.worth import Whole, wholes
from core.views.filtering import Filters

COUNTED = ("won", *FORECASTS)
EARLIER, UNDATED = "earlier", "none"


@dataclass(frozen=True)
class Scope:
    """Which deals are meant, beside the filters: those of which these people have a part (None: of everybody whom the actor sees)."""

    filters: Filters = Filters()
    people: frozenset[UUID] | None = None


@dataclass
class Figures:
    """What some deals come to, by how they are counted. numbers: how many; sums: their money by currency; whole: the same in the
    workspace's own currency, whose sum is None where a rate is missing."""

    numbers: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    sums: dict[str, list[Sum]] = field(default_factory=lambda: defaultdict(list))
    whole: dict[str, Whole] = field(default_factory=dict)

    @property
    def number(self) -> int:
        return sum(self.numbers.values())

    def amount(self, *names: str) -> Decimal | None:
        """What those come to together; None where one of them has money without a rate."""
        found = [self.whole[name].sum for name in names if name in self.whole]
        return None if None in found else sum((one.amount for one in found), Decimal(0))

    @property
    def expected(self) -> Decimal | None:
        """What is won and what is promised."""
        return self.amount("won", "commit")

    @property
    def weighted(self) -> Decimal | None:
        """What is won, and all that is counted by how likely it is."""
        found = [self.whole[name].sum for name in COUNTED if name != "omitted" and name in self.whole]
        return None if None in found else sum((one.weighted for one in found), Decimal(0))

    @property
    def unrated(self) -> list[str]:
        """Currencies for which there is no rate that holds today."""
        return sorted({code for one in self.whole.values() for code in one.unrated})

    @property
    def rated_on(self) -> Any:
        """Of which day the oldest rate is that was needed."""
        return min((one.on for one in self.whole.values() if one.on), default=None)


def scoped(ctx: Context, scope: Scope) -> list:
    """The conditions of the deals that are meant: what a list under these filters shows, of these people."""
    found = deals_where(ctx, scope.filters)
    return found if scope.people is None else [*found, credited(scope.people)]


def figures(ctx: Context, where: Iterable, by: ColumnElement | None = None, people: frozenset[UUID] | None = None) -> dict[Hashable, Figures]:
    """What the deals under these conditions come to, by some key (None: all together under None); of deals of several what is these people's
    (None: all of it). Lost ones are counted by nobody. One statement, two where there is money of other currencies."""
    check_forecast(ctx)
    key, worth = literal(None, Text) if by is None else by, worth_to(people)
    shown = (key.label("key"), counted_as().label("counted"), Deal.currency, func.sum(worth), func.sum(worth * likely() / 100), func.count(worth), func.count())
    query = select(*shown).select_from(Deal).join(DealStage, DealStage.id == Deal.stage_id).where(*where, Deal.state != "lost")
    found: dict[Hashable, Figures] = defaultdict(Figures)
    for one, word, currency, amount, weighted, priced, number in ctx.session.execute(query.group_by(text("key"), text("counted"), Deal.currency)):
        found[one].numbers[word] += number
        if priced:
            found[one].sums[word].append(Sum(currency, amount, weighted, priced))
    convert(ctx, found.values())
    return dict(found)


@dataclass(frozen=True)
class Portion:
    """What somebody has of deals that are counted alike: all of his own without a team, or his part of those in which the same crew has parts.
    sum: None where none of them has an amount; number: of the deals; key: by what else they were parted."""

    key: Hashable
    person: UUID | None
    crew: tuple[UUID | None, ...] | None
    counted: str
    sum: Sum | None
    number: int


def portions(ctx: Context, where: Iterable, by: ColumnElement | None = None) -> list[Portion]:
    """The deals under these conditions by who has what of them, and by some key; one statement."""
    check_forecast(ctx)
    part, person, worth = apart()
    key = literal(None, Text) if by is None else by
    shown = (key.label("key"), person.label("person"), part.c.crew.label("crew"), counted_as().label("counted"), Deal.currency, func.sum(worth), func.sum(worth * likely() / 100), func.count(worth), func.count())
    query = select(*shown).select_from(Deal).join(DealStage, DealStage.id == Deal.stage_id).join(part, part.c.deal_id == Deal.id, isouter=True).where(*where, Deal.state != "lost")
    found = ctx.session.execute(query.group_by(text("key"), text("person"), text("crew"), text("counted"), Deal.currency))
    return [Portion(one, who, crew and tuple(crew), word, Sum(currency, amount, weighted, priced) if priced else None, number) for one, who, crew, word, currency, amount, weighted, priced, number in found]


def together(ctx: Context, groups: Sequence[tuple[Iterable[Portion], frozenset[UUID] | None]]) -> list[Figures]:
    """What some people have of each of these (None: everybody), by currency. A deal of which several of them have a part is one deal, with
    all of their parts."""
    made = [_added((one for one in found if people is None or one.person in people), people) for found, people in groups]
    convert(ctx, made)
    return made


def convert(ctx: Context, found: Iterable[Figures]) -> None:
    """What each comes to in the workspace's own currency."""
    places = [(one, word) for one in found for word in one.sums]
    for one, word in places:
        one.sums[word].sort(key=lambda found: (-found.number, found.currency))
    for (one, word), whole in zip(places, wholes(ctx, [one.sums[word] for one, word in places]), strict=True):
        one.whole[word] = whole


def _added(found: Iterable[Portion], people: frozenset[UUID] | None) -> Figures:
    made, by_currency = Figures(), {}
    for one in found:
        counts = is_first(one.person, one.crew, people)
        made.numbers[one.counted] += one.number if counts else 0
        if one.sum is not None:
            key, more = (one.counted, one.sum.currency), one.sum
            there = by_currency.get(key, Sum(more.currency, Decimal(0), Decimal(0), 0))
            by_currency[key] = Sum(more.currency, there.amount + more.amount, there.weighted + more.weighted, there.number + (more.number if counts else 0))
    for (word, _currency), more in by_currency.items():
        made.sums[word].append(more)
    return made


def within(ctx: Context, first: Period, number: int = 1) -> ColumnElement[bool]:
    """Is a deal counted in these periods: expected to close in them, or won in them?"""
    zone, after = ZoneInfo(ctx.tenant.timezone), first.next(number).first
    won = (Deal.state == "won") & (Deal.closed_at >= begins(first.first, zone)) & (Deal.closed_at < begins(after, zone))
    return or_((Deal.state == "open") & (Deal.closes_on >= first.first) & (Deal.closes_on < after), won)


def lane_of(ctx: Context, first: Period) -> ColumnElement[str]:
    """The lane of the forecast's board in which a deal stands: its period's key, "earlier" or "none"."""
    day = day_of(ctx)
    period = func.to_char(day, "YYYY-MM") if first.kind == "month" else func.to_char(day, 'YYYY-"Q"Q')
    return case((day.is_(None), UNDATED), (day < literal(first.first, Date), EARLIER), else_=cast(period, Text))


def in_lanes(ctx: Context, first: Period, number: int) -> ColumnElement[bool]:
    """What the board of these periods shows: what is counted in them, and open deals that should have closed before, or have no day."""
    return or_(within(ctx, first, number), (Deal.state == "open") & or_(Deal.closes_on.is_(None), Deal.closes_on < first.first))
