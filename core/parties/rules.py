"""What may stand in a field of an account or contact, as pure rules: typed values in, values to keep out.

Every cleaner takes what a form, an API call or an import has (text or the value itself) and the field's name; it
refuses with a code that names the field.
"""

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from core.base.cleaning import currency, day, key, line, needed_line, paragraphs, tick, whole_number
from core.base.errors import Refused
from core.base.money import parse_amount
from core.identity.rules import normal_mail
from core.parties.hours import hours
from core.parties.models import CHANNELS, KINDS, RELIEFS
from core.parties.origins import ORIGINS
from core.tagging.rules import tags
from infra import vat_numbers

HOST = re.compile(r"(?:https?://)?(?:[^\s/@:.]+\.)+[^\s/@:.]{2,}(?::\d{1,5})?(?:[/?#]\S*)?", re.IGNORECASE)
MOST_REVENUE = Decimal(10) ** 15


def mail(value: Any, field: str) -> str | None:
    """A mail address, as typed."""
    typed = line(value, field)
    return normal_mail(typed, field=field)[0] if typed else None


def website(value: Any, field: str) -> str | None:
    """example.com or a whole http(s) address; anything else could not be linked safely."""
    typed = line(value, field)
    if typed and not HOST.fullmatch(typed):
        raise Refused("not_a_website", field=field)
    return typed


def phone(value: Any, field: str) -> str | None:
    """A number as people write it; it must have digits."""
    typed = line(value, field)
    if typed and (len(typed) > 60 or sum(c.isdigit() for c in typed) < 3):
        raise Refused("not_a_phone", field=field)
    return typed


def amount(value: Any, field: str) -> Decimal | None:
    """An amount in digits, to the cent."""
    if value is None or not str(value).strip():
        return None
    found = value if isinstance(value, Decimal) else parse_amount(str(value), field=field)
    if abs(found) > MOST_REVENUE:
        raise Refused("not_an_amount", field=field)
    return found.quantize(Decimal("0.01"), ROUND_HALF_UP)  # as money is rounded everywhere


def vat_id(value: Any, field: str) -> str | None:
    """A number of a tax office, written in one way; refuses what is not the pattern of its country. A check digit that does not
    fit is no reason to refuse: the page says so (`infra.vat_numbers`)."""
    typed = line(value, field)
    if not typed:
        return None
    found = vat_numbers.read(typed)
    if found is None:
        raise Refused("not_a_vat_number", field=field)
    return found.written


def kind(value: Any, field: str) -> str:
    """company or person."""
    if (value or KINDS[0]) not in KINDS:
        raise Refused("unknown_value", field=field)
    return value or KINDS[0]


def channel(value: Any, field: str) -> str | None:
    """One of the ways to reach somebody, or none."""
    if value and value not in CHANNELS:
        raise Refused("unknown_value", field=field)
    return value or None


def relief(value: Any, field: str) -> str | None:
    """Exempt, reverse charge, or none."""
    if value and value not in RELIEFS:
        raise Refused("unknown_value", field=field)
    return value or None


@cache
def _zones() -> dict[str, str | None]:
    """What a time zone is known by, folded: its name, or its city alone where only one zone has it."""
    found: dict[str, str | None] = {}
    for zone in sorted(one for one in available_timezones() if "/" in one and not one.startswith(("Etc/", "posix", "right", "SystemV"))):
        city = zone.rpartition("/")[2].replace("_", " ").casefold()
        found[city] = zone if city not in found else None
    return found | {zone.replace("_", " ").casefold(): zone for zone in available_timezones()}


def zone(value: Any, field: str) -> str | None:
    """A time zone by its name or its city: "Europe/Berlin", "berlin"."""
    typed = line(value, field)
    if not typed:
        return None
    found = _zones().get(typed.replace("_", " ").casefold())
    if found is None:
        raise Refused("not_a_zone", field=field)
    return found


def with_mail_norm(values: dict[str, Any]) -> dict[str, Any]:
    """The same values, with what a mail address is found by."""
    if "mail" in values:
        values["mail_norm"] = values["mail"].casefold() if values["mail"] else None
    return values


BOTH: dict[str, Callable[[Any, str], Any]] = {
    "name": needed_line, "phone": phone, "mail": mail, "tags": tags, "owner_id": key, "source": line, "external_id": line, "notes": paragraphs,
}
ACCOUNT_FIELDS: dict[str, Callable[[Any, str], Any]] = {
    **BOTH, "kind": kind, "is_customer": tick, "is_supplier": tick, "website": website, "industry": line,
    "employees": whole_number(0, 100_000_000), "annual_revenue": amount, "currency": currency, "founded_year": whole_number(1000, 2100), "vat_id": vat_id, "tax_relief": relief,
    "street": line, "postcode": line, "city": line, "region": line, "country": line, "parent_id": key,
}
CONTACT_FIELDS: dict[str, Callable[[Any, str], Any]] = {
    **BOTH, "account_id": key, "how_to_address": line, "job_title": line, "mobile": phone, "language": line, "birthday": day,
    "preferred_channel": channel, "preferred_hours": hours, "timezone": zone, "referred_by_id": key,
    **{column: rule for origin in ORIGINS.values() for column, rule in ((origin.source, line), (origin.noted_on, day))},
}
