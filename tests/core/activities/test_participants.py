"""Several take part in a call, visit or meeting: they are named to whoever sees them, and to nobody else."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from core.activities import actions as log
from core.activities import participants, queries
from core.activities.models import Activity, Participant
from core.base.errors import Forbidden, NotFound, Refused
from core.base.planned import Asked, plan
from core.merging import running as merging
from core.notifications.models import Notification
from core.parties import actions as parties
from core.parties.models import Contact


@pytest.fixture(scope="module")
def meeting(world):
    """A meeting of the salesperson's with Sofie; Zoe of another company comes too, and a colleague who sees neither."""
    with world.acme.ctx("rep") as ctx:
        firm = parties.create_account(ctx, name="Meeting Optik")
        ctx.session.flush()
        sofie, zoe = parties.create_contact(ctx, name="Sofie Meeting", account_id=firm.id), parties.create_contact(ctx, name="Zoe Beside")
        ctx.session.flush()
        made = log.log_activity(ctx, kind="meeting", contact=sofie, body="inner words", next_contact=ctx.now + timedelta(days=3), next_contact_note="Spring frames")
        ctx.session.flush()
        keys = made.id, sofie.id, zoe.id
    with world.acme.ctx("rep") as ctx:
        made = queries.one_activity(ctx, keys[0])
        participants.add(ctx, made, contact_id=keys[2])
    with world.acme.ctx("rep") as ctx:
        participants.add(ctx, queries.one_activity(ctx, keys[0]), user_id=world.acme.users["colleague"].id)
    return keys


def days(ctx, people=None):
    return [one for one in plan(ctx, Asked(ctx.today, ctx.today + timedelta(days=9), people)).entries if one.title == "Spring frames"]


def test_those_who_take_part_stand_on_the_timelines_of_all_of_them_and_on_the_calendar(world, meeting):
    key, sofie, zoe = meeting
    hers = world.acme.users["colleague"].name
    with world.acme.ctx("rep") as ctx:
        for person in (sofie, zoe):
            others = {row.id: row.others for row in queries.timeline(ctx, ctx.session.get(Contact, person)).planned}
            assert others[key] == ["Zoe Beside", hers]
        (entry,) = days(ctx, [ctx.actor.id])
        assert entry.others == ("Zoe Beside", hers) and entry.version >= 3  # a number that rises, for calendars elsewhere


def test_it_is_among_the_days_of_a_colleague_who_takes_part_and_who_is_told_nobody_whom_he_does_not_see(world, meeting):
    with world.acme.ctx("colleague") as ctx:
        (entry,) = days(ctx, [ctx.actor.id])
        assert (entry.about, entry.path, entry.moves) == ("", "", False) and entry.others == (world.acme.users["colleague"].name,)
        assert len(days(ctx)) == 1
        with pytest.raises(NotFound):
            queries.one_activity(ctx, meeting[0])
    with world.acme.ctx("rep") as ctx:  # and a third, who neither takes part nor sees whom it is with, is told of none
        made = log.log_activity(ctx, kind="call", contact=ctx.session.get(Contact, meeting[1]), next_contact=ctx.today + timedelta(days=2), next_contact_note="Among others")
        ctx.session.flush()
        participants.add(ctx, made, user_id=world.acme.users["manager"].id)
    with world.acme.ctx("colleague") as ctx:
        assert "Among others" not in [one.title for one in plan(ctx, Asked(ctx.today, ctx.today + timedelta(days=9), [world.acme.users["manager"].id])).entries]


def test_on_the_page_of_somebody_who_takes_part_nobody_is_told_of_whom_he_does_not_see(world, meeting):
    """The colleague gets to see Zoe; whom the meeting is with is not his to know, so it does not stand there for him."""
    with world.acme.ctx("rep") as ctx:
        zoe = parties.create_contact(ctx, name="Zoe Open", owner_id=world.acme.users["rep"].id)
        sofie = parties.create_contact(ctx, name="Sofie Hidden")
        ctx.session.flush()
        made = log.log_activity(ctx, kind="visit", contact=sofie, body="inner words")
        ctx.session.flush()
        participants.add(ctx, made, contact_id=zoe.id)
        assert [row.others for row in queries.timeline(ctx, zoe).entries if row.part == "activity"] == [["Zoe Open"]]
        key, hidden = zoe.id, sofie.id
    with world.acme.ctx("owner") as ctx:
        ctx.session.get(Contact, key).owner_id = world.acme.users["colleague"].id
    with world.acme.ctx("colleague") as ctx:
        assert [row for row in queries.timeline(ctx, ctx.session.get(Contact, key)).entries if row.part == "activity"] == []
    with world.acme.ctx("rep") as ctx:  # and he who sees the meeting is not told of Zoe, who is another's now
        rows = [row for row in queries.timeline(ctx, ctx.session.get(Contact, hidden)).entries if row.part == "activity"]
        assert [row.others for row in rows] == [None]
        assert participants.participants(ctx, queries.one_activity(ctx, rows[0].id)) == []
        row = ctx.session.execute(select(Participant).where(Participant.contact_id == key)).scalar_one()
        with pytest.raises(NotFound):
            participants.one_participant(ctx, row.id)


def test_a_plan_of_a_person_who_takes_part_is_no_entry_yet_and_is_one_when_it_was_made(world, meeting):
    with world.acme.ctx("rep") as ctx:
        zoe, made = ctx.session.get(Contact, meeting[2]), queries.one_activity(ctx, meeting[0])
        assert [row for row in queries.timeline(ctx, zoe).entries if row.part == "activity"] == []
        log.complete_next_contact(ctx, made)
        ctx.session.flush()
        found = queries.timeline(ctx, zoe)
        assert [row.id for row in found.entries if row.part == "activity"] == [made.id] and found.planned == []
        log.reopen_next_contact(ctx, made)


@pytest.mark.parametrize(("given", "code"), [({}, "participant_whom"), ({"contact_id": "zoe", "user_id": "manager"}, "participant_whom"), ({"contact_id": "zoe"}, "participant_there"), ({"user_id": "colleague"}, "participant_there"),
    ({"user_id": "rep"}, "participant_there"), ({"contact_id": "sofie"}, "participant_there"), ({"user_id": "nobody"}, "user_unknown"), ({"contact_id": "nobody"}, "contact_unknown")])
def test_whoever_cannot_take_part_is_refused_and_named(world, meeting, given, code):
    keys = {"zoe": meeting[2], "sofie": meeting[1], "nobody": meeting[0], **{name: user.id for name, user in world.acme.users.items()}}
    with world.acme.ctx("rep") as ctx, pytest.raises(Refused) as refused:
        participants.add(ctx, queries.one_activity(ctx, meeting[0]), **{name: keys[one] for name, one in given.items()})
    assert refused.value.code == code


def test_nobody_takes_part_in_a_task_or_a_note_and_nobody_who_must_not_be_worked_with(world, meeting):
    with world.acme.ctx("rep") as ctx:
        sofie = ctx.session.get(Contact, meeting[1])
        for kind, more in (("note", {}), ("call", {"next_contact": ctx.today + timedelta(days=1), "next_contact_kind": "task"})):
            made = log.log_activity(ctx, kind=kind, contact=sofie, body="x", **more)
            ctx.session.flush()
            with pytest.raises(Refused, match="participant_alone"):
                participants.add(ctx, made, contact_id=meeting[2])
        zoe = parties.create_contact(ctx, name="Zoe Restricted")
        ctx.session.flush()
        zoe.restricted_at = ctx.now
        with pytest.raises(Refused, match="contact_restricted"):
            participants.add(ctx, queries.one_activity(ctx, meeting[0]), contact_id=zoe.id)
        ctx.session.rollback()


def test_the_colleague_is_told_where_he_sees_whom_it_is_with(world, meeting):
    with world.acme.ctx("rep") as ctx:
        participants.add(ctx, queries.one_activity(ctx, meeting[0]), user_id=world.acme.users["manager"].id)
        told = {row.user_id: row.params for row in ctx.session.execute(select(Notification).where(Notification.params["say"].astext == "told.participant")).scalars()}
        assert set(told) == {world.acme.users["manager"].id} and told[world.acme.users["manager"].id]["what"] == "Spring frames"
        ctx.session.rollback()


def test_only_who_may_change_the_contact_says_who_takes_part(world, meeting):
    with world.acme.ctx("reader") as ctx, pytest.raises((Forbidden, NotFound)):
        participants.add(ctx, ctx.session.get(Activity, meeting[0]), user_id=world.acme.users["manager"].id)


def test_the_database_wants_one_of_both_and_each_once(world, meeting):
    for values in ({}, {"contact_id": meeting[2], "user_id": world.acme.users["manager"].id}, {"contact_id": meeting[2]}):
        with world.acme.ctx("rep") as ctx:
            ctx.session.add(Participant(activity_id=meeting[0], **values))
            with pytest.raises(IntegrityError):
                ctx.session.flush()
            ctx.session.rollback()


def test_of_two_records_of_one_person_who_both_take_part_one_does_after_the_merge(world, meeting):
    with world.acme.ctx("owner") as ctx:
        sofie = parties.create_contact(ctx, name="Sofie Merged")
        two = [parties.create_contact(ctx, name="Zoe Twice") for _ in range(2)]
        ctx.session.flush()
        made = log.log_activity(ctx, kind="visit", contact=sofie, body="x")
        ctx.session.flush()
        for one in two:
            participants.add(ctx, made, contact_id=one.id)
        merging.merge(ctx, "contact", two[0].id, [two[1].id])
        ctx.session.flush()
        assert [row.name for row in participants.participants(ctx, made)] == ["Zoe Twice"]
        ctx.session.rollback()


def test_what_was_typed_means_the_one_who_is_called_so(world, meeting):
    with world.acme.ctx("rep") as ctx:
        hers = world.acme.users["colleague"]
        assert participants.meant(ctx, "", " zoe  BESIDE ") == {"contact_id": meeting[2]} and participants.meant(ctx, f"user:{hers.id}", hers.name) == {"user_id": hers.id}
        assert participants.meant(ctx, f"user:{hers.id}", "Zoe Beside") == {"contact_id": meeting[2]}  # typed over what was chosen
        assert f"user:{hers.id}" in [value for value, *_ in participants.offered(ctx, hers.name)] and f"contact:{meeting[2]}" in [value for value, *_ in participants.offered(ctx, "Zoe Bes")]
        for text in ("", "Nobody At All", "Zoe"):
            with pytest.raises(Refused, match="who_not_one"):
                participants.meant(ctx, "", text)
    with world.acme.ctx("colleague") as ctx, pytest.raises(Refused, match="who_not_one"):
        participants.meant(ctx, f"contact:{meeting[2]}", "Zoe Beside")
