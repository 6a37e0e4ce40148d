"""One mail that came, by whatever way: into correspondence, or a lead. What can't be is kept with its bytes and shown, never lost.

What nobody proves acts on nothing that is there (RELIABILITY X26): it may become a new lead, as whoever fills in a form may, but it touches none.
"""

import hashlib
import logging
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import UUID

from sqlalchemy import Select, literal, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm.exc import StaleDataError

from core.base.context import Context, as_actor, system
from core.base.errors import Refused
from core.base.facts import record
from core.base.outbox import defer
from core.base.outcome import if_undone, once_kept
from core.base.policy import require
from core.leads.actions import capture
from core.leads.models import OPEN as OPEN_LEADS
from core.leads.models import Lead
from core.mail import preferring
from core.mail.answering import answers_us
from core.mail.rules import is_blocked
from core.mail.taking import take
from core.mailboxes import telling
from core.mailboxes.models import Mailbox, MailboxArrival, MailboxState, is_read
from infra.inbox import MOST_BYTES
from infra.inbox.limited import read_many
from infra.inbox.reading import Unreadable
from infra.incoming import Incoming
from infra.storage import storage

log = logging.getLogger("tendero.mailboxes")
OPEN_ORDER = "mailboxes.open"
LOST = timedelta(minutes=10)
SUBJECT, MESSAGE = 200, 10_000


@dataclass(frozen=True)
class Came:
    """A mail's bytes and what was read in them. size: where only its beginning was fetched, how large it is."""

    raw: bytes
    read: Incoming | Unreadable
    size: int | None = None


def place(ctx: Context, mailbox: Mailbox, came: Came, arrival: MailboxArrival | None = None) -> str:
    """Put it where it belongs, once; the word for what became of it. arrival: its row, where it was stored before."""
    if isinstance(came.read, Unreadable):
        return _keep(ctx, mailbox, came, "too_large" if came.size else "unreadable", "too_large" if came.size else came.read.why, arrival)
    try:
        with ctx.session.begin_nested():
            word = TAKERS[mailbox.purpose](ctx, mailbox, came, arrival)
            ctx.session.flush()
    except (OperationalError, StaleDataError):
        raise  # the database is away, or somebody was here meanwhile: all of it is done again
    except Exception as error:
        # One mail's failure is one mail's failure (HOUSE 25), and it is not lost.
        log.error("a mail could not be taken: %s", type(error).__name__, extra={"mailbox": str(mailbox.id)})
        return _keep(ctx, mailbox, came, "unreadable", "refused" if isinstance(error, Refused) else "broken", arrival)
    return word


def store(ctx: Context, mailbox: Mailbox, raw: bytes) -> tuple[UUID | None, bool]:
    """Keep what a program posted and leave the order to open it: (its key, was it new). Safe to repeat."""
    digest = hashlib.sha256(raw).digest()
    known = ctx.session.execute(select(MailboxArrival.id).where(MailboxArrival.mailbox_id == mailbox.id, MailboxArrival.digest == digest)).scalar_one_or_none()
    if known is not None:
        return known, False
    values = {"mailbox_id": mailbox.id, "digest": digest, "state": "waiting", "size": len(raw), "raw_key": _save(ctx, raw), "created_at": ctx.now}
    made = ctx.session.execute(insert(MailboxArrival).values(values).on_conflict_do_nothing().returning(MailboxArrival.id)).scalar_one_or_none()
    if made is None:  # the same one came twice at once
        storage().remove(ctx.tenant.id, values["raw_key"])
        return None, False
    defer(ctx, OPEN_ORDER, dedupe=str(made), arrival_id=made)
    return made, True


def waiting(ctx: Context, arrival_id: UUID) -> tuple[bytes, str] | None:
    """(the bytes of a mail that waits to be opened, the server that is trusted there)."""
    row = ctx.session.execute(select(MailboxArrival.raw_key, Mailbox.trusted).join(Mailbox, Mailbox.id == MailboxArrival.mailbox_id).where(MailboxArrival.id == arrival_id, MailboxArrival.state == "waiting", is_read())).one_or_none()
    return (storage().path(ctx.tenant.id, row.raw_key).read_bytes(), row.trusted or "") if row else None


def settle(ctx: Context, arrival_id: UUID, came: Came) -> str:
    """What was stored is placed now; its bytes go where nobody needs them any more."""
    arrival = ctx.session.execute(select(MailboxArrival).where(MailboxArrival.id == arrival_id).with_for_update()).scalar_one_or_none()
    if arrival is None or arrival.state != "waiting":
        return "done"
    mailbox = ctx.session.execute(select(Mailbox).where(Mailbox.id == arrival.mailbox_id, is_read())).scalar_one_or_none()
    if mailbox is None:
        return "waiting"
    ctx.session.execute(update(MailboxState).where(MailboxState.mailbox_id == mailbox.id).values(mail_at=ctx.now, looked_at=ctx.now))
    return place(ctx, mailbox, came, arrival)


def give_up(ctx: Context, arrival_id: UUID) -> None:
    """Opening it failed for good: it is shown, with its bytes."""
    arrival = ctx.session.get(MailboxArrival, arrival_id)
    if arrival is not None and arrival.state == "waiting":
        arrival.state, arrival.why = "unreadable", "broken"
        telling.tell_unreadable(ctx, ctx.session.get(Mailbox, arrival.mailbox_id), arrival)


def open_arrivals() -> Select:
    """Keys of mails that wait to be opened; those of a mailbox that is stopped, or held after a restore, wait for a person."""
    return select(MailboxArrival.id).join(Mailbox, Mailbox.id == MailboxArrival.mailbox_id).where(MailboxArrival.state == "waiting", is_read())


def order_waiting(ctx: Context) -> int:
    """Mails whose order was lost are ordered again."""
    lost = open_arrivals().where(MailboxArrival.created_at < ctx.now - LOST).limit(500)
    return sum(defer(ctx, OPEN_ORDER, dedupe=f"{one}:{ctx.now:%Y-%m-%dT%H}", arrival_id=one) is not None for one in ctx.session.execute(lost).scalars())


def make_lead_of(ctx: Context, mailbox: Mailbox, arrival: MailboxArrival) -> Lead:
    """A person said so: whoever wrote becomes a lead, or touches the one that he is; the conversation with him begins with it. Refuses one whose bytes an erasure took."""
    require(ctx, "mailboxes.manage")
    if arrival.raw_key is None:
        raise Refused("mailbox_erased")
    raw = storage().path(ctx.tenant.id, arrival.raw_key).read_bytes()
    (mail,) = read_many([raw], trusted=mailbox.trusted or "")
    if isinstance(mail, Unreadable) or mail.sender is None:
        raise Refused("mailbox_nobody")
    if is_blocked(mail.sender.address, preferring.peek(ctx).blocked):
        raise Refused("mailbox_blocked")
    lead = capture(ctx, **_said(mail))
    take(as_actor(ctx, system("a lead of a mail")), mail, owner_id=mailbox.owner_id, mailbox_id=mailbox.id, shared=mailbox.shared, raw=raw)
    as_actor(ctx, ctx.actor)
    _done(ctx, arrival)
    record(ctx, "mailbox.lead_made", mailbox, name=mailbox.name)
    return lead


def _as_lead(ctx: Context, mailbox: Mailbox, came: Came, arrival: MailboxArrival | None) -> str:
    """Whoever wrote becomes a lead, by the one door for whoever comes in."""
    mail = came.read
    if arrival is None and _came_before(ctx, mailbox, came):
        return "done"
    if mail.sender is None:
        return _keep(ctx, mailbox, came, "left", "sender", arrival)
    if answers_us(ctx, mail):
        return _as_mail(ctx, mailbox, came, arrival)
    if mail.automatic:
        return _keep(ctx, mailbox, came, "left", "automatic", arrival)
    if not mail.proven and _is_known(ctx, mail.sender.address):
        return _keep(ctx, mailbox, came, "unverified", "unverified", arrival)
    if is_blocked(mail.sender.address, preferring.peek(ctx).blocked):
        take(ctx, mail, owner_id=mailbox.owner_id, mailbox_id=mailbox.id, shared=mailbox.shared, raw=came.raw)  # which counts it
        _remember(ctx, mailbox, came, arrival)
        return "blocked"
    lead = capture(ctx, **_said(mail))
    take(ctx, mail, owner_id=mailbox.owner_id, mailbox_id=mailbox.id, shared=mailbox.shared, raw=came.raw)  # the conversation with him begins with it
    if not mail.proven:
        record(ctx, "lead.unverified", lead, name=lead.name)
    _remember(ctx, mailbox, came, arrival)
    return "lead"


def _as_mail(ctx: Context, mailbox: Mailbox, came: Came, arrival: MailboxArrival | None) -> str:
    """Correspondence of whose mailbox it is."""
    take(ctx, came.read, owner_id=mailbox.owner_id, mailbox_id=mailbox.id, shared=mailbox.shared, raw=came.raw)
    if arrival is not None:
        _done(ctx, arrival)
    return "mail"


TAKERS = {"leads": _as_lead, "mail": _as_mail}


def _said(mail: Incoming) -> dict[str, Any]:
    """What a mail says of who wrote it."""
    text = "\n\n".join(part for part in (mail.subject, mail.text) if part)[:MESSAGE]
    return {"name": (mail.sender.name or mail.sender.address)[:200], "mail": mail.sender.address, "message": text or None, "interest": mail.subject[:SUBJECT] or None, "source": "mail"}


def _is_known(ctx: Context, address: str) -> bool:
    """Is there an open lead that such a mail would touch?"""
    query = select(literal(1)).where(Lead.mail_norm == address.casefold(), Lead.state.in_(OPEN_LEADS), Lead.deleted_at.is_(None))
    return ctx.session.execute(query.limit(1)).first() is not None


def _digest(mailbox: Mailbox, came: Came) -> bytes:
    """What makes two comings one: the mail's own name with its sender where it has one, for another way brings other heads; else its bytes."""
    mail = came.read
    if mailbox.way == "imap" and isinstance(mail, Incoming) and mail.message_id:
        return hashlib.sha256("\0".join(("id", mail.message_id, mail.sender.address if mail.sender else "")).encode()).digest()
    return hashlib.sha256(came.raw).digest()


def _came_before(ctx: Context, mailbox: Mailbox, came: Came) -> bool:
    return ctx.session.execute(select(literal(1)).where(MailboxArrival.mailbox_id == mailbox.id, MailboxArrival.digest == _digest(mailbox, came))).first() is not None


def _remember(ctx: Context, mailbox: Mailbox, came: Came, arrival: MailboxArrival | None) -> None:
    """That it came, and that nothing more is to be done about it."""
    if arrival is not None:
        _done(ctx, arrival)
    else:
        ctx.session.execute(insert(MailboxArrival).values(mailbox_id=mailbox.id, digest=_digest(mailbox, came), state="done", size=len(came.raw), created_at=ctx.now).on_conflict_do_nothing())


def _done(ctx: Context, arrival: MailboxArrival) -> None:
    """Its bytes go with the commit, for what became of it holds what is needed."""
    key, arrival.raw_key, arrival.state, arrival.why, arrival.from_mail, arrival.subject = arrival.raw_key, None, "done", None, None, None
    if key:
        once_kept(ctx.session, lambda: storage().remove(ctx.tenant.id, key))


def _keep(ctx: Context, mailbox: Mailbox, came: Came, state: str, why: str, arrival: MailboxArrival | None) -> str:
    """It waits for a person, with its bytes. Once: a second coming finds it there."""
    mail = came.read if isinstance(came.read, Incoming) else None
    shown = {"state": state, "why": why, "from_mail": mail.sender.address.casefold() if mail and mail.sender else None, "subject": mail.subject[:SUBJECT] if mail else None}
    if arrival is None:
        if _came_before(ctx, mailbox, came):
            return state
        arrival = MailboxArrival(mailbox_id=mailbox.id, digest=_digest(mailbox, came), size=came.size or len(came.raw), raw_key=_save(ctx, came.raw), **shown)
        ctx.session.add(arrival)
    else:
        for name, value in shown.items():
            setattr(arrival, name, value)
    ctx.session.flush()
    if state in ("unreadable", "too_large"):
        telling.tell_unreadable(ctx, mailbox, arrival)
    return state


def _save(ctx: Context, raw: bytes) -> str:
    """Bytes in the store; forgotten where this transaction fails."""
    key = storage().save(ctx.tenant.id, BytesIO(raw or b"\n"), limit=MOST_BYTES + 1).key
    if_undone(ctx.session, lambda: storage().remove(ctx.tenant.id, key))
    return key
