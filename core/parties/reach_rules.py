"""What may stand in a way to reach somebody, and what it is found and compared by. Pure rules."""

import re
from collections.abc import Mapping
from typing import Any

from core.base.errors import Refused
from core.base.text import clean, fold
from core.parties import rules
from core.parties.reach_models import POINT_KINDS, SERVICES
from infra import addresses, phones

LONGEST_LABEL, MOST = 50, 20
Cleaned = dict[str, Any]


def label(value: Any, field: str = "label") -> str:
    """A word of the list, or free text of 50 characters; "other" for none."""
    return clean(None if value is None else str(value), field=field, max_length=LONGEST_LABEL) or "other"


def among(known: tuple[str, ...], value: Any, field: str) -> str:
    """One of these words."""
    if value not in known:
        raise Refused("unknown_value", field=field)
    return value


def key_of(kind: str, value: str, service: str | None = None) -> str:
    """A mail in small letters; the last nine digits of a phone, as the record's own phone_key; a messenger's name without
    its spaces, under its service."""
    if kind == "mail":
        return value.casefold()
    if kind == "phone":
        return phone_key(value) or fold(value)
    return f"{service}:" + re.sub(r"[\s()./-]", "", fold(value)).lstrip("@")


def phone_key(value: str | None) -> str | None:
    """What the database keeps of a phone: its last nine digits."""
    return re.sub("[^0-9]", "", value or "")[-9:] or None


def point(kind: Any, value: Any, service: Any = None, region: str | None = None) -> Cleaned:
    """value, key, e164 and service of a new value; refuses what is no address or number, and no text at all."""
    among(POINT_KINDS, kind, "kind")
    service = among(SERVICES, service or "other", "service") if kind == "messenger" else None
    clean_as = {"mail": rules.mail, "phone": rules.phone}.get(kind, rules.line)
    typed = clean_as(value, "value")
    if typed is None:
        raise Refused("required", field="value")
    number = phones.known(typed, region) if kind == "phone" else None
    return {"value": typed, "key": key_of(kind, typed, service), "e164": number.e164 if number else None, "service": service}


def street(value: Any, field: str = "street") -> str | None:
    """Up to four lines of an address."""
    text = clean(None if value is None else str(value), field=field, max_length=400, multiline=True)
    lines = [line.strip() for line in (text or "").split("\n") if line.strip()]
    if len(lines) > 4:
        raise Refused("too_long", field=field, max=400)
    return "\n".join(lines) or None


def country(value: Any, field: str = "country") -> str | None:
    """The ISO code of a country where it is recognised, else what was typed."""
    typed = rules.line(value, field)
    return addresses.country_code(typed) or typed


ADDRESS_FIELDS: dict[str, Any] = {
    "label": label, "recipient": rules.line, "street": street, "postcode": rules.line, "city": rules.line, "region": rules.line, "country": country,
}
AFFILIATION_FIELDS: dict[str, Any] = {"title": rules.line, "department": rules.line, "since": rules.day, "until": rules.day, "is_former": rules.tick}


def check_address(values: Mapping[str, Any]) -> None:
    """Refuse an address that leads nowhere."""
    if not any(values.get(name) for name in ("street", "postcode", "city")):
        raise Refused("address_empty", field="street")


def check_days(values: Mapping[str, Any]) -> None:
    """Refuse an end before the beginning."""
    if values.get("since") and values.get("until") and values["until"] < values["since"]:
        raise Refused("ends_before", field="until")


# Answers of mail servers that say: there is nobody of that name (RFC 3463 X.1.x, X.2.1), not: you may not (X.7.x).
NOBODY = re.compile(r"\b5\.(?:1\.(?:1|2|3|6|10)|2\.1)\b")
REFUSED = re.compile(r"^(?:550|551|553)\b(?!.*\b5\.\d)")


def says_nobody(reply: str) -> bool:
    """Does a server's refusal say that the address is no good?"""
    return bool(NOBODY.search(reply) or REFUSED.search(reply))
