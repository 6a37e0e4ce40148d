"""Who takes part in a conversation hears that a customer wrote: once, with his name where it is proven and may be known."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from core.base import hiding
from core.base.context import as_actor, system
from core.identity.models import Role, User
from core.mail import queries, threads
from core.mail.models import MailParticipant, MailThread
from core.mail.reading import raw_of
from core.mail.taking import take
from core.notifications import choosing
from core.notifications.models import Notification
from tests.core.mail.test_taking import as_user, mail, people  # noqa: F401 (a fixture)


@pytest.fixture
def hers(people):  # noqa: F811
    """The same, where the customer and his person are the rep's: colleagues of sales do not see them."""
    ctx, rep, colleague, account, contact = people
    account.owner_id = contact.owner_id = rep
    ctx.session.flush()
    return people


def told(ctx):
    query = select(Notification).where(Notification.kind == "received").order_by(Notification.created_at, Notification.id)
    return [(one.user_id, one.record_id, one.params.get("say"), one.params["place"]) for one in ctx.session.execute(query).scalars()]


def test_the_owner_of_the_mailbox_is_told_who_wrote_and_where_it_stands(hers):
    ctx, rep, _, _, contact = hers
    message = take(ctx, mail(), owner_id=rep, raw=b"1")
    assert told(ctx) == [(rep, contact.id, None, f"/mail/{message.thread_id}#m-{message.id}")]
    take(ctx, mail(message_id=message.message_id), owner_id=rep, raw=b"1")
    assert len(told(ctx)) == 1


def test_all_who_take_part_are_told_without_the_name_where_they_do_not_see_the_person(hers):
    ctx, rep, colleague, _, contact = hers
    first = take(ctx, mail(), owner_id=rep, raw=b"1")
    ctx.session.add(MailParticipant(thread_id=first.thread_id, user_id=colleague))
    ctx.session.flush()
    second = take(ctx, mail(text="More", message_id="m2@customer.example", in_reply_to=first.message_id), owner_id=rep, raw=b"2")
    place = f"/mail/{first.thread_id}#m-{second.id}"
    assert set(told(ctx)[1:]) == {(rep, contact.id, None, place), (colleague, None, "told.received_somebody", place)}


def test_what_a_program_wrote_or_nobody_proves_calls_nobody_to_something_new(people):  # noqa: F811
    ctx, rep, *_ = people
    take(ctx, mail(automatic=True), owner_id=rep, raw=b"1")
    take(ctx, mail(text="other", message_id="n1@x", proven=False), owner_id=rep, raw=b"2")
    assert told(ctx) == []


def test_what_nobody_proves_in_a_conversation_that_was_there_is_told_without_a_name(people):  # noqa: F811
    ctx, rep, *_ = people
    first = take(ctx, mail(), owner_id=rep, raw=b"1")
    second = take(ctx, mail(text="other", message_id="n2@x", in_reply_to=first.message_id, proven=False), owner_id=rep, raw=b"2")
    assert told(ctx)[1:] == [(rep, None, "told.received_somebody", f"/mail/{first.thread_id}#m-{second.id}")]


def test_nobody_is_told_who_chose_so_nor_of_what_a_colleague_wrote(people, shared_house):  # noqa: F811
    ctx, rep, *_ = people
    job = ctx.actor
    choosing.choose(as_user(ctx, shared_house, "rep"), received="none")
    as_actor(ctx, job)
    take(ctx, mail(), owner_id=rep, raw=b"1")
    take(ctx, mail(sender=shared_house.users["rep"].mail, to=("buyer@customer.example",), message_id="o@x"), owner_id=rep, raw=b"2")
    assert told(ctx) == []


def test_reading_the_conversation_reads_what_was_told_of_it(people, shared_house):  # noqa: F811
    ctx, rep, *_ = people
    message = take(ctx, mail(), owner_id=rep, raw=b"1")
    threads.see(as_user(ctx, shared_house, "rep"), ctx.session.get(MailThread, message.thread_id))
    assert ctx.session.execute(select(Notification.read_at).where(Notification.source_id == message.thread_id)).scalar_one() == ctx.now


def test_the_lead_who_wrote_is_named(people):  # noqa: F811
    from core.leads import actions as leads

    ctx, rep, *_ = people
    lead = leads.create_lead(ctx, name="New One", mail="new@lead.example", owner_id=rep)
    ctx.session.flush()
    take(ctx, mail(sender="new@lead.example"), owner_id=rep, raw=b"1")
    assert [one[1] for one in told(ctx)] == [lead.id]


def test_the_list_names_the_other_side_and_what_one_wrote_oneself_is_read(people, shared_house):  # noqa: F811
    ctx, rep, *_ = people
    first = take(ctx, mail(), owner_id=rep, raw=b"1")
    reading = as_user(ctx, shared_house, "rep")
    assert [(row.who, row.unread) for row in queries.conversations(reading)] == [("Berta Buyer", True)]
    as_actor(ctx, system("mail"))
    answer = mail(sender=shared_house.users["rep"].mail, to=("buyer@customer.example",), message_id="mine@x", in_reply_to=first.message_id, sent_at=ctx.now)
    take(ctx, answer, owner_id=rep, raw=b"2")
    assert [(row.who, row.unread) for row in queries.conversations(as_user(ctx, shared_house, "rep"))] == [("buyer@customer.example", False)]


def test_an_old_mail_that_a_mailbox_brings_is_no_news(people):  # noqa: F811
    ctx, rep, *_ = people
    take(ctx, mail(sent_at=ctx.now - timedelta(days=3)), owner_id=rep, raw=b"1")
    assert told(ctx) == []


def test_who_may_not_read_mails_hears_of_none(people, shared_house):  # noqa: F811
    ctx, rep, *_ = people
    role = ctx.session.get(Role, ctx.session.get(User, rep).role_id)
    role.permissions = [one for one in role.permissions if not one.startswith("mail.")]
    ctx.session.flush()
    take(ctx, mail(), owner_id=rep, raw=b"1")
    assert told(ctx) == []


def test_from_whom_addresses_are_hidden_the_list_names_people_alone_and_no_mail_as_it_came(people, shared_house):  # noqa: F811
    ctx, rep, *_ = people
    first = take(ctx, mail(), owner_id=rep, raw=b"1")
    reader = as_user(ctx, shared_house, "rep")
    assert raw_of(reader, first) == first.raw_key is not None
    hiding.apply(ctx.session, frozenset({"contacts.mail"}))
    assert [row.who for row in queries.conversations(reader)] == ["Berta Buyer"] and raw_of(reader, first) is None
    hiding.apply(ctx.session, frozenset())


def test_hidden_copies_in_what_a_colleague_sent_are_his_alone(people, shared_house):  # noqa: F811
    ctx, rep, colleague, *_ = people
    sent = take(ctx, mail(sender=shared_house.users["rep"].mail, to=("buyer@customer.example",), message_id="s@x"), owner_id=rep, raw=b"Bcc: somebody")
    ctx.session.add(MailParticipant(thread_id=sent.thread_id, user_id=colleague))
    ctx.session.flush()
    assert sent.direction == "out" and raw_of(as_user(ctx, shared_house, "rep"), sent) == sent.raw_key
    assert raw_of(as_user(ctx, shared_house, "colleague"), sent) is None
