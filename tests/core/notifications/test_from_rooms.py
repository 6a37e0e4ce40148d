"""What rooms tell: a next contact is due, work of one's own is finished, somebody accepted an invitation."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from sqlalchemy import select

from core.activities import actions as log
from core.activities import reminding
from core.identity import inviting
from core.identity.models import Invitation
from core.mailings import running, sending
from core.notifications import queries
from core.notifications.models import Notification
from core.notifications.saying import said
from core.parties import actions as parties
from core.parties.models import Account
from core.transfer import breaking
from core.transfer.models import ImportRun
from tests.core.mailings.conftest import add_contact
from workers.jobs import notifications as jobs
from workers.jobs import takeout

NOW, DUE = datetime(2026, 11, 20, 12, 0, tzinfo=UTC), datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


@pytest.fixture
def planned(world):
    """A next contact of the rep's: (account, entry)."""
    with world.acme.ctx("rep", now=NOW) as ctx:
        account = parties.create_account(ctx, name="Nordlicht")
        return account.id, log.log_activity(ctx, kind="call", account=account, next_contact="2026-11-21 10:00", next_contact_note="Call back").id


def ring(ear, entry_id):
    with ear.as_system(DUE) as ctx:
        return reminding.remind(ctx, entry_id)


def shown(house, who):
    """What stands on somebody's page, as sentences."""
    with house.ctx(who) as ctx:
        return [said(row.Notification, row.record_title, "en") for row in queries.notifications(ctx).rows]


@pytest.mark.parametrize(("channel", "told", "letters"), [("mail", 1, 1), ("digest", 1, 0), ("app", 1, 0), ("none", 0, 0)])
def test_a_reminder_comes_as_its_owner_chose(world, ear, planned, channel, told, letters):
    ear.wants("rep", reminder=channel)
    assert ring(ear, planned[1]) is True and ring(ear, planned[1]) is False
    assert (shown(world.acme, "rep"), len(ear.letters("rep"))) == (["Due: Call back"] * told, letters)
    assert ear.heard("rep") == [("reminder", planned[0])] * told


def test_a_reminder_of_a_record_that_was_handed_over_says_what_and_not_of_whom(world, ear, planned):
    with world.acme.ctx("manager") as ctx:
        parties.change_owner(ctx, ctx.session.get_one(Account, planned[0]), world.acme.users["colleague"].id)
    assert ring(ear, planned[1]) is True
    (letter,) = ear.letters("rep")
    assert "Call back" in letter.subject and "Nordlicht" not in letter.subject + letter.body_text and shown(world.acme, "rep") == ["Due: Call back"]


def test_without_the_look_at_what_he_sees_the_name_would_be_told(world, ear, planned, monkeypatch):
    """Negative control."""
    with world.acme.ctx("manager") as ctx:
        parties.change_owner(ctx, ctx.session.get_one(Account, planned[0]), world.acme.users["colleague"].id)
    monkeypatch.setattr(reminding, "may_know", lambda ctx, user_id, record: True)
    monkeypatch.setattr("core.notifications.telling.may_open", lambda ctx, record: True)
    ring(ear, planned[1])
    assert "Nordlicht" in ear.letters("rep")[0].body_text


def test_an_import_that_ended_is_told_to_whoever_began_it(world, ear):
    with world.acme.ctx("rep") as ctx:
        run = ImportRun(kind="accounts", owner_id=ctx.actor.id, file_key="x", file_name="list.csv", file_size=1, encoding="utf-8", delimiter=",", state="running")
        ctx.session.add(run)
        ctx.session.flush()
        breaking.end_given_up(ctx, run.id, run.round)
    assert shown(world.acme, "rep") == ["Your import of list.csv broke off"] and shown(world.acme, "manager") == []


def test_a_mailing_that_went_out_is_told_to_whoever_started_it(world, ear):
    tag = uuid4().hex[:6]
    with world.acme.ctx("manager") as ctx:
        from core.mailings import drafting

        add_contact(ctx, "Anna", f"anna.{tag}@people.example", tags=[tag])
        mailing = drafting.draft_mailing(ctx, subject="Winter news", body="Hello", tags=[tag])
        ctx.session.flush()
        key = running.start_mailing(ctx, mailing.id).id
        ctx.session.execute(sending.update(sending.MailingRecipient).where(sending.MailingRecipient.mailing_id == key).values(state="sent"))
    with ear.as_system(NOW) as ctx:
        sending.close_run(ctx, key)
        sending.close_run(ctx, key)
    assert shown(world.acme, "manager") == ["Your mailing Winter news has been sent"]


def test_an_accepted_invitation_is_told_to_whoever_invited(world, ear):
    with world.acme.ctx("owner") as ctx:
        invitation = inviting.invite(ctx, mail=f"new-{uuid4().hex[:6]}@people.example", role="sales")
        key = invitation.id
        invitation.state, invitation.accepted_user_id = "accepted", world.acme.users["reader"].id
    with ear.as_system(NOW) as ctx:
        jobs.joined(ctx, invitation_id=str(key))
        jobs.joined(ctx, invitation_id=str(key))
        assert ctx.session.get_one(Invitation, key).invited_by == world.acme.users["owner"].id
    assert shown(world.acme, "owner") == ["Reader accepted your invitation"]


def test_an_export_of_everything_is_told_to_whoever_asked_for_it(world, ear):
    takeout._tell(lambda: ear.as_system(NOW), str(uuid4()), str(world.acme.users["owner"].id), "told.takeout_finished")
    assert shown(world.acme, "owner") == ["Your export of everything can be downloaded"]
    page = world.browser("owner")
    with world.acme.ctx("owner") as ctx:
        key = ctx.session.execute(select(Notification.id)).scalar_one()
    assert page.post(f"/notifications/{key}/opening").headers["Location"] == "/settings/data/"
