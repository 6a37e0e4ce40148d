"""The job of the morning: in the table of the clock, through the tenants, one person's failure is one person's."""

from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import delete, select, text

from core.date_reminders import actions, telling
from core.date_reminders.models import DateReminder, DateReminderDay
from core.notifications.models import Notification
from core.parties import actions as parties
from tenants import entry
from tests.support.world import House
from workers.jobs import date_reminders as jobs
from workers.schedule import SCHEDULE


def told(house):
    with house.ctx() as ctx:
        return sorted(ctx.session.execute(select(Notification.user_id).where(Notification.kind == "reminder")).scalars())


def test_everybody_is_told_though_one_fails(app, monkeypatch):
    house = House(f"job-{uuid4().hex[:6]}")
    now = datetime.combine(entry.utcnow().date(), datetime.min.time()).astimezone() + timedelta(hours=12)
    with house.ctx(now=now - timedelta(days=1)) as ctx:
        ctx.session.execute(text("UPDATE app_user SET timezone = 'UTC'"))
        actions.create_reminder(ctx, room="contacts", field="birthday", days_before=[0])
    for who in ("rep", "colleague"):
        with house.ctx(who) as ctx:
            parties.create_contact(ctx, name=who, birthday=now.date().replace(year=1990 if (now.month, now.day) != (2, 29) else 1992))
    monkeypatch.setattr(entry, "utcnow", lambda: now)
    real = telling.tell

    def fails(ctx, user_id):
        if user_id == house.users["rep"].id:
            raise RuntimeError("no")
        return real(ctx, user_id)

    monkeypatch.setattr(telling, "tell", fails)
    assert jobs.remind_of(house.tenant) == 1 and told(house) == [house.users["colleague"].id]
    monkeypatch.setattr(telling, "tell", real)
    assert jobs.remind_of(house.tenant) == 1 and jobs.remind_of(house.tenant) == 0
    assert told(house) == sorted([house.users["colleague"].id, house.users["rep"].id])
    with house.ctx() as ctx:
        ctx.session.execute(delete(DateReminder))
        ctx.session.execute(delete(DateReminderDay))
        assert telling.waiting(ctx.session, now) == [], "nothing is defined"
    assert [one.every for one in SCHEDULE if one.job == jobs.REMIND] == [timedelta(minutes=15)]
