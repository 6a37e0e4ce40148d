"""When two people are merged their conversations go along, each once."""

from sqlalchemy import select

from core.base.context import as_actor
from core.mail import beside, composing
from core.mail.models import MailLink, MailMessage, MailThread
from core.merging import running as merging
from core.parties import actions as parties
from core.parties.models import Contact


def test_the_conversations_of_both_are_the_survivors(ctx):
    one, other = (parties.create_contact(ctx, name="Berta Buyer", mail=f"berta{n}@customer.example") for n in (1, 2))
    ctx.session.flush()
    first = composing.write(ctx, to="berta1@customer.example", subject="One", body="x", record=one)
    second = composing.write(ctx, to="berta2@customer.example", subject="Two", body="x", record=other)
    both = composing.write(ctx, to="berta1@customer.example, berta2@customer.example", subject="Both", body="x")
    for message in (first, second, both):
        ctx.session.get(MailThread, message.thread_id).last_at = ctx.now
    ctx.session.flush()
    merging.merge(ctx, "contact", one.id, [other.id])
    ctx.session.expire_all()
    links = list(ctx.session.execute(select(MailLink.thread_id).where(MailLink.record_id == one.id, MailLink.record_kind == "contact")).scalars())
    assert sorted(links) == sorted(message.thread_id for message in (first, second, both))
    assert set(ctx.session.execute(select(MailMessage.contact_id)).scalars()) == {one.id}
    told = ctx.session.execute(select(beside.newest_mails(as_actor(ctx, ctx.actor), Contact)).select_from(Contact).where(Contact.id == one.id)).scalar_one()
    assert told["number"] == 3
