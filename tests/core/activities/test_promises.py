"""Promises: reminded the day before and on the day where their owner is, kept or broken, told once."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from core.activities import actions, promises, queries
from core.activities.models import Activity
from core.base.context import make_context, system
from core.base.errors import Refused
from core.base.outbox import Order
from core.identity import teams
from core.identity.models import User
from core.notifications.models import Notification
from core.parties import actions as parties
from core.parties.queries import one_account
from tenants import entry
from tests.support.world import House

NOW = datetime(2026, 3, 24, 9, 0, tzinfo=UTC)  # Europe's clocks go forward on the 29th
ZONES = ["Pacific/Pago_Pago", "America/New_York", "UTC", "Europe/Madrid", "Asia/Seoul", "Australia/Lord_Howe", "Pacific/Chatham", "Pacific/Kiritimati"]


@pytest.fixture(scope="module")
def house(app):
    found = House(f"promise-{uuid4().hex[:6]}", {"owner": "admin", "rep": "sales", "other": "sales", "boss": "manager"})
    with found.ctx(now=NOW) as ctx:
        team = teams.create_team(ctx, name="North")
        ctx.session.flush()  # its key is needed
        teams.put_member(ctx, team, found.users["rep"].id)
        teams.put_member(ctx, team, found.users["boss"].id, leads=True)
    return found


def promise(house, day, zone="UTC", note="Send the samples"):
    with house.ctx("rep", now=NOW, timezone=zone) as ctx:
        ctx.session.execute(update(User).where(User.id == ctx.actor.id).values(timezone=zone))
        account = parties.create_account(ctx, name="Promised")
        return actions.log_activity(ctx, kind="call", account=account, body="Asked", next_contact=day, next_contact_note=note, next_contact_kind="promise").id


def at(house, moment, act, key):
    with entry.enter(house.tenant) as session:
        return act(make_context(session, system("test"), house.fresh().ref("http://acme.localhost"), moment), key)


def told(house, key, step):
    with house.ctx(now=NOW) as ctx:
        query = select(User.name).join(Notification, Notification.user_id == User.id).where(Notification.dedupe_key.startswith(f"promise.{step}:{key}"))
        return sorted(ctx.session.execute(query).scalars())


def name(house, who):
    return house.users[who].name


@pytest.mark.parametrize("zone", ZONES)
def test_it_is_reminded_once_the_day_before_at_eight_where_its_owner_is(house, zone):
    day = date(2026, 3, 30)
    key, eight = promise(house, "2026-03-30", zone), datetime.combine(day - timedelta(days=1), time(8), ZoneInfo(zone))
    with house.ctx(now=NOW) as ctx:
        due = {one.name: one.due_at for one in ctx.session.execute(select(Order).where(Order.args["activity_id"].astext == str(key))).scalars()}
    assert due[promises.SOON] == eight and due[promises.BROKEN] == datetime.combine(day + timedelta(days=1), time(8), ZoneInfo(zone))
    assert due["activities.remind"] == datetime.combine(day, time(8), ZoneInfo(zone))
    assert [at(house, moment, promises.remind_soon, key) for moment in (eight - timedelta(minutes=1), eight, eight, eight + timedelta(hours=3))] == [False, True, False, False]
    assert told(house, key, "soon") == [name(house, "rep")]


def test_it_is_broken_once_its_day_is_over_and_who_leads_is_told_once(house):
    key, morning = promise(house, "2026-03-30"), datetime(2026, 3, 31, 8, tzinfo=UTC)
    assert [at(house, moment, promises.report_broken, key) for moment in (morning - timedelta(minutes=1), morning, morning, morning + timedelta(days=2))] == [False, True, False, False]
    assert told(house, key, "broken") == sorted([name(house, "rep"), name(house, "boss")])
    with house.ctx("boss", now=morning) as ctx:
        assert key in [row.id for row in promises.promises(ctx, "broken")] and key not in [row.id for row in promises.promises(ctx)]
    with house.ctx("rep", now=morning + timedelta(days=1)) as ctx:
        actions.complete_next_contact(ctx, queries.one_activity(ctx, key))
    with house.ctx("rep", now=morning + timedelta(days=1)) as ctx:
        row, = [row for row in promises.promises(ctx, "broken") if row.id == key]
        assert row.done_at and key not in [row.id for row in promises.promises(ctx, "kept")], "kept too late stays broken"


def test_what_was_kept_or_moved_or_deleted_is_neither_reminded_nor_reported(house):
    kept, moved, gone = (promise(house, "2026-03-30") for _ in range(3))
    with house.ctx("rep", now=NOW) as ctx:
        actions.complete_next_contact(ctx, queries.one_activity(ctx, kept))
        actions.reschedule(ctx, queries.one_activity(ctx, moved), "2026-04-10")
        actions.delete_activity(ctx, queries.one_activity(ctx, gone))
    for key in (kept, moved, gone):
        assert not at(house, datetime(2026, 3, 29, 8, tzinfo=UTC), promises.remind_soon, key) and not at(house, datetime(2026, 3, 31, 8, tzinfo=UTC), promises.report_broken, key)
        assert told(house, key, "soon") == told(house, key, "broken") == []
    assert at(house, datetime(2026, 4, 9, 8, tzinfo=UTC), promises.remind_soon, moved) and at(house, datetime(2026, 4, 11, 8, tzinfo=UTC), promises.report_broken, moved)
    with house.ctx("rep", now=NOW) as ctx:
        assert kept in [row.id for row in promises.promises(ctx, "kept")]
        with pytest.raises(Refused, match="unknown_value"):
            promises.promises(ctx, "lost")


def test_another_next_contact_is_never_a_promise(house):
    with house.ctx("rep", now=NOW) as ctx:
        account = parties.create_account(ctx, name="Plain")
        key = actions.log_activity(ctx, kind="call", account=account, next_contact="2026-03-30").id
    assert not at(house, datetime(2026, 3, 29, 8, tzinfo=UTC), promises.remind_soon, key) and not at(house, datetime(2026, 3, 31, 8, tzinfo=UTC), promises.report_broken, key)


def test_nobody_is_told_or_shown_a_promise_to_a_person_out_of_sight(house):
    with house.ctx("rep", now=NOW) as ctx:
        shared = parties.create_account(ctx, name="Everybody's", owner_id=None)
        person = parties.create_contact(ctx, name="Mine alone", account_id=shared.id)
        key = actions.log_activity(ctx, kind="call", contact=person, next_contact="2026-03-30", next_contact_note="Between us", next_contact_kind="promise").id
    with house.ctx("other", now=NOW) as ctx:
        assert one_account(ctx, shared.id) and key not in [row.id for row in promises.promises(ctx)]
    with house.ctx(now=NOW) as ctx:
        team = teams.create_team(ctx, name="South")
        ctx.session.flush()  # its key is needed
        teams.put_member(ctx, team, house.users["rep"].id)
        teams.put_member(ctx, team, house.users["other"].id, leads=True)
    at(house, datetime(2026, 3, 31, 8, tzinfo=UTC), promises.report_broken, key)
    assert name(house, "other") not in told(house, key, "broken") and name(house, "rep") in told(house, key, "broken")


def test_a_promise_that_was_kept_is_no_contact(house):
    key = promise(house, "2026-03-30")
    with house.ctx("rep", now=NOW + timedelta(days=1)) as ctx:
        entry_ = queries.one_activity(ctx, key)
        actions.complete_next_contact(ctx, entry_)
        ctx.session.flush()
        assert ctx.session.execute(select(Activity.contacted_at).where(Activity.id == key)).scalar_one() == entry_.happened_at
        assert actions.follow_up(ctx, entry_, next_contact="+3d").next_contact_kind is None
