"""Candidates of one list, none of them a record yet, that may be the same as another of it. Looked at twice as records are: what shares
a name however it is spelled, an address or a number, and of those whatever `core.parties.likeness` says is likely."""

import re
from collections.abc import Hashable, Mapping
from typing import Any

from core.base.context import Context
from core.parties.duplicates import known_fields
from core.parties.likeness import THRESHOLD, Signs, compare, digits, domain, signs
from core.parties.models import Account, Contact
from core.parties.naming import bare_form, core_of, latin, umlauts

ALIKE = str.maketrans("cqzw", "kksv")
OF_EACH = 8  # that share a key are compared; more share one only where it says little
Told = tuple[Hashable, float, tuple[str, ...]]


class Among:
    """What was looked at so far. Most share no key with any other and are never compared: their signs are made when they are."""

    def __init__(self, kind: str) -> None:
        self.company = kind == "account"
        self.kept: list[tuple[Hashable, dict[str, Any]]] = []
        self.by_key: dict[tuple[str, str], list[int]] = {}

    def look(self, ctx: Context, candidate: Mapping[str, Any], told: Hashable) -> Told | None:
        """(what was told of it, how likely, why) of the earlier candidate that is likeliest the same, if any is; and keeps this one, of
        which `told` will be told. Nothing is said of a field that is hidden from the actor."""
        known = known_fields(ctx, Account if self.company else Contact)
        one = {name: candidate[name] for name in ("name", *known) if candidate.get(name)}
        keys = self._keys(one)
        near = dict.fromkeys(place for key in keys for place in self.by_key.get(key, ()))
        found = self._best(one, near) if near else None
        for key in keys:
            held = self.by_key.setdefault(key, [])
            if len(held) < OF_EACH:
                held.append(len(self.kept))
        self.kept.append((told, one))
        return found

    def _best(self, one: Mapping[str, Any], near: Mapping[int, None]) -> Told | None:
        mine = self._signs(one)
        judged = [(*max(compare(a, b) for a in mine for b in self._signs(self.kept[place][1])), place) for place in near]
        score, reasons, place = max(judged, key=lambda found: (found[0], -found[2]))
        return (self.kept[place][0], score, reasons) if score >= THRESHOLD else None

    def _signs(self, one: Mapping[str, Any]) -> list[Signs]:
        return [signs({**one, "name": name}, company=self.company) for name in self._names(one)]

    def _names(self, one: Mapping[str, Any]) -> list[str]:
        """As it is written, and as its umlauts may be."""
        name = str(one.get("name") or "")
        return [name, *(umlauts(bare_form(name)) if self.company else ())]

    def _keys(self, one: Mapping[str, Any]) -> list[tuple[str, str]]:
        """What two must share to be compared: the consonants of the name, or a value of one's own."""
        read = core_of if self.company else latin
        found = [("name", _bones(read(name))) for name in self._names(one)]
        found += [("mail", str(one.get("mail", "")).strip().casefold()), ("website", domain(str(one.get("website", "")))), ("vat_id", str(one.get("vat_id", "")))]
        found += [("phone", digits(one.get(field))) for field in ("phone", "mobile")]
        return list(dict.fromkeys(key for key in found if key[1]))


def _bones(name: str) -> str:
    """A name without its vowels and doubled letters, whatever the order of its words; a short one as it is."""
    whole = "".join(sorted(name.split())).translate(ALIKE)
    bones = re.sub(r"([a-z])\1+", r"\1", re.sub(r"[aeiouy]", "", whole))
    return bones if len(bones) > 2 else whole
