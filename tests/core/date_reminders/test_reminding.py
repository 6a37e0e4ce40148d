"""In the morning, where he is, everybody is told once of the dates that are for him, and of no record or field that he does not see."""

from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import delete, select, text

from core.base.context import as_actor, system
from core.base.errors import Forbidden, Refused
from core.custom_fields import actions as defining
from core.date_reminders import actions, holding, queries, telling
from core.date_reminders.models import DateReminder, DateReminderDay
from core.date_reminders.rules import days_before, days_due, falls_on, month_days
from core.identity import queries as people
from core.identity import roles
from core.notifications import following
from core.notifications.models import Notification, NotificationSetting
from core.parties import actions as parties
from core.parties.models import Contact
from core.parties.restricting import restrict
from core.post.models import OutgoingMail
from tests.support.world import House

NINE = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def shared(app):
    """Salespeople see their own records alone; marketing sees all of them and no birthdays."""
    found = House(f"dates-{uuid4().hex[:6]}", {"owner": "admin", "rep": "sales", "colleague": "sales", "manager": "manager", "marketing": "marketing", "ex": "sales"})
    with found.ctx() as ctx:
        ctx.session.execute(text("UPDATE app_user SET timezone = 'UTC'"))
        defining.create_field(ctx, room="accounts", kind="date", key="renewal", label="Renewal")
        role = roles.one_role(ctx, "marketing")
        roles.edit_role(ctx, role, permissions=list(role.permissions), visibility="all", changing="all", hidden=["contacts.birthday"], protected=[])
    return found


@pytest.fixture
def house(shared):
    """Nothing defined, nobody told, nobody there."""
    with shared.ctx() as ctx:
        for table in (DateReminder, DateReminderDay, OutgoingMail, Notification, NotificationSetting):
            ctx.session.execute(delete(table))
        ctx.session.execute(text("UPDATE contact SET birthday = NULL WHERE restricted_at IS NULL"))
        ctx.session.execute(text("UPDATE account SET custom = '{}'"))
        ctx.session.execute(text("UPDATE app_user SET timezone = 'UTC'"))
    return shared


def remind(house, since=NINE - timedelta(days=1), **given):
    with house.ctx(now=since) as ctx:
        return actions.create_reminder(ctx, **{"room": "contacts", "field": "birthday", "days_before": [0]} | given).id


def person(house, born, who="rep", **values):
    with house.ctx(who) as ctx:
        return parties.create_contact(ctx, name=f"Ada {uuid4().hex[:4]}", birthday=born, **values).id


def morning(house, now=NINE):
    """What the job does: everybody whose morning has come."""
    with house.ctx(now=now) as ctx:
        waiting = telling.waiting(ctx.session, now)
    for user_id in waiting:
        with house.ctx(now=now) as ctx:
            telling.tell(as_actor(ctx, system("test")), user_id)


def told(house):
    """[(who, record, sentence)] of everything that was told."""
    with house.ctx() as ctx:
        who = {user.id: name for name, user in house.users.items()}
        rows = ctx.session.execute(select(Notification).where(Notification.kind == "reminder")).scalars()
        return sorted((who[row.user_id], str(row.record_id), row.params["say"]) for row in rows)


def letters(house):
    with house.ctx() as ctx:
        return sorted(ctx.session.execute(select(OutgoingMail.to_mail)).scalars())


def test_the_owner_is_told_once_by_notification_and_mail(house):
    remind(house, days_before=[7, 0])
    today, next_week = person(house, "1990-03-12"), person(house, "1985-03-19", who="colleague")
    person(house, "1990-03-13")
    morning(house)
    assert told(house) == [("colleague", str(next_week), "told.date_soon"), ("rep", str(today), "told.date_today")]
    assert [mail.partition("@")[0] for mail in letters(house)] == ["colleague", "rep"]
    morning(house, NINE + timedelta(hours=5))
    assert len(told(house)) == 2 == len(letters(house))
    morning(house, NINE + timedelta(days=7))
    assert told(house).count(("colleague", str(next_week), "told.date_today")) == 1


def test_it_comes_at_eight_where_the_reader_is(house):
    remind(house)
    key = person(house, "1990-03-12")
    with house.ctx() as ctx:
        ctx.session.execute(text("UPDATE app_user SET timezone = 'America/Lima' WHERE name = 'Rep'"))  # 13:00 UTC
    morning(house, NINE.replace(hour=12, minute=59))
    assert told(house) == []
    morning(house, NINE.replace(hour=13))
    assert told(house) == [("rep", str(key), "told.date_today")]


def test_nobody_is_told_twice_when_the_day_was_lost_and_none_is_left_out_when_it_broke_off(house, monkeypatch):
    """Killed before the commit nothing of a morning is there; with the mark of the day gone the keys of the notifications hold."""
    remind(house)
    first, second = person(house, "1990-03-12"), person(house, "1991-03-12")
    real, calls = telling.notify, []

    def dies(*args, **values):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(*args, **values)

    monkeypatch.setattr(telling, "notify", dies)
    with pytest.raises(KeyboardInterrupt):
        morning(house)
    assert told(house) == [] == letters(house)
    monkeypatch.setattr(telling, "notify", real)
    morning(house)
    with house.ctx() as ctx:
        ctx.session.execute(delete(DateReminderDay))
    morning(house)
    assert told(house) == sorted([("rep", str(first), "told.date_today"), ("rep", str(second), "told.date_today")]) and len(letters(house)) == 2


def test_two_definitions_that_say_the_same_tell_once(house):
    remind(house)
    remind(house, to_owner=False, user_id=house.users["rep"].id)
    key = person(house, "1990-03-12")
    morning(house)
    assert told(house) == [("rep", str(key), "told.date_today")]


def test_a_missed_day_is_made_up_for_where_the_date_is_not_over(house):
    remind(house, since=NINE - timedelta(days=3), days_before=[3, 0])
    soon, over = person(house, "1990-03-14"), person(house, "1990-03-11")
    morning(house, NINE - timedelta(days=2))  # the 10th: nothing is due
    assert told(house) == []
    morning(house)  # nobody worked on the 11th, on which "in 3 days" was due for the 14th
    assert told(house) == [("rep", str(soon), "told.date_soon")] and over


def test_the_first_definition_begins_with_the_next_morning(house):
    remind(house, since=NINE)
    key = person(house, "1990-03-12")
    tomorrow = person(house, "1990-03-13")
    morning(house, NINE + timedelta(minutes=20))
    assert told(house) == [] and key
    morning(house, NINE + timedelta(days=1))
    assert told(house) == [("rep", str(tomorrow), "told.date_today")]


def test_a_changed_date_and_a_new_owner_count_as_they_are(house):
    remind(house, days_before=[1, 0])
    key = person(house, "1990-03-13")
    morning(house)
    assert told(house) == [("rep", str(key), "told.date_soon")]
    with house.ctx("rep") as ctx:
        parties.edit_contact(ctx, ctx.session.get_one(Contact, key), birthday="1990-03-15")
    with house.ctx() as ctx:
        parties.change_owner(ctx, ctx.session.get_one(Contact, key), house.users["colleague"].id)
        ctx.session.execute(delete(Notification).where(Notification.kind == "assigned"))
    for days in (1, 2, 3):
        morning(house, NINE + timedelta(days=days))
    assert told(house) == sorted([("rep", str(key), "told.date_soon"), ("colleague", str(key), "told.date_soon"), ("colleague", str(key), "told.date_today")])


def test_the_29th_of_february_is_kept_on_the_28th_of_other_years(house):
    remind(house)
    key = person(house, "1992-02-29")
    morning(house, datetime(2027, 2, 27, 9, tzinfo=UTC))
    assert told(house) == []
    morning(house, datetime(2027, 2, 28, 9, tzinfo=UTC))
    assert told(house) == [("rep", str(key), "told.date_today")]
    morning(house, datetime(2028, 2, 28, 9, tzinfo=UTC))
    assert len(told(house)) == 1
    morning(house, datetime(2028, 2, 29, 9, tzinfo=UTC))
    assert len(told(house)) == 2


def test_followers_a_role_and_a_person_are_told_as_far_as_they_see(house):
    remind(house, to_owner=False, to_followers=True)
    key = person(house, "1990-03-12")
    with house.ctx("manager") as ctx:
        following.follow(ctx, ctx.session.get_one(Contact, key))
    morning(house)
    assert told(house) == [("manager", str(key), "told.date_today")]
    with house.ctx() as ctx:
        ctx.session.execute(delete(Notification))
        ctx.session.execute(delete(DateReminderDay))
        ctx.session.execute(delete(DateReminder))
        sales = roles.one_role(ctx, "sales").id
    remind(house, to_owner=False, role_id=sales)
    remind(house, to_owner=False, user_id=house.users["marketing"].id)
    morning(house)
    assert told(house) == [("rep", str(key), "told.date_today")], "the colleague does not see it, marketing knows no birthdays, who has left is not told"


def test_whoever_muted_a_record_or_wants_no_reminders_is_left_alone(house):
    remind(house)
    muted, other = person(house, "1990-03-12"), person(house, "1990-03-12", who="colleague")
    with house.ctx("rep") as ctx:
        following.unfollow(ctx, ctx.session.get_one(Contact, muted))
    with house.ctx("colleague") as ctx:
        ctx.session.add(NotificationSetting(user_id=ctx.actor.id, reminder="none"))
    morning(house)
    assert told(house) == [] and other


def test_restricted_deleted_and_merged_people_are_not_spoken_of(house):
    remind(house)
    held, gone = person(house, "1990-03-12"), person(house, "1990-03-12")
    with house.ctx("rep") as ctx:
        restrict(ctx, ctx.session.get_one(Contact, held), "asked")
        parties.delete_contact(ctx, ctx.session.get_one(Contact, gone))
    morning(house)
    assert told(house) == []


def test_an_own_date_of_an_account_is_told_once_and_gone_with_its_field(house):
    remind(house, room="accounts", field="custom.renewal", days_before=[30], yearly=False)
    with house.ctx("rep") as ctx:
        account = parties.create_account(ctx, name="Nordlicht", **{"custom.renewal": "2026-04-11"}).id
        parties.create_account(ctx, name="Last year's", **{"custom.renewal": "2025-04-11"})
    morning(house)
    assert told(house) == [("rep", str(account), "told.date_soon")]
    with house.ctx() as ctx:
        first = queries.coming(ctx)
    assert first == []
    with house.ctx(now=NINE - timedelta(days=1)) as ctx:
        one = queries.coming(ctx)
        assert [(coming.day, coming.on, coming.name, coming.label) for coming in one] == [(NINE.date(), date(2026, 4, 11), "Nordlicht", "Renewal")]


def test_what_comes_is_what_one_sees(house):
    remind(house, days_before=[7])
    key = person(house, "1992-02-29")
    with house.ctx(now=datetime(2027, 2, 1, 9, tzinfo=UTC)) as ctx:
        assert [(one.day, one.on, one.record_id) for one in queries.coming(ctx)] == [(date(2027, 2, 21), date(2027, 2, 28), key)]
    with house.ctx(now=datetime(2026, 12, 1, 9, tzinfo=UTC)) as ctx:
        assert queries.coming(ctx) == []
    with house.ctx("rep") as ctx, pytest.raises(Forbidden):
        queries.coming(ctx)


def test_after_a_restore_the_day_counts_as_told(house):
    remind(house)
    person(house, "1990-03-12")
    with house.ctx(now=NINE) as ctx:
        holding.hold(ctx)
    morning(house)
    assert told(house) == []


def test_after_a_restore_in_the_afternoon_the_next_day_is_told(house):
    remind(house)
    person(house, "1990-03-13")
    with house.ctx(now=NINE + timedelta(hours=6)) as ctx:
        holding.hold(ctx)
    morning(house, NINE + timedelta(days=1))
    assert len(told(house)) == 1


def test_what_is_no_reminder_is_refused(house):
    for given, code in (({"field": "custom.nothing"}, "date_reminder_field"), ({"days_before": "soon"}, "date_reminder_days"), ({"to_owner": False}, "date_reminder_nobody"), ({"room": "deals"}, "unknown_value"), ({"user_id": house.users["ex"].id}, "owner_unknown")):
        with pytest.raises(Refused) as refused:
            remind(house, **given)
        assert refused.value.code == code, given
    with house.ctx("rep") as ctx, pytest.raises(Forbidden):
        actions.create_reminder(ctx, room="contacts", field="birthday")


def test_a_role_that_goes_leaves_the_reminder_to_the_others(house):
    with house.ctx() as ctx:
        role = roles.create_role(ctx, name=f"Passing {uuid4().hex[:4]}", permissions=["contacts.read"])
        ctx.session.flush()
        key = actions.create_reminder(ctx, room="contacts", field="birthday", role_id=role.id).id
        ctx.session.flush()
        roles.delete_role(ctx, role)
    with house.ctx() as ctx:
        assert queries.one(ctx, key).role_id is None and people.roles(ctx)


def test_rules():
    assert days_before("7, 0;30", "days") == [30, 7, 0] == days_before([0, 7, 30], "days")
    assert month_days(date(2027, 2, 28)) == [228, 229] and month_days(date(2028, 2, 28)) == [228] and month_days(date(2028, 2, 29)) == [229]
    assert falls_on(date(1992, 2, 29), date(2027, 2, 28), yearly=True) == date(2027, 2, 28) and falls_on(date(2026, 1, 1), date(2030, 1, 1), yearly=False) == date(2026, 1, 1)
    assert list(days_due(None, date(2026, 3, 12), 7)) == [date(2026, 3, 12)] and len(list(days_due(date(2026, 1, 1), date(2026, 3, 12), 7))) == 8
