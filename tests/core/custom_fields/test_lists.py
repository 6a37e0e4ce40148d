"""Lists over own fields: every comparison and order says what plain Python says over the same rows."""

import random
from uuid import uuid4

import pytest

from core.base.errors import Refused
from core.custom_fields import actions as defining
from core.parties.columns import columns_of
from core.parties.models import Account
from core.parties.queries import Filters, accounts
from tests.core.custom_fields.conftest import COLOURS
from tests.core.parties.test_columns import walk
from tests.support.world import House

VALUES = {
    "text": [None, "Kiel", "kiel", "Århus", "北京", "a%_"], "whole": [None, 0, 5, -3, 120_000], "decimal": [None, "0", "-5.25", "12.5", "100"],
    "amount": [None, {"amount": "5.00", "currency": "EUR"}, {"amount": "-1.50", "currency": "USD"}], "date": [None, "2026-01-01", "1999-12-31"], "moment": [None, "2026-01-01T10:00:00Z", "1999-12-31T23:59:00Z"],
    "yes_no": [None, True, False], "choice": [None, "red", "green", "blue"], "choices": [None, ["red"], ["red", "blue"], ["green"]], "mail": [None, "a@x.example"], "link": [None, "a.example"],
}


@pytest.fixture(scope="module")
def house(app):
    dice, found = random.Random(5), House(f"ownl-{uuid4().hex[:6]}", {"owner": "admin"})
    with found.ctx() as ctx:
        for kind in VALUES:
            defining.create_field(ctx, room="accounts", kind=kind, label=kind, key=f"my_{kind}", **({"options": COLOURS} if kind in ("choice", "choices") else {}))
        for n in range(60):
            custom = {f"my_{kind}": value for kind, values in VALUES.items() if (value := dice.choice(values)) is not None}
            ctx.session.add(Account(name=f"Row {n:02}", custom=custom))
    return found


def number(value):
    return None if value is None else float(value["amount"] if isinstance(value, dict) else value)


CASES = [
    ("text", "contains", "IEL", lambda v: "iel" in (v or "").lower()), ("text", "eq", "Kiel", lambda v: v == "Kiel"), ("text", "ne", "Kiel", lambda v: v != "Kiel"), ("text", "starts", "a%", lambda v: (v or "").startswith("a%")),
    ("text", "null", "true", lambda v: v is None), ("text", "null", "false", lambda v: v is not None), ("text", "in", "Kiel,北京", lambda v: v in ("Kiel", "北京")),
    ("whole", "gt", "4", lambda v: v is not None and v > 4), ("whole", "eq", "5", lambda v: v == 5), ("whole", "in", "5,0", lambda v: v in (5, 0)), ("decimal", "lte", "0", lambda v: v is not None and number(v) <= 0), ("decimal", "eq", "12.50", lambda v: v == "12.5"),
    ("amount", "lt", "0", lambda v: v is not None and number(v) < 0), ("date", "gte", "2026-01-01", lambda v: v == "2026-01-01"), ("date", "older", "30", lambda v: v is not None and v < "2026-06-01"), ("moment", "null", "false", lambda v: v is not None),
    ("yes_no", "eq", "true", lambda v: v is True), ("yes_no", "eq", "false", lambda v: not v), ("choice", "eq", "red", lambda v: v == "red"), ("choice", "ne", "red", lambda v: v != "red"), ("choice", "in", "red,blue", lambda v: v in ("red", "blue")),
    ("choices", "has", "red", lambda v: "red" in (v or [])), ("choices", "lacks", "red", lambda v: "red" not in (v or [])), ("choices", "null", "true", lambda v: v is None),
]


@pytest.mark.parametrize(("kind", "op", "typed", "holds"), CASES, ids=lambda one: one if isinstance(one, str) else "")
def test_every_comparison_says_what_python_says(house, kind, op, typed, holds):
    name = f"custom.my_{kind}"
    with house.ctx() as ctx:
        everything = accounts(ctx, limit=100, chosen=[name]).rows
        found = accounts(ctx, Filters(where=((name, op, typed),)), limit=100, chosen=[name]).rows
        assert {row.id for row in found} == {row.id for row in everything if holds(getattr(row, name))} and 0 < len(found) < 60


KEYS = {"choice": lambda v: ["red", "green", "blue"].index(v), "amount": number, "decimal": number, "text": lambda v: {"Århus": "arhus"}.get(v, v.lower())}


@pytest.mark.parametrize("kind", [kind for kind in VALUES if kind != "choices"])
@pytest.mark.parametrize("down", [False, True], ids=["up", "down"])
def test_every_kind_sorts_both_ways_page_by_page_and_empty_ones_come_last(house, kind, down):
    name, key = f"custom.my_{kind}", KEYS.get(kind, lambda v: v)
    with house.ctx() as ctx:
        rows = walk(ctx, accounts, sort=f"-{name}" if down else name, chosen=[name])
        values = [getattr(row, name) for row in rows]
        there = [one for one in values if one is not None] if kind != "yes_no" else [bool(one) for one in values]
        assert len({row.id for row in rows}) == 60 and (kind == "yes_no" or values[: len(there)] == there)
        assert [key(one) for one in there] == sorted(map(key, there), reverse=down)


@pytest.mark.parametrize("ask", [{"sort": "custom.my_choices"}, {"sort": "custom.nothing"}, {"filters": Filters(where=(("custom.nothing", "eq", "x"),))}, {"filters": Filters(where=(("custom.my_choice", "eq", "pink"),))}, {"filters": Filters(where=(("custom.my_whole", "contains", "x"),))}])
def test_what_a_field_can_not_be_asked_is_refused(house, ask):
    with house.ctx() as ctx, pytest.raises(Refused):
        accounts(ctx, **ask)


def test_a_value_that_can_not_be_read_breaks_no_list(house):
    """Values of the past are guarded; without the look before the cast the statement would fail."""
    with house.ctx() as ctx:
        ctx.session.add(Account(name="Dirty", custom={"my_whole": "many", "my_date": "2026-02-31", "my_amount": "12", "my_moment": "soon", "my_yes_no": "x"}))
        ctx.session.flush()
        for name in ("my_whole", "my_date", "my_amount", "my_moment", "my_yes_no"):
            assert "Dirty" in {row.name for row in accounts(ctx, sort=f"custom.{name}", limit=100).rows}
            assert columns_of(ctx, "accounts")[f"custom.{name}"].own
        ctx.session.rollback()
