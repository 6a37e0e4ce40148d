"""The contact log, its timeline, next contacts and their reminders."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import delete, select, text

from core.activities import actions, promises, queries, reminding
from core.activities import due as coming
from core.activities.models import Activity
from core.base.context import make_context, system
from core.base.errors import Forbidden, NotFound, Refused
from core.base.outbox import Order
from core.identity import actions as identity
from core.parties import actions as parties
from core.post.models import OutgoingMail
from tenants import entry
from tests.support.statements import counted

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NOBODY = "7a1f0c52-6f0e-4c0b-9d7e-3b8f2a5e9c11"


@pytest.fixture
def account(ctx):
    return parties.create_account(ctx, name="Nordlicht")


def test_a_call_is_logged_with_its_next_contact(ctx, account):
    person = parties.create_contact(ctx, name="Sofie", account_id=account.id)
    activity = actions.log_activity(ctx, kind="call", contact=person, body="Wants a quote", next_contact="tomorrow 10:00", next_contact_note="Call back")
    assert (activity.account_id, activity.owner_id, activity.happened_at) == (account.id, ctx.actor.id, ctx.now)
    assert activity.next_contact_on == ctx.today + timedelta(days=1) and activity.next_contact_at.hour == 10
    order = ctx.session.execute(select(Order).where(Order.name == "activities.remind")).scalars().one()
    assert (order.due_at, order.args) == (activity.next_contact_at, {"activity_id": str(activity.id)})


@pytest.mark.parametrize(("given", "code", "field"), [
    ({"kind": "fax"}, "unknown_value", "kind"), ({"next_contact": "whenever"}, "not_a_moment", "next_contact"), ({"next_contact": "2020-01-01"}, "moment_past", "next_contact"),
    ({"happened_at": "tomorrow"}, "not_a_moment", "happened_at"), ({"happened_at": "2099-01-01"}, "moment_future", "happened_at"), ({"happened_at": "soon"}, "not_a_moment", "happened_at"),
    ({"kind": "note", "body": " "}, "activity_empty", "body"), ({"body": "a\x00"}, "control_character", "body"), ({"body": "x" * 20_001}, "too_long", "body"),
    ({"direction": "up"}, "unknown_value", "direction"), ({"account": None}, "activity_about", "account_id"), ({"next_contact_note": "x" * 501}, "too_long", "next_contact_note"),
])
def test_a_bad_entry_is_refused_and_named(ctx, account, given, code, field):
    if given == {"happened_at": "tomorrow"}:
        code = "moment_future"
    with pytest.raises(Refused) as refused:
        actions.log_activity(ctx, **({"kind": "call", "account": account, "body": "x"} | given))
    assert (refused.value.code, refused.value.field) == (code, field)


def test_an_entry_of_yesterday_stands_at_its_own_time(ctx, account):
    activity = actions.log_activity(ctx, kind="visit", account=account, happened_at="yesterday 09:15")
    assert (activity.happened_at.date(), activity.happened_at.hour) == (ctx.today - timedelta(days=1), 9)


def test_nobody_logs_on_what_he_does_not_see(world):
    with world.acme.ctx("colleague") as ctx:
        account = parties.create_account(ctx, name="Colleague's")
        ctx.session.flush()
        ctx.session.expunge(account)
    with world.acme.ctx("rep") as ctx, pytest.raises(NotFound):
        actions.log_activity(ctx, kind="call", account=account)
    with world.acme.ctx("reader") as ctx, pytest.raises(Forbidden):
        actions.log_activity(ctx, kind="call", account=account)


def test_the_timeline_joins_what_was_logged_and_what_changed_in_one_statement(ctx, account):
    actions.log_activity(ctx, kind="call", account=account, body="Hello", happened_at=ctx.now - timedelta(hours=1))
    parties.edit_account(ctx, account, city="Kiel")
    with counted() as sent:
        history = queries.timeline(ctx, account)
    assert len(sent) == 1
    assert {row.kind for row in history.entries} == {"call", "account.created", "account.edited"} and history.entries[-1].body == "Hello"


def test_a_long_timeline_is_walked_without_gap_or_double(ctx, account):
    for i in range(25):
        actions.log_activity(ctx, kind="note", account=account, body=f"n{i}", happened_at=ctx.now - timedelta(hours=i // 3))
    seen, before = [], None
    while True:
        page = queries.timeline(ctx, account, before=before, limit=7)
        seen += [row.id for row in page.entries]
        before = page.before
        if before is None:
            break
    assert len(seen) == len(set(seen)) == 26
    assert len(queries.timeline(ctx, account, show="note", limit=50).entries) == 25
    assert [row.kind for row in queries.timeline(ctx, account, show="changes").entries] == ["account.created"]


@pytest.mark.parametrize("part", [{"show": "note"}, {"show": "changes"}, {"narrow": queries.Narrow(search="nowhere")}, {"narrow": queries.Narrow(user_id=NOBODY)}, {"before": f"2020-01-01T00:00:00+00:00~{NOBODY}"}], ids=str)
def test_next_and_last_contact_are_those_of_the_whole_timeline_in_one_statement(ctx, account, part):
    actions.log_activity(ctx, kind="call", account=account, body="First", happened_at=ctx.now - timedelta(hours=2))
    actions.log_activity(ctx, kind="call", account=account, body="Last", next_contact="tomorrow", happened_at=ctx.now - timedelta(hours=1))
    ctx.session.flush()
    with counted() as sent:
        found = queries.timeline(ctx, account, **part)
    assert len(sent) == 1 and (found.soonest.body, found.latest.body) == ("Last", "Last")
    assert found.planned == [] and "Last" not in [row.body for row in found.entries]
    whole = queries.timeline(ctx, account, limit=1)
    assert whole.latest.body == whole.soonest.body == whole.planned[0].body == "Last", "newer facts push no entry out of it"
    alone = queries.timeline(ctx, account, glance=False, **part)
    assert alone.latest is None and alone.soonest is None


@pytest.mark.parametrize("before", ["x", "2026-01-01~x", f"2026-01-01T00:00:00~{NOBODY}", "~", f"'; DROP TABLE fact~{NOBODY}", "a~b~c"])
def test_a_forged_place_in_the_timeline_is_refused(ctx, account, before):
    with pytest.raises(Refused, match="bad_cursor"):
        queries.timeline(ctx, account, before=before)
    with pytest.raises(Refused, match="unknown_value"):
        queries.timeline(ctx, account, show=before)


def test_the_timeline_of_an_account_hides_people_that_are_hidden(world):
    with world.acme.ctx("colleague") as ctx:
        shared = parties.create_account(ctx, name="Shared", owner_id=None)
        hidden = parties.create_contact(ctx, name="Hidden Person", account_id=shared.id)
        actions.log_activity(ctx, kind="call", contact=hidden, body="Between us")
        actions.log_activity(ctx, kind="call", account=shared, body="For all")
        key = shared.id
    from core.parties.queries import one_account

    with world.acme.ctx("rep") as ctx:
        history = queries.timeline(ctx, one_account(ctx, key))
        assert [row.body for row in history.entries if row.part == "activity"] == ["For all"]
        assert "contact.created" not in {row.kind for row in history.entries}
    with world.acme.ctx("manager") as ctx:
        assert {row.body for row in queries.timeline(ctx, one_account(ctx, key)).entries} >= {"For all", "Between us"}


def test_what_was_said_to_a_person_before_he_had_an_account_stands_on_its_timeline_once_he_has(ctx, account):
    person = parties.create_contact(ctx, name="Sofie")
    ctx.session.flush()
    actions.log_activity(ctx, kind="call", contact=person, body="Met at the fair", next_contact="tomorrow", happened_at=ctx.now - timedelta(days=3))
    actions.log_activity(ctx, kind="mail", account=account, body="Sent the list", happened_at=ctx.now - timedelta(days=1))
    assert [entry.body for entry in queries.timeline(ctx, account, show="call").entries] == []
    parties.edit_contact(ctx, person, account_id=account.id)
    ctx.session.flush()
    with counted() as statements:
        found = queries.timeline(ctx, account)
    assert len(statements) == 1
    assert [entry.body for entry in found.entries if entry.body] == ["Sent the list", "Met at the fair"] and [one.body for one in found.planned] == ["Met at the fair"]
    elsewhere = parties.create_account(ctx, name="Südlicht")
    ctx.session.flush()
    parties.edit_contact(ctx, person, account_id=elsewhere.id)
    ctx.session.flush()
    assert "Met at the fair" not in str(queries.timeline(ctx, account).entries) and "Met at the fair" in str(queries.timeline(ctx, elsewhere).entries)


def test_a_person_who_is_not_seen_brings_nothing_to_the_account(world):
    with world.acme.ctx("colleague") as ctx:
        account = parties.create_account(ctx, name="Everybody's", owner_id=None)
        person = parties.create_contact(ctx, name="Colleague's own")
        ctx.session.flush()
        actions.log_activity(ctx, kind="call", contact=person, body="Before there was an account")
        parties.edit_contact(ctx, person, account_id=account.id)
        key = account.id
    for who, seen in (("colleague", True), ("owner", True), ("rep", False)):
        with world.acme.ctx(who) as ctx:
            assert ("Before there was" in str(queries.timeline(ctx, ctx.session.get(parties.Account, key)).entries)) == seen


def test_the_day_shows_overdue_today_and_tomorrow(shared_house):
    from tests.conftest import rolled_back

    with rolled_back(shared_house, "owner") as ctx:
        account = parties.create_account(ctx, name="Nordlicht")
        for when in ("today", "tomorrow", "+2d"):
            actions.log_activity(ctx, kind="call", account=account, next_contact=when)
        late = actions.log_activity(ctx, kind="call", account=account, next_contact="today")
        late.next_contact_on = ctx.today - timedelta(days=3)
        done = actions.log_activity(ctx, kind="call", account=account, next_contact="today")
        actions.complete_next_contact(ctx, done)
        assert [row.next_contact_on - ctx.today for row in coming.due(ctx)] == [timedelta(days=-3), timedelta(0), timedelta(days=1)]
        parties.delete_account(ctx, account)
        assert coming.due(ctx) == []


def test_done_counts_once_and_can_be_taken_back(ctx, account):
    activity = actions.log_activity(ctx, kind="call", account=account, next_contact="tomorrow")
    actions.complete_next_contact(ctx, activity)
    with pytest.raises(Refused, match="next_contact_done"):
        actions.complete_next_contact(ctx, activity)
    with pytest.raises(Refused, match="next_contact_done"):
        actions.reschedule(ctx, activity, "fri")
    actions.reopen_next_contact(ctx, activity)
    assert actions.reschedule(ctx, activity, "+3d").next_contact_on == ctx.today + timedelta(days=3)


@pytest.mark.parametrize("act", [actions.complete_next_contact, lambda ctx, activity: actions.reschedule(ctx, activity, "fri")])
def test_what_is_gone_meanwhile_is_not_there(ctx, account, act):
    activity = actions.log_activity(ctx, kind="call", account=account, next_contact="tomorrow")
    ctx.session.flush()
    ctx.session.execute(delete(Activity.__table__).where(Activity.__table__.c.id == activity.id))
    with pytest.raises(NotFound):
        act(ctx, activity)


class Reminder:
    """A next contact of the rep, due at `due`, in a world that keeps it."""

    def __init__(self, house, when="2026-11-21 10:00", who="rep", zone="UTC", kind=None):
        self.house = house
        with house.ctx(who, now=NOW, timezone=zone) as ctx:
            account = parties.create_account(ctx, name="Nordlicht")
            self.account_id = account.id
            self.id = actions.log_activity(ctx, kind="call", account=account, next_contact=when, next_contact_note="Call back", next_contact_kind=kind).id

    def ring(self, at: datetime) -> bool:
        with entry.enter(self.house.tenant) as session:
            return reminding.remind(make_context(session, system("activities.remind"), self.house.fresh().ref("http://acme.localhost"), at), self.id)

    def letters(self) -> list[OutgoingMail]:
        with entry.enter(self.house.tenant) as session:
            return list(session.execute(select(OutgoingMail).where(OutgoingMail.about_id == self.id).order_by(OutgoingMail.id)).scalars())

    def change(self, act, who="rep", now=NOW):
        with self.house.ctx(who, now=now) as ctx:
            act(ctx, queries.one_activity(ctx, self.id))


DUE = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


def test_a_reminder_is_written_once_however_often_it_rings(world):
    reminder = Reminder(world.acme)
    assert [reminder.ring(DUE - timedelta(minutes=1)), reminder.ring(DUE), reminder.ring(DUE), reminder.ring(DUE + timedelta(days=1))] == [False, True, False, False]
    letter = reminder.letters()[0]
    assert (len(reminder.letters()), letter.to_mail, letter.state) == (1, world.acme.users["rep"].mail, "queued")
    assert "Call back" in letter.subject and "Nordlicht" in letter.body_text and f"/accounts/{reminder.account_id}" in letter.body_text


def test_two_bells_at_once_write_one_letter(world):
    import threading

    reminder, rung = Reminder(world.acme), []
    threads = [threading.Thread(target=lambda: rung.append(reminder.ring(DUE))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(rung) == [False, True] and len(reminder.letters()) == 1


def test_what_was_moved_rings_at_its_new_time_only(world):
    reminder = Reminder(world.acme)
    reminder.change(lambda ctx, activity: actions.reschedule(ctx, activity, "2026-11-23 15:00"))
    assert [reminder.ring(DUE), reminder.ring(datetime(2026, 11, 23, 15, 0, tzinfo=UTC))] == [False, True]
    with entry.enter(world.acme.tenant) as session:
        orders = session.execute(select(Order.due_at).where(Order.name == "activities.remind", Order.args["activity_id"].astext == str(reminder.id)).order_by(Order.due_at)).scalars().all()
    assert orders == [DUE, datetime(2026, 11, 23, 15, 0, tzinfo=UTC)]


@pytest.mark.parametrize("act", [
    actions.complete_next_contact, actions.delete_activity,
    lambda ctx, activity: ctx.session.execute(text("UPDATE account SET deleted_at = now() WHERE id = :id"), {"id": activity.account_id}),
], ids=["done", "deleted", "account deleted"])
def test_what_is_settled_does_not_ring(world, act):
    reminder = Reminder(world.acme)
    reminder.change(act)
    assert reminder.ring(DUE) is False and reminder.letters() == []


def test_who_is_gone_is_not_reminded(world):
    reminder = Reminder(world.acme, who="colleague")
    with world.acme.ctx() as ctx:
        ctx.session.execute(text("UPDATE app_user SET state = 'disabled' WHERE id = :id"), {"id": world.acme.users["colleague"].id})
    try:
        assert reminder.ring(DUE) is False
    finally:
        with world.acme.ctx() as ctx:
            ctx.session.execute(text("UPDATE app_user SET state = 'active' WHERE id = :id"), {"id": world.acme.users["colleague"].id})


def test_a_day_without_a_time_rings_at_eight_where_its_owner_is(world):
    with world.acme.ctx() as ctx:
        ctx.session.execute(text("UPDATE app_user SET timezone = 'Asia/Shanghai' WHERE id = :id"), {"id": world.acme.users["manager"].id})
    with world.acme.ctx("manager", now=NOW, timezone="Asia/Shanghai") as ctx:
        account = parties.create_account(ctx, name="华光")
        activity = actions.log_activity(ctx, kind="call", account=account, next_contact="2026-11-23")
        order = ctx.session.execute(select(Order).where(Order.args["activity_id"].astext == str(activity.id))).scalars().one()
        assert (activity.next_contact_on, order.due_at) == (date(2026, 11, 23), datetime(2026, 11, 23, 0, 0, tzinfo=UTC))


def test_whoever_moved_westwards_is_reminded_at_eight_where_he_is_now(world):
    """The order rings at eight of Berlin, when it is two in New York: it leaves another for eight there."""
    moved = Reminder(world.acme, when="2026-11-23", zone="Europe/Berlin")
    east, west = datetime(2026, 11, 23, 7, 0, tzinfo=UTC), datetime(2026, 11, 23, 13, 0, tzinfo=UTC)
    try:
        with world.acme.ctx() as ctx:
            ctx.session.execute(text("UPDATE app_user SET timezone = 'America/New_York' WHERE id = :id"), {"id": world.acme.users["rep"].id})
        assert [moved.ring(east), moved.ring(east)] == [False, False] and moved.letters() == []
        with entry.enter(world.acme.tenant) as session:
            query = select(Order.due_at).where(Order.name == "activities.remind", Order.args["activity_id"].astext == str(moved.id)).order_by(Order.due_at)
            assert session.execute(query).scalars().all() == [east, west]
        assert [moved.ring(west), moved.ring(west)] == [True, False] and len(moved.letters()) == 1
    finally:
        with world.acme.ctx() as ctx:
            ctx.session.execute(text("UPDATE app_user SET timezone = 'UTC' WHERE id = :id"), {"id": world.acme.users["rep"].id})


def test_whoever_moved_eastwards_is_reminded_at_eight_where_he_is_now(world):
    """Nothing rings at three in the afternoon of Shanghai because it is eight in Berlin then; what was a promise follows too."""
    moved = Reminder(world.acme, when="2026-11-24", zone="Europe/Berlin")
    promised = Reminder(world.acme, when="2026-11-25", zone="Europe/Berlin", kind="promise")
    try:
        with world.acme.ctx("rep", now=NOW) as ctx:
            identity.change_profile(ctx, timezone="Asia/Shanghai")
            order = ctx.session.execute(select(Order).where(Order.name == "activities.follow_zone").order_by(Order.created_at.desc()).limit(1)).scalar_one()
        with world.acme.ctx(now=NOW) as ctx:
            assert reminding.follow_zone(ctx, UUID(order.args["user_id"])) >= 2
        east = datetime(2026, 11, 24, 0, 0, tzinfo=UTC)
        with entry.enter(world.acme.tenant) as session:
            query = select(Order.name, Order.due_at).where(Order.args["activity_id"].astext.in_([str(moved.id), str(promised.id)])).order_by(Order.due_at)
            names = [(name, at) for name, at in session.execute(query) if at.hour == 0]
        assert names == [(promises.SOON, east), ("activities.remind", east), ("activities.remind", east + timedelta(days=1)), (promises.BROKEN, east + timedelta(days=2))]
        assert [moved.ring(east), moved.ring(east + timedelta(hours=7))] == [True, False] and len(moved.letters()) == 1
    finally:
        with world.acme.ctx() as ctx:
            ctx.session.execute(text("UPDATE app_user SET timezone = 'UTC' WHERE id = :id"), {"id": world.acme.users["rep"].id})


def test_an_entry_names_a_person_of_that_account_only(ctx, account):
    other = parties.create_account(ctx, name="Elsewhere")
    ctx.session.flush()
    for person in (parties.create_contact(ctx, name="Sofie", account_id=other.id), parties.create_contact(ctx, name="Nobody's")):
        with pytest.raises(Refused) as refused:
            actions.log_activity(ctx, kind="call", account=account, contact=person, body="x")
        assert (refused.value.code, refused.value.field) == ("contact_elsewhere", "contact_id")


def test_today_written_after_eight_sends_no_letter(world):
    with world.acme.ctx("rep", now=NOW) as ctx:
        account = parties.create_account(ctx, name="X")
        activity = actions.log_activity(ctx, kind="call", account=account, next_contact="today")
        assert ctx.session.execute(select(Order).where(Order.args["activity_id"].astext == str(activity.id))).first() is None


def test_a_colleagues_next_contact_is_not_mine_to_settle(world):
    reminder = Reminder(world.acme)
    with world.acme.ctx("colleague") as ctx:
        activity = ctx.session.get(Activity, reminder.id)
        for act in (actions.complete_next_contact, actions.delete_activity, actions.reopen_next_contact):
            with pytest.raises(NotFound):
                act(ctx, activity)
