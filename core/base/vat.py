"""VAT as pure arithmetic: which treatment a sale gets, and the tax of its lines (VAT Directive; BILLING 4.7).

A brief in code, not legal advice: rates are the standard ones, kept here with the year they were checked.
"""

import re
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

# Standard rates of the member states in hundredths of a percent, as in force in 2026.
STANDARD = {
    "AT": 2000, "BE": 2100, "BG": 2000, "HR": 2500, "CY": 1900, "CZ": 2100, "DK": 2500, "EE": 2400, "FI": 2550, "FR": 2000,
    "DE": 1900, "GR": 2400, "HU": 2700, "IE": 2300, "IT": 2200, "LV": 2100, "LT": 2100, "LU": 1700, "MT": 1800, "NL": 2100,
    "PL": 2300, "PT": 2300, "RO": 2100, "SK": 2300, "SI": 2200, "ES": 2100, "SE": 2500,
}
# Sellers outside the Union whose own tax we know: they charge it at home, and nothing abroad.
ELSEWHERE = {"GB": 2000, "CH": 810, "NO": 2500}
VAT_ID = re.compile(r"[A-Z]{2}[0-9A-Z+*]{2,13}")
TREATMENTS = ("domestic", "reverse_charge", "oss", "outside_scope", "not_registered")


class Treatment(NamedTuple):
    """kind: one of TREATMENTS. rate: hundredths of a percent."""

    kind: str
    rate: int


def normal_vat_id(typed: str | None) -> str | None:
    """Capitals without blanks and dots; None where nothing was typed or it cannot be one."""
    found = re.sub(r"[\s.\-]", "", typed or "").upper()
    return found if VAT_ID.fullmatch(found) and any(c.isdigit() for c in found) else None


def country_of(vat_id: str) -> str:
    """The country that gave a number out; Greece writes EL."""
    return {"EL": "GR", "XI": "GB"}.get(vat_id[:2], vat_id[:2])


def treatment(seller_vat_id: str | None, buyer_country: str, buyer_vat_id: str | None) -> Treatment:
    """How a service to a business (or person) in a country is taxed. A seller without a number charges none."""
    seller_vat_id = normal_vat_id(seller_vat_id)
    if seller_vat_id is None:
        return Treatment("not_registered", 0)
    home = country_of(seller_vat_id)
    if buyer_country == home:
        return Treatment("domestic", STANDARD.get(home, ELSEWHERE.get(home, 0)))
    if home not in STANDARD or buyer_country not in STANDARD:
        return Treatment("outside_scope", 0)
    if buyer_vat_id and country_of(buyer_vat_id) == buyer_country:
        return Treatment("reverse_charge", 0)
    return Treatment("oss", STANDARD[buyer_country])


def tax_of(lines: list[tuple[int, int]]) -> list[int]:
    """Tax of each (net minor units, rate): rounded half up per rate group, the difference goes to its largest line."""
    groups: dict[int, list[int]] = defaultdict(list)
    for index, (_, rate) in enumerate(lines):
        groups[rate].append(index)
    found = [_round(Decimal(net) * rate / 10000) for net, rate in lines]
    for rate, indexes in groups.items():
        total = _round(Decimal(sum(lines[i][0] for i in indexes)) * rate / 10000)
        largest = max(indexes, key=lambda i: abs(lines[i][0]))
        found[largest] += total - sum(found[i] for i in indexes)
    return found


def _round(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), ROUND_HALF_UP))
