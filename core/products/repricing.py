"""The prices of many products by one step: so many percent more or less, or one price, rounded as price lists round. Pure but for what
currencies the workspace deals in."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from babel.numbers import get_currency_precision

from core.base.cleaning import currency
from core.base.context import Context
from core.base.editing import cleaned
from core.base.errors import Refused
from core.base.facts import plain
from core.products.fields import MOST, unit_price
from core.products.rating import currencies
from core.products.rules import HUNDRED, Rounding, factor, to_step

OPERATION = "price"
WAYS = ("markup", "discount", "price")
MOST_PERCENT = Decimal(1000)
PLACES = 4


def _way(value: Any, field: str) -> str:
    if value not in WAYS:
        raise Refused("unknown_value", field=field)
    return value


def _needed(value: Any, field: str) -> Decimal:
    found = unit_price(value, field)
    if found is None:
        raise Refused("required", field=field)
    return found


FIELDS = {"way": _way, "value": _needed, "currency": currency, "rounding_step": unit_price, "rounding_less": unit_price}


def cleaned_step(ctx: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    """The step as JSON, its numbers as digits. Refuses a percentage that nobody could mean, and a rounding as price lists refuse it."""
    found = cleaned(FIELDS, {name: given.get(name) for name in FIELDS})
    if found["way"] == "price":
        found["currency"] = found["currency"] or ctx.tenant.currency
        if found["currency"] not in currencies(ctx):
            raise Refused("unknown_value", field="currency")
    else:
        found["currency"] = None
        if not 0 < found["value"] <= (MOST_PERCENT if found["way"] == "markup" else HUNDRED):
            raise Refused("not_a_step", field="value")
    check_rounding(found["rounding_step"], found["rounding_less"])
    return {name: plain(value) for name, value in found.items()}


def check_rounding(step: Decimal | None, less: Decimal | None) -> None:
    """Refuses a step of nothing, and less than a step leaves."""
    if step is not None and (step == 0 or (less or 0) >= step):
        raise Refused("rounding_odd", field="rounding_step")


def stepped(wanted: Mapping[str, Any], old: Mapping[str, str | None]) -> Decimal | str:
    """The price of a product afterwards, or why it is left out (core.bulk.models.OUTCOMES). old: its price and currency. Rounded half up to the
    currency's smallest coin, or to as many places as the price had and the rounding asks for."""
    value, price, held = Decimal(wanted["value"]), _number(old["price"]), str(old["currency"])
    if wanted["way"] == "price":
        if wanted["currency"] != held:
            return "unfit"
        found = value
    elif price is None:
        return "no_price"
    else:
        found = price * factor(wanted["way"], value)
    step, less = _number(wanted["rounding_step"]), _number(wanted["rounding_less"]) or Decimal(0)
    if step is not None:
        found = to_step(found, Rounding(step, less))
    places = max(get_currency_precision(held), *(_places(one) for one in (price, step, less, value if wanted["way"] == "price" else None)))
    found = found.quantize(Decimal(1).scaleb(-min(places, PLACES)), ROUND_HALF_UP)
    return found if found < MOST else "unfit"


def _number(text: str | None) -> Decimal | None:
    return Decimal(text) if text is not None else None


def _places(number: Decimal | None) -> int:
    return 0 if number is None else max(0, -int(number.normalize().as_tuple().exponent))
