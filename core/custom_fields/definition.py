"""What a definition may say, as rules: keys, labels, options, what it begins with, when it is shown."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from core.base.context import Context
from core.base.errors import Refused
from core.base.facts import plain
from core.base.text import clean, clean_needed, fold
from core.custom_fields.fields import CHOOSING, ROOMS, TEXTS, UNIQUE, Option, Own, alive, is_own
from core.custom_fields.rules import NEEDS_VALUE, OPERATORS, cleaner
from infra import i18n

KEY = re.compile(r"[^\W\d_]\w{0,59}")
COLOURS = ("grey", "blue", "green", "amber", "red", "violet", "cyan", "pink")
LONGEST_LABEL, LONGEST_HELP, MOST_OPTIONS = 60, 200, 200
# Kind -> what it may become without any value being changed.
WIDER = {"text": "long_text", "whole": "decimal", "choice": "choices"}


def key_of(label: str) -> str:
    """A key made of a label: "Shoe size" -> "shoe_size"; words of any script stay."""
    made = re.sub(r"\W+", "_", label.strip().casefold()).strip("_")[:60]
    return made if KEY.fullmatch(made) else f"f_{made}"[:60].rstrip("_") if made else "field"


def free_key(label: str, taken: Iterable[str]) -> str:
    """The same, with a number behind it where the key is or was given to another field."""
    first, held = key_of(label), set(taken)
    return first if first not in held else next(made for n in range(2, 10_000) if (made := f"{first[:55]}_{n}") not in held)


def a_key(value: Any, field: str) -> str:
    if not isinstance(value, str) or not KEY.fullmatch(value) or value != value.casefold():
        raise Refused("custom_bad_key", field=field)
    return value


def a_label(value: Any, field: str) -> str:
    return clean_needed(None if value is None else str(value), field=field, max_length=LONGEST_LABEL)


def some_labels(value: Any, field: str) -> dict[str, str]:
    """Labels by language; empty ones are left out."""
    if not isinstance(value or {}, Mapping) or not set(value or {}) <= set(i18n.LANGUAGES):
        raise Refused("unknown_value", field=field)
    found = {language: clean(str(text), field=field, max_length=LONGEST_LABEL) for language, text in (value or {}).items() if text}
    return {language: text for language, text in found.items() if text}


def a_line(longest: int) -> Callable[[Any, str], str | None]:
    return lambda value, field: clean(None if value is None else str(value), field=field, max_length=longest)


def a_tick(value: Any, field: str) -> bool:
    return value if isinstance(value, bool) else str(value or "").strip().lower() in ("1", "true", "yes", "on", "y")


def some_options(value: Any, field: str) -> list[dict[str, Any]]:
    """Options from a list of {"key", "label", "colour", "archived"}; a new one needs only its label."""
    given = list(value or [])
    if len(given) > MOST_OPTIONS:
        raise Refused("custom_too_many_options", field=field, max=MOST_OPTIONS)
    keys, found = [one.get("key") for one in given if isinstance(one, Mapping)], []
    for one in given:
        if not isinstance(one, Mapping) or not set(one) <= {"key", "label", "colour", "archived"}:
            raise Refused("unknown_value", field=field)
        label = a_label(one.get("label"), field)
        key = a_key(one["key"], field) if one.get("key") else free_key(label, [key for key in keys if key])
        keys.append(key)
        colour = one.get("colour") or "grey"
        if colour not in COLOURS:
            raise Refused("unknown_value", field=field)
        found.append({"key": key, "label": label, "colour": colour, "archived": a_tick(one.get("archived"), field)})
    if len({one["key"] for one in found}) < len(found) or len({fold(one["label"]) for one in found}) < len(found):
        raise Refused("custom_option_twice", field=field)
    return found


def as_it_is(value: Any, field: str) -> Any:
    return value


FIELDS: dict[str, Callable[[Any, str], Any]] = {
    "label": a_label, "labels": some_labels, "help": a_line(LONGEST_HELP), "options": some_options, "is_required": a_tick, "is_unique": a_tick, "preset": as_it_is,
    "shown_when": as_it_is, "section": a_line(LONGEST_LABEL), "in_list": a_tick, "is_searched": a_tick, "is_personal": a_tick,
}


def fitting(ctx: Context, own: Own) -> Own:
    """The definition with what depends on its kind and on the other fields settled; refuses what can not be."""
    others = [one for one in alive(ctx, own.room) if one.id != own.id]
    if any(fold(one.label) == fold(own.label) for one in others):
        raise Refused("custom_label_taken", field="label")
    if own.kind in CHOOSING and not any(not one.archived for one in own.options):
        raise Refused("custom_no_options", field="options")
    if own.is_unique and own.kind not in UNIQUE:
        raise Refused("custom_not_unique_kind", field="is_unique")
    own = replace(own, options=own.options if own.kind in CHOOSING else (), is_searched=own.is_searched and own.kind in TEXTS)
    try:
        preset = None if own.is_unique else cleaner(own, zone=ctx.zone, currency=ctx.tenant.currency)(own.preset, "preset")
    except Refused as refusal:
        raise Refused(refusal.code, field="preset", **refusal.params) from None
    return replace(own, preset=preset, shown_when=_condition(ctx, own, others))


def _condition(ctx: Context, own: Own, others: list[Own]) -> dict[str, Any]:
    """When it is shown: a field of the record, a comparison and a value that suit each other."""
    given = own.shown_when or {}
    if not isinstance(given, Mapping) or not set(given) <= {"field", "op", "value"}:
        raise Refused("custom_condition_unknown", field="shown_when")
    if not given.get("field"):
        return {}
    name, op = str(given["field"]), given.get("op")
    asked = next((one for one in others if one.name == name), None)
    taking = ROOMS[own.room]
    if op not in OPERATORS or (asked is None if is_own(name) else name not in taking.labels()):
        raise Refused("custom_condition_unknown", field="shown_when")
    _no_circle(own, others)
    if op not in NEEDS_VALUE:
        return {"field": name, "op": op}
    read = cleaner(asked, zone=ctx.zone, currency=ctx.tenant.currency) if asked else taking.cleaners()[name]
    one_by_one = asked is not None and asked.kind == "choices"
    try:
        values = [read(value, "shown_when") for value in (given.get("value") if op == "in" and isinstance(given.get("value"), list) else [given.get("value")])]
    except Refused:
        raise Refused("custom_condition_unknown", field="shown_when") from None
    said = [plain(value[0] if isinstance(value, list) and (one_by_one or op == "has") and value else value) for value in values]
    if any(value in (None, "", []) for value in said):
        raise Refused("custom_condition_unknown", field="shown_when")
    return {"field": name, "op": op, "value": said if op == "in" else said[0]}


def _no_circle(own: Own, others: list[Own]) -> None:
    """Fields that wait for each other would never be shown."""
    by_name, at, met = {one.name: one for one in others} | {own.name: own}, own, set()
    while at is not None and at.shown_when.get("field"):
        if at.name in met:
            raise Refused("custom_condition_circle", field="shown_when")
        met.add(at.name)
        at = by_name.get(at.shown_when["field"])


def options_of(rows: Iterable[Mapping[str, Any]]) -> tuple[Option, ...]:
    return tuple(Option(one["key"], one["label"], one.get("colour") or "grey", bool(one.get("archived"))) for one in rows)
