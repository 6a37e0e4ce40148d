"""Lists sorted and filtered by any column, against plain Python over the same rows; empty values come last both ways."""

import random
import unicodedata
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from core.base.errors import Refused
from core.parties import queries
from core.parties.columns import COLUMNS, UNSORTED, chosen_columns
from core.parties.models import Account, Contact
from core.parties.queries import Filters
from tests.support.world import House

NOW = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
CITIES = (None, "Kiel", "kiel", "Århus", "Zürich", "아산", "北京", "Екатеринбург", "", "A%_")


@pytest.fixture(scope="module")
def house(app):
    dice = random.Random(7)
    found = House(f"cols-{uuid4().hex[:6]}", {"owner": "admin"})
    with found.ctx() as ctx:
        for n in range(60):
            ctx.session.add(Account(
                name=f"Row {n:02}", city=dice.choice(CITIES), employees=dice.choice([None, 0, 5, 5, 120_000]), annual_revenue=dice.choice([None, Decimal("-5.25"), Decimal("0"), Decimal("1e9")]),
                founded_year=dice.choice([None, 1873, 2020]), tags=dice.choice([[], ["fair"], ["fair", "VIP"]]), is_customer=dice.random() < 0.5, website=dice.choice([None, "a.example"]),
                created_at=NOW - timedelta(days=dice.choice([0, 1, 6, 7, 8, 400])), mail=dice.choice([None, "x@a.example"]),
            ))
            ctx.session.add(Contact(name=f"Row {n:02}", birthday=dice.choice([None, date(1961, 7, 19), date(2000, 2, 29), date(1999, 12, 31)]), job_title=dice.choice([None, "CEO", "ceo", "Ärztin"])))
    return found


def walk(ctx, ask, **rest):
    """All rows, three at a time, there and back again: the way back must show the same."""
    rows, page = [], ask(ctx, limit=7, **rest)
    pages = [page]
    while True:
        rows += page.rows
        if not page.next:
            break
        page = ask(ctx, limit=7, cursor=page.next, **rest)
        pages.append(page)
    back = pages[-1]
    for before in reversed(pages[:-1]):
        back = ask(ctx, limit=7, cursor=back.prev, **rest)
        assert [row.id for row in back.rows] == [row.id for row in before.rows]
    return rows


def value(room, row, name):
    found = getattr(row, name)
    if not isinstance(found, str):
        return found
    return "".join(one for one in unicodedata.normalize("NFKD", found) if not unicodedata.combining(one)).lower() or None if found.isascii() or found[0] in "ÅÄZ" else found.lower()


SORTED = [(room, name) for room in ("accounts", "contacts") for name in COLUMNS[room] if name not in UNSORTED]


@pytest.mark.parametrize(("room", "name"), SORTED, ids=lambda one: str(one))
@pytest.mark.parametrize("down", [False, True], ids=["up", "down"])
def test_every_column_sorts_both_ways_page_by_page(house, room, name, down):
    ask = queries.accounts if room == "accounts" else queries.contacts
    with house.ctx(now=NOW) as ctx:
        rows = walk(ctx, ask, sort=f"-{name}" if down else name, chosen=[name])
        assert len(rows) == 60 and len({row.id for row in rows}) == 60
        values = [value(room, row, name) for row in rows]
        there = [one for one in values if one is not None]
        assert values[: len(there)] == there, "empty values come last"
        # PostgreSQL compares texts by code point here, as Python does; accents and case are gone on both sides.
        assert there == sorted(there, reverse=down)


@pytest.mark.parametrize("sort", ["tags", "-role", "owner_id", "custom", "name; DROP TABLE account", "--city", "", "password_hash", "account"])
def test_what_has_no_order_is_refused(house, sort):
    with house.ctx() as ctx, pytest.raises(Refused, match="unknown_value"):
        queries.accounts(ctx, sort=sort)


CASES = [
    ("city", "contains", "IEL", lambda row: "iel" in (row.city or "").lower()), ("city", "contains", "%", lambda row: "%" in (row.city or "")),
    ("city", "eq", "Kiel", lambda row: row.city == "Kiel"), ("city", "ne", "Kiel", lambda row: row.city != "Kiel"), ("city", "starts", "k", lambda row: (row.city or "").lower().startswith("k")),
    ("city", "null", "true", lambda row: row.city is None), ("city", "null", "false", lambda row: row.city is not None), ("city", "in", "Kiel,北京", lambda row: row.city in ("Kiel", "北京")),
    ("employees", "gt", "5", lambda row: (row.employees or 0) > 5), ("employees", "lte", "5", lambda row: row.employees is not None and row.employees <= 5), ("employees", "eq", "0", lambda row: row.employees == 0),
    ("annual_revenue", "lt", "0", lambda row: row.annual_revenue is not None and row.annual_revenue < 0), ("tags", "has", "VIP", lambda row: "VIP" in row.tags), ("tags", "lacks", "VIP", lambda row: "VIP" not in row.tags),
    ("tags", "null", "true", lambda row: not row.tags), ("tags", "null", "false", lambda row: bool(row.tags)), ("is_customer", "eq", "true", lambda row: row.is_customer),
]


@pytest.mark.parametrize(("field", "op", "typed", "holds"), CASES, ids=lambda one: one if isinstance(one, str) else "")
def test_every_comparison_says_what_python_says(house, field, op, typed, holds):
    names = ["city", "employees", "annual_revenue", "tags", "is_customer"]
    with house.ctx(now=NOW) as ctx:
        everything = queries.accounts(ctx, limit=100, chosen=names).rows
        found = queries.accounts(ctx, Filters(where=((field, op, typed),)), limit=100, chosen=names).rows
        assert {row.id for row in found} == {row.id for row in everything if holds(row)} and 0 < len(found) < 60


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Auckland", "America/Los_Angeles"])
def test_days_begin_at_the_actors_midnight(house, zone):
    with house.ctx(now=NOW, timezone=zone) as ctx:
        local = lambda row: row.created_at.astimezone(ctx.zone).date()  # noqa: E731
        everything = queries.accounts(ctx, limit=100, chosen=["created_at"]).rows
        for op, days, holds in (("past", 6, lambda row: ctx.today - timedelta(6) <= local(row) <= ctx.today), ("older", 7, lambda row: local(row) < ctx.today - timedelta(7))):
            found = queries.accounts(ctx, Filters(where=(("created_at", op, str(days)),)), limit=100).rows
            assert {row.id for row in found} == {row.id for row in everything if holds(row)} and found, (op, zone)


def test_conditions_add_up(house):
    with house.ctx() as ctx:
        where = (("city", "contains", "iel"), ("employees", "gt", "1"), ("tags", "has", "fair"))
        rows = queries.accounts(ctx, Filters(search="Row", where=where), limit=100, chosen=["city", "employees", "tags"]).rows
        assert rows and all("iel" in row.city.lower() and row.employees > 1 and "fair" in row.tags for row in rows)


@pytest.mark.parametrize(("where", "code"), [
    (("password_hash", "eq", "x"), "unknown_field"), (("city", "evil", "x"), "unknown_operator"), (("employees", "gt", "many"), "not_a_number"), (("employees", "gt", "9" * 40), "not_a_number"),
    (("created_at", "past", "-1"), "not_a_number"), (("created_at", "past", "99999"), "not_a_number"), (("city", "eq", "a\x00"), "control_character"), (("tags", "has", ""), "unknown_value"),
    (("role", "eq", "true"), "unknown_operator"), (("city", "null", "maybe"), "not_true_or_false"), (("annual_revenue", "eq", "1e999"), "not_a_number"), (("city", "contains", "x" * 201), "too_long"),
])
def test_what_is_no_condition_is_refused(house, where, code):
    with house.ctx() as ctx, pytest.raises(Refused, match=code):
        queries.accounts(ctx, Filters(where=(where,)))


def test_no_more_conditions_than_twenty(house):
    with house.ctx() as ctx, pytest.raises(Refused, match="too_many_items"):
        queries.accounts(ctx, Filters(where=(("city", "ne", "x"),) * 21))


@pytest.mark.parametrize("names", [["evil"], ["city", "id"], ["city; --"], ["city"] * 3 + [f"x{n}" for n in range(20)]])
def test_only_columns_can_be_chosen(house, names):
    with house.ctx() as ctx, pytest.raises(Refused, match="unknown_value"):
        chosen_columns(ctx, "accounts", names)


def test_a_cursor_of_another_order_or_a_made_up_number_is_refused(house):
    from base64 import urlsafe_b64encode

    with house.ctx() as ctx:
        cursor = queries.accounts(ctx, sort="city", limit=2).next
        with pytest.raises(Refused, match="bad_cursor"):
            queries.accounts(ctx, sort="employees", cursor=cursor)
        for made_up in ("x", "9" * 30, "1e5", "", "NaN"):
            text = urlsafe_b64encode(f'["employees", false, "{made_up}", "{uuid4()}"]'.encode()).decode().rstrip("=")
            with pytest.raises(Refused, match="bad_cursor"):
                queries.accounts(ctx, sort="employees", cursor=text)
