"""What a draft comes to where roles have limits: pure arithmetic over its lines, of all that the customer may choose the furthest.

He chooses in groups that know nothing of each other: of a line and its alternatives one, of an option it or nothing. A sum is therefore the
furthest where each group gives its largest member, and no combination goes beyond that. What is measured in percent is a part of a whole,
both of them sums: no single member is the worst by itself, since a large one drags the others along. But parts / wholes > r says the same as
the sum of (part - r * whole) > 0, and that is a sum again, which each group makes the largest by its own member. So one begins with some
combination, takes its ratio for r, lets each group give its member, and takes the ratio of these, until no group finds a better one: then
that sum is 0 at the most for every combination there is, and none has a larger ratio (Dinkelbach's method; a few rounds, each over the
lines once). tests/core/quotes/test_measuring.py compares it with trying all of them.
"""

from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import lcm
from typing import Any

from core.quotes.models import ITEM
from core.quotes.rules import HUNDRED, NOTHING, groups, sums

CENT, PLACES = Decimal("0.01"), 7  # a quantity has three decimal places, a price four
UNTAXED = 100 * 10**4
# A member of a group: its place among the lines (None: nothing is taken), its part and its whole. Whole numbers, which are exact and quick.
Member = tuple[int | None, int, int]


def line_discount(one: Any) -> Decimal:
    """How far what is offered is below the list, in percent; below zero where it is above. Without a list the written discount."""
    each, listed = one.unit_price * (HUNDRED - one.discount) / HUNDRED, one.list_price or one.unit_price
    return ((listed - each) / listed * HUNDRED).quantize(CENT, ROUND_HALF_UP) if listed else NOTHING


def deepest(lines: Sequence[Any]) -> Any:
    """The line that is furthest below the list, options too; None without one."""
    items = [one for one in lines if one.kind == ITEM]
    return max(items, key=line_discount, default=None)


def whole_discount(lines: Sequence[Any]) -> Decimal:
    """How far what the customer chooses may be below the list together, in percent."""

    def worth(one: Any) -> tuple[int, int]:
        listed = _exact(one.quantity * (one.list_price or one.unit_price))
        return listed - _exact(one.amount), listed

    choices = _choices(lines, worth)
    ratio = _largest_ratio(choices)
    free = all(any(not whole for _, _, whole in group) for group in choices)  # something without a price is not below the list
    return max(([_percent(ratio)] if ratio is not None else []) + ([NOTHING] if free else []), default=NOTHING)


def least_margin(lines: Sequence[Any], *, gross: bool) -> Decimal | None:
    """How little may be earned, in percent of the net price, of the lines whose cost is known; None where none is. A thing that is given away
    earns less than nothing: its cost is gone, all of it."""
    unit = _unit(lines, gross)

    def worth(one: Any) -> tuple[int, int]:
        return (0, 0) if one.cost is None else (_exact(one.cost * one.quantity) * unit, _net(one, unit, gross))

    choices = _choices(lines, worth)
    ratio = _largest_ratio(choices)
    found = [_percent(1 - ratio)] if ratio is not None else []
    free = [[(place, cost) for place, cost, net in group if not net] for group in choices]
    if all(free):
        known = [cost for group in free for place, cost in group if place is not None and lines[place].cost is not None]
        found += [-HUNDRED if any(known) else NOTHING] if known else []
    return min(found, default=None)


def largest_net(lines: Sequence[Any], version: Any) -> Decimal:
    """The most that it may come to without taxes. Where prices hold their taxes, as the paper of that choice says it: what the paper rounds for
    each tax is not looked for."""
    unit = _unit(lines, version.gross)
    taken = [max(group, key=lambda one: one[1])[0] for group in _choices(lines, lambda one: (_net(one, unit, version.gross), 0))]
    chosen = [lines[place].id for place in taken if place is not None and lines[place].choice]
    return sums(lines, version.currency, gross=version.gross, relief=version.relief, chosen=chosen).net


def _exact(number: Decimal) -> int:
    return int(number.scaleb(PLACES))


def _taxed(one: Any, gross: bool) -> int:
    """What a hundred are with the tax that lies in it, in ten thousandths."""
    return int((HUNDRED + one.tax_percent).scaleb(4)) if gross and one.tax_name else UNTAXED


def _unit(lines: Sequence[Any], gross: bool) -> int:
    """By so much everything is multiplied, so that what is left without a tax is a whole number too."""
    return lcm(UNTAXED, *(_taxed(one, gross) for one in lines if one.kind == ITEM))


def _net(one: Any, unit: int, gross: bool) -> int:
    """What a line comes to without its tax, unrounded."""
    return _exact(one.amount) * UNTAXED * (unit // _taxed(one, gross))


def _choices(lines: Sequence[Any], worth: Callable[[Any], tuple[int, int]]) -> list[list[Member]]:
    return [[(None, 0, 0) if place is None else (place, *worth(lines[place])) for place in group] for group in groups(lines)]


def _largest_ratio(choices: Sequence[Sequence[Member]]) -> Fraction | None:
    """The largest of parts / wholes over all combinations whose whole is something; None where none is. No whole is below zero."""
    taken = [max(group, key=lambda one: one[2]) for group in choices]
    part, whole = _summed(taken)
    if not whole:
        return None
    while True:
        more, of = _summed(_best(choices, part, whole))
        if more * whole <= part * of:
            return Fraction(part, whole)
        part, whole = more, of


def _best(choices: Sequence[Sequence[Member]], part: int, whole: int) -> list[Member]:
    """Of each group the member with the most over the ratio part / whole. Where all of these have no whole, the one exchange that costs least brings one in."""
    over = lambda one: one[1] * whole - part * one[2]  # noqa: E731
    taken = [group[0] if len(group) == 1 else max(group, key=over) for group in choices]
    if not any(one[2] for one in taken):
        at, other = min(((place, one) for place, group in enumerate(choices) for one in group if one[2]), key=lambda pair: over(taken[pair[0]]) - over(pair[1]))
        taken[at] = other
    return taken


def _summed(taken: Sequence[Member]) -> tuple[int, int]:
    return sum(one[1] for one in taken), sum(one[2] for one in taken)


def _percent(ratio: Fraction) -> Decimal:
    return (Decimal(ratio.numerator) / Decimal(ratio.denominator) * HUNDRED).quantize(CENT, ROUND_HALF_UP)
