"""Each morning, where he is, a user is told of the dates that are to be told him: all of a day in one transaction, or nothing of it.

The day is written down with the notifications (`DateReminderDay`); beside it each notification has a key of its own, made of record,
field, date and distance, so that nobody is told twice of one, by two definitions neither. A date that is changed has another key.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_date
from sqlalchemy import ColumnElement, and_, func, literal, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.base.context import Context
from core.date_reminders import queries
from core.date_reminders.models import DateReminder, DateReminderDay
from core.date_reminders.rules import days_due, falls_on
from core.identity.models import User, UserRole
from core.notifications.models import Follower
from core.notifications.rules import last_morning
from core.notifications.telling import notify, people_of
from infra import i18n

# So many days that nobody worked are made up for; so many notifications a user gets of one day.
MISSED, MOST = 7, 100


def waiting(session: Session, now) -> list[UUID]:
    """The users whose morning has come and who have not been told of their day; nobody where nothing is defined."""
    if not queries.is_wanted(session):
        return []
    query = select(User.id, User.timezone, DateReminderDay.day).join(DateReminderDay, DateReminderDay.user_id == User.id, isouter=True)
    rows = session.execute(query.where(User.state == "active").order_by(User.id)).all()
    return [row.id for row in rows if row.day is None or row.day < morning_of(now, row.timezone)]


def morning_of(now, timezone: str) -> date:
    """The day whose morning was the last one where somebody is."""
    zone = ZoneInfo(timezone)
    return last_morning(now, zone, None).astimezone(zone).date()


def tell(ctx: Context, user_id: UUID) -> int:
    """Tell a user of his day, and of days missed since the last one; returns of how many dates. Two at once tell once."""
    found = people_of(ctx, {user_id})
    if not found:
        return 0
    user, _, actor = found[0]
    today, last = morning_of(ctx.now, user.timezone), _held(ctx, user_id)
    if last is not None and last >= today:
        return 0
    reader = replace(ctx, actor=actor, locale=user.locale, timezone=user.timezone)
    told, beyond = 0, 0
    for day in days_due(last, today, MISSED):
        for reminder in queries.in_use(ctx):
            for record, on, before in _due(reader, reminder, user, day):
                if on < today:
                    continue  # missed, and over
                if told == MOST:
                    beyond += 1
                    continue
                told += _tell_one(reader, ctx, user_id, reminder, record, on, before, today)
    if beyond:
        notify(ctx, "reminder", [user_id], by_itself=True, dedupe=f"date:more:{today}", say="told.date_more", count=beyond)
    ctx.session.execute(insert(DateReminderDay).values(user_id=user_id, day=today).on_conflict_do_update(index_elements=["user_id"], set_={"day": today}))
    return told


def _held(ctx: Context, user_id: UUID) -> date | None:
    """The last day of which he was told; nobody else tells him until the commit."""
    ctx.session.execute(select(User.id).where(User.id == user_id).with_for_update(key_share=True))
    return ctx.session.execute(select(DateReminderDay.day).where(DateReminderDay.user_id == user_id)).scalar_one_or_none()


def _due(reader: Context, reminder: DateReminder, user: User, day: date) -> list:
    """(record, its date, days before) that the definition tells him on that day."""
    who = _to_him(reader, reminder, user)
    if who is None:
        return []
    found = []
    for before in reminder.days_before:
        on = day + timedelta(days=before)
        rows = queries.on_days(reader, reminder, [on], also=who, limit=10 * MOST)
        found += [(record, falls_on(stands, on, yearly=reminder.yearly), before) for record, stands in rows]
    return found


def _to_him(ctx: Context, reminder: DateReminder, user: User) -> ColumnElement[bool] | None:
    """Which records' dates he is told: all that he sees as the one that is named or by his role, else those that he owns or follows."""
    if reminder.user_id == user.id or (reminder.role_id and reminder.role_id in _roles_of(ctx, user)):
        return literal(True)
    model = queries.MODELS[reminder.room]
    mine = and_(Follower.record_id == model.id, Follower.record_kind == model.__tablename__, Follower.user_id == user.id)
    found = []
    if reminder.to_owner:
        found.append(and_(model.owner_id == user.id, ~select(Follower.id).where(mine, Follower.state == "muted").exists()))
    if reminder.to_followers:
        found.append(select(Follower.id).where(mine, Follower.state == "following").exists())
    return or_(*found) if found else None


def _roles_of(ctx: Context, user: User) -> Collection[UUID]:
    return {user.role_id, *ctx.session.execute(select(UserRole.role_id).where(UserRole.user_id == user.id)).scalars()}


def _tell_one(reader: Context, ctx: Context, user_id: UUID, reminder: DateReminder, record, on: date, before: int, today: date) -> int:
    label = queries.date_fields(reader, reminder.room)[reminder.field]
    key = f"date:{record.id}:{reminder.field}:{on}:{before}"
    said = {"say": "told.date_today"} if on == today else {"say": "told.date_soon", "on": format_date(on, "medium", locale=i18n.babel_locale(reader.locale))}
    return len(notify(ctx, "reminder", [user_id], record, by_itself=True, dedupe=key, what=label, **said))


def begin(ctx: Context) -> None:
    """The first definition there is begins with everybody's next morning: what was before nobody asked for."""
    if not queries.is_wanted(ctx.session):
        _count_as_told(ctx)


def skip_today(ctx: Context) -> None:
    """Everybody counts as told up to this morning, as it is where he is; nothing where nobody is told of any."""
    if queries.is_wanted(ctx.session):
        _count_as_told(ctx)


def _count_as_told(ctx: Context) -> None:
    people = ctx.session.execute(select(User.id, User.timezone).where(User.state == "active")).all()
    if not people:
        return
    made = insert(DateReminderDay).values([{"user_id": one.id, "day": morning_of(ctx.now, one.timezone)} for one in people])
    ctx.session.execute(made.on_conflict_do_update(index_elements=["user_id"], set_={"day": func.greatest(DateReminderDay.day, made.excluded.day)}))
