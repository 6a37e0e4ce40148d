"""What a draft comes to where roles have limits: pure arithmetic over its lines."""

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from core.quotes.models import ITEM, SECTION
from core.quotes.rules import HUNDRED, NOTHING, counted, sums

CENT = Decimal("0.01")


def line_discount(one: Any) -> Decimal:
    """How far what is offered is below the list, in percent; below zero where it is above. Without a list the written discount."""
    each, listed = one.unit_price * (HUNDRED - one.discount) / HUNDRED, one.list_price or one.unit_price
    return _percent(listed - each, listed)


def deepest(lines: Sequence[Any]) -> Any:
    """The line that is furthest below the list, options too; None without one."""
    items = [one for one in lines if one.kind == ITEM]
    return max(items, key=line_discount, default=None)


def whole_discount(lines: Sequence[Any], places: Sequence[int]) -> Decimal:
    """How far these lines together are below the list, in percent."""
    listed = sum((lines[place].quantity * (lines[place].list_price or lines[place].unit_price) for place in places), NOTHING)
    return _percent(listed - sum((lines[place].amount for place in places), NOTHING), listed)


def known_margin(lines: Sequence[Any], nets: Mapping[int, Decimal], costs: Mapping[UUID, Decimal | None]) -> Decimal | None:
    """The margin of the lines whose cost is known, in percent of their net price; None where none is. A thing that is given away earns less than nothing."""
    known = [place for place in nets if costs.get(lines[place].id) is not None]
    if not known:
        return None
    net, cost = sum((nets[place] for place in known), NOTHING), sum((costs[lines[place].id] * lines[place].quantity for place in known), NOTHING)
    return _percent(net - cost, net) if net else (-HUNDRED if cost else NOTHING)


def dearest(lines: Sequence[Any]) -> list[UUID]:
    """The choices with which the customer pays most: every option, and of a line and its alternatives the dearest."""
    chosen, best, take = [], None, None
    for one in [*lines, None]:
        if one is None or (one.kind == ITEM and not one.choice) or one.kind == SECTION:
            chosen += [take.id] if take is not None else []
            best, take = (one if one is not None and one.kind == ITEM else None), None
        elif one.kind == ITEM and one.choice == "alternative":
            if best is not None and one.amount > best.amount:
                best = take = one
        elif one.kind == ITEM:
            chosen.append(one.id)
    return chosen


def ways(lines: Sequence[Any], version: Any) -> list[tuple[list[int], dict[int, Decimal], Decimal]]:
    """(places that count, net of each, net of all) as it stands, and with the dearest choices."""
    found = []
    for chosen in ((), dearest(lines)):
        totals, places = sums(lines, version.currency, gross=version.gross, relief=version.relief, chosen=chosen), sorted(counted(lines, chosen))
        found.append((places, dict(zip(places, totals.lines, strict=True)), totals.net))
    return found


def _percent(part: Decimal, whole: Decimal) -> Decimal:
    return (part / whole * HUNDRED).quantize(CENT, ROUND_HALF_UP) if whole else NOTHING
