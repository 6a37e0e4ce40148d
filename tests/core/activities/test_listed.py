"""Last and next contact as columns of the lists, against plain Python over the same entries."""

import random
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from core.activities import actions
from core.activities.models import Activity
from core.base.errors import Refused
from core.parties import actions as parties
from core.parties import queries
from core.parties.columns import columns_of
from core.parties.models import Account, Contact
from core.parties.queries import Filters
from tests.support.world import House

NOW = datetime(2026, 3, 29, 1, 30, tzinfo=UTC)  # the night in which Europe's clocks go forward
NAMES = ["last_contact", "last_contact_kind", "next_contact", "next_contact_kind"]
ZONES = ["UTC", "Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Berlin"]
ROWS = Filters(search="Row")
LISTS = {"accounts": (Account, queries.accounts), "contacts": (Contact, queries.contacts)}


@pytest.fixture(scope="module")
def house(app):
    dice = random.Random(11)
    found = House(f"listed-{uuid4().hex[:6]}", {"owner": "admin", "rep": "sales", "other": "sales"})
    with found.ctx(now=NOW) as ctx:
        for n in range(24):
            account = Account(name=f"Row {n:02}")
            ctx.session.add(account)
            ctx.session.flush()  # its key is needed
            person = Contact(name=f"Row {n:02}", account_id=account.id)
            ctx.session.add(person)
            ctx.session.flush()  # its key is needed
            for _ in range(dice.choice([0, 1, 1, 4])):
                planned = dice.random() < 0.6
                ctx.session.add(Activity(
                    kind=dice.choice(["call", "note", "visit", "mail"]), account_id=account.id, contact_id=dice.choice([None, person.id]), body="x", owner_id=ctx.actor.id,
                    happened_at=NOW - timedelta(hours=dice.randrange(2000)), next_contact_on=NOW.date() + timedelta(days=dice.randrange(-20, 90)) if planned else None,
                    next_contact_kind=dice.choice([None, "call", "task", "visit"]) if planned else None, done_at=NOW - timedelta(hours=dice.randrange(900)) if planned and dice.random() < 0.4 else None,
                    deleted_at=NOW if dice.random() < 0.15 else None,
                ))
    return found


def told(ctx, room):
    """{name of a record: (last day, its kind, next day, its kind)}, by a loop over the log."""
    found = {}
    for record in ctx.session.execute(select(LISTS[room][0])).scalars():
        entries = [one for one in ctx.session.execute(select(Activity).where(Activity.deleted_at.is_(None))).scalars() if record.id in (one.account_id, one.contact_id)]
        last = [(one.happened_at, one.kind) for one in entries if one.kind != "note"]
        last += [(one.done_at, one.next_contact_kind or (one.kind if one.kind != "note" else None)) for one in entries if one.done_at and one.next_contact_kind != "task"]
        coming = [(one.next_contact_on, one.next_contact_kind or (one.kind if one.kind != "note" else None)) for one in entries if one.next_contact_on and not one.done_at]
        at, kind = max(last, key=lambda one: one[0], default=(None, None))
        found[record.name] = (at and at.astimezone(ctx.zone).date(), kind, min((one[0] for one in coming), default=None), {one[1] for one in coming if one[0] == min(day for day, _ in coming)} or {None})
    return found


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("room", LISTS)
def test_the_columns_say_what_the_log_says(house, room, zone):
    with house.ctx(now=NOW, timezone=zone) as ctx:
        rows, expected = LISTS[room][1](ctx, ROWS, limit=100, chosen=NAMES).rows, told(ctx, room)
        assert len(rows) == 24 and {row.last_contact for row in rows} > {None}
        for row in rows:
            day, kind, on, kinds = expected[row.name]
            assert (row.last_contact, row.last_contact_kind, row.next_contact) == (day, kind, on) and row.next_contact_kind in kinds


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("down", [False, True], ids=["up", "down"])
def test_they_sort_both_ways_page_by_page_with_empty_ones_last(house, name, down):
    with house.ctx(now=NOW) as ctx:
        values, cursor = [], None
        while True:
            page = queries.accounts(ctx, ROWS, sort=f"-{name}" if down else name, chosen=NAMES, limit=5, cursor=cursor)
            values += [getattr(row, name) for row in page.rows]
            cursor = page.next
            if cursor is None:
                break
        there = [one for one in values if one is not None]
        assert len(values) == 24 and values[: len(there)] == there == sorted(there, reverse=down)


@pytest.mark.parametrize(("field", "op", "typed", "holds"), [
    ("last_contact", "older", "30", lambda row, today: row.last_contact is not None and row.last_contact < today - timedelta(30)),
    ("last_contact", "past", "30", lambda row, today: row.last_contact is not None and today - timedelta(30) <= row.last_contact <= today),
    ("last_contact", "null", "true", lambda row, today: row.last_contact is None), ("next_contact", "null", "true", lambda row, today: row.next_contact is None),
    ("next_contact", "lt", "2026-03-29", lambda row, today: row.next_contact is not None and row.next_contact < today),
    ("next_contact", "next", "60", lambda row, today: row.next_contact is not None and today <= row.next_contact <= today + timedelta(60)),
    ("last_contact_kind", "in", "call,visit", lambda row, today: row.last_contact_kind in ("call", "visit")), ("next_contact_kind", "eq", "task", lambda row, today: row.next_contact_kind == "task"),
], ids=["older", "past", "no last", "no next", "before", "coming", "of kinds", "of a kind"])
def test_every_comparison_says_what_python_says(house, field, op, typed, holds):
    with house.ctx(now=NOW) as ctx:
        everything = queries.accounts(ctx, ROWS, limit=100, chosen=NAMES).rows
        found = queries.accounts(ctx, Filters(search="Row", where=((field, op, typed),)), limit=100).rows
        assert {row.id for row in found} == {row.id for row in everything if holds(row, ctx.today)} and 0 < len(found) < 24


@pytest.mark.parametrize("name", NAMES)
def test_a_list_stands_in_groups_by_them(house, name):
    with house.ctx(now=NOW) as ctx:
        rows = queries.accounts(ctx, ROWS, group=name, limit=100, chosen=NAMES).rows
        keys = [row.group_key for row in rows]
        assert len(rows) == 24 and len(set(keys)) == sum(1 for before, key in zip([None, *keys], keys, strict=False) if before != key), "a group is in one piece"
        assert {(row.group_key, (value.strftime("%Y-%m") if hasattr(value := getattr(row, name), "strftime") else value)) for row in rows if getattr(row, name)} == {(row.group_key, row.group_key) for row in rows if getattr(row, name)}


def test_who_may_not_read_the_log_has_no_such_columns(house):
    with house.ctx(now=NOW) as ctx:
        assert set(NAMES) <= columns_of(ctx, "accounts").keys()
        blind = ctx.actor.permissions
        for gone in ("activities.read",):
            object.__setattr__(ctx.actor, "permissions", frozenset(one for one in blind if one not in (gone, "*")) | {"accounts.read"})
        assert not set(NAMES) & columns_of(ctx, "accounts").keys()
        for refused in (Filters(where=(("last_contact", "older", "3"),)), ):
            with pytest.raises(Refused):
                queries.accounts(ctx, refused)
        with pytest.raises(Refused):
            queries.accounts(ctx, sort="last_contact")


def test_an_entry_about_a_person_out_of_sight_is_told_in_no_column(house):
    with house.ctx("other", now=NOW) as ctx:
        shared = parties.create_account(ctx, name="Shared", owner_id=None)
        theirs = parties.create_contact(ctx, name="Hidden person", account_id=shared.id)
        actions.log_activity(ctx, kind="call", contact=theirs, body="Between us", next_contact="+3d")
        key = shared.id
    with house.ctx("other", now=NOW) as ctx:
        row, = queries.accounts(ctx, Filters(search="Shared"), chosen=NAMES).rows
        assert (row.last_contact, row.last_contact_kind) == (ctx.today, "call") and row.next_contact
    with house.ctx("rep", now=NOW) as ctx:
        row, = queries.accounts(ctx, Filters(search="Shared"), chosen=NAMES).rows
        assert row.id == key and [getattr(row, name) for name in NAMES] == [None] * 4
        assert not queries.accounts(ctx, Filters(search="Shared", where=(("next_contact", "next", "9"),))).rows
