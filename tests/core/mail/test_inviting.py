"""People are asked to a planned meeting by mail: each once of each state of it, only when somebody says so, and what they answer counts where it is theirs."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import icalendar
import pytest
from sqlalchemy import func, select

from core.activities import actions as log
from core.activities import participants, queries
from core.activities.models import Guest, Participant
from core.base.context import as_actor, system
from core.base.errors import Forbidden, NotFound, Refused
from core.base.outbox import Order
from core.base.planned import Asked, plan
from core.mail import answering, guests, inviting, preferring, tokens
from core.mail.holding import hold
from core.mail.models import MailMessage
from core.mail.taking import take
from core.notifications.models import Notification
from core.parties import actions as parties
from core.parties.models import Contact
from core.post.models import OutgoingMail
from infra.incoming import CalendarAnswer, Incoming, Mailed
from tests.support.statements import counted
from workers.jobs.post import message_of


@pytest.fixture
def meeting(as_):
    """The salesperson's meeting with Sofie, who reads Spanish; Zoe of another company and a colleague come too."""
    ctx = as_("rep")
    preferring.workspace(ctx).reply_address = "replies@acme.example"
    ctx.session.flush()
    sofie = parties.create_contact(ctx, name="Sofie Guest", mail="Sofie@Guests.example", language="es", timezone="Europe/Madrid")
    zoe = parties.create_contact(ctx, name="Zoe Guest", mail="zoe@other.example")
    ctx.session.flush()
    made = log.log_activity(ctx, kind="meeting", contact=sofie, body="inner words", next_contact=ctx.now + timedelta(days=3), next_contact_note="Spring frames", next_contact_minutes=45, place="Quay 7")
    ctx.session.flush()
    participants.add(ctx, made, contact_id=zoe.id)
    return ctx, made, sofie, zoe


def sent(ctx, made):
    """What the job hands to the post ten seconds later."""
    before = set(ctx.session.execute(select(OutgoingMail.id)).scalars())
    inviting.send_due(replace(ctx, now=ctx.now + timedelta(seconds=11)), made.id)
    return {one.to_mail.casefold(): one for one in ctx.session.execute(select(OutgoingMail)).scalars() if one.id not in before}


def event_of(letter):
    calendar = icalendar.Calendar.from_ical(letter.calendar)
    (event,) = calendar.walk("VEVENT")
    return str(calendar["METHOD"]), event


def whats(ctx, made):
    return {one.name: one.what for one in guests.asked(ctx, made)}


def guest_of(ctx, made, person):
    return ctx.session.execute(select(Guest).where(Guest.activity_id == made.id, Guest.contact_id == person.id)).scalar_one()


def moved(ctx, made, **more):
    log.reschedule(ctx, made, made.next_contact_at + timedelta(hours=2), **more)
    ctx.session.flush()


def test_each_guest_gets_one_mail_in_his_language_that_his_calendar_takes_and_that_names_nobody_else(meeting):
    ctx, made, sofie, zoe = meeting
    assert whats(ctx, made) == {"Sofie Guest": "request", "Zoe Guest": "request"}
    inviting.tell(ctx, made)
    letters = sent(ctx, made)
    hers = letters["sofie@guests.example"]
    method, event = event_of(hers)
    assert (method, str(event["UID"]), int(event["SEQUENCE"])) == ("REQUEST", f"activity-{made.id}@{ctx.tenant.slug}", made.version)
    assert event["DTSTART"].dt == made.next_contact_at.replace(microsecond=0) and str(event["LOCATION"]) == "Quay 7" and (event["DTEND"].dt - event["DTSTART"].dt) == timedelta(minutes=45)
    assert str(event["ATTENDEE"]).casefold() == "mailto:sofie@guests.example" and event["ATTENDEE"].params["RSVP"] == "TRUE"
    assert str(event["ORGANIZER"]) == f"mailto:{tokens.guest_address(ctx, 'replies@acme.example', guest_of(ctx, made, sofie).id)}" == f"mailto:{hers.reply_to}"
    assert (hers.lang, letters["zoe@other.example"].lang) == ("es", ctx.locale) and "Spring frames" in hers.subject and "Madrid" in hers.body_text
    assert "inner words" not in hers.body_text + hers.calendar and "zoe" not in (hers.body_text + hers.calendar).casefold()
    assert ctx.tenant.url + "/meeting/" in hers.body_text


def test_the_mail_has_the_calendar_as_another_way_to_say_it_and_as_a_file(meeting):
    from infra.mail import build

    ctx, made, *_ = meeting
    inviting.tell(ctx, made)
    mail = build(message_of(sent(ctx, made)["sofie@guests.example"], ctx))
    (alternative,) = [one for one in mail.walk() if one.get_content_type() == "multipart/alternative"]
    assert [one.get_content_type() for one in alternative.iter_parts()] == ["text/plain", "text/html", "text/calendar"]
    part = list(alternative.iter_parts())[-1]
    assert part.get_param("method") == "REQUEST" and part.get_content_charset() == "utf-8" and "BEGIN:VCALENDAR" in part.get_content()
    (file,) = list(mail.iter_attachments())
    assert (file.get_content_type(), file.get_filename()) == ("application/ics", "invitation.ics") and file.get_content().decode().replace("\r\n", "\n") == part.get_content().replace("\r\n", "\n")


def test_nothing_goes_by_itself_nor_twice(meeting):
    ctx, made, *_ = meeting
    assert not sent(ctx, made)
    inviting.tell(ctx, made)
    with pytest.raises(Refused) as refused:
        inviting.tell(ctx, made)
    assert refused.value.code == "guests_know"
    assert len(sent(ctx, made)) == 2 and not sent(ctx, made)
    with pytest.raises(Refused):
        inviting.tell(ctx, made)
    log.put_place(ctx, made, made.place)
    assert set(whats(ctx, made).values()) == {None}
    moved(ctx, made)
    assert not sent(ctx, made) and set(whats(ctx, made).values()) == {"update"}


def test_it_is_held_for_seconds_and_can_be_stopped(meeting):
    ctx, made, *_ = meeting
    inviting.tell(ctx, made)
    order = ctx.session.execute(select(Order).where(Order.name == inviting.ORDER).order_by(Order.created_at.desc()).limit(1)).scalar_one()
    assert order.due_at == ctx.now + timedelta(seconds=10)
    assert inviting.send_due(ctx, made.id) == 0  # before its time
    inviting.stop(ctx, made)
    assert not sent(ctx, made) and set(whats(ctx, made).values()) == {"request"}
    assert ctx.session.execute(select(func.count()).select_from(Guest).where(Guest.activity_id == made.id)).scalar_one() == 0
    with pytest.raises(Refused) as refused:
        inviting.stop(ctx, made)
    assert refused.value.code == "guests_gone"


def test_after_a_move_all_are_told_with_a_higher_number_and_asked_anew(meeting):
    ctx, made, sofie, _ = meeting
    inviting.tell(ctx, made)
    first = event_of(sent(ctx, made)["sofie@guests.example"])[1]
    guest = guest_of(ctx, made, sofie)
    guest.answer, guest.answered_at = "accepted", ctx.now
    log.put_place(ctx, made, "Quay 8")
    inviting.tell(ctx, made)
    method, second = event_of(sent(ctx, made)["sofie@guests.example"])
    assert method == "REQUEST" and int(second["SEQUENCE"]) > int(first["SEQUENCE"]) and str(second["UID"]) == str(first["UID"])
    assert second["ATTENDEE"].params["PARTSTAT"] == "ACCEPTED" and str(second["LOCATION"]) == "Quay 8"  # the same time: what she said stands
    moved(ctx, made)
    inviting.tell(ctx, made)
    third = event_of(sent(ctx, made)["sofie@guests.example"])[1]
    assert int(third["SEQUENCE"]) > int(second["SEQUENCE"]) and third["ATTENDEE"].params["PARTSTAT"] == "NEEDS-ACTION" and guest.answer == "waiting"


def test_what_was_changed_while_it_waited_does_not_go_as_it_was(meeting):
    ctx, made, sofie, zoe = meeting
    inviting.tell(ctx, made)
    participants.remove(ctx, made, ctx.session.execute(select(Participant).where(Participant.activity_id == made.id)).scalar_one())
    moved(ctx, made)
    letters = sent(ctx, made)
    assert set(letters) == {"sofie@guests.example"} and event_of(letters["sofie@guests.example"])[1]["DTSTART"].dt == made.next_contact_at.replace(microsecond=0)


def test_who_is_taken_off_hears_that_and_who_is_added_alone_is_asked(meeting):
    ctx, made, sofie, zoe = meeting
    inviting.tell(ctx, made)
    sent(ctx, made)
    row = ctx.session.execute(select(Participant).where(Participant.activity_id == made.id)).scalar_one()
    participants.remove(ctx, made, row)
    late = parties.create_contact(ctx, name="Late Guest", mail="late@other.example")
    ctx.session.flush()
    participants.add(ctx, made, contact_id=late.id)
    assert whats(ctx, made) == {"Sofie Guest": None, "Late Guest": "request", "Zoe Guest": "cancel"}
    inviting.tell(ctx, made)
    letters = sent(ctx, made)
    assert set(letters) == {"late@other.example", "zoe@other.example"}
    method, event = event_of(letters["zoe@other.example"])
    assert method == "CANCEL" and str(event["STATUS"]) == "CANCELLED" and "/meeting/" not in letters["zoe@other.example"].body_text
    assert whats(ctx, made) == {"Sofie Guest": None, "Late Guest": None}


@pytest.mark.parametrize("off", ["deleted", "without a time", "no meeting any more"])
def test_a_meeting_that_is_off_is_called_off_to_all_who_know_of_it(meeting, off):
    ctx, made, *_ = meeting
    inviting.tell(ctx, made)
    sent(ctx, made)
    if off == "deleted":
        log.delete_activity(ctx, made)
    elif off == "without a time":
        log.move_to_day(ctx, made, made.next_contact_on, timed=False)
    else:
        log.reschedule(ctx, made, made.next_contact_at, kind="task")
    ctx.session.flush()
    assert set(whats(ctx, made).values()) == {"cancel"}
    inviting.tell(ctx, guests.meeting(ctx, made.id))
    assert {event_of(one)[0] for one in sent(ctx, made).values()} == {"CANCEL"}
    if off == "deleted":
        log.restore_activity(ctx, made)
        ctx.session.flush()
        assert set(whats(ctx, made).values()) == {"request"}


def test_what_is_done_or_over_asks_nobody(meeting):
    ctx, made, *_ = meeting
    inviting.tell(ctx, made)
    sent(ctx, made)
    later = replace(ctx, now=made.next_contact_at + timedelta(hours=1))
    assert set(whats(later, made).values()) == {None}
    log.complete_next_contact(ctx, made)
    assert set(whats(ctx, made).values()) == {None}


def test_who_has_no_address_or_must_not_be_worked_with_is_not_asked(meeting):
    ctx, made, sofie, zoe = meeting
    sofie.mail = sofie.mail_norm = None
    zoe.restricted_at = ctx.now
    ctx.session.flush()
    assert {one.name: (one.what, one.why) for one in guests.asked(ctx, made)} == {"Sofie Guest": (None, "no_mail"), "Zoe Guest": (None, "restricted")}
    with pytest.raises(Refused) as refused:
        inviting.tell(ctx, made)
    assert refused.value.code == "guests_none"


def test_only_whoever_changes_the_meeting_tells_its_guests(meeting, as_):
    ctx, made, *_ = meeting
    with pytest.raises(Forbidden):
        inviting.tell(as_actor(ctx, replace(ctx.actor, permissions=ctx.actor.permissions - {"mail.send"})), made)
    as_actor(ctx, ctx.actor)


def test_however_many_come_they_are_read_by_four_statements(meeting):
    ctx, made, *_ = meeting
    for number in range(8):
        person = parties.create_contact(ctx, name=f"Further {number}", mail=f"further{number}@other.example")
        ctx.session.flush()
        participants.add(ctx, made, contact_id=person.id)
    ctx.session.flush()
    with counted() as seen:
        assert len(guests.asked(ctx, made)) == 10
    assert len(seen) <= 4


def test_after_a_restore_nothing_that_waited_goes_by_itself(meeting):
    ctx, made, *_ = meeting
    inviting.tell(ctx, made)
    hold(ctx)
    ctx.session.flush()
    assert not sent(ctx, made) and set(whats(ctx, made).values()) == {"request"}


@pytest.fixture
def told(meeting):
    ctx, made, sofie, zoe = meeting
    inviting.tell(ctx, made)
    letters = sent(ctx, made)
    return ctx, made, sofie, zoe, letters


def reply(ctx, made, guest, word="accepted", sender="sofie@guests.example", mail="sofie@guests.example", sequence=None, proven=False, to=None, at=None, uid=None):
    said = CalendarAnswer(uid or f"activity-{made.id}@{ctx.tenant.slug}", guest.sequence if sequence is None else sequence, mail, word, at or ctx.now)
    to = to or tokens.guest_address(ctx, "replies@acme.example", guest.id)
    return Incoming(sender=Mailed(sender), to=(Mailed(to),), cc=(), subject="Accepted: Spring frames", text="", message_id=f"{uuid4().hex}@guests.example", proven=proven, answer=said)


def arrives(ctx, mail, owner):
    as_actor(ctx, system("mail"))
    try:
        return take(replace(ctx, actor=system("mail")), mail, owner_id=owner, raw=b"raw bytes")
    finally:
        as_actor(ctx, ctx.actor)


def notices(ctx, made):
    return [one for one in ctx.session.execute(select(Notification).where(Notification.user_id == made.owner_id, Notification.created_at >= made.created_at)).scalars() if "guest" in str(one.params.get("say")) or "received" in str(one.params.get("say") or one.kind)]


@pytest.mark.parametrize("word", ["accepted", "declined", "tentative"])
def test_an_answer_of_a_calendar_program_counts_and_its_owner_is_told_once(told, word):
    ctx, made, sofie, *_ = told
    guest = guest_of(ctx, made, sofie)
    mail = reply(ctx, made, guest, word)
    message = arrives(ctx, mail, made.owner_id)
    arrives(ctx, mail, ctx.actor.id)
    assert (guest.answer, guest.answered_at) == (word, ctx.now) and message.verified
    (notice,) = notices(ctx, made)
    assert notice.params["say"] == f"told.guest_{word}" and notice.record_id == sofie.id
    (entry,) = [one for one in plan(ctx, Asked(made.next_contact_on, made.next_contact_on + timedelta(days=1), only=made.id)).entries]
    assert entry.answers == (("waiting", 1), (word, 1)) and not entry.behind
    row = next(one for one in queries.timeline(ctx, ctx.session.get(Contact, sofie.id)).planned if one.id == made.id)
    assert sorted(one.partition(":")[0] for one in row.guests) == sorted([word, "waiting"])


NOT_COUNTED = {
    "an address that was not invited": {"mail": "eve@evil.example", "sender": "eve@evil.example", "proven": True},
    "somebody else in a guest's name": {"sender": "eve@evil.example", "proven": True},
    "one guest for another": {"mail": "zoe@other.example", "proven": True},
    "an old state": {"sequence": 0},
    "a state that is still to come": {"sequence": 10_000},
    "nobody proves it": {"to": "replies@acme.example"},
    "a token of another guest": {"to": "zoe's"},
    "another meeting": {"uid": f"activity-{uuid4()}@elsewhere"},
    "no key": {"uid": "activity-x@y"},
    "said before what was said last": {"at": "before"},
}


@pytest.mark.parametrize("why", sorted(NOT_COUNTED))
def test_an_answer_that_does_not_count_changes_nothing_and_is_a_mail_like_others(told, why):
    ctx, made, sofie, zoe, _ = told
    guest, more = guest_of(ctx, made, sofie), dict(NOT_COUNTED[why])
    if more.get("to") == "zoe's":
        more["to"] = tokens.guest_address(ctx, "replies@acme.example", guest_of(ctx, made, zoe).id)
    if more.get("at") == "before":
        guest.answer, guest.answered_at, more["at"] = "declined", ctx.now - timedelta(minutes=1), ctx.now - timedelta(hours=1)
        ctx.session.flush()
    before = guest.answer
    message = arrives(ctx, reply(ctx, made, guest, **more), made.owner_id)
    assert ctx.session.get(MailMessage, message.id).subject == "Accepted: Spring frames"
    assert message.verified == bool(more.get("proven")) and guest.answer == before and not [one for one in notices(ctx, made) if "guest" in str(one.params.get("say"))]


def test_a_proven_sender_counts_without_a_token_and_a_later_word_takes_the_place_of_the_first(told):
    ctx, made, sofie, *_ = told
    guest = guest_of(ctx, made, sofie)
    arrives(ctx, reply(ctx, made, guest, "accepted", to="rep@acme.example", proven=True), made.owner_id)
    assert guest.answer == "accepted"
    arrives(ctx, reply(ctx, made, guest, "declined", at=ctx.now + timedelta(minutes=1)), made.owner_id)  # a clock that is ahead is none of the future
    assert (guest.answer, guest.answered_at) == ("declined", ctx.now)
    arrives(ctx, reply(ctx, made, guest, "declined"), made.owner_id)
    assert sorted(one.params["say"] for one in notices(ctx, made) if "guest" in one.params["say"]) == ["told.guest_accepted", "told.guest_declined"]


def test_who_was_taken_off_or_whose_meeting_is_off_answers_nothing(told):
    ctx, made, sofie, *_ = told
    log.delete_activity(ctx, made)
    ctx.session.flush()
    guest = guest_of(ctx, made, sofie)
    arrives(ctx, reply(ctx, made, guest), made.owner_id)
    assert guest.answer == "waiting"


def token_of(letter):
    return letter.body_text.partition("/meeting/")[2].partition("?")[0]


def stranger(ctx, **more):
    return replace(ctx, actor=replace(system("stranger"), permissions=frozenset({"mail.answer"})), **more)


def test_the_link_of_a_guest_answers_for_him_alone_and_ends(told):
    ctx, made, sofie, zoe, letters = told
    token, guest = token_of(letters["sofie@guests.example"]), guest_of(ctx, made, sofie)
    answering.answer_by_link(stranger(ctx), token, "tentative")
    assert (guest.answer, guest_of(ctx, made, zoe).answer) == ("tentative", "waiting")
    for other in (token[:-1] + ("0" if token[-1] != "0" else "1"), guest_of(ctx, made, zoe).id.hex + token[32:], token[:32] + "ffffffff" + token[40:], "", "x" * 500, "ü" * 80):
        with pytest.raises(NotFound):
            answering.answer_by_link(stranger(ctx), other, "accepted")
    with pytest.raises(Refused) as refused:
        answering.answer_by_link(stranger(ctx, now=made.next_contact_at + timedelta(days=2)), token, "accepted")
    assert refused.value.code == "guest_over"
    with pytest.raises(Refused):
        answering.answer_by_link(stranger(ctx), token, "waiting")
    assert guest.answer == "tentative"


def test_a_link_of_before_a_move_answers_to_what_he_was_told_last(told):
    ctx, made, sofie, _, letters = told
    moved(ctx, made)
    inviting.tell(ctx, made)
    sent(ctx, made)
    answering.answer_by_link(stranger(ctx), token_of(letters["sofie@guests.example"]), "accepted")
    assert guest_of(ctx, made, sofie).answer == "accepted"


def test_a_colleague_is_asked_and_answers_too(meeting, shared_house):
    ctx, made, *_ = meeting
    colleague = shared_house.users["colleague"]
    participants.add(ctx, made, user_id=colleague.id)
    inviting.tell(ctx, made)
    letters = sent(ctx, made)
    answering.answer_by_link(stranger(ctx), token_of(letters[colleague.mail.casefold()]), "accepted")
    (notice,) = notices(ctx, made) or ctx.session.execute(select(Notification).where(Notification.params["say"].astext == "told.colleague_accepted")).scalars().all()
    assert notice.user_id == made.owner_id and notice.actor_name == colleague.name
