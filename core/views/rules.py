"""What a view may hold, as a pure rule: a search, named filters, conditions, an order, columns."""

from collections.abc import Mapping
from typing import Any

from core.base.errors import Refused

TEXTS = ("search", "owner", "tag", "kind", "role", "under", "brought", "sort", "group")
KNOWN = frozenset({*TEXTS, "where", "either", "columns"})
LONGEST, MOST = 200, 30
NARROWEST, WIDEST = 48, 800


def clean_query(given: Mapping[str, Any]) -> dict[str, Any]:
    """The query to keep: {"search", "owner", "tag", "kind", "role", "under", "brought", "sort", "group": text, "where": [[field, operator, value]],
    "either": [[[field, operator, value]]], "columns": [name]}; what is empty is left out, anything else refused. The list itself says what its values may be."""
    if unknown := sorted(str(name) for name in set(given) - KNOWN):
        raise Refused("unknown_field", field="query", name=unknown[0][:60])
    found: dict[str, Any] = {name: _text(given[name], name) for name in TEXTS if given.get(name)}
    if given.get("where"):
        found["where"] = _conditions(given["where"], "where")
    if given.get("either"):
        found["either"] = [_conditions(group, "either") for group in _several(given["either"], "either") if group]
    if given.get("columns") is not None:
        found["columns"] = [_text(name, "columns") for name in _several(given["columns"], "columns")]
    return found


def checked_width(width: int | None) -> int | None:
    """Pixels of a column; None: as wide as what is in it. Refuses what nobody could use."""
    if width is not None and not NARROWEST <= width <= WIDEST:
        raise Refused("out_of_range", field="width")
    return width


def _conditions(given: Any, field: str) -> list[list[str]]:
    return [[_text(part, field) for part in _three(one, field)] for one in _several(given, field)]


def _text(value: Any, field: str) -> str:
    if not isinstance(value, str) or len(value) > LONGEST or not (value.isprintable() or value == ""):
        raise Refused("unknown_value", field=field)
    return value


def _several(value: Any, field: str) -> list[Any]:
    if not isinstance(value, list | tuple) or len(value) > MOST:
        raise Refused("unknown_value", field=field)
    return list(value)


def _three(one: Any, field: str) -> list[Any]:
    if not isinstance(one, list | tuple) or len(one) != 3:
        raise Refused("unknown_value", field=field)
    return list(one)
