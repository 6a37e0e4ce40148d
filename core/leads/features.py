"""What a model looks at in a lead, and what a fitted one says of it: pure rules over plain values. Every field is one of few categories: not
given, another one, or a value that at least `SHARED` of the leads fitted have; nothing that names a person is looked at."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from infra.free_mail import FREE_MAIL

# A value that fewer leads share is "another one": nobody is known by it. Of a field no more than so many values.
SHARED, MOST_VALUES = 10, 40
NOT_GIVEN, ANOTHER = 0, 1
LONG = 200
TOLD, MOST_TOLD = 1, 5
LONGEST = 80


def _word(name: str) -> Callable[[Mapping[str, Any]], str | None]:
    return lambda lead: _clean(lead.get(name))


def _given(name: str) -> Callable[[Mapping[str, Any]], str | None]:
    return lambda lead: "given" if _clean(lead.get(name)) else None


def _touch(name: str) -> Callable[[Mapping[str, Any]], str | None]:
    return lambda lead: _clean(_part(lead.get("first_touch"), name))


def _part(values: Any, name: str) -> Any:
    return values.get(name) if isinstance(values, Mapping) else None


def _clean(value: Any) -> str | None:
    text = " ".join(str(value).split()) if value is not None else ""
    return text[:LONGEST] or None


def _mail(lead: Mapping[str, Any]) -> str | None:
    """Of an address only whether it is a company's."""
    address = _clean(lead.get("mail_norm"))
    return None if address is None else "free" if address.rpartition("@")[2] in FREE_MAIL else "company"


def _message(lead: Mapping[str, Any]) -> str | None:
    text = str(lead.get("message") or "").strip()
    return None if not text else "long" if len(text) >= LONG else "short"


def _touches(lead: Mapping[str, Any]) -> str | None:
    count = _number(lead.get("touches"))
    return None if count is None else str(max(1, min(int(count), 3)))


def _host(lead: Mapping[str, Any]) -> str | None:
    return _clean(_split(_part(lead.get("first_touch"), "referrer")).hostname)


def _page(lead: Mapping[str, Any]) -> str | None:
    return _clean(_split(_part(lead.get("first_touch"), "page")).path)


def _split(address: Any) -> Any:
    try:
        return urlsplit(str(address or ""))
    except ValueError:
        return urlsplit("")


# Name -> what it says of a lead. Names are those of the lead's fields, so that each is called as the field is, and hidden with it.
FIELDS: dict[str, Callable[[Mapping[str, Any]], str | None]] = {
    **{name: _word(name) for name in ("source", "campaign", "interest", "country", "city", "language", "job_title")},
    **{name: _given(name) for name in ("company", "phone")}, "mail": _mail, "message": _message, "touches": _touches,
    **{f"first_touch.{name}": _touch(name) for name in ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")}, "first_touch.referrer": _host, "first_touch.page": _page,
}
# Their categories are words of ours.
CODED = {"company": ("given",), "phone": ("given",), "mail": ("free", "company"), "message": ("short", "long"), "touches": ("1", "2", "3")}
# Columns of a lead that are read for it.
READ = ("source", "campaign", "interest", "country", "city", "language", "job_title", "company", "phone", "mail_norm", "message", "touches", "first_touch", "custom")
OWN_WORDS, OWN_NUMBERS = frozenset({"choice", "yes_no"}), frozenset({"whole", "decimal"})
QUARTERS = 4


@dataclass(frozen=True)
class Looked:
    """A field that a model looks at. values: the categories behind "not given" and "another one"; of a number, where one quarter of the leads
    ends and the next begins (edges)."""

    name: str
    values: tuple[str, ...] = ()
    edges: tuple[float, ...] = ()

    @property
    def size(self) -> int:
        return 2 + (len(self.edges) + 1 if self.edges else len(self.values))

    def place(self, raw: Any) -> int:
        """Which category a value is."""
        if self.edges:
            number = _number(raw)
            return NOT_GIVEN if number is None else 2 + sum(number > edge for edge in self.edges)
        return NOT_GIVEN if raw is None else self._places.get(str(raw).casefold(), ANOTHER)

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {value.casefold(): number for number, value in enumerate(self.values, 2)}


def raw_of(lead: Mapping[str, Any], name: str) -> Any:
    """What a lead says in a field, before it becomes a category."""
    if name in FIELDS:
        return FIELDS[name](lead)
    value = _part(lead.get("custom"), name.removeprefix("custom."))
    return {True: "yes", False: "no"}.get(value) if isinstance(value, bool) else value if isinstance(value, int | float) else _clean(value)


def looked_at(leads: Sequence[Mapping[str, Any]], own: Mapping[str, str]) -> list[Looked]:
    """What there is to look at in these leads. own: name -> kind of the workspace's own fields. A field in which all are the same is left out."""
    found = []
    for name in [*FIELDS, *own]:
        raws = [raw_of(lead, name) for lead in leads]
        one = Looked(name, edges=_edges(raws)) if own.get(name) in OWN_NUMBERS else Looked(name, values=_shared(raws, CODED.get(name)))
        if len({one.place(raw) for raw in raws}) > 1:
            found.append(one)
    return found


def _shared(raws: Iterable[Any], coded: Sequence[str] | None) -> tuple[str, ...]:
    """The values that enough leads share, the most frequent first, each as most wrote it."""
    given = [str(raw) for raw in raws if raw is not None]
    spelt = Counter(given)
    folded = Counter(text.casefold() for text in given)
    usual: dict[str, str] = {}
    for text, _ in spelt.most_common():
        usual.setdefault(text.casefold(), text)
    often = sorted((fold for fold, count in folded.items() if count >= SHARED), key=lambda fold: (-folded[fold], fold))[:MOST_VALUES]
    return tuple(value for value in coded if value in often) if coded else tuple(usual[fold] for fold in often)


def _edges(raws: Iterable[Any]) -> tuple[float, ...]:
    numbers = sorted(number for raw in raws if (number := _number(raw)) is not None)
    if len(numbers) < SHARED * QUARTERS:
        return ()
    return tuple(sorted({numbers[len(numbers) * part // QUARTERS] for part in range(1, QUARTERS)} - {numbers[-1]}))


def _number(raw: Any) -> float | None:
    try:
        number = float(raw)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def places(fields: Sequence[Looked], lead: Mapping[str, Any]) -> list[int]:
    """The category of each field."""
    return [field.place(raw_of(lead, field.name)) for field in fields]


def kept(fields: Sequence[Looked], model: Mapping[str, Any]) -> dict[str, Any]:
    """A fitted model as it is stored: plain numbers and words."""
    described = [
        {"field": field.name, "values": list(field.values), "edges": list(field.edges), "weights": weights, "usual": usual}
        for field, weights, usual in zip(fields, model["weights"], model["usual"], strict=True)
    ]
    return {"fields": described, "intercept": model["intercept"], "map": model["map"], "strength": model["strength"]}


class Fitted:
    """A stored model, ready to be asked."""

    def __init__(self, stored: Mapping[str, Any]):
        self.fields = [Looked(one["field"], tuple(one["values"]), tuple(one["edges"])) for one in stored["fields"]]
        self.weights = [one["weights"] for one in stored["fields"]]
        self.usual = [one["usual"] for one in stored["fields"]]
        self.intercept, (self.slope, self.level) = stored["intercept"], stored["map"]

    def line(self, found: Sequence[int]) -> float:
        """The log odds of a lead of these categories."""
        return self.slope * (self.intercept + sum(weights[place] for weights, place in zip(self.weights, found, strict=True))) + self.level

    def says(self, lead: Mapping[str, Any]) -> tuple[int, list[dict[str, Any]]]:
        """(chance in per cent, what moved it most): of each field by how many points the chance is higher or lower than if it were as usual."""
        found = places(self.fields, lead)
        line = self.line(found)
        moved = [
            {"field": field.name, "at": place, "points": _per_cent(line) - _per_cent(line - self.slope * (weights[place] - usual))}
            for field, place, weights, usual in zip(self.fields, found, self.weights, self.usual, strict=True)
        ]
        told = sorted((one for one in moved if abs(one["points"]) >= TOLD), key=lambda one: (-abs(one["points"]), one["field"]))
        return _per_cent(line), told[:MOST_TOLD]

    def moves(self, weight: float) -> int:
        """By how many points a weight moves the chance of a lead that is as usual otherwise."""
        line = self.slope * (self.intercept + sum(self.usual)) + self.level
        return _per_cent(line + self.slope * weight) - _per_cent(line)

    def usually(self) -> int:
        """The chance of a lead that is as usual in everything."""
        return _per_cent(self.slope * (self.intercept + sum(self.usual)) + self.level)


def _per_cent(line: float) -> int:
    return round(100 / (1 + math.exp(-max(-700.0, min(700.0, line)))))
