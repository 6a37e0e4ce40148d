"""Does a limit reach, and whose is the smallest that does: pure, over plain values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from core.approvals.kinds import LimitKind

ENDLESS = Decimal("Infinity")


@dataclass(frozen=True)
class Need:
    """Something that somebody has to be entitled to. code: of a limit, or a word that only a permission answers. values: what it comes
    to, by currency ("" for what has none), the one to be looked up first first. key: what sets it apart from others of its code. reason, params: the sentence."""

    code: str
    reason: str
    values: Mapping[str, Decimal] = field(default_factory=dict)
    key: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def mark(self) -> tuple[str, str]:
        return self.code, self.key

    def kept(self) -> dict[str, Any]:
        """As a request keeps it."""
        return {"code": self.code, "key": self.key, "reason": self.reason, "params": {name: str(value) for name, value in self.params.items()}, "values": {name: str(value) for name, value in self.values.items()}}

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "Need":
        return cls(kept["code"], kept["reason"], {name: Decimal(value) for name, value in kept["values"].items()}, kept["key"], kept["params"])


# Of one role: (code, currency or "") -> value.
Limits = Mapping[tuple[str, str], Decimal]


def limit_for(need: Need, kind: LimitKind, roles: Iterable[Limits]) -> tuple[str, Decimal] | None:
    """(currency, value) of the most generous of somebody's roles; None: one of them has no limit. Roles that do not count are left out before."""
    found = []
    for limits in roles:
        there = next(((currency, limits[kind.code, currency]) for currency in need.values if (kind.code, currency) in limits), None)
        if there is None:
            return None
        found.append(there)
    return max(found, key=lambda one: _room(one[1], need.values[one[0]], kind)) if found else ("", ENDLESS if kind.least else -ENDLESS)


def _room(limit: Decimal, value: Decimal, kind: LimitKind) -> Decimal:
    """How much is left, in parts of what is wanted."""
    left = value - limit if kind.least else limit - value
    return left / abs(value) if value else left


def reaches(need: Need, kind: LimitKind, roles: Iterable[Limits]) -> bool:
    """Is what is wanted within the limit? At the limit it is."""
    limit = limit_for(need, kind, roles)
    if limit is None:
        return True
    value = need.values.get(limit[0], Decimal(0))
    return value >= limit[1] if kind.least else value <= limit[1]


def rank(needs: Sequence[Need], kinds: Mapping[str, LimitKind], roles: Sequence[Limits]) -> tuple[Decimal, ...]:
    """How far somebody reaches in what is wanted: the smaller comes first. No limit is the furthest."""
    found = []
    for need in needs:
        if need.code not in kinds:
            continue
        limit = limit_for(need, kinds[need.code], roles)
        found.append(ENDLESS if limit is None else _room(limit[1], need.values.get(limit[0], Decimal(0)), kinds[need.code]))
    return tuple(found)


def covers(given: Sequence[Need], wanted: Sequence[Need], kinds: Mapping[str, LimitKind]) -> bool:
    """Was a yes to the first also one to the second? What is wanted now was wanted then, and at least as much."""
    known = {one.mark: one for one in given}
    return all(one.mark in known and _no_more(one, known[one.mark], kinds.get(one.code)) for one in wanted)


def _no_more(now: Need, then: Need, kind: LimitKind | None) -> bool:
    shared = [currency for currency in now.values if currency in then.values]
    if kind is None or not shared:
        return kind is None
    least = kind.least
    return now.values[shared[0]] >= then.values[shared[0]] if least else now.values[shared[0]] <= then.values[shared[0]]
