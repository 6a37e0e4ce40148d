"""Conditions on any column, as a person sets them: which there are, how they are said, how an address carries them."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import g

from core.base.columns import DAYS, SEVERAL
from core.base.conditions import Alternatives, Condition, tidied
from core.base.context import Context
from core.base.errors import Refused
from core.base.field_rights import hidden
from core.base.policy import has
from core.base.text import fold
from core.base.words import N_
from core.identity import queries as people
from core.parties import queries as parties
from core.views.filtering import Filters, key_of
from core.views.lists import ListColumn, choices_of, columns_of
from infra import i18n
from web.custom_fields.saying import options as own_options

# Operator as a person chooses it -> (message id with the value in it, operator and value that it stands for).
SAID = {
    "contains": N_("contains %(value)s"), "eq": N_("is %(value)s"), "ne": N_("is not %(value)s"), "starts": N_("begins with %(value)s"),
    "lt": N_("less than %(value)s"), "gt": N_("more than %(value)s"), "lte": N_("at most %(value)s"), "gte": N_("at least %(value)s"),
    "past": N_("in the last %(value)s days"), "older": N_("more than %(value)s days ago"), "next": N_("in the next %(value)s days"),
    "has": N_("has %(value)s"), "lacks": N_("has not %(value)s"), "any": N_("has any of %(value)s"), "all": N_("has all of %(value)s"), "none": N_("has none of %(value)s"), "in": N_("is one of %(value)s"),
}
DATES = {"lt": N_("before %(value)s"), "gt": N_("after %(value)s"), "lte": N_("until %(value)s"), "gte": N_("from %(value)s")}
WITHOUT = {"empty": ("null", "true"), "filled": ("null", "false"), "yes": ("eq", "true"), "no": ("eq", "false")}
WITHOUT_SAID = {"empty": N_("is empty"), "filled": N_("is not empty"), "yes": N_("yes"), "no": N_("no")}
# What is offered for a column, by what it holds.
OFFERED = {
    str: ("contains", "eq", "ne", "starts", "empty", "filled"), int: ("eq", "lt", "gt", "lte", "gte", "empty", "filled"), bool: ("yes", "no"),
    Decimal: ("eq", "lt", "gt", "lte", "gte", "empty", "filled"), date: ("past", "older", "next", "lt", "gt", "eq", "empty", "filled"),
    datetime: ("past", "older"), list: ("has", "lacks", *SEVERAL, "empty", "filled"), UUID: ("eq", "ne", "empty", "filled"),
}
# Room -> (ctx, column) -> [(key, name)] of a column that names other things of the workspace.
NAMING: dict[str, Callable[[Context, str], list[tuple[str, str]]]] = {}
OWN_OFFERED = {
    "choice": ("eq", "ne", "empty", "filled"), "choices": ("has", "lacks", "empty", "filled"), "user": ("eq", "ne", "empty", "filled"), "account": ("empty", "filled"), "contact": ("empty", "filled"),
    "moment": ("past", "older", "next", "empty", "filled"),
}
CHOOSING = frozenset({"choice", "choices", "user"})
APART = frozenset({"owner_id", "role", "kind", "account"})  # they have fields of their own, or need a record chosen


def condition_of_args(ctx: Context, room: str, args: Mapping[str, str]) -> tuple[str, str, str] | None:
    """The condition that the form "any field" sends; None where it sends none. Refuses what the column does not take."""
    field, op, value = args.get("add", ""), args.get("op", ""), args.get("value", "").strip()
    if not field or not op or (op not in WITHOUT and not value):
        return None
    listed = columns_of(ctx, room).get(field)
    if listed is None or op not in (*SAID, *WITHOUT):
        raise Refused("unknown_value", field="add")
    if op not in WITHOUT and (choices_of(room, field, listed) or listed.own is not None or listed.options is not None or listed.column.kind is UUID):
        value = next((key for key, text in _options(ctx, room, field, listed) if fold(text) == fold(value)), fold(value) if choices_of(room, field, listed) else value)
    op, value = WITHOUT.get(op, (op, value))
    listed.column.where(ctx, op, value, "value")
    return field, op, value


def with_one(filters: Filters, one: Condition, into: str) -> tuple[tuple[Condition, ...], Alternatives]:
    """(what must hold, the alternatives) with one condition more. into: "or", so that it is enough by itself (the first time
    what must hold becomes the other alternative), the number of an alternative, else it must hold too."""
    where, either = filters.where, filters.either
    if into == "or":
        return tidied((), (where, (one,))) if not either else tidied(where, (*either, (one,)))
    if into.isascii() and into.isdigit() and 0 < int(into) <= len(either):
        return tidied(where, (_joined(group, one) if number == int(into) else group for number, group in enumerate(either, 1)))
    return tidied(_joined(where, one), either)


def _joined(group: tuple[Condition, ...], one: Condition) -> tuple[Condition, ...]:
    """An address says a comparison of a field once."""
    return (*(kept for kept in group if kept[:2] != one[:2]), one)


def without(filters: Filters, one: Condition, number: int | None) -> tuple[tuple[Condition, ...], Alternatives]:
    """The same with one less. number: of the alternative that it belongs to, from 0; None: it must hold."""
    less = lambda group: tuple(kept for kept in group if kept != one)  # noqa: E731
    if number is None:
        return less(filters.where), filters.either
    return tidied(filters.where, (less(group) if place == number else group for place, group in enumerate(filters.either)))


def as_said(ctx: Context, room: str, one: tuple[str, str, str]) -> tuple[str, str]:
    """(field, condition) in the reader's language: ("City", "contains Kiel")."""
    field, op, value = one
    listed = columns_of(ctx, room).get(field)
    if listed is None:
        return field, value
    called = listed.label if listed.own else _(listed.label)
    if listed.own is not None:
        value = ", ".join(dict(_options(ctx, room, field, listed)).get(one, one) for one in value.split(",")) if listed.own.kind in CHOOSING else value
    without = next((name for name, stands in WITHOUT.items() if stands == (op, value)), None)
    if without and (op == "null" or listed.column.kind is bool):
        return called, _(WITHOUT_SAID[without])
    if listed.shown == "account":
        return called, _account(ctx, value)
    if listed.shown == "owner":
        value = _people(ctx, op, value)
    if choices_of(room, field, listed) or (listed.own is None and listed.column.kind is UUID and listed.shown != "owner"):
        known = dict(_options(ctx, room, field, listed))
        value = ", ".join(known.get(one, one) for one in (value.split(",") if op == "in" else (value,)))
    if op in SEVERAL:
        value = ", ".join(dict.fromkeys(one.strip() for one in value.split(",")))
    said = DATES.get(op) if listed.column.kind in (date, datetime) else None
    return called, _(said or SAID.get(op, "%(value)s"), value=value)


def _people(ctx: Context, op: str, value: str) -> str:
    """The people whom a condition names by key, as far as the actor knows them."""
    known = {str(key): name for key, name in people.user_names(ctx).items()}
    return ", ".join(known.get(one.lower(), _(N_("one out of your sight"))) for one in (value.split(",") if op == "in" else (value,)))


def _account(ctx: Context, value: str) -> str:
    """The account that a condition names by key, as far as the actor sees it."""
    found = parties.account_name(ctx, key_of(value, "account")) if has(ctx, "accounts.read") else None
    return found or _(N_("one out of your sight"))


def builder(ctx: Context, room: str, alternatives: int = 0) -> dict[str, Any]:
    """What the form "any field" offers: fields with the operators that suit them, the operators in words, and how a
    condition goes with those that are set."""
    away = hidden(ctx, room)
    fields = [
        {"name": name, "label": listed.label, "ops": " ".join(_offered(listed)), "input": _input(listed.column.kind), "options": _options(ctx, room, name, listed)}
        for name, listed in columns_of(ctx, room).items() if name not in APART and name not in away
    ]
    ops = [(op, _(text, value="…")) for op, text in SAID.items() if op != "in"] + [(op, _(text)) for op, text in WITHOUT_SAID.items()]
    into = [("", _(N_("Must hold too"))), ("or", _(N_("Or else, as another alternative"))), *((str(n), _(N_("Within alternative %(number)s"), number=n)) for n in range(1, alternatives + 1))]
    return {"fields": fields, "ops": ops, "into": into, "without": " ".join(WITHOUT), "days": " ".join(DAYS)}


def _offered(listed: ListColumn) -> tuple[str, ...]:
    """The operators that suit a column."""
    if listed.own is not None and listed.own.kind in OWN_OFFERED:
        return OWN_OFFERED[listed.own.kind]
    return tuple(op for op in OFFERED.get(listed.column.kind, ()) if op in WITHOUT or op in listed.column.ops)


def _options(ctx: Context, room: str, field: str, listed: ListColumn) -> list[tuple[str, str]]:
    """What the value of a condition may be chosen from: words of a list, things of the workspace, options (the archived too), or people."""
    if listed.options is not None:
        return listed.options(ctx)
    if listed.own is None and listed.column.kind is UUID:
        return NAMING[room](ctx, field) if room in NAMING else []
    if listed.own is None:
        return [(value, _(label)) for value, label in choices_of(room, field, listed).items()]
    return own_options(ctx, listed.own)[1:] if listed.own.kind == "user" else [(one.key, one.label) for one in listed.own.options]


def _input(kind: type) -> str:
    return {date: "date", int: "number", Decimal: "number"}.get(kind, "text")


def _(text: str, **params: Any) -> str:
    return i18n.gettext(g.get("lang", "en"), text, **params)
