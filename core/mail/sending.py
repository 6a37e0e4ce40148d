"""What is due goes to the post: a letter for each who gets it, all under one Message-ID. Once, whoever asks how often."""

import re
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.base.context import Context
from core.base.errors import Refused
from core.base.facts import record
from core.leads import clock
from core.leads.models import Lead
from core.mail import preferring, rules, tokens
from core.mail.composing import author_of, check_all_free
from core.mail.models import MailAttachment, MailLink, MailMessage, MailThread
from core.mail.taking import join, log_contact, told_on, touch
from core.notifications.telling import notify
from core.post.actions import hand_in_written
from core.post.rules import message_id
from infra.config import settings

# What may stand between the brackets of a Message-ID in a head of ours, whatever came in.
PLAIN_ID = re.compile(r"[!-;=?-~]{1,250}")
LONGEST_HEAD = 880


def send_held(ctx: Context, message_id_: UUID) -> bool:
    """Send one that waits and is due; the job "mail.send" calls it. False where there is nothing to do: stopped, gone, or its moment was moved. It is a draft again where
    its writer works here no more, or the person must not be worked with by now."""
    message = ctx.session.execute(select(MailMessage).where(MailMessage.id == message_id_).with_for_update()).scalar_one_or_none()
    if message is None or message.state != "held" or message.due_at > ctx.now:
        return False
    author, thread = author_of(ctx, message), ctx.session.get_one(MailThread, message.thread_id)
    if author is None or _is_restricted(ctx, message):
        message.state, message.due_at = "draft", None
        return False
    message.message_id = message_id(settings().data_key("message-id"), ctx.tenant.id, message.id, settings().base_domain).strip("<>")
    message.from_mail, message.from_name = author.mail_norm, author.name
    message.state, message.due_at, message.at = "sent", None, ctx.now
    _hand_in(ctx, thread, message, author)
    touch(thread, ctx.now)
    join(ctx, thread.id, author.id, seen_at=ctx.now)
    ctx.session.flush()
    record(ctx, "mail.sent", thread, about=told_on(ctx, thread), name=author.name)
    log_contact(ctx, thread, message, author.id, author.name)
    _answer_leads(ctx, thread)
    return True


def _answer_leads(ctx: Context, thread: MailThread) -> None:
    """A mail to somebody who came in answers him: the clock of his first answer stops."""
    hung = select(MailLink.record_id).where(MailLink.thread_id == thread.id, MailLink.record_kind == "lead")
    for lead in ctx.session.execute(select(Lead).where(Lead.id.in_(hung), Lead.answer.is_not(None), Lead.answered_at.is_(None)).with_for_update()).scalars():
        clock.stop(ctx, lead, "mail")


def _is_restricted(ctx: Context, message: MailMessage) -> bool:
    """Is anybody whom it goes to one who must not be written to by now?"""
    try:
        check_all_free(ctx, message)
    except Refused:
        return True
    return False


def give_up(ctx: Context, message_id_: UUID) -> None:
    """It could not be handed to the post for good: it is a draft again, and its writer is told."""
    message = ctx.session.execute(select(MailMessage).where(MailMessage.id == message_id_).with_for_update()).scalar_one_or_none()
    if message is None or message.state != "held":
        return
    message.state, message.due_at = "draft", None
    if message.author_id:
        notify(ctx, "finished", [message.author_id], by_itself=True, dedupe=f"mail:{message.id}:{message.version}", say="told.mail_given_up", subject=rules.one_line(message.subject))


def _hand_in(ctx: Context, thread: MailThread, message: MailMessage, author: Any) -> None:
    """A letter for each, once. Those in bcc stand in no head."""
    files = ctx.session.execute(select(MailAttachment).where(MailAttachment.message_id == message.id).order_by(MailAttachment.position, MailAttachment.id)).scalars()
    enclosed = [{"key": one.stored_key, "name": one.name, "type": one.mimetype} for one in files]
    base = preferring.peek(ctx).reply_address
    shown = {"id": f"<{message.message_id}>", **{name: [(one["name"], one["mail"]) for one in part] for name, part in (("to", message.to_list), ("cc", message.cc_list))}}
    for one in {one["mail"].casefold(): one for one in (*message.to_list, *message.cc_list, *message.bcc_list)}.values():
        hand_in_written(
            ctx, to=one["mail"], from_name=author.name, reply_to=tokens.address(ctx, base, thread.id) if base else author.mail, subject=rules.one_line(message.subject), text=message.body, about=message,
            shown=shown, files=enclosed, headers=heads(message), lang=message.language, dedupe=f"mail:{message.id}:{one['mail'].casefold()}",
        )


def heads(message: MailMessage) -> dict[str, str]:
    """What it answers, for mail programs: ids that are fit for a head, the newest as many as there is room for."""
    found = {}
    if message.in_reply_to and PLAIN_ID.fullmatch(message.in_reply_to):
        found["In-Reply-To"] = f"<{message.in_reply_to}>"
    line = ""
    for one in reversed([one for one in message.refs or [] if isinstance(one, str) and PLAIN_ID.fullmatch(one)]):
        if len(line) + len(one) + 3 > LONGEST_HEAD:
            break
        line = f"<{one}> {line}".strip()
    return found | ({"References": line} if line else {})
