"""Mail that comes in is taken once, by whosever mailbox; a token or what it answers decides where it belongs, never the name of its sender."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from core.activities.models import Activity
from core.base.context import as_actor, system
from core.base.errors import NotFound
from core.base.facts import Fact
from core.mail import preferring, reading, tokens
from core.mail.models import MailAttachment, MailCopy, MailLink, MailMessage, MailParticipant, MailRules, MailThread
from core.mail.taking import take
from core.parties import actions as parties
from core.parties import reach
from infra.incoming import Enclosed, Incoming, Mailed
from infra.storage import storage


def mail(sender="buyer@customer.example", to=("rep@acme.example",), **rest):
    said = {"subject": "Lamps", "text": "Do you have lamps?", "message_id": f"{uuid4().hex}@customer.example", "proven": True}
    return Incoming(sender=Mailed(sender, "Berta Buyer"), to=tuple(Mailed(one) for one in to), cc=(), **(said | rest))


@pytest.fixture
def people(ctx, shared_house):
    """The system, as a mailbox's job acts; two colleagues; a customer with a person."""
    as_actor(ctx, ctx.actor)
    account = parties.create_account(ctx, name="Customer Ltd")
    contact = parties.create_contact(ctx, name="Berta Buyer", mail="buyer@customer.example", account_id=account.id)
    ctx.session.flush()
    job = as_actor(ctx, system("mail"))
    return job, shared_house.users["rep"].id, shared_house.users["colleague"].id, account, contact


def as_user(ctx, house, who):
    from core.identity import queries

    return as_actor(ctx, queries.actor_of(house.users[who]))


def links(ctx, thread_id):
    return {(one.record_kind, one.record_id) for one in ctx.session.execute(select(MailLink).where(MailLink.thread_id == thread_id)).scalars()}


def count(ctx, model):
    return ctx.session.execute(select(func.count()).select_from(model)).scalar_one()


def test_a_mail_hangs_on_its_person_and_account_and_counts_as_contact(people):
    ctx, rep, _, account, contact = people
    message = take(ctx, mail(), owner_id=rep, raw=b"raw bytes")
    thread = ctx.session.get(MailThread, message.thread_id)
    assert links(ctx, thread.id) == {("contact", contact.id), ("account", account.id)}
    assert (thread.owner_id, thread.privacy, thread.last_at, message.direction, message.verified) == (rep, "private", message.at, "in", True)
    entry = ctx.session.execute(select(Activity).where(Activity.contact_id == contact.id)).scalar_one()
    assert (entry.kind, entry.direction, entry.body, entry.owner_id) == ("mail", "in", "", rep)
    assert storage().path(ctx.tenant.id, message.raw_key).read_bytes() == b"raw bytes"


def test_the_same_mail_of_two_mailboxes_is_one_message_of_one_conversation_of_both(people, shared_house):
    ctx, rep, colleague, *_ = people
    one, box = mail(to=("rep@shared.example", "colleague@shared.example")), uuid4()
    first = take(ctx, one, owner_id=rep, mailbox_id=box, raw=b"a")
    again = take(ctx, one, owner_id=rep, mailbox_id=box, raw=b"a")
    other = take(ctx, one, owner_id=colleague, mailbox_id=uuid4(), raw=b"Received: elsewhere")
    assert first.id == again.id == other.id
    assert (count(ctx, MailMessage), count(ctx, MailThread), count(ctx, MailCopy)) == (1, 1, 2)
    for who in ("rep", "colleague"):
        assert reading.one_thread(as_user(ctx, shared_house, who), first.thread_id).subject == "Lamps"
    with pytest.raises(NotFound):
        reading.one_thread(as_user(ctx, shared_house, "manager"), first.thread_id)


def test_an_answer_goes_where_what_it_answers_is(people):
    ctx, rep, *_ = people
    first = take(ctx, mail(message_id="one@customer.example"), owner_id=rep, raw=b"1")
    second = take(ctx, mail(text="And chairs?", in_reply_to="unknown@x.example", references=("one@customer.example", "unknown@x.example")), owner_id=rep, raw=b"2")
    assert second.thread_id == first.thread_id


def test_the_token_decides_over_what_the_mail_says_it_answers_and_over_its_sender(people):
    ctx, rep, *_ = people
    mine = take(ctx, mail(), owner_id=rep, raw=b"1").thread_id
    other = take(ctx, mail(message_id="two@customer.example", subject="Other"), owner_id=rep, raw=b"2")
    address = tokens.address(ctx, "replies@acme.example", mine)
    answer = take(ctx, mail(sender="private@web.example", to=(address.upper(),), in_reply_to="two@customer.example", proven=False), owner_id=rep, raw=b"3")
    assert (answer.thread_id, answer.verified) == (mine, True)
    assert other.thread_id != mine and len(address.rpartition("@")[0]) <= 64


def test_a_token_of_nobody_or_of_another_workspace_decides_nothing(people):
    ctx, rep, *_ = people
    thread = take(ctx, mail(), owner_id=rep, raw=b"1").thread_id
    elsewhere = tokens.address(replace(ctx, tenant=replace(ctx.tenant, id=uuid4())), "replies@acme.example", thread)
    local, _, domain = tokens.address(ctx, "replies@acme.example", thread).rpartition("@")
    forged = f"{local[:-1]}{'a' if local[-1] != 'a' else 'b'}@{domain}"
    for address in (elsewhere, forged, "replies+r-@acme.example", f"r-{'z' * 26}-{'a' * 16}@acme.example"):
        assert take(ctx, mail(to=(address,)), owner_id=rep, raw=b"2").thread_id != thread


def test_what_nobody_proves_is_kept_as_unverified_and_acts_on_nothing(people):
    ctx, rep, _, account, contact = people
    facts = count(ctx, Fact)
    message = take(ctx, mail(proven=False), owner_id=rep, raw=b"1")
    assert not message.verified and ("contact", contact.id) in links(ctx, message.thread_id)
    assert (count(ctx, Activity), count(ctx, Fact)) == (0, facts)


def test_what_nobody_proves_joins_no_conversation_of_others(people):
    """Negative: whoever knows a Message-ID could read along by writing to himself."""
    ctx, rep, colleague, *_ = people
    first = take(ctx, mail(message_id="one@customer.example"), owner_id=rep, raw=b"1")
    sly = mail(sender="anybody@web.example", in_reply_to="one@customer.example", proven=False, text="Let me in")
    assert take(ctx, sly, owner_id=colleague, raw=b"2").thread_id != first.thread_id
    mine = mail(sender="anybody@web.example", in_reply_to="one@customer.example", proven=False, text="To him")
    assert take(ctx, mine, owner_id=rep, raw=b"3").thread_id == first.thread_id


def test_another_mail_under_a_known_message_id_is_not_lost(people):
    ctx, rep, *_ = people
    first = take(ctx, mail(message_id="one@customer.example"), owner_id=rep, raw=b"1")
    second = take(ctx, mail(message_id="one@customer.example", text="Something else"), owner_id=rep, raw=b"2")
    assert first.id != second.id and count(ctx, MailMessage) == 2


def test_what_a_program_wrote_starts_nothing(people):
    ctx, rep, *_ = people
    facts = count(ctx, Fact)
    message = take(ctx, mail(automatic=True), owner_id=rep, raw=b"1")
    assert message.automatic and (count(ctx, Activity), count(ctx, Fact)) == (0, facts)


def test_a_blocked_domain_is_dropped_and_counted_and_so_are_those_below(people):
    ctx, rep, *_ = people
    preferring.workspace(ctx).blocked = ["spam.example"]
    ctx.session.flush()
    assert take(ctx, mail(sender="x@SPAM.example"), owner_id=rep, raw=b"1") is None
    assert take(ctx, mail(sender="x@mail.spam.example"), owner_id=rep, raw=b"1") is None
    assert take(ctx, mail(sender="x@notspam.example"), owner_id=rep, raw=b"1") is not None
    assert ctx.session.execute(select(MailRules.dropped)).scalar_one() == 2


def test_mail_of_nobody_known_is_kept_for_the_mailboxs_owner_alone(people, shared_house):
    ctx, rep, *_ = people
    preferring.workspace(ctx).privacy = "record"
    message = take(ctx, mail(sender="nobody@unknown.example"), owner_id=rep, raw=b"1")
    assert links(ctx, message.thread_id) == set()
    assert reading.one_thread(as_user(ctx, shared_house, "rep"), message.thread_id)
    for who in ("owner", "manager", "colleague"):
        with pytest.raises(NotFound):
            reading.one_thread(as_user(ctx, shared_house, who), message.thread_id)


def test_a_further_address_finds_the_person_and_a_domain_the_account_that_alone_has_it(people):
    ctx, rep, _, account, contact = people
    reach.add_point(ctx, contact, "mail", value="berta@home.example", label="home")
    ctx.session.flush()
    assert ("contact", contact.id) in links(ctx, take(ctx, mail(sender="BERTA@home.example"), owner_id=rep, raw=b"1").thread_id)
    assert links(ctx, take(ctx, mail(sender="other@customer.example"), owner_id=rep, raw=b"2").thread_id) == {("account", account.id)}
    second = parties.create_account(ctx, name="Customer Holding", mail="info@customer.example")
    ctx.session.flush()
    assert links(ctx, take(ctx, mail(sender="third@customer.example"), owner_id=rep, raw=b"3").thread_id) == set()
    assert second.id


def test_a_provider_of_everybody_names_no_account(people):
    ctx, rep, _, account, _ = people
    parties.create_contact(ctx, name="Home", mail="home@gmail.com", account_id=account.id)
    ctx.session.flush()
    assert links(ctx, take(ctx, mail(sender="stranger@gmail.com"), owner_id=rep, raw=b"1").thread_id) == set()


def test_a_hostile_head_is_kept_as_plain_text(people):
    ctx, rep, *_ = people
    message = take(ctx, mail(subject="a\r\nBcc: x@y.example\x00\u202e", text="one\x00\r\ntwo\u2028three", message_id="<x>\r\ny", sent_at=None), owner_id=rep, raw=b"1")
    assert message.subject == "a Bcc: x@y.example" and message.body == "one\ntwo\nthree" and "\n" not in message.message_id
    assert message.at == ctx.now


def test_a_moment_that_can_not_be_is_now(people):
    ctx, rep, *_ = people
    assert take(ctx, mail(sent_at=ctx.now + timedelta(days=400)), owner_id=rep, raw=b"1").at == ctx.now
    assert take(ctx, mail(sent_at=ctx.now - timedelta(days=400)), owner_id=rep, raw=b"1").at == ctx.now - timedelta(days=400)


def test_its_files_are_kept_under_names_that_are_shown_alone(people):
    ctx, rep, *_ = people
    message = take(ctx, mail(enclosed=(Enclosed("../../etc/passwd\r\n", "image/png", b"not a picture"), Enclosed("empty.txt", "text/plain", b""))), owner_id=rep, raw=b"1")
    (one,) = ctx.session.execute(select(MailAttachment).where(MailAttachment.message_id == message.id)).scalars()
    assert (one.name, one.mimetype, one.size) == ("passwd", "text/plain", 13)
    assert storage().path(ctx.tenant.id, one.stored_key).read_bytes() == b"not a picture"


def test_a_mail_of_ours_that_comes_back_is_the_one_that_went(people):
    ctx, rep, *_ = people
    thread = take(ctx, mail(), owner_id=rep, raw=b"1").thread_id
    sent = MailMessage(thread_id=thread, direction="out", state="sent", at=ctx.now, author_id=rep, from_mail="rep@acme.example", message_id="ours@acme.example", body="Yes")
    ctx.session.add(sent)
    ctx.session.flush()
    assert take(ctx, mail(sender="rep@acme.example", message_id="ours@acme.example", text="Yes\n--\nfooter", proven=False), owner_id=rep, raw=b"2").id == sent.id


def test_a_conversation_of_the_team_is_read_by_the_team_and_one_of_the_record_by_who_sees_it(people, shared_house):
    ctx, rep, *_ = people
    thread = ctx.session.get(MailThread, take(ctx, mail(), owner_id=rep, raw=b"1").thread_id)
    assert not reading.is_reader(as_user(ctx, shared_house, "manager"), thread)
    thread.privacy = "record"
    ctx.session.flush()
    assert reading.is_reader(as_user(ctx, shared_house, "manager"), thread)
    assert ctx.session.execute(select(MailParticipant.user_id)).scalars().all() == [rep]


def test_a_copy_that_names_him_not_gives_nobody_anothers_conversation(people, shared_house):
    """Negative: whoever has seen one mail of a conversation, or forges its sender and Message-ID, could read all of it."""
    ctx, rep, colleague, *_ = people
    one = mail(to=("rep@shared.example",))
    first = take(ctx, one, owner_id=rep, raw=b"1")
    copy = take(ctx, one, owner_id=colleague, raw=b"2")
    again = take(ctx, one, owner_id=colleague, raw=b"3")
    assert copy.id == again.id != first.id and copy.thread_id != first.thread_id
    sent = MailMessage(thread_id=first.thread_id, direction="out", state="sent", at=ctx.now, author_id=rep, from_mail="rep@shared.example", message_id="ours@shared.example", body="Between us")
    ctx.session.add(sent)
    ctx.session.flush()
    forged = take(ctx, mail(sender="rep@shared.example", message_id="ours@shared.example", text="Let me in", proven=False), owner_id=colleague, raw=b"4")
    assert forged.thread_id != first.thread_id and forged.body == "Let me in"
    with pytest.raises(NotFound):
        reading.one_thread(as_user(ctx, shared_house, "colleague"), first.thread_id)


@pytest.mark.parametrize("shared", [False, True])
def test_no_proof_and_no_token_gives_whose_mailbox_it_is_anothers_conversation(people, shared_house, shared):
    """Negative: his own server may call proven what he likes, and the mailbox of the workspace's answers is somebody's too."""
    ctx, rep, colleague, *_ = people
    first = take(ctx, mail(message_id="one@customer.example"), owner_id=rep, raw=b"1")
    proven = take(ctx, mail(in_reply_to="one@customer.example", text="Proven by me"), owner_id=colleague, shared=shared, raw=b"2")
    assert proven.thread_id != first.thread_id
    answer = take(ctx, mail(to=(tokens.address(ctx, "replies@acme.example", first.thread_id),), text="An answer"), owner_id=colleague, shared=shared, raw=b"3")
    assert answer.thread_id == first.thread_id
    with pytest.raises(NotFound):
        reading.one_thread(as_user(ctx, shared_house, "colleague"), first.thread_id)


def test_a_customer_with_a_token_writes_not_as_a_colleague(people):
    ctx, rep, *_ = people
    first = take(ctx, mail(), owner_id=rep, raw=b"1")
    entries = count(ctx, Activity)
    address = tokens.address(ctx, "replies@acme.example", first.thread_id)
    forged = take(ctx, mail(sender="manager@shared.example", to=(address,), proven=False, text="We give it for nothing"), owner_id=rep, shared=True, raw=b"2")
    assert (forged.direction, forged.author_id, forged.verified, count(ctx, Activity)) == ("in", None, False, entries)
    own_word = take(ctx, mail(sender="manager@shared.example", text="Proven by my own server"), owner_id=rep, raw=b"3")
    assert (own_word.author_id, own_word.verified) == (None, False)
    of_ours = take(ctx, mail(sender="manager@shared.example", to=("buyer@customer.example",), text="From home"), owner_id=rep, shared=True, raw=b"4")
    assert (of_ours.direction, of_ours.author_id is not None) == ("out", True)


def test_a_mail_of_ours_that_comes_back_as_the_workspace_sent_it_is_known(people):
    from core.post.sender import address_of

    ctx, rep, colleague, *_ = people
    thread = take(ctx, mail(), owner_id=rep, raw=b"1").thread_id
    sent = MailMessage(
        thread_id=thread, direction="out", state="sent", at=ctx.now, author_id=rep, from_mail="rep@shared.example", message_id="ours@shared.example", body="Yes",
        cc_list=[{"mail": "Colleague@shared.example", "name": ""}],
    )
    ctx.session.add(sent)
    ctx.session.flush()
    back = mail(sender=address_of(ctx.tenant), message_id="ours@shared.example", text="Yes", proven=False)
    assert take(ctx, back, owner_id=colleague, raw=b"2").id == sent.id
    assert ctx.session.execute(select(MailParticipant.id).where(MailParticipant.thread_id == thread, MailParticipant.user_id == colleague)).first()


def test_through_anothers_eyes_nobody_sees_what_he_is_writing(people, shared_house):
    from core.identity import viewing
    from core.mail import queries

    ctx, rep, _, account, contact = people
    account.owner_id = contact.owner_id = rep
    thread = take(ctx, mail(), owner_id=rep, raw=b"1").thread_id
    ctx.session.get(MailThread, thread).privacy = "record"
    ctx.session.add(MailMessage(thread_id=thread, direction="out", state="draft", author_id=rep, body="Not yet"))
    ctx.session.flush()
    own = as_user(ctx, shared_house, "rep")
    assert [one.body for one in queries.waiting(own)] == ["Not yet"]
    eyes = as_actor(ctx, replace(own.actor, reason=viewing.VIEWING))
    assert [one.body for one in queries.mails_of(eyes, ctx.session.get(MailThread, thread))] == ["Do you have lamps?"] and queries.waiting(eyes) == []
