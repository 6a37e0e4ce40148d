"""What number columns add up to, and lists in groups, against plain Python over the same rows: permissions, currencies, pages, statements."""

import random
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import event

from core.base.errors import Forbidden, Refused
from core.custom_fields import actions as fields
from core.identity import queries as people
from core.identity import roles
from core.parties import queries
from core.parties.columns import GROUPED
from core.parties.models import Account, Contact
from core.parties.queries import Filters
from core.views.grouping import group_of, groupable
from core.views.totals import totals
from tests.core.parties.test_columns import walk
from tests.support.world import House

NOW = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
NUMBERS = ["employees", "annual_revenue", "custom.machines", "custom.budget"]


@pytest.fixture(scope="module")
def house(app):
    dice, found = random.Random(5), House(f"totals-{uuid4().hex[:6]}")
    with found.ctx() as ctx:
        for kind, label in (("whole", "Machines"), ("amount", "Budget"), ("yes_no", "Fair")):
            fields.create_field(ctx, room="accounts", kind=kind, label=label)
        grade = fields.create_field(ctx, room="accounts", kind="choice", label="Grade", options=[{"label": "Zed"}, {"label": "Alpha"}])
        owners = [None, *(found.users[who].id for who in ("rep", "colleague", "manager"))]
        grades = [option["key"] for option in grade.options]
        for n in range(70):
            money = dice.choice([None, Decimal("-5.25"), Decimal("1000.10"), Decimal("1e9")])
            custom = {name: value for name, value in (
                ("machines", dice.choice([None, 3, 40])), ("budget", dice.choice([None, {"amount": "10.50", "currency": "EUR"}, {"amount": "7.00", "currency": "USD"}])),
                ("grade", dice.choice([None, *grades])), ("fair", dice.choice([None, True])),
            ) if value is not None}
            ctx.session.add(Account(
                name=f"Row {n:02}", owner_id=dice.choice(owners), employees=dice.choice([None, 0, 5, 2**31 - 1]), annual_revenue=money, currency=dice.choice(["EUR", "USD", None]) if money is not None else None,
                country=dice.choice([None, "DE", "AT", "CH"]), city=dice.choice([None, "Kiel", "kiel", "Bonn", ""]), kind=dice.choice(["company", "person"]), is_customer=dice.random() < 0.4,
                created_at=NOW - timedelta(days=dice.choice([0, 20, 40, 300])), tags=["odd"] if n % 2 else [], custom=custom,
            ))
            ctx.session.add(Contact(name=f"Row {n:02}", owner_id=dice.choice(owners), language=dice.choice([None, "de", "ko"]), tags=[[], ["odd", "Fair"], ["Fair", "odd"], ["odd"]][n % 4]))
    return found


def counted(ctx, act):
    said = []
    hear = lambda conn, cursor, statement, *rest: said.append(statement)  # noqa: E731
    engine = ctx.session.get_bind()
    event.listen(engine, "before_cursor_execute", hear)
    try:
        return act(), len(said)
    finally:
        event.remove(engine, "before_cursor_execute", hear)


def value(row, name):
    """(number, currency) of a cell, or None."""
    found = getattr(row, name)
    if found is None:
        return None
    if isinstance(found, dict):
        return Decimal(found["amount"]), found["currency"]
    return Decimal(found), (row.currency or "") if name == "annual_revenue" else None


def by_hand(rows):
    found = defaultdict(list)
    for row in rows:
        for name in NUMBERS:
            if (cell := value(row, name)) is not None:
                found[name, cell[1]].append(cell[0])
    return {key: (sum(some), len(some), round(sum(some) / len(some), 6)) for key, some in found.items()}


def said(found):
    return {(name, one.currency): (one.sum, one.number, round(one.average, 6)) for name, some in found.items() for one in some}


@pytest.mark.parametrize("who", ["owner", "rep", "colleague"])
@pytest.mark.parametrize("filters", [Filters(), Filters(search="Row", tag="odd"), Filters(where=(("country", "eq", "DE"),)), Filters(either=((("country", "eq", "DE"),), (("is_customer", "eq", "true"), ("employees", "gt", "1")))), Filters(where=(("city", "eq", "Nowhere"),))], ids=["all", "sought", "plain", "either", "none"])
def test_sums_are_those_of_everything_that_one_sees_in_the_filter(house, who, filters):
    with house.ctx(who, now=NOW) as ctx:
        rows = queries.accounts(ctx, filters, limit=200, chosen=NUMBERS).rows
        groupable(ctx, "accounts")  # the own fields are known
        found, number = counted(ctx, lambda: totals(ctx, "accounts", filters, ["city", *NUMBERS]))
        assert said(found.whole) == by_hand(rows) and number == 1 + bool(filters.search)
    if who == "owner" and not filters:
        assert len(rows) == 70 and {currency for name, currency in by_hand(rows) if name == "annual_revenue"} == {"EUR", "USD", ""}, "no currency is one of its own"


def test_without_a_number_nothing_is_asked(house):
    with house.ctx() as ctx:
        groupable(ctx, "accounts"), groupable(ctx, "contacts")
        assert counted(ctx, lambda: totals(ctx, "accounts", Filters(), ["city", "founded_year", "owner_id"]))[1] == 0
        assert counted(ctx, lambda: totals(ctx, "contacts", Filters(), ["birthday"]))[1] == 0


GROUPS = [("accounts", name) for name in (*GROUPED["accounts"], "custom.grade", "custom.fair")] + [("contacts", name) for name in GROUPED["contacts"]]


def of(ctx, row, name, names):
    """What a group is made of, by hand; None is empty."""
    found = getattr(row, name)
    if name == "owner_id":
        return names.get(found)
    if name in ("created_at", "updated_at"):
        return found.astimezone(ctx.zone).strftime("%Y-%m")
    if name == "custom.fair":
        return bool(found)
    if name == "tags":
        return ", ".join(sorted(found, key=str.lower)).lower() or None
    return found.lower() or None if isinstance(found, str) and name == "city" else found


@pytest.mark.parametrize(("room", "name"), GROUPS, ids=lambda one: str(one))
@pytest.mark.parametrize(("sort", "filters"), [("name", Filters()), ("-name", Filters()), ("changed", Filters()), ("name", Filters(search="Row"))], ids=["up", "down", "changed", "sought"])
def test_groups_stand_together_page_by_page_with_their_numbers(house, room, name, sort, filters):
    with house.ctx(now=NOW, timezone="Pacific/Auckland") as ctx:
        names = {key: user.name for user in house.users.values() if (key := user.id)}
        ask = lambda ctx, **rest: getattr(queries, room)(ctx, filters, sort=sort, group=name, chosen=[name], **rest)  # noqa: E731
        rows = walk(ctx, ask)
        assert len(rows) == 70 == len({row.id for row in rows})
        keys = [row.group_key for row in rows]
        assert len(set(keys)) == len([1 for before, key in zip([None, *keys], keys, strict=False) if key != before]), "a group stands once"
        made = Counter(of(ctx, row, name, names) for row in rows)
        group = group_of(ctx, room, name)
        found = totals(ctx, room, filters, [], group=group, keys=set(keys))
        assert sorted(found.rows.values()) == sorted(made.values()) and found.rows == {str(key): number for key, number in Counter(keys).items()}
        for key in set(keys):
            assert len({of(ctx, row, name, names) for row in rows if row.group_key == key}) == 1, "one group, one value"
            inside = [row.name.lower() for row in rows if row.group_key == key]
            assert sort == "changed" or inside == sorted(inside, reverse=sort == "-name")


def test_each_group_has_its_sums_in_the_same_statement(house):
    with house.ctx("rep", now=NOW) as ctx:
        rows = queries.accounts(ctx, limit=200, chosen=[*NUMBERS, "country"], group="country").rows
        group = group_of(ctx, "accounts", "country")
        found, number = counted(ctx, lambda: totals(ctx, "accounts", Filters(), NUMBERS, group=group, keys={row.group_key for row in rows}))
        assert number == 1 and said(found.whole) == by_hand(rows)
        for key in {row.group_key for row in rows}:
            assert said(found.groups[str(key)]) == by_hand([row for row in rows if row.group_key == key])
        one = rows[0].group_key
        assert set(totals(ctx, "accounts", Filters(), [], group=group, keys=[one]).rows) == {str(one)}, "only of the groups that are shown"


@pytest.mark.parametrize(("lang", "order"), [("en", ["AT", "DE", "CH"]), ("es", ["DE", "AT", "CH"]), ("zh", ["AT", "DE", "CH"]), ("ru", ["AT", "DE", "CH"]), ("ko", ["DE", "CH", "AT"])])
def test_countries_stand_in_the_order_of_their_names_as_one_reads_them(house, lang, order):
    """Austria, Germany, Switzerland; Alemania, Austria, Suiza; 奥地利, 德国, 瑞士; Австрия, Германия, Швейцария; 독일, 스위스, 오스트리아."""
    with house.ctx(locale=lang) as ctx:
        found = [row.country for row in queries.accounts(ctx, limit=200, chosen=["country"], group="country").rows]
        assert list(dict.fromkeys(found)) == [*order, None]


def test_what_is_no_country_stands_by_itself_behind_them(house):
    with house.ctx() as ctx:
        for code in ("zz-1", "aa-1", "zz-1"):
            ctx.session.add(Account(name="Odd", country=code))
        ctx.session.flush()
        found = [row.country for row in queries.accounts(ctx, limit=200, chosen=["country"], group="country").rows]
        assert [one for one in dict.fromkeys(found)][-3:] == ["aa-1", "zz-1", None]
        ctx.session.rollback()


def test_owners_stand_in_the_order_of_their_names_and_everyones_last(house):
    with house.ctx() as ctx:
        rows = queries.accounts(ctx, limit=200, group="owner_id").rows
        names = [row.owner_name for row in rows]
        there = [name for name in names if name]
        assert there == sorted(there, key=str.lower) and names[len(there):] == [None] * (len(names) - len(there))


@pytest.mark.parametrize("name", ["name", "employees", "evil", "custom.budget", "country; --", "role"])
def test_only_columns_of_few_values_group(house, name):
    with house.ctx() as ctx, pytest.raises(Refused, match="unknown_value"):
        queries.accounts(ctx, group=name)


def test_a_cursor_of_another_grouping_is_refused(house):
    with house.ctx() as ctx:
        cursor = queries.accounts(ctx, group="country", limit=5).next
        for group in (None, "city"):
            with pytest.raises(Refused, match="bad_cursor"):
                queries.accounts(ctx, group=group, limit=5, cursor=cursor)


def test_a_hidden_column_adds_up_to_nothing_and_groups_nothing(app):
    house = House(f"totalled-{uuid4().hex[:6]}")
    with house.ctx() as ctx:
        ctx.session.add(Account(name="One", employees=777, annual_revenue=Decimal(5), currency="EUR", country="DE"))
        roles.edit_role(ctx, roles.one_role(ctx, "sales"), visibility="all", hidden=["accounts.employees", "accounts.country", "accounts.currency"])
    with house.ctx() as ctx:
        house.users = {user.mail.partition("@")[0]: user for user in people.users(ctx)}
    with house.ctx("rep") as ctx:
        assert totals(ctx, "accounts", Filters(), ["annual_revenue"]).whole == {}, "money without its currency says nothing"
        for ask in (lambda: totals(ctx, "accounts", Filters(), ["employees"]), lambda: queries.accounts(ctx, group="country")):
            with pytest.raises(Forbidden, match="field_hidden"):
                ask()
