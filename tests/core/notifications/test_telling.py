"""Who is told what: never what one did oneself, never what one does not see, as one chose."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from core.base.errors import Conflict, NotFound, Refused
from core.base.outbox import Order
from core.identity import actions as identity
from core.notifications import choosing, following, queries, telling
from core.notifications.models import KINDS, Notification
from core.parties import actions as parties

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def account_of(house, who, **values):
    with house.ctx(who) as ctx:
        account = parties.create_account(ctx, **({"name": "Nordlicht"} | values))
        ctx.session.flush()
        ctx.session.expunge(account)
    return account


def tell(house, who, people, account, kind="commented", now=NOON, **rest):
    with house.ctx(who, now=now) as ctx:
        return telling.notify(ctx, kind, [house.users[one].id for one in people], account, **rest)


def test_a_record_that_is_handed_over_is_told_to_its_new_owner(world, ear):
    account = account_of(world.acme, "manager")
    with world.acme.ctx("manager") as ctx:
        parties.change_owner(ctx, ctx.session.get_one(type(account), account.id), world.acme.users["rep"].id)
    assert ear.heard("rep") == [("assigned", account.id)] and ear.heard("manager") == []
    letter = ear.letters("rep")[0]
    assert letter.subject == "Manager made you the owner of Nordlicht" and f"/accounts/{account.id}" in letter.body_text
    assert "/settings/notifications/" in letter.body_text and letter.headers["List-Unsubscribe"].endswith("/settings/notifications/>")


def test_a_record_made_for_somebody_else_is_told_and_ones_own_is_not(world, ear):
    given = account_of(world.acme, "manager", owner_id=world.acme.users["rep"].id)
    account_of(world.acme, "manager")
    assert ear.heard("rep") == [("assigned", given.id)] and ear.heard("manager") == []


def test_nobody_is_told_of_what_he_did_himself(world, ear):
    account = account_of(world.acme, "manager")
    assert tell(world.acme, "manager", ["manager", "rep", "owner"], account) == [world.acme.users["owner"].id]


def test_nobody_is_told_of_what_he_may_not_see(world, ear):
    account = account_of(world.acme, "colleague")
    assert tell(world.acme, "manager", ["rep", "colleague", "ex"], account) == [world.acme.users["colleague"].id]
    assert ear.heard("rep") == ear.heard("ex") == []


def test_without_the_check_he_would_be_told(world, ear, monkeypatch):
    """Negative control."""
    account = account_of(world.acme, "colleague")
    monkeypatch.setattr(telling, "may_open", lambda ctx, record: True)
    assert world.acme.users["rep"].id in tell(world.acme, "manager", ["rep"], account)


def test_what_one_may_no_longer_see_is_not_shown_any_more(world, ear):
    account = account_of(world.acme, "rep")
    tell(world.acme, "manager", ["rep"], account)
    with world.acme.ctx("rep") as ctx:
        assert queries.unread_of(ctx)[0] == 1 and queries.notifications(ctx).rows[0].record_title == "Nordlicht"
        key = queries.notifications(ctx).rows[0].Notification.id
    with world.acme.ctx("manager") as ctx:
        parties.change_owner(ctx, ctx.session.get_one(type(account), account.id), world.acme.users["colleague"].id)
    with world.acme.ctx("rep") as ctx:
        assert queries.unread_of(ctx)[0] == 0 and queries.notifications(ctx).rows == []
        with pytest.raises(NotFound):
            queries.one_notification(ctx, key)


def test_without_the_reach_in_the_query_it_would_be_shown(world, ear, monkeypatch):
    """Negative control."""
    from core.base import records

    account = account_of(world.acme, "rep")
    tell(world.acme, "manager", ["rep"], account)
    with world.acme.ctx("manager") as ctx:
        parties.change_owner(ctx, ctx.session.get_one(type(account), account.id), world.acme.users["colleague"].id)
    monkeypatch.setattr(records, "sees", lambda ctx, model: records.literal(True))
    with world.acme.ctx("rep") as ctx:
        assert queries.unread_of(ctx)[0] == 1


def test_a_deleted_record_takes_its_notifications_along(world, ear):
    account = account_of(world.acme, "rep")
    tell(world.acme, "manager", ["rep"], account)
    with world.acme.ctx("rep") as ctx:
        parties.delete_account(ctx, ctx.session.get_one(type(account), account.id))
    with world.acme.ctx("rep") as ctx:
        assert queries.unread_of(ctx)[0] == 0


@pytest.mark.parametrize(("channel", "shown", "letters", "digest"), [("mail", 1, 1, False), ("digest", 1, 0, True), ("app", 1, 0, False), ("none", 0, 0, False)])
def test_everybody_is_told_as_he_chose(world, ear, channel, shown, letters, digest):
    account = account_of(world.acme, "rep")
    ear.wants("rep", commented=channel)
    tell(world.acme, "manager", ["rep"], account)
    assert (len(ear.heard("rep")), len(ear.letters("rep"))) == (shown, letters)
    with world.acme.ctx("owner") as ctx:
        assert ctx.session.execute(select(Notification.in_digest)).scalars().all() == [digest] * shown


def test_the_letter_is_in_the_readers_language(world, ear):
    account = account_of(world.acme, "rep")
    with world.acme.ctx("rep") as ctx:
        identity.change_profile(ctx, locale="es")
    try:
        ear.wants("rep", commented="mail")
        tell(world.acme, "manager", ["rep"], account, excerpt="Call them\nagain")
        letter = ear.letters("rep")[0]
        assert letter.lang == "es" and "Manager" in letter.subject and "commented" not in letter.subject and "Call them again" in letter.body_text
    finally:
        with world.acme.ctx("rep") as ctx:
            identity.change_profile(ctx, locale="en")


def orders(house, name=telling.LATE):
    with house.ctx("owner") as ctx:
        return [(order.due_at, order.args) for order in ctx.session.execute(select(Order).where(Order.name == name)).scalars()]


def test_mail_waits_until_quiet_hours_end_where_the_reader_is(world, ear):
    account = account_of(world.acme, "rep")
    ear.moves("rep", "Asia/Tokyo")
    ear.wants("rep", commented="mail", quiet_from="20", quiet_until="7")
    tell(world.acme, "manager", ["rep"], account)  # noon in UTC: 21:00 in Tokyo
    ends = datetime(2026, 5, 4, 22, 0, tzinfo=UTC)
    assert ear.letters("rep") == [] and [due for due, _ in orders(world.acme)] == [ends]
    key = ear_key(world.acme)
    with ear.as_system(ends - timedelta(minutes=1)) as ctx:
        assert telling.write_late(ctx, key) is False, "a clock that rings too early writes nothing"
    with ear.as_system(ends) as ctx:
        assert telling.write_late(ctx, key) is True
    with ear.as_system(ends) as ctx:
        assert telling.write_late(ctx, key) is False, "once"
    assert len(ear.letters("rep")) == 1


def ear_key(house):
    with house.ctx("owner") as ctx:
        return ctx.session.execute(select(Notification.id)).scalar_one()


def test_without_quiet_hours_it_would_have_come_at_night(world, ear, monkeypatch):
    """Negative control."""
    account = account_of(world.acme, "rep")
    ear.wants("rep", commented="mail", quiet_from="10", quiet_until="14")
    monkeypatch.setattr(telling, "quiet_ends", lambda now, zone, quiet: None)
    tell(world.acme, "manager", ["rep"], account)
    assert len(ear.letters("rep")) == 1


@pytest.mark.parametrize("what", ["read", "retracted", "unseen", "gone"])
def test_a_letter_that_waited_is_not_written_where_it_is_no_news_any_more(world, ear, what):
    account = account_of(world.acme, "rep")
    ear.wants("rep", commented="mail", quiet_from="10", quiet_until="14")
    tell(world.acme, "manager", ["rep"], account, source_id=account.id)
    key, later = ear_key(world.acme), NOON + timedelta(hours=3)
    with world.acme.ctx("rep" if what == "read" else "manager") as ctx:
        if what == "read":
            telling.mark_read(ctx, queries.one_notification(ctx, key))
        elif what == "retracted":
            telling.retract(ctx, account.id)
        elif what == "unseen":
            parties.change_owner(ctx, ctx.session.get_one(type(account), account.id), world.acme.users["colleague"].id)
        else:
            parties.delete_account(ctx, ctx.session.get_one(type(account), account.id))
    with ear.as_system(later) as ctx:
        assert telling.write_late(ctx, key) is False
    assert ear.letters("rep") == []


def test_one_thing_is_told_once(world, ear):
    account = account_of(world.acme, "rep")
    ear.wants("rep", commented="mail")
    assert tell(world.acme, "manager", ["rep"], account, dedupe="once") and not tell(world.acme, "manager", ["rep"], account, dedupe="once")
    assert len(ear.heard("rep")) == len(ear.letters("rep")) == 1


def test_what_a_use_case_takes_back_was_never_told(world, ear):
    """In one transaction: the notification and its letter are gone with what they told of."""
    account = account_of(world.acme, "rep")
    ear.wants("rep", commented="mail")
    with pytest.raises(RuntimeError), world.acme.ctx("manager", now=NOON) as ctx:
        telling.notify(ctx, "commented", [world.acme.users["rep"].id], account)
        raise RuntimeError
    assert ear.heard("rep") == [] and ear.letters("rep") == []


def test_the_list_is_walked_without_gap_or_double_and_narrowed(world, ear):
    account = account_of(world.acme, "rep")
    for n in range(7):
        tell(world.acme, "manager", ["rep"], account, kind=KINDS[n % 2], now=NOON + timedelta(minutes=n // 2))
    with world.acme.ctx("rep") as ctx:
        seen, before = [], None
        while True:
            page = queries.notifications(ctx, before=before, limit=3)
            seen += [row.Notification.id for row in page.rows]
            before = page.before
            if before is None:
                break
        assert len(seen) == len(set(seen)) == 7
        assert len(queries.notifications(ctx, kind=KINDS[0]).rows) == 4
        telling.mark_read(ctx, queries.one_notification(ctx, seen[0]))
        assert seen[0] not in {row.Notification.id for row in queries.notifications(ctx, unread=True).rows} and queries.unread_of(ctx)[0] == 6
        telling.mark_unread(ctx, queries.one_notification(ctx, seen[0]))
        assert telling.mark_all_read(ctx, KINDS[0]) == 4 and telling.mark_all_read(ctx) == 3
        for wrong in ({"kind": "gossip"}, {"before": "x"}):
            with pytest.raises(Refused):
                queries.notifications(ctx, **wrong)


def test_nobody_reads_what_another_was_told(world, ear):
    account = account_of(world.acme, "rep")
    tell(world.acme, "manager", ["rep"], account)
    key = ear_key(world.acme)
    with world.acme.ctx("owner") as ctx:
        assert queries.notifications(ctx).rows == []
        with pytest.raises(NotFound):
            queries.one_notification(ctx, key)
        assert telling.mark_all_read(ctx) == 0


@pytest.mark.parametrize(("given", "code"), [
    ({"mentioned": "pigeon"}, "unknown_value"), ({"quiet_from": "24", "quiet_until": "1"}, "unknown_value"), ({"quiet_from": "\u00b2", "quiet_until": "1"}, "unknown_value"),
    ({"quiet_from": "8"}, "quiet_half"), ({"quiet_from": "8", "quiet_until": "8"}, "quiet_same"), ({"user_id": "x"}, "unknown_field"),
])
def test_a_wrong_choice_is_refused(as_, given, code):
    with pytest.raises(Refused) as refused:
        choosing.choose(as_("rep"), **given)
    assert refused.value.code == code


def test_two_windows_that_choose_otherwise_meet(world, ear):
    ear.wants("rep", mentioned="app")
    with world.acme.ctx("rep") as ctx:
        version = choosing.own_setting(ctx).version
        choosing.choose(ctx, version=version, original={"mentioned": "app"}, mentioned="none")
    with world.acme.ctx("rep") as ctx, pytest.raises(Conflict):
        choosing.choose(ctx, version=version, original={"mentioned": "app"}, mentioned="mail")


def test_whoever_does_not_want_to_hear_of_a_record_is_left_alone(world, ear):
    account = account_of(world.acme, "rep")
    with world.acme.ctx("owner") as ctx:
        following.follow(ctx, ctx.session.get_one(type(account), account.id))
    with world.acme.ctx("rep") as ctx:
        assert set(following.listeners(ctx, account)) == {world.acme.users["rep"].id, world.acme.users["owner"].id}
        following.unfollow(ctx, ctx.session.get_one(type(account), account.id))
        following.begin_to_follow(ctx, account, [ctx.actor.id])
        assert following.listeners(ctx, account) == [world.acme.users["owner"].id], "his no is kept"
    with world.acme.ctx("colleague") as ctx, pytest.raises(NotFound):
        following.follow(ctx, account)


def test_a_change_by_the_system_has_no_name(world, ear):
    account = account_of(world.acme, "rep")
    with ear.as_system(NOON) as ctx:
        telling.notify(replace(ctx), "commented", [world.acme.users["rep"].id], account)
    with world.acme.ctx("rep") as ctx:
        from core.notifications.saying import said

        row = queries.notifications(ctx).rows[0]
        assert said(row.Notification, row.record_title, "en") == "Somebody commented on Nordlicht"


def test_a_taken_back_source_disappears_and_comes_back(world, ear):
    account = account_of(world.acme, "rep")
    tell(world.acme, "manager", ["rep"], account, source_id=account.id, excerpt="old")
    with world.acme.ctx("rep") as ctx:
        telling.retract(ctx, account.id)
        assert queries.unread_of(ctx)[0] == 0
        telling.reinstate(ctx, account.id)
        telling.amend(ctx, account.id, "new words")
        assert queries.notifications(ctx).rows[0].Notification.params["excerpt"] == "new words"
