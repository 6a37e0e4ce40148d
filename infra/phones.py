"""Phone numbers as the world writes them: what was typed, read by the plan of its country (ITU E.164, libphonenumber)."""

import re
from dataclasses import dataclass

from babel.core import get_global

COUNTRY = re.compile(r"^(?:1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|[0-9]{3})")


@dataclass(frozen=True, slots=True)
class Number:
    """A number that was understood. e164: for programs and links; international: for people; valid: it can be called."""

    e164: str
    international: str
    region: str | None
    valid: bool


def read(typed: str | None, region: str | None = None) -> Number | None:
    """The number of what was typed; region: the country (ISO code) whose numbers need no "+". None where nothing can be
    made of it."""
    import phonenumbers  # on first use only: it brings a table of every country
    from phonenumbers import PhoneNumberFormat as Format

    try:
        found = phonenumbers.parse((typed or "")[:100], region or None)
    except phonenumbers.NumberParseException:
        return None
    said = phonenumbers.format_number(found, Format.INTERNATIONAL)
    return Number(phonenumbers.format_number(found, Format.E164), said, phonenumbers.region_code_for_number(found), phonenumbers.is_valid_number(found))


def known(typed: str | None, region: str | None = None) -> Number | None:
    """The same, for numbers alone that can be called."""
    found = read(typed, region)
    return found if found is not None and found.valid else None


def without_country(digits: str) -> str:
    """All digits of an international number without those of its country (ITU E.164's list of country codes)."""
    return COUNTRY.sub("", digits)


def country_of_zone(timezone: str) -> str | None:
    """The country (ISO code) of a time zone: whoever keeps his clock in Madrid writes Spanish numbers."""
    return get_global("zone_territories").get(timezone)
