"""Sending through a real mail server: who gets it, what a refusal does, what a lost connection means."""

from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from core.base.facts import Fact
from core.base.outbox import Order
from core.mailings import running, sending, unsubscribing
from core.mailings.models import MailingRecipient
from core.post.actions import hand_in, suppress
from infra.mail import Permanent, Sent, Temporary, Unknown
from tenants import registry


def test_everybody_gets_it_once_and_it_stands_on_their_timelines(post_office, sink):
    people = post_office.people(45)
    mailing = post_office.start()
    post_office.work()
    assert sink.per_recipient() == dict.fromkeys(people, 1)
    assert post_office.states(mailing) == {"sent": 45}
    done = post_office.mailing(mailing)
    assert done.state == "done" and done.finished_at
    with post_office.house.ctx() as ctx:
        contact = post_office.rows(mailing)[people[7]].contact_id
        facts = ctx.session.execute(select(Fact).where(Fact.subject_id == contact)).scalars().all()
    assert [(f.kind, f.params["name"]) for f in facts] == [("mailing.got", "News")]


def test_the_mail_says_who_writes_and_how_to_leave(post_office, sink):
    people = post_office.people(1)
    mailing = post_office.start(
        subject="News for {{ contact.name }}", body="Dear **{{ contact.greeting | friend }}**,\n\nsee <https://acme.example/>", from_name="Größe & Söhne", reply_to="info@acme.example"
    )
    post_office.work()
    mail = message_from_bytes(sink.taken[0].content, policy=policy.default)
    assert mail["Subject"] == "News for Person 0000" and mail["Reply-To"] == "info@acme.example" and "Größe & Söhne" in mail["From"]
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click" and mail["Precedence"] == "bulk"
    https, mailto = mail["List-Unsubscribe"].split(", ")
    assert https.startswith(f"<http://{post_office.house.host}") and "/unsubscribe/" in https and mailto.startswith("<mailto:info@acme.example?subject=unsubscribe%20")
    text, html = (mail.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert "Dear friend," in text and "<strong>friend</strong>" in html and "&lt;<a href" in html
    assert https[1:-1] in text and https[1:-1] in html and people[0] not in https
    assert mail["Message-ID"] == post_office.rows(mailing)[people[0]].message_id


def test_who_leaves_between_start_and_sending_gets_nothing_but_letters_still_come(post_office, sink):
    people = post_office.people(3)
    mailing = post_office.start()
    with post_office.house.ctx() as ctx:
        suppress(ctx, people[1].upper(), "marketing", "test")
        hand_in(ctx, template="reminder", to=people[1], params={"what": "call", "who": "Anna", "due": "today", "name": "You"})
    post_office.work()
    assert post_office.states(mailing) == {"sent": 2, "suppressed": 1} and post_office.rows(mailing)[people[1]].reason == "unsubscribed"
    assert [b"List-Unsubscribe" in taken.content for taken in sink.taken if taken.recipient == people[1]] == [False]


def test_nobody_is_begun_after_he_has_left(post_office, sink):
    """Fault 12: one by one they leave while it is being sent, each just before the next message."""
    people = post_office.people(30)
    mailing = post_office.start()
    left = {}

    def leave(recipient):
        rest = [p for p in people if p not in left and p not in sink.per_recipient() and p != recipient]
        if rest and len(left) < 12:
            row = post_office.rows(mailing)[rest[-1] if len(left) % 2 else rest[0]]
            with post_office.house.ctx() as ctx:
                token = unsubscribing.make_token(ctx.tenant, unsubscribing.link_for(ctx, row.address, row.id))
                assert unsubscribing.unsubscribe(ctx, token)
            left[row.address] = row.state

    sink.at_data = leave
    post_office.work()
    sent = sink.per_recipient()
    assert len(left) == 12 and not set(left) & set(sent) and set(sent.values()) == {1}
    assert post_office.states(mailing) == {"sent": 18, "suppressed": 12}
    assert "claimed" in left.values(), "some had been claimed already when they left"


def test_pause_and_cancel_let_at_most_the_message_under_way_through(post_office, sink):
    """Fault 11, twenty pauses at different moments: nobody twice, and nothing begins after the pause was committed."""
    people = post_office.people(40)
    mailing = post_office.start()
    for moment in range(1, 21):
        before, seen = len(sink.taken), []

        def pause(recipient, seen=seen, moment=moment):
            seen.append(recipient)
            if len(seen) == 1 + moment % 3:
                with post_office.house.ctx() as ctx:
                    running.pause_mailing(ctx, mailing)

        sink.at_data = pause
        post_office.work()
        if post_office.mailing(mailing).state != "paused":
            break
        assert len(sink.taken) - before <= 1 + moment % 3
        with post_office.house.ctx() as ctx:
            running.resume_mailing(ctx, mailing)
    sink.at_data = lambda recipient: None
    post_office.work()
    assert sink.per_recipient() == dict.fromkeys(people, 1) and post_office.states(mailing) == {"sent": 40}


def test_after_a_cancellation_nothing_more_goes(post_office, sink):
    post_office.people(10)
    mailing = post_office.start()

    def cancel(recipient):
        sink.at_data = lambda recipient: None
        with post_office.house.ctx() as ctx:
            running.cancel_mailing(ctx, mailing)

    sink.at_data = cancel
    post_office.work()
    assert len(sink.taken) == 1 and post_office.states(mailing) == {"sent": 1, "queued": 9}


def test_every_answer_of_the_server_has_its_state(post_office, sink):
    people = post_office.people(9)
    sink.modes = dict(zip(people, ("take", "rcpt_4xx", "rcpt_5xx", "data_4xx", "data_5xx", "end_4xx", "end_5xx", "drop_before_data", "drop_after_dot"), strict=True))
    mailing = post_office.start()
    post_office.work()
    rows = post_office.rows(mailing)
    assert [rows[p].state for p in people] == ["sent", "queued", "failed", "queued", "failed", "queued", "failed", "queued", "unknown"]
    assert post_office.mailing(mailing).state == "sending"
    waits = [rows[p].next_at for p in people if rows[p].state == "queued"]
    assert len(set(waits)) == 4, "tries are spread"
    assert {rows[p].attempts for p in people} == {1}
    sink.modes = {}
    post_office.make_due(mailing)
    post_office.work()
    assert post_office.states(mailing) == {"sent": 5, "failed": 3, "unknown": 1} and post_office.mailing(mailing).state == "done"
    copies = sink.per_recipient()
    assert max(copies.values()) == 1 and copies[people[8]] == 1, "the unknown one had it, and got no second"


def test_what_is_refused_too_often_fails(post_office, sink):
    post_office.people(1)
    sink.mode = "end_4xx"
    mailing = post_office.start()
    for _ in range(7):
        post_office.work()
        post_office.make_due(mailing)
    (row,) = post_office.rows(mailing).values()
    assert (row.state, row.reason, row.attempts) == ("failed", "gave_up", 6)


def test_a_server_in_trouble_is_left_alone_for_a_while(post_office, sink):
    """Not every recipient is tried against a server that refuses all: after a few the run waits."""
    post_office.people(60)
    sink.mode = "rcpt_4xx"
    mailing = post_office.start()
    post_office.work()
    tried = [row for row in post_office.rows(mailing).values() if row.attempts]
    assert len(tried) == 5 and post_office.states(mailing) == {"queued": 60}


def test_only_a_person_sends_the_unknown_again_and_under_the_same_identity(post_office, sink):
    people = post_office.people(3)
    sink.modes = {people[1]: "drop_after_dot"}
    mailing = post_office.start()
    post_office.work()
    assert post_office.states(mailing) == {"sent": 2, "unknown": 1} and post_office.mailing(mailing).state == "done"
    sink.modes = {}
    with post_office.house.ctx() as ctx:
        assert running.resend_unknown(ctx, mailing) == 1
    post_office.work()
    assert sink.per_recipient()[people[1]] == 2 and len({t.message_id for t in sink.taken if t.recipient == people[1]}) == 1
    assert post_office.states(mailing) == {"sent": 3} and post_office.mailing(mailing).state == "done"


def lost(post_office, mailing) -> sending.Claimed:
    """Somebody was being sent to when the lease ran out; the sender that held it is still waiting for the server's word."""
    with post_office.house.ctx() as ctx:
        (held,) = sending.claim(ctx, mailing)
        assert sending.intend(ctx, held, "<x@y>") == "go"
    with post_office.house.ctx() as ctx:
        ctx.session.execute(update(MailingRecipient).where(MailingRecipient.mailing_id == mailing).values(lease_until=ctx.now - timedelta(seconds=1)))
        sending.free_lost(ctx, mailing)
    assert post_office.states(mailing) == {"unknown": 1}
    return held


def test_a_late_yes_of_a_frozen_sender_ends_the_doubt(post_office):
    """Fault 16: the lease ran out and the row was in doubt; the server's late "250 ok" is the truth, once."""
    people = post_office.people(1)
    mailing = post_office.start()
    held = lost(post_office, mailing)
    with post_office.house.ctx() as ctx:
        assert sending.intend(ctx, held, "<x@y>") == "lost", "nothing goes out a second time"
        assert sending.settle(ctx, replace(held, token=uuid4()), Sent("250 not mine")) is None
        assert sending.settle(ctx, held, Sent("250 late")) == "sent"
        assert sending.settle(ctx, held, Sent("250 again")) is None
    row = post_office.rows(mailing)[people[0]]
    assert (row.state, row.reason, row.provider_reply, row.lease_token) == ("sent", None, "250 late", None) and row.sent_at
    with post_office.house.ctx() as ctx:
        facts = ctx.session.execute(select(Fact.kind).where(Fact.subject_id == row.contact_id)).scalars().all()
    assert facts == ["mailing.got"]


@pytest.mark.parametrize("outcome", [Temporary("451 later"), Permanent("550 no"), Unknown("lost")])
def test_any_other_late_answer_changes_nothing(post_office, outcome):
    post_office.people(1)
    mailing = post_office.start()
    held = lost(post_office, mailing)
    with post_office.house.ctx() as ctx:
        assert sending.settle(ctx, held, outcome) is None
    assert post_office.states(mailing) == {"unknown": 1}


def test_a_late_yes_comes_too_late_for_what_a_person_sends_again(post_office):
    post_office.people(1)
    mailing = post_office.start()
    held = lost(post_office, mailing)
    with post_office.house.ctx() as ctx:
        assert running.resend_unknown(ctx, mailing) == 1
    with post_office.house.ctx() as ctx:
        assert sending.settle(ctx, held, Sent("250 late")) is None
    (row,) = post_office.rows(mailing).values()
    assert (row.state, row.lease_token) == ("queued", None)


def test_what_was_only_claimed_waits_again(post_office):
    post_office.people(2)
    mailing = post_office.start()
    with post_office.house.ctx() as ctx:
        held = sending.claim(ctx, mailing)
        ctx.session.execute(update(MailingRecipient).where(MailingRecipient.mailing_id == mailing).values(lease_until=ctx.now - timedelta(seconds=1)))
        sending.free_lost(ctx, mailing)
        assert sending.intend(ctx, held[0], "<x@y>") == "lost", "the old claim is void"
    assert post_office.states(mailing) == {"queued": 2}


def test_two_senders_claim_different_people(post_office):
    post_office.people(30)
    mailing = post_office.start()
    with post_office.house.ctx() as one, post_office.house.ctx() as two:
        first, second = sending.claim(one, mailing, limit=20), sending.claim(two, mailing, limit=20)
    assert len(first) == 20 and len(second) == 10 and not {h.id for h in first} & {h.id for h in second}


def test_a_plan_that_ends_meanwhile_pauses_it(post_office, sink):
    from tenants import entry
    from tenants.models import Tenant

    post_office.people(5)
    mailing = post_office.start()

    def set_access(access):
        with entry.control() as session:
            session.execute(update(Tenant).where(Tenant.id == post_office.house.tenant.id).values(access=access))
        registry.forget()

    set_access("read_only")
    try:
        post_office.work()
        assert sink.taken == [] and post_office.mailing(mailing).pause_reason == "plan" and post_office.states(mailing) == {"queued": 5}
    finally:
        set_access("active")
    with post_office.house.ctx() as ctx:
        running.resume_mailing(ctx, mailing)
    post_office.work()
    assert len(sink.taken) == 5


def test_who_wants_fewer_gets_one_in_a_month(post_office, sink):
    people = post_office.people(2)
    with post_office.house.ctx() as ctx:
        link = unsubscribing.link_for(ctx, people[0], post_office.house.users["owner"].id)
        assert unsubscribing.want_fewer(ctx, unsubscribing.make_token(ctx.tenant, link))
    first = post_office.start()
    post_office.work()
    second = post_office.start()
    post_office.work()
    assert post_office.states(first) == {"sent": 2} and post_office.states(second) == {"sent": 1, "suppressed": 1}
    assert post_office.rows(second)[people[0]].reason == "fewer"
    with post_office.house.ctx() as ctx:
        ctx.session.execute(update(MailingRecipient).where(MailingRecipient.mailing_id == first).values(sent_at=ctx.now - timedelta(days=31)))
    third = post_office.start()
    post_office.work()
    assert post_office.states(third) == {"sent": 2}


def test_a_mailing_whose_order_was_lost_is_looked_after_again(post_office, sink):
    post_office.people(2)
    mailing = post_office.start()
    with post_office.house.ctx() as ctx:
        assert not running.left_alone(ctx.session)
        ctx.session.execute(update(Order).where(Order.args["mailing_id"].astext == str(mailing)).values(state="parked"))
        assert running.left_alone(ctx.session)
        running.revive(ctx)
        assert not running.left_alone(ctx.session)
    post_office.work()
    assert len(sink.taken) == 2


@pytest.mark.parametrize("name", ["Anna\r\nBcc: all@evil.example", "Anna {{ contact.mail }}", "=?utf-8?q?=0aBcc:_x?=", "<script>", "x" * 5000])
def test_a_hostile_name_breaks_no_header(post_office, sink, name):
    with post_office.house.ctx() as ctx:
        from tests.core.mailings.conftest import add_contact

        add_contact(ctx, name, f"hostile.{post_office.tag}@people.example", tags=[post_office.tag])
    mailing = post_office.start(subject="Hi {{ contact.name }}")
    post_office.work()
    states = post_office.states(mailing)
    if states == {"sent": 1}:
        mail = message_from_bytes(sink.taken[0].content, policy=policy.default)
        assert mail["Bcc"] is None and len(mail.get_all("To")) == 1 and mail["To"].addresses[0].addr_spec == f"hostile.{post_office.tag}@people.example"
    else:
        assert states == {"failed": 1}


def test_a_test_goes_to_its_writer_alone_with_sample_values(post_office, sink):
    from core.mailings import drafting

    post_office.people(3)
    with post_office.house.ctx("manager") as ctx:
        mailing = drafting.draft_mailing(ctx, subject="For {{ contact.name }}", body="Hello {{ account.name }}", tags=[post_office.tag])
        ctx.session.flush()
        drafting.ask_for_test(ctx, mailing)
    post_office.work()
    (taken,) = sink.taken
    mail = message_from_bytes(taken.content, policy=policy.default)
    assert taken.recipient == post_office.house.users["manager"].mail and mail["Subject"] == "Test: For Sofie Brandt"
    assert mail["List-Unsubscribe"] is None and "/unsubscribe/test?" in mail.get_body(("plain",)).get_content()
    assert post_office.mailing(mailing.id).state == "draft" and post_office.rows(mailing.id) == {}


def test_one_whose_mail_cannot_be_made_holds_nobody_up_and_is_given_up_in_the_end(post_office, sink, monkeypatch):
    from core.mailings import composing

    addresses, whole = post_office.people(4), composing.compose

    def choke(ctx, mailing, held):
        if held.address == addresses[1]:
            raise RuntimeError("a value nobody thought of")
        return whole(ctx, mailing, held)

    monkeypatch.setattr(composing, "compose", choke)
    mailing = post_office.start()
    post_office.work()
    assert post_office.states(mailing) == {"sent": 3, "queued": 1} and post_office.mailing(mailing).state == "sending"
    for _ in range(12):
        post_office.make_due(mailing)
        post_office.work()
    row = post_office.rows(mailing)[addresses[1]]
    assert (row.state, row.reason, post_office.mailing(mailing).state) == ("failed", "broke_off", "done")
    assert len(sink.taken) == 3


def test_one_who_kills_every_sender_is_set_apart_and_the_others_get_theirs(post_office, sink, monkeypatch):
    """What dies is the claim: the sender is gone, its lease runs out, and with it that of the whole batch."""
    from core.mailings import composing

    class Killed(BaseException):
        """Stands for kill -9: nothing of the sender is written after it."""

    addresses, whole = post_office.people(4), composing.compose

    def die(ctx, mailing, held):
        if held.address == addresses[0]:
            ctx.session.commit()  # the claim stands as if another process had made it
            raise Killed
        return whole(ctx, mailing, held)

    mailing, deaths = post_office.start(), 0
    monkeypatch.setattr(composing, "compose", die)
    from core.base.outbox import Order
    from workers.run import work

    for _ in range(20):
        with post_office.house.ctx() as ctx:
            ctx.session.execute(update(MailingRecipient).where(MailingRecipient.mailing_id == mailing).values(lease_until=ctx.now - timedelta(seconds=1)).where(MailingRecipient.state == "claimed"))
            ctx.session.execute(update(Order).where(Order.name == "mailings.send", Order.state.in_(("waiting", "running"))).values(due_at=ctx.now, lease_until=ctx.now - timedelta(seconds=1), attempts=0))
            due = ctx.session.execute(select(Order.id).where(Order.name == "mailings.send", Order.state.in_(("waiting", "running")), Order.args["mailing_id"].astext == str(mailing))).scalars().all()
        if not due:
            break
        try:
            work(str(due[0]), str(post_office.house.tenant.id))
        except Killed:
            deaths += 1
    assert post_office.states(mailing) == {"sent": 3, "failed": 1} and post_office.mailing(mailing).state == "done"
    assert post_office.rows(mailing)[addresses[0]].reason == "broke_off" and deaths == sending.MAX_LOST
    assert len(sink.taken) == 3
