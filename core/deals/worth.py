"""What deals in several currencies come to together: in the workspace's own currency, at the rates of the day (core.products.rating)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from core.base.context import Context
from core.base.money import Money
from core.deals.queries import Sum
from core.products.rating import rates_on
from core.products.rules import Rates


@dataclass(frozen=True)
class Whole:
    """sum: all of it in the workspace's own currency, None where `unrated` currencies have no rate that holds today: money
    without a rate is left out of no total in silence. on: of which day the oldest rate is, None where none was needed."""

    sum: Sum | None
    unrated: tuple[str, ...] = ()
    on: date | None = None


def needs_rates(ctx: Context, groups: Sequence[Sequence[Sum]]) -> bool:
    """Is there money in another currency than the workspace's own?"""
    return any(one.currency != ctx.tenant.currency for group in groups for one in group)


def wholes(ctx: Context, groups: Sequence[Sequence[Sum]]) -> list[Whole]:
    """The whole of each group; one statement for all of them, none where all is in the workspace's own currency."""
    rates = rates_on(ctx, ctx.today) if needs_rates(ctx, groups) else Rates(ctx.tenant.currency, ctx.today, {})
    return [whole(group, rates) for group in groups]


def whole(sums: Sequence[Sum], rates: Rates) -> Whole:
    """Converted one by one and exactly, rounded where it is shown."""
    unrated = tuple(one.currency for one in sums if one.currency not in (rates.base, *rates.per_base))
    if unrated:
        return Whole(None, unrated)
    to_own = lambda amount, currency: rates.convert(Money(amount, currency), rates.base).amount  # noqa: E731
    amount = sum((to_own(one.amount, one.currency) for one in sums), Decimal(0))
    weighted = None if any(one.weighted is None for one in sums) else sum((to_own(one.weighted, one.currency) for one in sums), Decimal(0))
    others = [one.currency for one in sums if one.currency != rates.base]
    return Whole(Sum(rates.base, amount, weighted, sum(one.number for one in sums)), on=rates.day_of(*others) if others else None)
