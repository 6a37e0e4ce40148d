"""Who owes which report until when, and who is reminded of it: once, where he is, of nothing that he need not hand in."""

from datetime import date, timedelta
from threading import Thread

import pytest
from sqlalchemy import select, text

from core.base.errors import Forbidden, Refused
from core.identity.absence import plan_absence
from core.identity.models import Absence
from core.leads.clock import change_clock
from core.notifications import queries as told_of
from core.notifications.choosing import choose
from core.notifications.digesting import waiting, write_digest
from core.notifications.models import Notification
from core.notifications.telling import write_late
from core.post.models import OutgoingMail
from core.reports import actions, queries, reminding
from core.reports.rules import span_of
from tenants import entry
from tests.core.reports.conftest import handed, today
from tests.support.statements import counted


def asks(house, **given):
    with house.ctx("owner") as ctx:
        row = actions.change_rules(ctx, **({"days": [1, 2, 3, 4, 5, 6, 7]} | given))
        row.day_hour, row.since = 0, ctx.now - timedelta(days=30)  # nobody can choose midnight; due whenever the test runs
        ctx.session.execute(text("UPDATE app_user SET timezone = 'UTC', created_at = created_at - interval '30 days'"))


def reminded(house):
    with house.ctx("owner") as ctx:
        for user_id in reminding.waiting(ctx):
            reminding.remind(ctx, user_id)
        rows = ctx.session.execute(select(Notification).where(Notification.kind == "reminder")).scalars()
        return sorted(next(name for name, user in house.users.items() if user.id == one.user_id) for one in rows)


def test_nobody_is_reminded_where_nothing_is_asked_for(house):
    assert reminded(house) == []


def test_whoever_has_not_handed_in_is_reminded_once(house):
    handed(house)
    asks(house)
    assert reminded(house) == ["colleague"] and reminded(house) == ["colleague"]


def shown_to(house, who="rep"):
    with house.ctx(who) as ctx:
        return [row.Notification.kind for row in told_of.notifications(ctx).rows]


def test_a_reminder_is_told_until_the_report_is_handed_in(house):
    asks(house)
    with house.ctx("rep") as ctx:
        for channel in ("reminder", "finished"):
            choose(ctx, **{channel: "digest"})
    assert reminded(house) == ["colleague", "rep"] and shown_to(house) == ["reminder"]
    report = handed(house)
    assert shown_to(house) == [] and shown_to(house, "colleague") == ["reminder"]
    with house.ctx("rep") as ctx:
        actions.take_back(ctx, queries.one(ctx, report))
    assert shown_to(house) == ["reminder"], "it is missing again"
    with house.ctx("rep") as ctx:
        actions.hand_in(ctx, today(ctx))
    with house.ctx("owner", now=entry.utcnow() + timedelta(days=2)) as ctx:
        assert not write_digest(ctx, house.users["rep"].id) and ctx.session.execute(select(OutgoingMail.id).where(OutgoingMail.to_mail == house.users["rep"].mail)).all() == []


def test_a_reminder_that_waits_for_the_end_of_quiet_hours_does_not_come_any_more(house):
    asks(house)
    with house.ctx("rep") as ctx:
        choose(ctx, quiet_from=ctx.now.hour, quiet_until=(ctx.now.hour + 2) % 24)
    assert reminded(house) == ["colleague", "rep"]
    with house.ctx("owner") as ctx:
        key = ctx.session.execute(select(Notification.id).where(Notification.user_id == house.users["rep"].id)).scalar_one()
    with house.ctx("owner", now=entry.utcnow() + timedelta(hours=3)) as ctx:
        assert write_late(ctx, key), "it would have come"
        ctx.session.rollback()
    handed(house)
    with house.ctx("owner", now=entry.utcnow() + timedelta(hours=3)) as ctx:
        assert not write_late(ctx, key)


@pytest.mark.parametrize("channel, came", [("mail", 1), ("app", 0)])
def test_a_reminder_that_did_not_come_by_mail_comes_once_it_is_missing_again(house, channel, came):
    asks(house)
    with house.ctx("rep") as ctx:
        choose(ctx, reminder=channel, quiet_from=ctx.now.hour, quiet_until=(ctx.now.hour + 2) % 24)
    assert reminded(house) == ["colleague", "rep"]
    report = handed(house)
    with house.ctx("owner", now=entry.utcnow() + timedelta(hours=3)) as ctx:
        for key in ctx.session.execute(select(Notification.id).where(Notification.user_id == house.users["rep"].id)).scalars():
            assert not write_late(ctx, key), "he has handed in"
    with house.ctx("rep", now=entry.utcnow() + timedelta(hours=3)) as ctx:
        found = queries.one(ctx, report)
        found.handed_at = ctx.now
        ctx.session.flush()
        actions.take_back(ctx, found)
    with house.ctx("rep", now=entry.utcnow() + timedelta(hours=3)) as ctx:
        letters = select(OutgoingMail.id).where(OutgoingMail.to_mail == house.users["rep"].mail)
        assert len(ctx.session.execute(letters).all()) == came
        again = actions.hand_in(ctx, queries.one(ctx, report).span)
        actions.take_back(ctx, again)
        assert len(ctx.session.execute(letters).all()) == came, "once"


def test_a_reminder_of_the_morning_comes_once_it_is_missing_again(house):
    asks(house)
    with house.ctx("rep") as ctx:
        choose(ctx, reminder="digest", finished="none")
    assert reminded(house) == ["colleague", "rep"]
    report, rep = handed(house), house.users["rep"].id
    with house.ctx("owner", now=entry.utcnow() + timedelta(days=2)) as ctx:
        assert not write_digest(ctx, rep)
    with house.ctx("rep") as ctx:
        actions.take_back(ctx, queries.one(ctx, report))
    with house.ctx("owner", now=entry.utcnow() + timedelta(days=3)) as ctx:
        assert rep in waiting(ctx.session) and write_digest(ctx, rep)


def test_what_is_taken_back_waits_for_no_morning(house):
    asks(house)
    with house.ctx("rep") as ctx:
        choose(ctx, reminder="digest", finished="none")
    reminded(house)
    handed(house)
    with house.ctx("owner") as ctx:
        assert house.users["rep"].id not in waiting(ctx.session)


def test_whoever_is_just_handing_in_is_not_reminded(house):
    asks(house)
    told = []

    def remind():
        with house.ctx("owner") as ctx:
            told.append(reminding.remind(ctx, house.users["rep"].id))

    other = Thread(target=remind)
    with house.ctx("rep") as ctx:
        actions.hand_in(ctx, today(ctx))
        other.start()
        other.join(0.5)
        assert told == [], "it waits"
    other.join()
    assert told == [0] and shown_to(house) == []


def test_whoever_was_told_waits_no_more_and_each_is_looked_at_by_himself(house, monkeypatch):
    asks(house)
    looked, real = [], queries.people_of
    monkeypatch.setattr(queries, "people_of", lambda ctx, people: looked.append(people) or real(ctx, people))
    with house.ctx("owner") as ctx:
        both = reminding.waiting(ctx)
        assert {house.users["rep"].id, house.users["colleague"].id} == set(both) and looked == [None], "all of them, at once"
        looked.clear()
        assert [reminding.remind(ctx, one) for one in both] == [1, 1] and looked == [{one} for one in both]
        assert reminding.waiting(ctx) == []


def test_whoever_wants_no_reminders_is_not_looked_at_by_himself(house):
    asks(house)
    with house.ctx("rep") as ctx:
        choose(ctx, reminder="none")
    with house.ctx("owner") as ctx:
        assert reminding.waiting(ctx) == [house.users["colleague"].id] and reminding.remind(ctx, house.users["rep"].id) == 0


def test_what_others_were_told_under_the_same_key_is_not_looked_through(house):
    asks(house)
    with house.ctx("owner") as ctx:
        reminding.remind(ctx, house.users["colleague"].id)
        with counted() as sent:
            assert reminding.waiting(ctx) == [house.users["rep"].id]
        (looked,) = [one for one in sent if "FROM notification " in one]
        assert "notification.user_id = ANY" in looked


def dues(house, who, span):
    """What the team's page, the author's own page and the reminder say of who owes that report: one and the same."""
    with house.ctx("manager") as ctx:
        team = next(one for one in queries.authors(ctx, span) if one.user_id == house.users[who].id)
    with house.ctx(who) as ctx:
        assert (team.due if team.owes else None) == queries.due_for_me(ctx, span)
    return team.due


def test_nothing_is_missing_from_before_it_was_asked_for_or_before_he_was_here(house):
    asks(house)
    with house.ctx("owner") as ctx:
        day = today(ctx)
        ctx.session.execute(text("UPDATE app_user SET created_at = created_at - interval '60 days'"))
        ctx.session.execute(text("UPDATE app_user SET created_at = :then WHERE id = :his"), {"then": ctx.now - timedelta(days=3), "his": house.users["colleague"].id})
    assert dues(house, "rep", day.next(-20)) and dues(house, "rep", day.next(-4)) and not dues(house, "rep", day.next(-40))
    assert dues(house, "colleague", day.next(-2)) and not dues(house, "colleague", day.next(-4))


def test_who_reads_others_owes_none_and_neither_does_who_is_away(house):
    asks(house)
    now = entry.utcnow().date()
    absent(house, "rep", (now, now))
    with house.ctx("rep") as ctx:
        assert queries.due_for_me(ctx, today(ctx)) is None and queries.due_for_me(ctx, today(ctx).next(-1)) is not None
    with house.ctx("manager") as ctx:
        assert queries.due_for_me(ctx, today(ctx).next(-1)) is None


def test_nobody_is_reminded_of_what_was_due_before_it_was_asked_for(house):
    with house.ctx("owner") as ctx:
        ctx.session.execute(text("UPDATE app_user SET timezone = 'UTC', created_at = created_at - interval '30 days'"))
        actions.change_rules(ctx, days=[1, 2, 3, 4, 5, 6, 7]).day_hour = 0
    assert reminded(house) == []


def test_nobody_is_reminded_of_what_was_due_before_he_was_there(house):
    asks(house)
    with house.ctx("owner") as ctx:
        ctx.session.execute(text("UPDATE app_user SET created_at = :now WHERE id = :his"), {"now": ctx.now, "his": house.users["colleague"].id})
    assert reminded(house) == ["rep"]


def test_whoever_is_away_owes_nothing(house):
    with house.ctx("owner") as ctx:
        plan_absence(ctx, ctx.session.merge(house.users["colleague"]), deputy_id=house.users["rep"].id, starts_on=ctx.today, ends_on=ctx.today)
    asks(house)
    assert reminded(house) == ["rep"]
    with house.ctx("manager") as ctx:
        assert {one.name: one.away for one in queries.authors(ctx, today(ctx))} == {"Colleague": True, "Rep": False}


def absent(house, who, *days):
    with house.ctx("owner") as ctx:
        for first, last in days:
            ctx.session.add(Absence(user_id=house.users[who].id, deputy_id=house.users["reader"].id, starts_on=first, ends_on=last))


def test_whoever_is_away_in_several_parts_or_on_days_off_is_away_all_week(house):
    monday = date(2026, 11, 30)
    week, day = span_of(monday, "week"), [monday + timedelta(days=number) for number in range(7)]
    absent(house, "colleague", (day[0], day[1]), (day[2], day[2]), (day[4], day[4]))
    absent(house, "rep", (day[0], day[2]))
    with house.ctx("owner") as ctx:
        assert queries.away(ctx, week, queries.duty_of(ctx).days(week)) == set(), "both are there on Thursday"
        change_clock(ctx, days=[0, 1, 2, 3, 4], opens="9:00", closes="17:00", holidays=[day[3].isoformat()])
        assert queries.duty_of(ctx).days(week) == [day[0], day[1], day[2], day[4]]
        assert queries.away(ctx, week, queries.duty_of(ctx).days(week)) == {house.users["colleague"].id}
        change_clock(ctx, days=[0, 1, 2, 3], opens="9:00", closes="17:00", holidays=[day[3].isoformat()])
        assert queries.away(ctx, week, queries.duty_of(ctx).days(week)) == {house.users["colleague"].id, house.users["rep"].id}


def test_nobody_is_reminded_of_a_holiday(house):
    asks(house)
    with house.ctx("owner") as ctx:
        change_clock(ctx, days=[0, 1, 2, 3, 4], opens="9:00", closes="17:00", holidays=[ctx.today.isoformat()])
        assert queries.duty_of(ctx).days(today(ctx)) == []
    assert reminded(house) == []


@pytest.mark.parametrize("wrong", [{"days": [8]}, {"days": ["x"]}, {"day_hour": 24}, {"day_hour": 0}, {"week_hour": "0"}, {"week_day": 0}, {"week_hour": "-1"}, {"week_hour": None}])
def test_rules_that_are_none_are_refused(house, wrong):
    with house.ctx("owner") as ctx, pytest.raises(Refused):
        actions.change_rules(ctx, **wrong)


def test_only_some_decide_when_they_are_asked_for(house):
    for who in ("rep", "lead", "reader"):
        with house.ctx(who) as ctx, pytest.raises(Forbidden):
            actions.change_rules(ctx, days=[1])
