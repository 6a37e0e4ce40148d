"""Whoever reads a conversation as his own hears that a customer wrote in it: who, never what."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.base.context import Context
from core.base.hiding import unhidden
from core.base.policy import has
from core.leads.models import Lead
from core.mail.models import MailLink, MailMessage, MailParticipant, MailThread
from core.notifications.telling import notify, people_of
from core.parties.models import Contact

NEWS = timedelta(days=2)  # what is older is no news


def tell_received(ctx: Context, thread: MailThread, message: MailMessage, *, known: bool) -> list[UUID]:
    """Tell its owner and who takes part that a mail came in; gives whom. known: the conversation was there before. Once for each mail and person, and
    not of what a program wrote, nor of an old one that a mailbox brings as it is first looked into. The name of the person who wrote only where it is proven, and for whoever sees him; what nobody proves calls nobody to a new conversation."""
    if message.direction != "in" or message.automatic or not (message.verified or known) or message.at < ctx.now - NEWS:
        return []
    people = _who_reads(ctx, thread)
    said = {"source_id": thread.id, "dedupe": f"mail:{message.id}", "by_itself": True, "place": f"/mail/{thread.id}#m-{message.id}"}
    writer = _writer(ctx, thread, message) if message.verified else None
    told = notify(ctx, "received", people, writer, **said) if writer is not None else []
    return [*told, *notify(ctx, "received", people - set(told), say="told.received_somebody", **said)]


def _who_reads(ctx: Context, thread: MailThread) -> set[UUID]:
    """Its owner and who takes part, of those who may read mails at all."""
    part = set(ctx.session.execute(select(MailParticipant.user_id).where(MailParticipant.thread_id == thread.id)).scalars()) | {thread.owner_id} - {None}
    return {user.id for user, _, actor in people_of(ctx, part) if has(replace(ctx, actor=actor), "mail.read")}


def _writer(ctx: Context, thread: MailThread, message: MailMessage) -> Any:
    """The person whose address it is, or the lead who wrote; None where nobody known did."""
    with unhidden(ctx.session):
        if message.contact_id:
            return ctx.session.get(Contact, message.contact_id)
        leads = select(Lead).join(MailLink, MailLink.record_id == Lead.id).where(MailLink.thread_id == thread.id, MailLink.record_kind == "lead")
        return ctx.session.execute(leads.where(Lead.mail_norm == message.other_mail).limit(1)).scalar_one_or_none() if message.other_mail else None
