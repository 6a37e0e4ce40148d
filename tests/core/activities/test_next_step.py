"""A next contact was made: what was said in it, and the one after it."""

import random
from datetime import date, timedelta

import pytest

from core.activities import actions, queries, rules
from core.base.errors import Forbidden, NotFound, Refused
from core.parties import actions as parties


@pytest.fixture
def planned(ctx):
    person = parties.create_contact(ctx, name="Sofie", account_id=parties.create_account(ctx, name="Nordlicht").id)
    return actions.log_activity(ctx, kind="note", contact=person, next_contact="tomorrow 10:00", next_contact_note="Ask about the frames", next_contact_kind="call")


def test_the_next_step_is_with_the_same_people_and_of_the_same_kind(ctx, planned):
    actions.complete_next_contact(ctx, planned)
    found = actions.follow_up(ctx, planned, said="Wants ten", next_contact="fri 9:00", next_contact_note="Send the offer")
    assert (found.kind, found.body, found.contact_id, found.account_id, found.next_contact_kind) == ("call", "Wants ten", planned.contact_id, planned.account_id, "call")
    assert found.next_contact_at.hour == 9 and found.next_contact_note == "Send the offer" and found.id != planned.id


def test_only_a_plan_is_a_note_and_no_second_contact(ctx, planned):
    actions.complete_next_contact(ctx, planned)
    found = actions.follow_up(ctx, planned, next_contact="+7d")
    ctx.session.flush()
    ctx.session.refresh(found, ["contacted_at"])
    ctx.session.refresh(planned, ["contacted_at"])
    assert (found.kind, found.contacted_at, planned.contacted_at) == ("note", None, planned.done_at)


def test_done_counts_as_the_last_contact_and_a_note_or_task_does_not(ctx, planned):
    from core.parties.queries import one_account

    account = one_account(ctx, planned.account_id)
    ctx.session.flush()
    assert queries.timeline(ctx, account).latest is None
    actions.complete_next_contact(ctx, planned)
    ctx.session.flush()
    assert queries.timeline(ctx, account).latest.at == planned.done_at
    planned.next_contact_kind = "task"
    ctx.session.flush()
    assert queries.timeline(ctx, account).latest is None


def test_nothing_follows_what_was_not_made_and_an_empty_answer_is_refused(ctx, planned):
    with pytest.raises(Refused, match="next_contact_open"):
        actions.follow_up(ctx, planned, next_contact="+1d")
    actions.complete_next_contact(ctx, planned)
    with pytest.raises(Refused, match="activity_empty"):
        actions.follow_up(ctx, planned)
    with pytest.raises(Refused, match="moment_past"):
        actions.follow_up(ctx, planned, next_contact="2020-01-01")


def test_who_does_not_see_them_follows_nothing(world):
    with world.acme.ctx("colleague") as ctx:
        person = parties.create_contact(ctx, name="Colleague's person")
        entry = actions.log_activity(ctx, kind="call", contact=person, next_contact="+1d")
        actions.complete_next_contact(ctx, entry)
        key = entry.id
    with world.acme.ctx("rep") as ctx, pytest.raises(NotFound):
        actions.follow_up(ctx, queries.one_activity(ctx, key), next_contact="+1d")
    with world.acme.ctx("reader") as ctx, pytest.raises((Forbidden, NotFound)):
        actions.follow_up(ctx, queries.one_activity(ctx, key), next_contact="+1d")


def test_an_unknown_kind_of_plan_is_refused(ctx):
    account = parties.create_account(ctx, name="Kind")
    with pytest.raises(Refused) as refused:
        actions.log_activity(ctx, kind="note", account=account, next_contact="+1d", next_contact_kind="fax")
    assert (refused.value.code, refused.value.field) == ("unknown_value", "next_contact_kind")


def test_suggested_days_lie_ahead_differ_and_keep_the_weekday():
    dice = random.Random(3)
    for _ in range(2000):
        today = date(2026, 1, 1) + timedelta(days=dice.randrange(3000))
        planned = today + timedelta(days=dice.randrange(-40, 40))
        found = dict(rules.suggestions(planned, today))
        assert (found["day"] - today, found["week"] - today) == (timedelta(1), timedelta(7))
        assert found["weekday"].weekday() == planned.weekday() and found["weekday"] > today and len(set(found.values())) == 3
    assert [name for name, _ in rules.suggestions(None, date(2026, 1, 1))] == ["day", "week"]
