"""What is won and what is expected: by month or quarter, by how sure it is, in the workspace's own currency.

Whatever is added up here is added up from the deals that the actor sees, by the rates of today (core.deals.worth), so that board,
list, forecast and export say the same.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Date, Text, any_, case, cast, func, literal, or_, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Uuid

from core.base.context import Context
from core.base.days import begins
from core.deals.columns import deals_where
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
    """Which deals are meant, beside the filters: of these people (None: of everybody whom the actor sees)."""

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
    return found if scope.people is None else [*found, Deal.owner_id == any_(literal(sorted(scope.people), ARRAY(Uuid)))]


def figures(ctx: Context, where: Iterable, by: ColumnElement | None = None) -> dict[Hashable, Figures]:
    """What the deals under these conditions come to, by some key (None: all together under None). Lost ones are counted by nobody.
    One statement, two where there is money of other currencies."""
    key = literal(None, Text) if by is None else by
    shown = (key.label("key"), counted_as().label("counted"), Deal.currency, func.sum(Deal.amount), func.sum(Deal.amount * likely() / 100), func.count(Deal.amount), func.count())
    query = select(*shown).select_from(Deal).join(DealStage, DealStage.id == Deal.stage_id).where(*where, Deal.state != "lost")
    found: dict[Hashable, Figures] = defaultdict(Figures)
    for one, word, currency, amount, weighted, priced, number in ctx.session.execute(query.group_by(text("key"), text("counted"), Deal.currency)):
        found[one].numbers[word] += number
        if priced:
            found[one].sums[word].append(Sum(currency, amount, weighted, priced))
    convert(ctx, found.values())
    return dict(found)


def together(ctx: Context, groups: Iterable[Iterable[Figures]]) -> list[Figures]:
    """The figures of several, added up by currency, for each group of them."""
    made = [_added(group) for group in groups]
    convert(ctx, made)
    return made


def convert(ctx: Context, found: Iterable[Figures]) -> None:
    """What each comes to in the workspace's own currency."""
    places = [(one, word) for one in found for word in one.sums]
    for one, word in places:
        one.sums[word].sort(key=lambda found: (-found.number, found.currency))
    for (one, word), whole in zip(places, wholes(ctx, [one.sums[word] for one, word in places]), strict=True):
        one.whole[word] = whole


def _added(group: Iterable[Figures]) -> Figures:
    made, by_currency = Figures(), {}
    for one in group:
        for word, number in one.numbers.items():
            made.numbers[word] += number
        for word, sums in one.sums.items():
            for found in sums:
                there = by_currency.get((word, found.currency), Sum(found.currency, Decimal(0), Decimal(0), 0))
                by_currency[word, found.currency] = Sum(found.currency, there.amount + found.amount, there.weighted + found.weighted, there.number + found.number)
    for (word, _currency), found in by_currency.items():
        made.sums[word].append(found)
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
