"""Whose birthday is when: the coming one of a date, and who has one in the next days."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Integer, Uuid, and_, any_, func, literal, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY

from core.base.context import Context
from core.base.field_rights import hidden
from core.base.policy import has, sees
from core.parties.models import MONTH_DAY, Account, Contact

# Programs write these years where none is known: 1604 (calendars), 1900 and 1904 (spreadsheets).
NO_YEAR = 1904
MOST_DAYS = 92


@dataclass(frozen=True)
class Coming:
    """The next one. age: how old he becomes; age_now: how old he is. None where the year is not known."""

    on: date
    age: int | None
    age_now: int | None


class Birthday(NamedTuple):
    """Somebody who has one soon."""

    id: UUID
    name: str
    account_id: UUID | None
    account_name: str | None
    on: date
    age: int | None


def coming(born: date, today: date) -> Coming:
    """The birthday on or after today. Of the 29th of February it is the 28th in other years."""
    on = in_year(born, today.year)
    on = on if on >= today else in_year(born, today.year + 1)
    if born.year <= NO_YEAR or born > today:
        return Coming(on, None, None)
    return Coming(on, on.year - born.year, on.year - born.year - (on > today))


def in_year(born: date, year: int) -> date:
    """The day of that year on which it is kept."""
    try:
        return born.replace(year=year)
    except ValueError:
        return date(year, 2, 28)


def days_of(today: date, span: int) -> list[int]:
    """The days of the next `span` days, today among them, the 31st of May as 531."""
    found = []
    for ahead in range(min(span, MOST_DAYS) + 1):
        found += day_numbers(today + timedelta(days=ahead))
    return found


def day_numbers(day: date) -> list[int]:
    """Those whose birthday is kept on that day: the 31st of May is 531; who was born on the 29th of February is with the 28th in other years."""
    number = day.month * 100 + day.day
    return [number, 229] if number == 228 and (day + timedelta(days=1)).day == 1 else [number]


def birthdays(ctx: Context, span: int, *, mine: bool = False, limit: int = 50) -> list[Birthday]:
    """Who of the people that the actor sees has a birthday today or in the next `span` days (92 at most), the next one
    first. mine: only those whom he owns. Nobody where the field is hidden from him."""
    if not has(ctx, "contacts.read") or "birthday" in hidden(ctx, "contacts"):
        return []
    days = days_of(ctx.today, span)
    month_day = literal_column(f"({MONTH_DAY.replace('birthday', 'contact.birthday')})", Integer)
    seen = and_(Account.id == Contact.account_id, Account.deleted_at.is_(None), sees(ctx, Account))
    query = select(Contact.id, Contact.name, Account.id.label("account_id"), Account.name.label("account_name"), Contact.birthday).join(Account, seen, isouter=True)
    query = query.where(Contact.birthday.is_not(None), Contact.deleted_at.is_(None), sees(ctx, Contact), month_day == any_(literal(days, ARRAY(Integer))))
    if mine:
        query = query.where(Contact.owner_id == literal(ctx.actor.id, Uuid()))
    order = func.array_position(literal(days, ARRAY(Integer)), month_day)
    rows = ctx.session.execute(query.order_by(order, Contact.name_fold, Contact.id).limit(limit))
    found = [(row, coming(row.birthday, ctx.today)) for row in rows]
    return [Birthday(row.id, row.name, row.account_id, row.account_name, at.on, at.age) for row, at in found]
