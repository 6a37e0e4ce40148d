"""What may stand in a field of a product, as pure rules: typed values in, values to keep out."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from core.base.cleaning import key, line, needed_line, paragraphs
from core.base.errors import Refused
from core.base.money import parse_amount
from core.base.text import clean_needed
from core.products.lookup_models import MOST_PLACES, TAX_CATEGORIES
from core.products.models import LONGEST_CODE, STATES
from core.tagging.rules import tags

MOST, PLACES = Decimal(10) ** 12, 4
MOST_PERCENT, MOST_QUANTITY = Decimal(100), Decimal(10) ** 9


def code(value: Any, field: str) -> str:
    """What it is ordered by: one line of 60 characters."""
    return clean_needed(None if value is None else str(value), field=field, max_length=LONGEST_CODE)


def unit_price(value: Any, field: str) -> Decimal | None:
    """What one piece costs, at most four decimals, never below nothing."""
    found = number(value, field)
    if found is not None and (found < 0 or found >= MOST):
        raise Refused("not_an_amount", field=field, value=str(value)[:40])
    return found


def number(value: Any, field: str, places: int = PLACES) -> Decimal | None:
    """A number in digits; refuses more decimals than are kept, rather than to round what somebody typed."""
    if value is None or not str(value).strip():
        return None
    found = value if isinstance(value, Decimal) else parse_amount(str(value), field=field)
    if not found.is_finite() or -int(found.normalize().as_tuple().exponent) > places:
        raise Refused("too_many_decimals", field=field, places=places)
    return found


def quantity(value: Any, field: str) -> Decimal | None:
    """How many: above zero, with at most three decimals."""
    found = number(value, field, 3)
    if found is not None and not 0 < found < MOST_QUANTITY:
        raise Refused("quantity_positive", field=field)
    return found


def discount(value: Any, field: str) -> Decimal:
    """From 0 to 100 percent; nothing typed is none."""
    found = number(value, field)
    if found is not None and not 0 <= found <= MOST_PERCENT:
        raise Refused("not_a_percent", field=field)
    return found or Decimal(0)


def percent(value: Any, field: str) -> Decimal:
    """From 0 to 100."""
    found = number(value, field)
    if found is None:
        raise Refused("required", field=field)
    if not 0 <= found <= MOST_PERCENT:
        raise Refused("not_a_percent", field=field)
    return found


def state(value: Any, field: str) -> str:
    """active or retired."""
    return _of(STATES)(value or STATES[0], field)


def _of(known: tuple[str, ...]) -> Callable[[Any, str], str]:
    def one(value: Any, field: str) -> str:
        if value not in known:
            raise Refused("unknown_value", field=field)
        return value

    return one


def _short(most: int) -> Callable[[Any, str], str]:
    return lambda value, field: clean_needed(None if value is None else str(value), field=field, max_length=most)


def places(value: Any, field: str) -> int:
    """Decimals of a quantity: 0 to 3."""
    typed = str(0 if value in (None, "") else value)
    if typed not in {str(one) for one in range(MOST_PLACES + 1)}:
        raise Refused("unknown_value", field=field)
    return int(typed)


FIELDS: dict[str, Callable[[Any, str], Any]] = {
    "code": code, "name": needed_line, "description": paragraphs, "category_id": key, "unit_id": key, "tax_code_id": key,
    "price": unit_price, "cost": unit_price, "state": state, "successor_id": key, "tags": tags,
}
UNIT_FIELDS: dict[str, Callable[[Any, str], Any]] = {"name": _short(40), "places": places}
CATEGORY_FIELDS: dict[str, Callable[[Any, str], Any]] = {"name": _short(100), "parent_id": key}
TAX_FIELDS: dict[str, Callable[[Any, str], Any]] = {"name": _short(60), "category": _of(TAX_CATEGORIES)}
SOURCE = line
