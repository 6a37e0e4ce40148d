"""Whose birthday is when: the next one, ages, and who has one in the coming days, against plain Python."""

import random
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import update

from core.identity import queries as people
from core.identity import roles
from core.parties import actions, birthdays
from core.parties.birthdays import coming, in_year
from core.parties.models import Contact
from tests.support.world import House


@pytest.mark.parametrize(("born", "today", "on", "age"), [
    (date(1990, 12, 1), date(2026, 11, 28), date(2026, 12, 1), 36), (date(1990, 11, 28), date(2026, 11, 28), date(2026, 11, 28), 36), (date(1990, 11, 27), date(2026, 11, 28), date(2027, 11, 27), 37),
    (date(2000, 2, 29), date(2026, 2, 27), date(2026, 2, 28), 26), (date(2000, 2, 29), date(2028, 2, 28), date(2028, 2, 29), 28), (date(1604, 5, 3), date(2026, 5, 1), date(2026, 5, 3), None),
])
def test_the_next_one_and_how_old_they_become(born, today, on, age):
    found = coming(born, today)
    assert (found.on, found.age) == (on, age)


@pytest.fixture(scope="module")
def house(app):
    dice = random.Random(3)
    found = House(f"born-{uuid4().hex[:6]}", {"owner": "admin", "rep": "sales", "blind": "service"})
    with found.ctx() as ctx:
        for n in range(800):
            born = date(dice.choice([1960, 1984, 2000]), 1, 1) + timedelta(days=dice.randrange(365))
            ctx.session.add(Contact(name=f"Row {n:03}", birthday=dice.choice([None, born, born, date(2000, 2, 29)]), owner_id=found.users["owner"].id))
    return found


@pytest.mark.parametrize("today", ["2026-02-25", "2028-02-25", "2026-12-28", "2026-02-28", "2027-03-01"])
@pytest.mark.parametrize("span", [0, 7, 40])
def test_who_has_one_soon_is_found_as_counting_by_hand_finds_them(house, today, span):
    now = datetime.fromisoformat(f"{today}T12:00").replace(tzinfo=UTC)
    with house.ctx(now=now) as ctx:
        rows = ctx.session.query(Contact.id, Contact.birthday).where(Contact.birthday.is_not(None)).all()
        right = {key for key, born in rows if coming(born, ctx.today).on <= ctx.today + timedelta(days=span)}
        found = birthdays.birthdays(ctx, span, limit=900)
        assert {one.id for one in found} == right
        assert [one.on for one in found] == sorted(one.on for one in found) and (found or span == 0)


def test_only_people_that_one_sees_and_only_those_who_may_know(house):
    now = datetime(2026, 6, 15, 12, tzinfo=UTC)
    with house.ctx("rep", now=now) as ctx:
        assert birthdays.birthdays(ctx, 92) == []
        actions.create_contact(ctx, name="Mine", birthday="1990-06-16")
        ctx.session.flush()
        assert [one.name for one in birthdays.birthdays(ctx, 7)] == ["Mine"]
        ctx.session.rollback()
    with house.ctx() as ctx:
        assert len(birthdays.birthdays(ctx, 92, limit=9)) == 9 and birthdays.birthdays(ctx, 7, mine=True)
        roles.edit_role(ctx, roles.one_role(ctx, "service"), hidden=["contacts.birthday"])
    with house.ctx() as ctx:
        house.users["blind"] = next(user for user in people.users(ctx) if user.role.code == "service")
    with house.ctx("blind", now=now) as ctx:
        assert birthdays.birthdays(ctx, 92) == []


def test_of_the_29th_of_february_it_is_the_28th_in_other_years():
    assert in_year(date(2000, 2, 29), 2027) == date(2027, 2, 28) and in_year(date(2000, 2, 29), 2028) == date(2028, 2, 29)


def test_a_deleted_person_has_none(house):
    now = datetime(2026, 6, 15, 12, tzinfo=UTC)
    with house.ctx(now=now) as ctx:
        before = {one.id for one in birthdays.birthdays(ctx, 30, limit=900)}
        ctx.session.execute(update(Contact).where(Contact.id == min(before)).values(deleted_at=now, version=Contact.version + 1))
        assert {one.id for one in birthdays.birthdays(ctx, 30, limit=900)} == before - {min(before)}
        ctx.session.rollback()
