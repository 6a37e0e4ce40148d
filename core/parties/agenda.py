"""Birthdays of people on days."""

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import ColumnElement, Integer, any_, literal, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY

from core.base.context import Context
from core.base.field_rights import hidden
from core.base.planned import MOST, Asked, Entry
from core.base.policy import has, sees
from core.parties.birthdays import NO_YEAR, day_numbers, in_year
from core.parties.models import MONTH_DAY, Account, Contact


def birthdays(ctx: Context, asked: Asked) -> Iterable[Entry]:
    """Where they were asked for: of people that the actor sees and these people own, with the age where the year is known; nobody's where the
    field is hidden from him."""
    if not asked.birthdays or not has(ctx, "contacts.read") or "birthday" in hidden(ctx, "contacts"):
        return
    days = [asked.first + timedelta(days=ahead) for ahead in range((asked.after - asked.first).days)]
    found = []
    for row in ctx.session.execute(_born_on(ctx, asked, [number for day in days for number in day_numbers(day)]).limit(MOST + 1)):
        for on in (day for day in days if in_year(row.birthday, day.year) == day):
            age = f" ({on.year - row.birthday.year})" if NO_YEAR < row.birthday.year < on.year else ""
            about = " · ".join(part for part in (row.name + age, row.account_name) if part)
            found.append(Entry("birthday", row.id, "birthday", "", about, on, f"/contacts/{row.id}", row.owner_id, row.version))
    yield from sorted(found, key=lambda entry: (entry.on, entry.about))


def _born_on(ctx: Context, asked: Asked, numbers: list[int]):
    seen: ColumnElement[bool] = (Account.id == Contact.account_id) & Account.deleted_at.is_(None) & sees(ctx, Account) & literal(has(ctx, "accounts.read"))
    month_day = literal_column(f"({MONTH_DAY.replace('birthday', 'contact.birthday')})", Integer)
    query = select(Contact.id, Contact.name, Contact.birthday, Contact.owner_id, Contact.version, Account.name.label("account_name")).join(Account, seen, isouter=True)
    query = query.where(Contact.birthday.is_not(None), Contact.deleted_at.is_(None), sees(ctx, Contact), month_day == any_(literal(numbers, ARRAY(Integer))))
    return (query if asked.people is None else query.where(Contact.owner_id.in_(asked.people))).order_by(month_day, Contact.id)


AGENDA = (birthdays,)
