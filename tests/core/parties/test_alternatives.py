"""Alternatives of conditions, (A and B) or (C and D), against plain Python over the same rows; what is no alternative is refused."""

import random
from datetime import UTC, datetime
from decimal import Decimal
from uuid import uuid4

import pytest

from core.base import conditions
from core.base.errors import Refused
from core.parties import queries
from core.parties.models import Account
from core.parties.queries import Filters
from core.transfer.wanted import Wanted, from_json
from tests.support.world import House

NOW = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
NAMES = ["city", "employees", "annual_revenue", "tags", "is_customer"]
CITIES, SIZES, MONEY, TAGS = (None, "Kiel", "kiel", "Bonn", "北京"), (None, 0, 5, 50, 500), (None, Decimal("-1.50"), Decimal(0), Decimal("1e6")), ([], ["fair"], ["VIP"], ["fair", "VIP"])


@pytest.fixture(scope="module")
def house(app):
    dice, found = random.Random(21), House(f"either-{uuid4().hex[:6]}", {"owner": "admin"})
    with found.ctx() as ctx:
        for n in range(80):
            ctx.session.add(Account(name=f"Row {n:02}", city=dice.choice(CITIES), employees=dice.choice(SIZES), annual_revenue=dice.choice(MONEY), tags=list(dice.choice(TAGS)), is_customer=dice.random() < 0.5))
    return found


# The reference: what SQL says of an empty value too (a comparison with nothing is not true).
def compared(value, op, typed):
    if op == "null":
        return (value is None) == (typed == "true")
    if op == "ne":
        return value != typed
    if value is None:
        return False
    return {"eq": lambda: value == typed, "gt": lambda: value > typed, "lte": lambda: value <= typed, "contains": lambda: typed.lower() in value.lower()}[op]()


def holds(row, condition):
    field, op, typed = condition
    if field == "tags":
        return not row.tags if op == "null" and typed == "true" else bool(row.tags) if op == "null" else (typed in row.tags) == (op == "has")
    kinds = {"employees": int, "annual_revenue": Decimal, "is_customer": lambda text: text == "true"}
    return compared(getattr(row, field), op, typed if op == "null" else kinds.get(field, str)(typed))


def one_of(dice):
    field = dice.choice(NAMES)
    if dice.random() < 0.15 and field != "is_customer":
        return field, "null", dice.choice(["true", "false"])
    return field, *{
        "city": lambda: (dice.choice(["eq", "ne", "contains"]), dice.choice(["Kiel", "kiel", "Bonn", "i"])), "employees": lambda: (dice.choice(["eq", "gt", "lte", "ne"]), dice.choice(["0", "5", "50"])),
        "annual_revenue": lambda: (dice.choice(["eq", "gt", "lte"]), dice.choice(["0", "-1.5", "1000"])), "tags": lambda: (dice.choice(["has", "lacks"]), dice.choice(["fair", "VIP"])),
        "is_customer": lambda: ("eq", dice.choice(["true", "false"])),
    }[field]()


def some(dice, least, most):
    return tuple(one_of(dice) for _ in range(dice.randint(least, most)))


def found(ctx, where, either):
    return {row.id for row in queries.accounts(ctx, Filters(where=where, either=either), limit=100, chosen=NAMES).rows}


@pytest.mark.parametrize("seed", range(8))
def test_random_alternatives_find_what_python_finds(house, seed):
    dice, sizes = random.Random(seed), set()
    with house.ctx(now=NOW) as ctx:
        rows = queries.accounts(ctx, limit=100, chosen=NAMES).rows
        for _ in range(25):
            where, either = some(dice, 0, 1), tuple(some(dice, 1, 3) for _ in range(dice.randint(1, 4)))
            want = {row.id for row in rows if all(holds(row, one) for one in where) and any(all(holds(row, one) for one in group) for group in either)}
            assert found(ctx, where, either) == want, (where, either)
            assert found(ctx, *conditions.tidied(where, either)) == want, "said shorter it says the same"
            if len({one[:2] for one in where}) == len(where) and all(len({one[:2] for one in group}) == len(group) for group in either):
                assert conditions.of_args(conditions.as_args(where, either)) == (where, either), "an address says it all"
            sizes.add(len(want))
    assert len(sizes) > 5


def test_alternatives_survive_being_kept_for_a_worker():
    wanted = Wanted("accounts", Filters(search="x", where=(("city", "eq", "Kiel"),), either=((("city", "eq", "a"), ("employees", "gt", "5")), (("tags", "has", "b"),))))
    assert from_json(wanted.as_json()) == wanted
    kept = wanted.as_json()
    del kept["filters"]["either"]
    assert from_json(kept).filters.either == (), "what was kept before there were any"


CITY = ("city", "eq", "x")


@pytest.mark.parametrize(("where", "either", "code"), [
    ((), ((CITY,),) * 11, "too_many_items"), ((CITY,), ((CITY,) * 10, (CITY,) * 10), "too_many_items"), ((), ((CITY,), ()), "unknown_value"),
    ((), ((CITY,), (("password_hash", "eq", "x"),)), "unknown_field"), ((), ((CITY,), (("city", "evil", "x"),)), "unknown_operator"), ((), ((("employees", "gt", "many"),),), "not_a_number"),
])
def test_what_is_no_alternative_is_refused(house, where, either, code):
    with house.ctx() as ctx, pytest.raises(Refused, match=code):
        queries.accounts(ctx, Filters(where=where, either=either))


@pytest.mark.parametrize(("name", "code"), [
    ("filter[11][city][eq]", "too_many_items"), ("filter[999][city][eq]", "too_many_items"), ("filter[0][city][eq]", "unknown_field"), ("filter[1][1][city][eq]", "unknown_field"),
    ("filter[-1][city][eq]", "unknown_field"), ("filter[1234][city][eq]", "unknown_field"), ("filter[", "unknown_field"), ("filter[city]", "unknown_field"), ("filter" + "[1]" * 500, "unknown_field"), ("filter[١][city][eq]", "unknown_field"),
])
def test_an_address_that_says_no_condition_is_refused(name, code):
    with pytest.raises(Refused, match=code):
        conditions.of_args({name: "x"})
