"""Reads of date reminders: the definitions, the fields that hold dates, and which records' days come."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Row, Select, and_, any_, cast, func, literal, literal_column, select
from sqlalchemy.dialects.postgresql import ARRAY

from core.base.context import Context
from core.base.errors import NotFound
from core.base.field_rights import hidden
from core.base.policy import has, require, sees
from core.custom_fields.columns import expression_of
from core.custom_fields.fields import alive
from core.date_reminders.models import DateReminder
from core.date_reminders.rules import falls_on, month_days
from core.parties.models import MONTH_DAY, Account, Contact
from core.parties.restricting import free
from core.parties.words import LABELS
from infra import i18n

MODELS: dict[str, type[Account] | type[Contact]] = {"accounts": Account, "contacts": Contact}
BUILT_IN = {"accounts": (), "contacts": ("birthday",)}
AHEAD, SHOWN = 30, 200


@dataclass(frozen=True, slots=True)
class Coming:
    """One reminder that comes: on which day, of which record, which date of it, and by which definition."""

    day: date
    on: date
    record_kind: str
    record_id: UUID
    name: str
    reminder_id: UUID
    field: str
    label: str


def reminders(ctx: Context) -> list[DateReminder]:
    """The definitions, the oldest first."""
    require(ctx, "date_reminders.read")
    return in_use(ctx)


def in_use(ctx: Context) -> list[DateReminder]:
    """The same for the job that follows them."""
    return list(ctx.session.execute(select(DateReminder).where(DateReminder.deleted_at.is_(None)).order_by(DateReminder.created_at, DateReminder.id)).scalars())


def all_reminders(ctx: Context) -> Select:
    """Where the API's list starts."""
    require(ctx, "date_reminders.read")
    return select(DateReminder).where(DateReminder.deleted_at.is_(None))


def one(ctx: Context, reminder_id: UUID, *, deleted: bool = False) -> DateReminder:
    """A definition; NotFound where there is none, or the actor may not know of it."""
    side = DateReminder.deleted_at.is_not(None) if deleted else DateReminder.deleted_at.is_(None)
    found = ctx.session.execute(select(DateReminder).where(DateReminder.id == reminder_id, side)).scalar_one_or_none()
    if found is None or not has(ctx, "date_reminders.read"):
        raise NotFound()
    return found


def date_fields(ctx: Context, room: str) -> dict[str, str]:
    """Field -> what it is called, of the fields of a room that hold a date and that the actor may know."""
    found = {name: i18n.gettext(ctx.locale, LABELS[name]) for name in BUILT_IN[room]} | {one.name: one.called(ctx.locale) for one in alive(ctx, room) if one.kind == "date"}
    away = hidden(ctx, room)
    return {name: label for name, label in found.items() if name not in away}


def on_days(ctx: Context, reminder: DateReminder, days: Collection[date], *, also: ColumnElement[bool], limit: int) -> list[Row]:
    """(record, its date) of the records that the actor sees and whose date is kept on one of these days: alive, free to be worked
    with. Nothing where the field is gone or hidden from him."""
    model = MODELS[reminder.room]
    if reminder.field not in date_fields(ctx, reminder.room) or not has(ctx, f"{reminder.room}.read"):
        return []
    value = _value(ctx, reminder, model)
    if reminder.yearly:
        wanted = sorted({one for day in days for one in month_days(day)})
        fits = and_(_month_day(reminder, value) == any_(literal(wanted, ARRAY(Integer))), value <= max(days))
    else:
        fits = and_(value >= min(days), value <= max(days))
    query = select(model, value.label("stands")).where(model.deleted_at.is_(None), sees(ctx, model), fits, also, *([free()] if model is Contact else []))
    return list(ctx.session.execute(query.order_by(model.name_fold, model.id).limit(limit)))


def coming(ctx: Context, *, ahead: int = AHEAD, limit: int = SHOWN) -> list[Coming]:
    """The reminders of the next days, of the records that the actor sees, the next one first."""
    require(ctx, "date_reminders.read")
    found: list[Coming] = []
    for reminder in in_use(ctx):
        label = date_fields(ctx, reminder.room).get(reminder.field, "")
        for before in reminder.days_before:
            days = [ctx.today + timedelta(days=before + number) for number in range(ahead + 1)]
            found += _coming(on_days(ctx, reminder, days, also=literal(True), limit=limit), reminder, label, before, days)
    return sorted(found, key=lambda one: (one.day, one.name, str(one.record_id)))[:limit]


def _coming(rows: list[Row], reminder: DateReminder, label: str, before: int, days: list[date]) -> list[Coming]:
    found = []
    for record, stands in rows:
        for on in {falls_on(stands, day, yearly=reminder.yearly) for day in days}:
            if on in days and on >= stands:
                found.append(Coming(on - timedelta(days=before), on, record.__tablename__, record.id, record.name, reminder.id, reminder.field, label))
    return found


def _value(ctx: Context, reminder: DateReminder, model: Any) -> Any:
    """The field in a statement."""
    own: Mapping[str, Any] = {one.name: one for one in alive(ctx, reminder.room)}
    return expression_of(own[reminder.field], model) if reminder.field in own else getattr(model, reminder.field)


def _month_day(reminder: DateReminder, value: Any) -> Any:
    """Of a birthday as its index has it."""
    if reminder.field == "birthday":
        return literal_column(f"({MONTH_DAY.replace('birthday', 'contact.birthday')})", Integer)
    return cast(func.date_part("month", value) * 100 + func.date_part("day", value), Integer)


def is_wanted(session: Any) -> bool:
    """Is there any definition? Workspaces without one have nothing to do in the morning."""
    return session.execute(select(DateReminder.id).where(DateReminder.deleted_at.is_(None)).limit(1)).first() is not None
