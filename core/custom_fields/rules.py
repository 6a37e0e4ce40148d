"""What may stand in a tenant's own field, as pure rules: one cleaner a kind, typed values in, JSON out; and conditions."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.numbers import list_currencies

from core.base.errors import Refused
from core.base.facts import plain
from core.base.money import parse_amount
from core.base.text import clean, fold
from core.custom_fields.fields import Own
from core.identity.rules import normal_mail

TRUE, FALSE = frozenset({"1", "true", "yes", "on", "y"}), frozenset({"0", "false", "no", "off", "n"})
LARGEST, PLACES = Decimal(10) ** 14, 4
WHOLE = 2**31 - 2
ADDRESS = re.compile(r"(?:https?://)?(?:[^\s/@:.]+\.)+[^\s/@:.]{2,}(?::\d{1,5})?(?:[/?#]\S*)?", re.IGNORECASE)


def _text(own: Own, value: Any, field: str, *, longest: int = 200, lines: bool = False) -> str | None:
    if isinstance(value, dict | list):
        raise Refused("unknown_value", field=field)
    return clean(None if value is None else str(value), field=field, max_length=longest, multiline=lines)


def _mail(own: Own, value: Any, field: str) -> str | None:
    typed = _text(own, value, field)
    return normal_mail(typed, field=field)[0] if typed else None


def _phone(own: Own, value: Any, field: str) -> str | None:
    typed = _text(own, value, field)
    if typed and (len(typed) > 60 or sum(one.isdigit() for one in typed) < 3):
        raise Refused("custom_not_a_phone", field=field)
    return typed


def _link(own: Own, value: Any, field: str) -> str | None:
    """example.com or a whole http(s) address; anything else could not be linked safely."""
    typed = _text(own, value, field, longest=1000)
    if typed and not ADDRESS.fullmatch(typed):
        raise Refused("custom_not_a_link", field=field)
    return typed


def _number(value: Any, field: str) -> Decimal | None:
    """Digits as people type them, or a number of JSON."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, bool | dict | list):
        raise Refused("custom_not_a_number", field=field)
    try:
        found = value if isinstance(value, Decimal) else Decimal(str(value)) if isinstance(value, int | float) else parse_amount(str(value), field=field)
    except (Refused, ArithmeticError):
        raise Refused("custom_not_a_number", field=field) from None
    if not found.is_finite() or abs(found) >= LARGEST:
        raise Refused("custom_not_a_number", field=field)
    return found


def _whole(own: Own, value: Any, field: str) -> int | None:
    found = _number(value, field)
    if found is not None and (found != found.to_integral_value() or abs(found) > WHOLE):
        raise Refused("custom_not_whole", field=field)
    return None if found is None else int(found)


def _decimal(own: Own, value: Any, field: str) -> str | None:
    found = _number(value, field)
    if found is None:
        return None
    rounded = round(found, PLACES)
    if rounded != found:
        raise Refused("custom_too_many_places", field=field, max=PLACES)
    return canonical(rounded)


def canonical(number: Decimal) -> str:
    """One way to write a number: equal ones are equal texts."""
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def _amount(own: Own, value: Any, field: str, *, currency: str) -> dict[str, str] | None:
    """An amount and its currency: {"amount", "currency"}, "12.50 EUR", "12.50" in the workspace's own."""
    if isinstance(value, Mapping):
        if not set(value) <= {"amount", "currency"}:
            raise Refused("not_an_amount", field=field)
        number, unit = value.get("amount"), str(value.get("currency") or currency)
    else:
        typed = str(value or "").strip()
        found = re.fullmatch(r"(?:([A-Za-z]{3})\s*)?([-+0-9.,'\s\u00a0\u202f]*)(?:\s*([A-Za-z]{3}))?", typed)
        if not found or (found[1] and found[3]) or (typed and not (found[2] or "").strip()):
            raise Refused("not_an_amount", field=field)
        number, unit = (found[2] or "").strip(), found[1] or found[3] or currency
    if number in (None, ""):
        return None
    try:
        amount = _number(number, field)
    except Refused:
        raise Refused("not_an_amount", field=field) from None
    if unit.upper() not in list_currencies():
        raise Refused("custom_not_a_currency", field=field)
    return None if amount is None else {"amount": f"{round(amount, 2):.2f}", "currency": unit.upper()}


def _date(own: Own, value: Any, field: str) -> str | None:
    if value is None or value == "":
        return None
    try:
        return (value if isinstance(value, date) else date.fromisoformat(str(value).strip())).isoformat()[:10]
    except ValueError:
        raise Refused("not_a_date", field=field) from None


def _moment(own: Own, value: Any, field: str, *, zone: ZoneInfo) -> str | None:
    """To the minute, kept in UTC; without a zone it is where the actor is."""
    if value is None or value == "":
        return None
    try:
        found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).strip())
        found = (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refused("custom_not_a_moment", field=field) from None
    return found.strftime("%Y-%m-%dT%H:%M:00Z").rjust(20, "0")


def _yes_no(own: Own, value: Any, field: str) -> bool | None:
    if isinstance(value, bool) or value in (None, ""):
        return value if value != "" else None
    typed = str(value).strip().lower()
    if typed not in TRUE | FALSE:
        raise Refused("custom_not_yes_or_no", field=field)
    return typed in TRUE


def _option(own: Own, value: Any, field: str) -> str:
    """An option by its key, or by its label."""
    open_ = [one for one in own.options if not one.archived]
    found = next((one for one in open_ if one.key == value), None) or next((one for one in open_ if fold(one.label) == fold(str(value))), None)
    if found is None:
        raise Refused("unknown_value", field=field)
    return found.key


def _choice(own: Own, value: Any, field: str) -> str | None:
    return None if value in (None, "") else _option(own, value, field)


def _choices(own: Own, value: Any, field: str) -> list[str] | None:
    """Several options from a list or "a, b", in the options' own order."""
    given = [part.strip() for part in re.split(r"[,;\n]", value)] if isinstance(value, str) else list(value or [])
    chosen = {_option(own, one, field) for one in given if one not in (None, "")}
    return [one.key for one in own.options if one.key in chosen] or None


def _key(own: Own, value: Any, field: str) -> str | None:
    """The key of another record; whether it is there and seen is asked by the use case."""
    if value in (None, ""):
        return None
    try:
        return str(value if isinstance(value, UUID) else UUID(str(value).strip()))
    except ValueError:
        raise Refused("unknown_value", field=field) from None


CLEANERS: dict[str, Callable[..., Any]] = {
    "text": _text, "long_text": partial(_text, longest=20_000, lines=True), "whole": _whole, "decimal": _decimal, "amount": _amount, "date": _date, "moment": _moment,
    "yes_no": _yes_no, "choice": _choice, "choices": _choices, "mail": _mail, "phone": _phone, "link": _link, "user": _key, "account": _key, "contact": _key,
}


def cleaner(own: Own, *, zone: ZoneInfo, currency: str) -> Callable[[Any, str], Any]:
    """The cleaner of one field: (what was typed, the field's name) -> what stands in `custom`, None for nothing."""
    extra = {"moment": {"zone": zone}, "amount": {"currency": currency}}.get(own.kind, {})
    return partial(CLEANERS[own.kind], own, **extra)


# ---- conditions ----

OPERATORS = ("eq", "ne", "in", "has", "filled", "empty")
NEEDS_VALUE = frozenset({"eq", "ne", "in", "has"})


def applies(own: Own, value_of: Callable[[str], Any]) -> bool:
    """Is the field to be filled in on a record whose other fields are these? value_of: name of a field -> its value."""
    return not own.shown_when or holds(own.shown_when, value_of(own.shown_when["field"]))


def holds(condition: Mapping[str, Any], value: Any) -> bool:
    """One condition over one value; web/ui/static/js/fields.js says the same."""
    op, wanted = condition["op"], condition.get("value")
    now = plain(value)
    if op in ("filled", "empty"):
        return (now in (None, "", [], False)) == (op == "empty")
    if op == "has":
        return wanted in now if isinstance(now, list) else now == wanted
    if op == "in":
        return now in (wanted or [])
    same = (bool(now) == wanted) if isinstance(wanted, bool) else now == wanted
    return same == (op == "eq")


def due(owns: tuple[Own, ...], value_of: Callable[[str], Any]) -> list[Own]:
    """The fields that a record like this must have filled in and has not."""
    return [one for one in owns if one.is_required and applies(one, value_of) and value_of(one.name) in (None, "", [])]
