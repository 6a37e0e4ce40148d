"""What may stand in a quote and its lines, and what they come to: pure arithmetic over plain values, no session."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from babel.numbers import get_currency_precision

from core.base.cleaning import currency, day, key, line, needed_line, paragraphs, tick
from core.base.errors import Refused
from core.parties.rules import relief
from core.products.fields import discount, quantity, unit_price
from core.products.taxing import Tax, TaxedLine, Totals, totals
from core.quotes.models import CHOICES, ITEM, LINE_KINDS, SECTION
from infra import i18n

HUNDRED, ONE, NOTHING = Decimal(100), Decimal(1), Decimal(0)
MOST_LINES, MOST_AMOUNT = 300, Decimal(10) ** 11
VALID_DAYS = 30  # where nobody says until when it holds


def one_of(known: Collection[str]) -> Callable[[Any, str], str]:
    """A cleaner of words of a list."""

    def word(value: Any, field: str) -> str:
        if (value or "") not in known:
            raise Refused("unknown_value", field=field)
        return value or ""

    return word


FIELDS: dict[str, Callable[[Any, str], Any]] = {
    "name": needed_line, "account_id": key, "contact_id": key, "deal_id": key, "owner_id": key, "notes": paragraphs,
}
VERSION_FIELDS: dict[str, Callable[[Any, str], Any]] = {
    "currency": currency, "language": one_of(i18n.LANGUAGES), "valid_until": day, "intro": paragraphs, "closing": paragraphs, "terms": paragraphs, "gross": tick, "relief": relief,
}
LINE_FIELDS: dict[str, Callable[[Any, str], Any]] = {
    "id": key, "kind": one_of(LINE_KINDS), "choice": one_of(CHOICES), "product_id": key, "name": line, "description": paragraphs, "quantity": quantity, "unit": line,
    "unit_price": unit_price, "discount": discount, "tax_code_id": key,
}


def coin(currency: str) -> Decimal:
    """The smallest coin of a currency."""
    return ONE.scaleb(-get_currency_precision(currency))


def amount(quantity: Decimal, unit_price: Decimal, discount: Decimal, currency: str) -> Decimal:
    """What a line comes to, rounded to the smallest coin."""
    return (quantity * unit_price * (HUNDRED - discount) / HUNDRED).quantize(coin(currency), ROUND_HALF_UP)


def groups(lines: Sequence[Any]) -> list[list[int | None]]:
    """The places that the customer chooses among: of each group exactly one. None: nothing. An option is taken or not; an alternative takes
    the place of the line before it that is offered as it stands."""
    found: list[list[int | None]] = []
    leading: list[int | None] | None = None
    for place, one in enumerate(lines):
        if one.kind != ITEM:
            leading = None if one.kind == SECTION else leading  # what stands under another heading takes nobody's place
        elif not one.choice:
            found.append(leading := [place])
        elif one.choice == "alternative" and leading is not None:
            leading.append(place)
        else:
            found.append([place, None])
    return found


def counted(lines: Sequence[Any], chosen: Iterable[UUID | str] = ()) -> set[int]:
    """The places of the lines that are part of the totals: of each group what was chosen, the last of several; else what is offered as it stands."""
    taken = {str(one) for one in chosen}
    picked = (_picked(lines, group, taken) for group in groups(lines))
    return {place for place in picked if place is not None}


def _picked(lines: Sequence[Any], group: Sequence[int | None], taken: Collection[str]) -> int | None:
    usual = next((place for place in group if place is None or not lines[place].choice), None)
    return next((place for place in reversed(group) if place is not None and lines[place].choice and str(lines[place].id) in taken), usual)


def sums(lines: Sequence[Any], currency: str, *, gross: bool, relief: str | None, chosen: Iterable[UUID | str] = ()) -> Totals:
    """What the lines come to together, with their taxes."""
    places = sorted(counted(lines, chosen))
    return totals([TaxedLine(lines[place].amount, taxes_of(lines[place])) for place in places], currency, gross=gross, relief=relief)


def taxes_of(one: Any) -> tuple[Tax, ...]:
    """The taxes of a line."""
    return (Tax(one.tax_name, one.tax_percent, one.tax_category or "S"),) if one.tax_name else ()


def as_kept(found: Totals) -> list[dict[str, str]]:
    """The taxes of a version as its row keeps them."""
    return [
        {"code": one.tax.code, "percent": str(one.tax.percent), "category": one.tax.category, "taxable": str(one.taxable), "amount": str(one.amount)} for one in found.taxes
    ]


def net_each(one: Any, gross: bool) -> Decimal:
    """What one piece costs after its discount, without tax."""
    each = one.unit_price * (HUNDRED - one.discount) / HUNDRED
    return each * HUNDRED / (HUNDRED + one.tax_percent) if gross and one.tax_name else each


def net_list(one: Any, gross: bool) -> Decimal:
    """What the catalogue says for one piece, without tax."""
    return one.list_price * HUNDRED / (HUNDRED + one.tax_percent) if gross and one.tax_name else one.list_price


@dataclass(frozen=True)
class Margin:
    """What is earned: as an amount and in percent of the net price (None where nothing is charged)."""

    amount: Decimal
    percent: Decimal | None


def margin(lines: Sequence[Any], nets: Mapping[int, Decimal]) -> Margin | None:
    """Of the lines at these places; None where the cost of one of them is not known."""
    if not nets or any(lines[place].cost is None for place in nets):
        return None
    net = sum(nets.values(), NOTHING)
    earned = net - sum((lines[place].cost * lines[place].quantity for place in nets), NOTHING)
    return Margin(earned, (earned / net * HUNDRED).quantize(Decimal("0.1"), ROUND_HALF_UP) if net else None)


def off_list(unit_price: Decimal, list_price: Decimal | None) -> Decimal | None:
    """How far a price is from that of the list, in percent of it; None where there is none."""
    if not list_price:
        return None
    return ((unit_price - list_price) / list_price * HUNDRED).quantize(Decimal("0.1"), ROUND_HALF_UP)
