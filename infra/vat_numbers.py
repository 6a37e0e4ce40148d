"""Numbers under which companies are taxed: how their country writes them, and whether the check digit fits (python-stdnum)."""

import re
from dataclasses import dataclass
from functools import cache
from types import ModuleType

# What people and programs put between the signs of a number.
BETWEEN = re.compile(r"[\s.,\-/\u00a0\u2010-\u2015_]")
# Mexico's begin with three or four letters of the name, which may be those of any country.
MEXICAN = re.compile(r"[A-ZÑ&]{3,4}[0-9]{6}[0-9A-Z]{3}")
WRITTEN = re.compile(r"[0-9A-ZÑ&+*]{2,30}")
# Prefix of a number -> the country, where it is another.
PREFIXES = {"EL": "gr", "XI": "gb"}
# Country -> how else than under stdnum's "vat" its numbers are known there, without the prefix.
ALSO = {"ad": ("ad.nrt",), "no": ("no.orgnr",), "ru": ("ru.inn",), "rs": ("rs.pib",), "eu": ("eu.oss",)}


@dataclass(frozen=True, slots=True)
class VatNumber:
    """written: capitals with nothing between them, as it is kept and compared. country: ISO code of whoever gave it out, from the
    prefix; None where there is none, or where its rule is not known. fits: does the check digit? Unknown countries' always do."""

    written: str
    country: str | None
    fits: bool


def read(typed: str) -> VatNumber | None:
    """The number of what was typed; None where it can't be one: signs that none has, or not the pattern of its country."""
    written = BETWEEN.sub("", typed[:100]).upper()
    if not WRITTEN.fullmatch(written) or not any(sign.isdigit() for sign in written):
        return None
    country = PREFIXES.get(written[:2], written[:2].lower())
    rules = _rules(country)
    if not rules or MEXICAN.fullmatch(written):
        return VatNumber(written, None, True)
    found = [_holds(rule, number) for rule, number in _ways(rules, written)]
    return None if not any(one is not None for one in found) else VatNumber(written, country.upper(), any(found))


def fits(written: str) -> bool:
    """Does the check digit of a number that is kept?"""
    found = read(written)
    return found is not None and found.fits


def _ways(rules: tuple[ModuleType, ...], written: str) -> list[tuple[ModuleType, str]]:
    """Each rule with the number as it wants it: the first knows the prefix, further ones do not."""
    return [(rules[0], written), *((rule, number) for rule in rules[1:] for number in (written, written[2:]))]


def _holds(rule: ModuleType, number: str) -> bool | None:
    """True; False for a wrong check digit or a part that nobody gives out; None where the pattern is another."""
    from stdnum.exceptions import InvalidChecksum, InvalidComponent, ValidationError

    try:
        rule.validate(number)
        return True
    except (InvalidChecksum, InvalidComponent):
        return False
    except ValidationError:
        return None


@cache
def _rules(country: str) -> tuple[ModuleType, ...]:
    """What is known of a country's numbers; nothing for most."""
    from importlib import import_module

    from stdnum import get_cc_module

    if not country.isascii() or not country.isalpha():
        return ()
    own = import_module("stdnum.eu.vat") if country == "eu" else get_cc_module(country, "vat")
    return (own, *(import_module(f"stdnum.{name}") for name in ALSO.get(country, ()))) if own else ()
