"""The morning's letter: one a day, where it is morning, never empty."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select, text

from core.notifications import digesting, queries, telling
from core.notifications.models import Notification
from core.parties import actions as parties
from tenants import entry
from tests.core.notifications.test_telling import account_of, tell
from workers.jobs import notifications as jobs

EIGHT = datetime(2026, 5, 5, 8, 0, tzinfo=UTC)
EVENING = EIGHT - timedelta(hours=12)


def write(ear, who, now):
    with ear.as_system(now) as ctx:
        return digesting.write_digest(ctx, ear.house.users[who].id)


def test_what_came_since_is_one_letter_in_the_morning(world, ear):
    account = account_of(world.acme, "rep")
    for n in range(3):
        tell(world.acme, "manager", ["rep"], account, now=EVENING, excerpt=f"point {n}")
    assert write(ear, "rep", EIGHT - timedelta(minutes=1)) is False
    assert [write(ear, "rep", EIGHT), write(ear, "rep", EIGHT + timedelta(minutes=15))] == [True, False]
    (letter,) = ear.letters("rep")
    assert letter.body_text.count("Manager commented on Nordlicht") == 3 and "point 2" in letter.body_text and "/settings/notifications/" in letter.body_text
    assert write(ear, "rep", EIGHT + timedelta(days=1)) is False, "nothing new: no letter"


def test_what_comes_after_the_morning_waits_for_the_next(world, ear):
    account = account_of(world.acme, "rep")
    tell(world.acme, "manager", ["rep"], account, now=EIGHT + timedelta(minutes=1))
    assert [write(ear, "rep", EIGHT + timedelta(hours=2)), write(ear, "rep", EIGHT + timedelta(days=1))] == [False, True]


def test_it_is_morning_where_the_reader_is(world, ear):
    account = account_of(world.acme, "rep")
    ear.moves("rep", "America/New_York")
    tell(world.acme, "manager", ["rep"], account, now=EVENING)
    assert [write(ear, "rep", EIGHT), write(ear, "rep", EIGHT + timedelta(hours=4))] == [False, True]


def test_quiet_hours_put_the_morning_off(world, ear):
    account = account_of(world.acme, "rep")
    ear.wants("rep", quiet_from="22", quiet_until="10")
    tell(world.acme, "manager", ["rep"], account, now=EVENING)
    assert [write(ear, "rep", EIGHT), write(ear, "rep", EIGHT + timedelta(hours=2))] == [False, True]


def test_what_was_read_or_may_not_be_seen_any_more_makes_no_letter(world, ear):
    read, unseen = account_of(world.acme, "rep"), account_of(world.acme, "rep", name="Secret")
    for account in (read, unseen):
        tell(world.acme, "manager", ["rep"], account, now=EVENING)
    with world.acme.ctx("rep") as ctx:
        for row in queries.notifications(ctx).rows:
            if row.record_title == "Nordlicht":
                telling.mark_read(ctx, row.Notification)
    with world.acme.ctx("manager") as ctx:
        parties.change_owner(ctx, ctx.session.get_one(type(unseen), unseen.id), world.acme.users["colleague"].id)
    assert write(ear, "rep", EIGHT) is False and ear.letters("rep") == []


def test_without_the_look_at_what_is_new_an_empty_letter_would_go_out(world, ear, monkeypatch):
    """Negative control: everything counts as new, read or not."""
    account = account_of(world.acme, "rep")
    tell(world.acme, "manager", ["rep"], account, now=EVENING)
    with world.acme.ctx("rep") as ctx:
        telling.mark_all_read(ctx)
    monkeypatch.setattr(digesting.queries, "unread_among", lambda ctx, *narrowed: list(ctx.session.execute(queries._titled(ctx).where(*narrowed))))
    assert write(ear, "rep", EIGHT) is True


def test_a_long_list_is_cut_and_says_so(world, ear):
    account = account_of(world.acme, "rep")
    for n in range(digesting.MOST_LINES + 3):
        tell(world.acme, "manager", ["rep"], account, now=EVENING, excerpt=f"point {n}")
    assert write(ear, "rep", EIGHT) is True
    assert "and 3 more" in ear.letters("rep")[0].body_text


def test_one_order_of_the_clock_writes_to_all_tenants(world, ear, monkeypatch):
    """Each person in a transaction of his own: one that fails does not hold up the others."""
    for house in (world.acme, world.globex):
        account = account_of(house, "rep")
        tell(house, "owner", ["rep"], account, now=EVENING)
    monkeypatch.setattr(entry, "utcnow", lambda: EIGHT)
    assert [jobs.digests_of(house.fresh()) for house in (world.acme, world.globex)] == [1, 1]
    assert len(ear.letters("rep")) == 1


def test_who_left_gets_no_letter_and_waits_for_none(world, ear):
    account = account_of(world.acme, "colleague")
    tell(world.acme, "manager", ["colleague"], account, now=EVENING)
    with world.acme.ctx("owner") as ctx:
        ctx.session.execute(text("UPDATE app_user SET state = 'disabled' WHERE id = :id"), {"id": world.acme.users["colleague"].id})
    try:
        assert write(ear, "colleague", EIGHT) is False
        with ear.as_system(EIGHT) as ctx:
            assert digesting.waiting(ctx.session) == []
    finally:
        with world.acme.ctx("owner") as ctx:
            ctx.session.execute(text("UPDATE app_user SET state = 'active' WHERE id = :id"), {"id": world.acme.users["colleague"].id})


def test_after_a_restore_nothing_that_was_written_before_is_written_again(world, ear):
    from core.notifications import holding

    account = account_of(world.acme, "rep")
    tell(world.acme, "manager", ["rep"], account, now=EVENING)
    with ear.as_system(EIGHT) as ctx:
        holding.hold(ctx)
    assert write(ear, "rep", EIGHT) is False and len(ear.heard("rep")) == 1


def test_old_ones_go(world, ear):
    account = account_of(world.acme, "rep")
    tell(world.acme, "manager", ["rep"], account, now=EIGHT)
    with ear.as_system(EIGHT + timedelta(days=364)) as ctx:
        assert digesting.prune(ctx) == 0
    with ear.as_system(EIGHT + timedelta(days=366)) as ctx:
        assert digesting.prune(ctx) == 1
        assert ctx.session.execute(select(Notification)).first() is None
