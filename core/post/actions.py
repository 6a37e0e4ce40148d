"""Use cases of the post room, in the order of a mail's life: hand in, claim, send, mark, send again; suppress.

Everybody above calls `hand_in`. The steps after it belong to workers/jobs/post.py: claim and "sending" are each
committed before the next step, so that whatever dies leaves a state that tells the truth (RELIABILITY 1.3).
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from email.utils import parseaddr
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from core.base.context import Context
from core.base.errors import Refused
from core.base.facts import plain
from core.base.ids import new_id
from core.base.outbox import MAX_ATTEMPTS, WAITED_FOR, defer
from core.base.policy import require
from core.identity.rules import normal_mail
from core.post import queries, rules
from core.post.letters import is_waited_for, letters
from core.post.models import MERGED, SCOPES, OutgoingMail, Suppression
from core.post.sender import platform
from infra import i18n
from infra.config import settings
from infra.mail import Outcome, Permanent, Sent, Temporary

LEASE = timedelta(seconds=60)
WRITTEN = "written"  # in a template's place: a person's own words


def hand_in(
    ctx: Context, *, template: str, to: str, to_name: str = "", lang: str | None = None, params: Mapping[str, Any], about: Any = None,
    purpose: str = "transactional", dedupe: str | None = None, headers: Mapping[str, str] | None = None, reply_to: str | None = None,
    timezone: str | None = None, sections: Sequence[rules.Section] = (), from_name: str | None = None, calendar: str | None = None,
) -> OutgoingMail | None:
    """Write one letter and leave the order to deliver it; both exist or neither does.

    It is put into words now: it says what was true when it was decided. Refuses a bad address (`not_a_mail`) and
    line breaks in addresses and headers (`header_injection`); names and parameters lose theirs. dedupe: at most one letter ever under this
    key; None is returned where it exists. sections: lists of things below its words; they stand in the letter alone, not in its params.
    from_name: whose name it comes under, where a person of the workspace had it sent. calendar: iCalendar for the reader's calendar program.
    """
    rules.one_line(to, field="to", max_length=320)
    address, _ = normal_mail(to, field="to")
    letter = letters()[template]
    lang, sender = i18n.language(lang or ctx.locale), rules.made_one_line(platform()[0] if letter.platform else ctx.tenant.name)
    params = {name: rules.made_plain(value) for name, value in params.items()}
    content = rules.render(letter, params, lang=lang, timezone=timezone or ctx.timezone, sender=sender, sections=sections)
    values = {
        "template": template, "purpose": purpose, "to_mail": address, "to_name": rules.made_one_line(to_name), "lang": lang,
        "from_name": rules.made_one_line(from_name) if from_name else sender, "reply_to": _address(reply_to, "reply_to"), "calendar": calendar, "params": plain(dict(params)),
        "about_type": about.__tablename__ if about is not None else None, "about_id": about.id if about is not None else None,
        "subject": rules.one_line(content.subject, field="subject", max_length=900), "body_text": content.text, "body_html": content.html,
        "headers": rules.checked_headers(headers), "dedupe_key": dedupe,
    }
    return _put(ctx, values)


def hand_in_written(
    ctx: Context, *, to: str, from_name: str, reply_to: str | None, subject: str, text: str, about: Any, shown: Mapping[str, Any], files: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None, lang: str | None = None, dedupe: str,
) -> OutgoingMail | None:
    """The same for what a person wrote: his words as they are, under his own name. shown: {"id", "to", "cc"} of the head, where one mail goes to several.
    files: [{"key", "name", "type"}] of the store. Refuses what `hand_in` refuses."""
    address, _ = normal_mail(rules.one_line(to, field="to", max_length=320), field="to")
    people = {name: [[rules.made_one_line(called), rules.one_line(mail, field=name, max_length=320)] for called, mail in shown.get(name, ())] for name in ("to", "cc")}
    values = {
        "template": WRITTEN, "purpose": "transactional", "to_mail": address, "to_name": "", "lang": i18n.language(lang or ctx.locale), "from_name": rules.made_one_line(from_name),
        "reply_to": _address(reply_to, "reply_to"), "params": {}, "about_type": about.__tablename__, "about_id": about.id, "subject": rules.one_line(subject, field="subject", max_length=900),
        "body_text": text, "body_html": None, "headers": rules.checked_headers(headers), "dedupe_key": dedupe,
        "shown": people | {"id": rules.one_line(shown["id"], field="id", max_length=300)}, "files": [dict(one) for one in files],
    }
    return _put(ctx, values)


def claim(ctx: Context, mail_id: UUID, token: UUID) -> OutgoingMail | None:
    """Take one letter under the order's token; None where there is nothing to send. Commit before sending.

    The order is held by one worker at a time, so a letter found in "sending" had a worker that died or froze: the
    other side may have it, it becomes unknown and is not sent again by itself.
    """
    mail = ctx.session.execute(select(OutgoingMail).where(OutgoingMail.id == mail_id).with_for_update()).scalar_one_or_none()
    if mail is None or mail.state not in ("queued", "claimed", "sending"):
        return None
    if mail.state == "sending":
        mail.state, mail.error = "unknown", "interrupted while sending"
        return None
    if queries.is_suppressed(ctx, mail.to_mail, mail.purpose):
        mail.state = "suppressed"
        return None
    mail.state, mail.lease_token, mail.lease_until, mail.attempts = "claimed", token, ctx.now + LEASE, mail.attempts + 1
    return mail


def mark_sending(ctx: Context, mail_id: UUID, token: UUID) -> bool:
    """The last word before the content leaves, committed. False: somebody else holds the letter, do not send."""
    held = (OutgoingMail.id == mail_id, OutgoingMail.lease_token == token, OutgoingMail.state == "claimed")
    return ctx.session.execute(update(OutgoingMail).where(*held).values(state="sending")).rowcount == 1


def mark(ctx: Context, mail_id: UUID, token: UUID, outcome: Outcome) -> str | None:
    """Write down how it went; returns the new state, None where the letter is no longer ours.

    A late "sent" settles an unknown letter: it is the truth, whoever else gave up on it.
    """
    states = ("claimed", "sending", "unknown")
    query = select(OutgoingMail).where(OutgoingMail.id == mail_id, OutgoingMail.lease_token == token, OutgoingMail.state.in_(states))
    mail = ctx.session.execute(query.with_for_update()).scalar_one_or_none()
    if mail is None:
        return None
    mail.lease_until, mail.error = None, None
    if isinstance(outcome, Sent):
        mail.state, mail.sent_at, mail.provider_reply = "sent", ctx.now, outcome.reply[:500]
        _wipe_private(mail)
        return mail.state
    mail.error = outcome.reason[:500]
    if isinstance(outcome, Temporary):
        mail.state = "queued" if mail.attempts < MAX_ATTEMPTS else "failed"
    else:
        mail.state = "failed" if isinstance(outcome, Permanent) else "unknown"
    return mail.state


def give_up(ctx: Context, mail_id: UUID) -> None:
    """Nobody could deliver it, however often: failed where the content surely never left, else unknown."""
    mail = ctx.session.execute(select(OutgoingMail).where(OutgoingMail.id == mail_id).with_for_update()).scalar_one_or_none()
    if mail is not None and mail.state in ("queued", "claimed", "sending"):
        mail.state, mail.error = "unknown" if mail.state == "sending" else "failed", "given up after all attempts"
        mail.lease_until = None


def send_again(ctx: Context, mail: OutgoingMail) -> None:
    """Send a failed letter, or one in doubt, once more by a person's decision. It keeps its Message-ID."""
    require(ctx, "settings.manage")
    if mail.state not in ("failed", "unknown"):
        raise Refused("mail_not_in_doubt")
    mail.state, mail.attempts, mail.lease_token, mail.lease_until = "queued", 0, None, None
    defer(ctx, "post.deliver", mail_id=mail.id)


def suppress(ctx: Context, mail: str, scope: str, reason: str, *, list_id: UUID | None = None) -> bool:
    """Never write to this address again within the scope; False where it stood already. Never withheld by a plan."""
    return suppress_hash(ctx, queries.hash_of(ctx, mail), scope, reason, list_id=list_id)


def suppress_hash(ctx: Context, mail_hash: bytes, scope: str, reason: str, *, list_id: UUID | None = None) -> bool:
    """The same for an address of which only the keyed hash is known: an unsubscribe link carries no address."""
    if scope not in SCOPES:
        raise Refused("unknown_value", field="scope")
    values = {"mail_hash": mail_hash, "scope": scope, "list_id": list_id, "reason": reason[:200], "at": ctx.now, "created_at": ctx.now, "created_by": ctx.actor.id}
    # What holds only while records are merged (core.post.strictest) becomes the person's own word, which an undo leaves.
    own = {"index_elements": ["mail_hash", "scope", "list_id"], "set_": {"reason": values["reason"], "at": ctx.now}, "where": Suppression.reason == MERGED}
    statement = insert(Suppression).values(values).on_conflict_do_update(**own).returning(Suppression.id)
    return ctx.session.execute(statement).scalar_one_or_none() is not None


def lift(ctx: Context, mail: str, scope: str, reason: str, *, refusal: str) -> None:
    """Write to this address again, where it was for that very reason that we did not; what stands for any other reason,
    the person's own above all, is refused under the caller's code."""
    found = list(ctx.session.execute(select(Suppression).where(Suppression.mail_hash == queries.hash_of(ctx, mail), Suppression.scope == scope)).scalars())
    if any(one.reason != reason for one in found):
        raise Refused(refusal)
    for one in found:
        ctx.session.delete(one)


def _put(ctx: Context, values: dict[str, Any]) -> OutgoingMail | None:
    mail_id = new_id()
    values |= {
        "id": mail_id, "created_at": ctx.now, "created_by": ctx.actor.id,
        "message_id": rules.message_id(settings().data_key("message-id"), ctx.tenant.id, mail_id, settings().base_domain),
    }
    statement = insert(OutgoingMail).values(values).on_conflict_do_nothing(index_elements=["dedupe_key"]).returning(OutgoingMail)
    mail = ctx.session.execute(statement).scalar_one_or_none()
    if mail is not None:
        defer(ctx, "post.deliver", queue=WAITED_FOR if is_waited_for(mail.template) else None, mail_id=mail.id)
    return mail


def _address(mail: str | None, field: str) -> str | None:
    if mail is None:
        return None
    rules.one_line(mail, field=field, max_length=320)
    return normal_mail(parseaddr(mail)[1], field=field)[0]


def _wipe_private(mail: OutgoingMail) -> None:
    """A letter that carried a key keeps nothing of it once it is out."""
    known = letters().get(mail.template)
    if known is not None and known.private:
        mail.body_text, mail.body_html, mail.calendar, mail.params = "", None, None, {}
