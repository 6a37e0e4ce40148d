"""What was logged is put right: by whom it may be, of two at once no word is lost, and what follows from an entry follows from it as it is now."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from core.activities import actions, participants
from core.activities.correcting import correct
from core.activities.models import Activity
from core.base.errors import Conflict, Forbidden, Refused
from core.base.facts import Fact
from core.parties import actions as parties


@pytest.fixture
def account(ctx):
    return parties.create_account(ctx, name="Nordlicht")


@pytest.fixture
def entry(ctx, account):
    found = actions.log_activity(ctx, kind="note", account=account, body="Wants forty trays")
    ctx.session.flush()
    return found


def test_what_was_logged_is_put_right(ctx, entry):
    found = correct(ctx, entry, kind="call", body="Wants fourteen trays", direction="in", outcome="Reached", place="Fair", happened_at="yesterday 09:15")
    assert (found.kind, found.body, found.direction, found.outcome, found.place) == ("call", "Wants fourteen trays", "in", "Reached", "Fair")
    assert (found.happened_at.date(), found.happened_at.hour) == (ctx.today - timedelta(days=1), 9)
    assert ctx.session.execute(select(Fact.kind).where(Fact.subject_id == entry.id).order_by(Fact.at, Fact.id)).scalars().all()[-1] == "activity.corrected"


def test_when_somebody_was_in_touch_follows(ctx, account, entry):
    """A note is no contact; put right into a call it is one, at its moment."""
    contacted = select(Activity.contacted_at).where(Activity.id == entry.id)
    assert ctx.session.execute(contacted).scalar_one() is None
    correct(ctx, entry, kind="call")
    assert ctx.session.execute(contacted).scalar_one() == entry.happened_at


def test_the_minute_that_a_form_shows_moves_nothing(ctx, entry):
    before = entry.happened_at
    correct(ctx, entry, happened_at=before.astimezone(ctx.zone).strftime("%Y-%m-%d %H:%M"))
    assert entry.happened_at == before


@pytest.mark.parametrize(("given", "code", "field"), [
    ({"kind": "fax"}, "unknown_value", "kind"), ({"body": " "}, "activity_empty", "body"), ({"body": "a\x00"}, "control_character", "body"), ({"happened_at": "2099-01-01"}, "moment_future", "happened_at"),
    ({"happened_at": ""}, "required", "happened_at"), ({"happened_at": "2026-01-01Tsoon"}, "not_a_moment", "happened_at"), ({"direction": "up"}, "unknown_value", "direction"), ({"owner_id": None}, "unknown_field", None),
])
def test_a_bad_value_is_refused_and_changes_nothing(ctx, entry, given, code, field):
    with pytest.raises(Refused) as refused:
        correct(ctx, entry, **given)
    assert (refused.value.code, refused.value.field) == (code, field) and entry.body == "Wants forty trays"


def test_in_a_note_nobody_else_takes_part(ctx, account):
    """Who takes part in a visit would stand on a note that knows of nobody."""
    visit = actions.log_activity(ctx, kind="visit", account=account, body="All three were there")
    ctx.session.flush()
    participants.add(ctx, visit, contact_id=parties.create_contact(ctx, name="Sofie").id)
    ctx.session.flush()
    with pytest.raises(Refused) as refused:
        correct(ctx, visit, kind="note")
    assert (refused.value.code, refused.value.field) == ("participant_alone", "kind")
    assert correct(ctx, visit, kind="meeting").kind == "meeting"


def test_of_two_at_once_the_other_fields_meet_and_the_same_one_is_asked_about(ctx, entry):
    was = {"kind": "note", "body": "Wants forty trays", "outcome": ""}
    stale = entry.version
    correct(ctx, entry, body="Wants fifty trays")
    ctx.session.flush()
    correct(ctx, entry, version=stale, original=was, outcome="Reached")
    assert (entry.body, entry.outcome) == ("Wants fifty trays", "Reached")
    ctx.session.flush()
    with pytest.raises(Conflict) as conflict:
        correct(ctx, entry, version=stale, original=was, body="Wants sixty trays")
    assert conflict.value.fields["body"] == ("Wants sixty trays", "Wants fifty trays", "Wants forty trays")


def test_whoever_may_not_change_it_does_not(world):
    with world.acme.ctx("rep") as ctx:
        entry = actions.log_activity(ctx, kind="note", account=parties.create_account(ctx, name="Mine"), body="As it was", happened_at=datetime(2026, 1, 5, 9, tzinfo=UTC))
        ctx.session.flush()
        key = entry.id
    with world.acme.ctx("reader") as ctx:
        with pytest.raises(Forbidden):
            correct(ctx, ctx.session.get(Activity, key), body="Otherwise")
