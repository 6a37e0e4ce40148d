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
    to, as pairs of currency ("" for what has none) and amount, the one to be looked up first first. key: what sets it apart from others of
    its code. reason, params: the sentence."""

    code: str
    reason: str
    values: tuple[tuple[str, Decimal], ...] = ()
    key: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def mark(self) -> tuple[str, str]:
        return self.code, self.key

    @property
    def currencies(self) -> tuple[str, ...]:
        """In the order in which they are looked up."""
        return tuple(currency for currency, _ in self.values)

    def value(self, currency: str) -> Decimal:
        """What it comes to there; nothing where it was not measured."""
        return next((value for one, value in self.values if one == currency), Decimal(0))

    def kept(self) -> dict[str, Any]:
        """As a request keeps it. values: pairs, since JSON in the database keeps no order of names."""
        return {"code": self.code, "key": self.key, "reason": self.reason, "params": {name: str(value) for name, value in self.params.items()}, "values": [[name, str(value)] for name, value in self.values]}

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "Need":
        return cls(kept["code"], kept["reason"], tuple((name, Decimal(value)) for name, value in kept["values"]), kept["key"], kept["params"])


# Of one role: (code, currency or "") -> value.
Limits = Mapping[tuple[str, str], Decimal]


def limit_for(need: Need, kind: LimitKind, roles: Iterable[Limits]) -> tuple[str, Decimal] | None:
    """(currency, value) of the most generous of somebody's roles; None: one of them has no limit. Roles that do not count are left out before."""
    found = []
    for limits in roles:
        there = next(((currency, limits[kind.code, currency]) for currency in need.currencies if (kind.code, currency) in limits), None)
        if there is None:
            return None
        found.append(there)
    return max(found, key=lambda one: _room(one[1], need.value(one[0]), kind)) if found else ("", ENDLESS if kind.least else -ENDLESS)


def measured_by(limits: Limits, code: str, currency: str, own: str) -> tuple[str, Decimal] | None:
    """(currency, value) of the limit by which a role is measured in a document of that currency; None: it has none."""
    return next(((one, limits[code, one]) for one in (currency, own) if (code, one) in limits), None)


def _room(limit: Decimal, value: Decimal, kind: LimitKind) -> Decimal:
    """How much is left, in parts of what is wanted."""
    left = value - limit if kind.least else limit - value
    return left / abs(value) if value else left


def reaches(need: Need, kind: LimitKind, roles: Iterable[Limits]) -> bool:
    """Is what is wanted within the limit? At the limit it is."""
    limit = limit_for(need, kind, roles)
    if limit is None:
        return True
    value = need.value(limit[0])
    return value >= limit[1] if kind.least else value <= limit[1]


def rank(needs: Sequence[Need], kinds: Mapping[str, LimitKind], roles: Sequence[Limits]) -> tuple[Decimal, ...]:
    """How far somebody reaches in what is wanted: the smaller comes first. No limit is the furthest."""
    found = []
    for need in needs:
        if need.code not in kinds:
            continue
        limit = limit_for(need, kinds[need.code], roles)
        found.append(ENDLESS if limit is None else _room(limit[1], need.value(limit[0]), kinds[need.code]))
    return tuple(found)


def covers(given: Sequence[Need], wanted: Sequence[Need], kinds: Mapping[str, LimitKind]) -> bool:
    """Was a yes to the first also one to the second? What is wanted now was wanted then, and at least as much: in the currency that is looked
    up first, so that a yes outlives the rates of its day."""
    known = {one.mark: one for one in given}
    return all(one.mark in known and _no_more(one, known[one.mark], kinds.get(one.code)) for one in wanted)


def _no_more(now: Need, then: Need, kind: LimitKind | None) -> bool:
    shared = next((currency for currency in now.currencies if currency in then.currencies), None)
    if kind is None or shared is None:
        return kind is None
    return now.value(shared) >= then.value(shared) if kind.least else now.value(shared) <= then.value(shared)
