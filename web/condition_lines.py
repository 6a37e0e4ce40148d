"""Conditions on a list's records as lines of a form: field, comparison, value. Rules of the score, of who gets which lead, and contact plans have them."""

from typing import Any

from flask import request

from core.base.context import Context
from web.parties.conditions import WITHOUT, as_said, builder, condition_of_args

LINES = 3
# No rule asks for what the rules make.
SCORED = frozenset({"score", "last_contact", "last_contact_kind", "next_contact", "next_contact_kind"})


def lines_of_form() -> list[tuple[str, str, str]]:
    """As they were typed."""
    form = request.form
    return [(form.get(f"field{n}", ""), form.get(f"op{n}", ""), form.get(f"value{n}", "")) for n in range(LINES)]


def typed_conditions(ctx: Context, room: str = "leads") -> list[tuple[str, str, str]]:
    """As they are kept; refuses what the field does not take."""
    found = [condition_of_args(ctx, room, {"add": field, "op": op, "value": value}) for field, op, value in lines_of_form()]
    return [one for one in found if one]


def condition_values(ctx: Context, kept: list[Any], typed: list[tuple[str, str, str]] | None, room: str = "leads") -> dict[str, Any]:
    """What leads/_conditions.html needs."""
    offered = builder(ctx, room)
    offered["fields"] = [one for one in offered["fields"] if one["name"] not in SCORED]
    lines = typed if typed is not None else [_unsaid(*one) for one in kept]
    return {"offered": offered, "lines": [*lines, *[("", "", "")] * (LINES - len(lines))]}


def said_conditions(ctx: Context, kept: list[Any], room: str = "leads") -> str:
    """In words."""
    return ", ".join(" ".join(as_said(ctx, room, (one[0], one[1], one[2]))) for one in kept)


def _unsaid(field: str, op: str, value: str) -> tuple[str, str, str]:
    """A condition as the form shows it: some comparisons stand without a value."""
    name = next((name for name, stands in WITHOUT.items() if stands == (op, value)), None)
    return (field, name, "") if name else (field, op, value)
