"""How likely two records are the same, after Fellegi and Sunter: each field that both have adds or takes bits of evidence.

A weight is the base-2 logarithm of how much oftener the two agree (or differ) where they are the same than where they are
not. A value that many others share says less: the logarithm of how many is taken off.

No program fitted the weights. They were chosen by what the fields are, by people who saw the figures of three whole sets while
they did: Febrl's dataset1, Splink's fake_1000 and Chicago's sites. How alike names have to be before they are compared at all
(core.parties.duplicates.SIMILAR) was chosen with an eye on dataset1, fake_1000 and the company names, the words of legal forms
(core.parties.naming.LEGAL) with an eye on the even half of those. Good figures of these sets prove little, therefore; Febrl's 4a
against 4b was not looked at. Whoever changes a rule thinks it out on even halves (tests.support.people_sets.half); `bin/bench
--only duplicates` prints both.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from math import log2
from typing import Any

from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler

from core.parties.naming import core_of, latin

# Bits for agreement and for difference. A birthday of everybody is one of some 20,000, a telephone number nearly one's own.
AGREES = {"mail": 13.0, "phone": 10.0, "name": 10.0, "birthday": 9.0, "address": 8.0, "postcode": 4.0, "city": 2.0, "website": 9.0, "vat_id": 14.0}
DIFFERS = {"mail": -1.5, "phone": -1.0, "name": -7.0, "birthday": -4.0, "address": -2.5, "postcode": -1.5, "city": -0.5, "website": -2.0, "vat_id": -3.0}
# Bits that stand against two records of which nothing is known, and where "may be the same" begins.
PRIOR, THRESHOLD = -5.0, 0.5
SIMILAR, ALIKE = 0.82, 0.92


@dataclass(frozen=True)
class Signs:
    """One record, made ready to be compared."""

    name: str = ""
    words: tuple[str, ...] = ()
    mail: str = ""
    phones: frozenset[str] = frozenset()
    birthday: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""
    website: str = ""
    vat_id: str = ""


def signs(values: Mapping[str, Any], *, company: bool = True) -> Signs:
    """Of a record's or candidate's values; what is no text of use is passed over. A person's name has no legal form."""
    said = {name: str(values.get(name) or "") for name in ("name", "mail", "street", "postcode", "city", "website")}
    name, born = (core_of if company else latin)(said["name"]), values.get("birthday")
    return Signs(
        name=name, words=tuple(name.split()), mail=said["mail"].strip().casefold(), phones=frozenset(filter(None, (digits(values.get(key)) for key in ("phone", "mobile")))),
        birthday=born.isoformat() if isinstance(born, date) else str(born or "")[:10], street=latin(said["street"]),
        postcode=latin(said["postcode"]).replace(" ", ""), city=latin(said["city"]), website=domain(said["website"]), vat_id=str(values.get("vat_id") or ""),
    )


def digits(value: Any) -> str:
    """The last nine digits of a telephone number, as the database keeps them; "" for fewer than six."""
    found = re.sub(r"[^0-9]", "", str(value or ""))[-9:]
    return found if len(found) >= 6 else ""


def domain(value: str) -> str:
    """The host of an address on the web without its www."""
    return re.sub(r"^(?:https?://)?(?:www\.)?", "", value.strip().lower()).split("/")[0].split(":")[0]


def compare(one: Signs, other: Signs, *, sharing: int = 1) -> tuple[float, tuple[str, ...]]:
    """(how likely they are the same, 0 to 1; why). sharing: how many other records are called the same."""
    bits, reasons = PRIOR, []
    for field, found in _evidence(one, other):
        like, reason = found
        bits += AGREES[field] * like if like >= 0 else DIFFERS[field] * -like
        if like > 0 and reason:
            reasons.append(reason)
    if "name" in reasons or "similar_name" in reasons:
        bits -= log2(max(sharing, 1))
    return 1 / (1 + 2 ** -max(min(bits, 30.0), -30.0)), tuple(reasons)


def _evidence(one: Signs, other: Signs):
    """(field, (agreement from -1 to 1, reason)) for each field that both have."""
    if one.name and other.name:
        yield "name", _names(one, other)
    if one.mail and other.mail:
        yield "mail", _texts(one.mail, other.mail, "mail", 0.94)
    if one.phones and other.phones:
        yield "phone", ((1.0, "phone") if one.phones & other.phones else (-1.0, ""))
    if one.birthday and other.birthday:
        yield "birthday", _birthdays(one.birthday, other.birthday)
    if one.street and other.street:
        yield "address", _texts(one.street, other.street, "address", 0.88)
    if one.postcode and other.postcode:
        yield "postcode", _codes(one.postcode, other.postcode)
    if one.city and other.city:
        yield "city", _texts(one.city, other.city, "", 0.9)
    if one.website and other.website:
        yield "website", ((1.0, "website") if one.website == other.website else (-1.0, ""))
    if one.vat_id and other.vat_id:
        yield "vat_id", ((1.0, "vat_id") if one.vat_id == other.vat_id else (-1.0, ""))


def _texts(one: str, other: str, reason: str, enough: float) -> tuple[float, str]:
    """The same, nearly the same (a part of the weight), or another."""
    if one == other:
        return 1.0, reason
    like = JaroWinkler.similarity(one, other)
    return (0.5 + 0.5 * (like - enough) / (1 - enough), reason if reason != "mail" else "") if like >= enough else (-1.0, "")


def _codes(one: str, other: str) -> tuple[float, str]:
    """A post code: one sign may be wrong, or two changed places."""
    if one == other:
        return 1.0, ""
    return (0.5, "") if DamerauLevenshtein.distance(one, other, score_cutoff=1) <= 1 else (-1.0, "")


def _birthdays(one: str, other: str) -> tuple[float, str]:
    """The same day; one sign wrong, two changed places, or day and month."""
    if one == other:
        return 1.0, "birthday"
    swapped = len(one) == 10 and one[:5] + one[8:] + one[4:7] == other
    near = swapped or DamerauLevenshtein.distance(one, other, score_cutoff=1) <= 1
    return (0.5, "birthday") if near else (-1.0, "")


def _names(one: Signs, other: Signs) -> tuple[float, str]:
    """Whatever the order of the words: each of the shorter name finds its best one in the other."""
    if sorted(one.words) == sorted(other.words):
        return 1.0, "name"
    like = likeness(one.words, other.words)
    if like < SIMILAR:
        return max(-1.0, (like - SIMILAR) / 0.25), ""
    return 0.85 * (like - SIMILAR + 0.04) / (1 - SIMILAR + 0.04), "similar_name"


def likeness(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    """0 to 1: words by their best match, weighed by their length; a word too many takes a part of its length."""
    whole = JaroWinkler.similarity("".join(one), "".join(other))
    few, many = sorted((one, other), key=lambda words: (len(words), sum(map(len, words))))
    left, got, length = list(many), 0.0, 0.0
    for word in sorted(few, key=len, reverse=True):
        best = max(left, key=lambda each: JaroWinkler.similarity(word, each), default="")
        like = JaroWinkler.similarity(word, best) if best else 0.0
        if best:
            left.remove(best)
        weight = max(len(word), len(best))
        got, length = got + like**2 * weight, length + weight
    spare = sum(map(len, left))
    by_words = got / (length + 0.6 * spare) if length else 0.0
    return max(by_words, whole if whole >= ALIKE else 0.0)
