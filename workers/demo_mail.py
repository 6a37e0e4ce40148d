"""Correspondence of the demo: a customer who asks and gets an answer, one whose question waits, a template."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from core.base.context import Context, as_actor, system
from core.base.policy import has
from core.identity.models import User
from core.mail import templates, threads
from core.mail.models import MailThread
from core.mail.taking import take
from core.parties.models import Contact
from infra.incoming import Incoming, Mailed

# (subject, what the customer wrote, what he was answered; none: it waits)
TALKS = (
    ("Delivery of the lathes", "Good morning,\n\ncan you deliver the two lathes before the tenth? Our hall is ready from the eighth on.", "Good morning,\n\nyes: we can deliver on the ninth. I note that date for you."),
    ("Spare parts", "Hello,\n\ndo you still have belts for the older machine? We would take twenty.", None),
)


def correspond(ctx: Context, user_id: UUID) -> int:
    """Write it where there are people with an address, once; says how many conversations. Nothing leaves: it is taken as a mailbox would bring it."""
    user = ctx.session.get(User, user_id)
    people = list(ctx.session.execute(select(Contact).where(Contact.mail.is_not(None), Contact.deleted_at.is_(None)).order_by(Contact.name_fold).limit(len(TALKS))).scalars())
    if user is None or not people or ctx.session.execute(select(MailThread.id).limit(1)).first():
        return 0
    if has(ctx, "mail.manage"):
        templates.create_template(ctx, name="Thanks for your question", language="en", subject="Your question", body="Dear {{contact.name}},\n\nthank you for your question. You hear from us by tomorrow.")
    actor, us = ctx.actor, Mailed(user.mail, user.name)
    try:
        job = as_actor(ctx, system("demo"))
        for place, (contact, (subject, asked, answer)) in enumerate(zip(people, TALKS, strict=False)):
            _talk(job, user_id, us, Mailed(contact.mail, contact.name), place, subject, asked, answer)
    finally:
        as_actor(ctx, actor)
    return len(people)


def _talk(ctx: Context, user_id: UUID, us: Mailed, them: Mailed, place: int, subject: str, asked: str, answer: str | None) -> None:
    """One conversation of a few hours ago, which whoever sees the record may read."""
    key, at = f"demo-{place}@{ctx.tenant.slug}.example", ctx.now - timedelta(hours=5 + place)
    mail = Incoming(sender=them, to=(us,), cc=(), subject=subject, text=asked, message_id=key, sent_at=at, proven=True)
    message = take(ctx, mail, owner_id=user_id, raw=asked.encode())
    if answer is not None:
        back = Incoming(sender=us, to=(them,), cc=(), subject=f"Re: {subject}", text=answer, message_id=f"answer-{key}", in_reply_to=key, sent_at=at + timedelta(hours=1), proven=True)
        take(ctx, back, owner_id=user_id, raw=answer.encode())
    thread = ctx.session.get_one(MailThread, message.thread_id)
    threads.open_thread(ctx, thread, privacy="record", told="subject")
