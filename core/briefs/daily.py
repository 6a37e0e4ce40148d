"""The list of the day by mail: to whoever wants it, at his hour where he is, once for each of his days, and none where nothing waits.

Letter and mark of the day (`DailyLetter`) are written in one transaction: whoever is killed leaves both or neither. What is in it is what the
reader may see at that moment. A letter that nobody could write at its hour is written when somebody works again, until the next one is due.
"""

from dataclasses import replace
from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import literal, select
from sqlalchemy.dialects.postgresql import insert

from core.base.context import Context, as_actor
from core.base.formats import Formats
from core.base.policy import has
from core.briefs.daily_parts import parts
from core.briefs.models import DailyLetter
from core.identity.models import Absence, User
from core.leads.clock import clock_of, working_time
from core.notifications.choosing import quiet_of
from core.notifications.models import NotificationSetting
from core.notifications.rules import last_morning, quiet_ends
from core.notifications.telling import SETTINGS, people_of
from core.post.actions import hand_in
from infra import dates


def waiting(ctx: Context) -> list[UUID]:
    """Whose letter is due and not dealt with; the job asks `write_letter` for each of them."""
    query = select(User.id, User.timezone, NotificationSetting, DailyLetter.day).join(NotificationSetting, NotificationSetting.user_id == User.id)
    query = query.join(DailyLetter, DailyLetter.user_id == User.id, isouter=True).where(User.state == "active", NotificationSetting.daily_hour.is_not(None))
    due = ((row, day_due(row.NotificationSetting, row.timezone, ctx.now)) for row in ctx.session.execute(query.order_by(User.id)))
    return [row.id for row, day in due if day is not None and (row.day is None or row.day < day)]


def day_due(setting: NotificationSetting | None, timezone: str, now) -> date | None:
    """The day whose letter was the last one due for somebody with these settings; None where none is, or quiet hours hold now."""
    if setting is None or setting.daily_hour is None:
        return None
    zone, quiet = ZoneInfo(timezone), quiet_of(setting)
    due = last_morning(now, zone, quiet, setting.daily_hour)
    if due <= setting.daily_since or quiet_ends(now, zone, quiet) is not None:
        return None
    return due.astimezone(zone).date()


def write_letter(ctx: Context, user_id: UUID) -> bool:
    """The letter of his day, where one is due and something waits for him. False: nothing was written. Two at once write one."""
    found = people_of(ctx, {user_id})
    user, setting, actor = found[0] if found else (None, None, None)
    day = day_due(setting, user.timezone, ctx.now) if user is not None else None
    if day is None or not _take(ctx, user_id, day) or not _works_on(ctx, user_id, setting, day):
        return False
    reader = as_actor(replace(ctx, locale=user.locale, timezone=user.timezone, formats=Formats.of(user).over(ctx.formats)), actor)
    sections = parts(reader) if has(reader, "home.read") else ()
    as_actor(ctx, ctx.actor)  # what follows is written by the job, and blind to nothing
    if not sections:
        return False
    params = {
        "name": user.name, "workspace": ctx.tenant.name, "day": dates.say_day(reader.today, "full", user.locale), "link": f"{ctx.tenant.url}/", "settings": f"{ctx.tenant.url}{SETTINGS}#daily",
    }
    letter = hand_in(
        ctx, template="daily", to=user.mail, to_name=user.name, lang=user.locale, timezone=user.timezone, params=params, sections=sections, dedupe=f"daily:{user_id}:{day}",
        headers={"List-Unsubscribe": f"<{params['settings']}>"},
    )
    return letter is not None


def _take(ctx: Context, user_id: UUID, day: date) -> bool:
    """Is that day ours to write? Whoever comes second waits here for the first, and finds it done or, where the first was killed, his own."""
    made = insert(DailyLetter).values(user_id=user_id, day=day)
    made = made.on_conflict_do_update(index_elements=["user_id"], set_={"day": made.excluded.day}, where=DailyLetter.day < made.excluded.day)
    return ctx.session.execute(made.returning(DailyLetter.id)).first() is not None


def _works_on(ctx: Context, user_id: UUID, setting: NotificationSetting, day: date) -> bool:
    """Is he there on that day, and is it one on which the workspace works, where that matters to him?"""
    if setting.daily_days == "working" and not working_time(ctx, clock_of(ctx)).works(day):
        return False
    return ctx.session.execute(select(Absence.id).where(Absence.user_id == user_id, literal(day).between(Absence.starts_on, Absence.ends_on))).first() is None
