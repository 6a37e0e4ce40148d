"""What a look at a mailbox reads and writes, each a short transaction: the numbers move in the one that took the mails (HOUSE 36)."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from core.base.context import Context
from core.base.outbox import defer
from core.mailboxes import arriving, queries, rules, telling
from core.mailboxes.actions import unsealed
from core.mailboxes.models import Mailbox, MailboxFolder, MailboxState, is_read
from infra.imap import Folder, Opened

STARTED = ("INBOX",)
# A look that says nothing for so long has died.
DEAD = timedelta(minutes=15)


@dataclass(frozen=True)
class Plan:
    """How to get in, and since when mails are read."""

    mailbox_id: UUID
    host: str
    port: int
    username: str
    password: str
    trusted: str
    since: date


def begin(ctx: Context, mailbox_id: UUID) -> Plan | None:
    """What a look needs; None where it is not to be looked at (any more)."""
    state = queries.state_of(ctx, mailbox_id, lock=True)
    if state is None:
        return None
    mailbox = _read(ctx, mailbox_id)
    if state.stop or mailbox is None or mailbox.way != "imap":
        state.looking = state.stop = False
        return None
    state.looking, state.stop, state.done, state.waiting = True, False, 0, 0
    return Plan(mailbox.id, mailbox.host, mailbox.port, mailbox.username, unsealed(ctx, mailbox), mailbox.trusted or "", mailbox.since)


def note_folders(ctx: Context, mailbox_id: UUID, found: list[Folder]) -> list[tuple[UUID, str]]:
    """What folders there are now; returns the followed ones. The first time these are the inbox and what was sent elsewhere."""
    known = {row.name: row for row in ctx.session.execute(select(MailboxFolder).where(MailboxFolder.mailbox_id == mailbox_id)).scalars()}
    first = not known
    for folder in found:
        row = known.get(folder.name)
        if row is None:
            ctx.session.add(MailboxFolder(mailbox_id=mailbox_id, name=folder.name, kind=folder.kind, followed=first and (folder.name.upper() in STARTED or folder.kind == "sent")))
        else:
            row.kind, row.gone = folder.kind, False
    there = {folder.name for folder in found}
    for name, row in known.items():
        if name not in there and row.followed:
            row.gone = True
        elif name not in there:
            ctx.session.delete(row)
    ctx.session.flush()
    query = select(MailboxFolder.id, MailboxFolder.name).where(MailboxFolder.mailbox_id == mailbox_id, MailboxFolder.followed).order_by(MailboxFolder.name)
    return [tuple(row) for row in ctx.session.execute(query)]


def of_gone(ctx: Context, folder_id: UUID) -> tuple[int | None, int, list[str]]:
    """(as what a folder that is gone was known, up to which number it was taken, the folders that may be it under another name)."""
    row = ctx.session.get(MailboxFolder, folder_id)
    others = select(MailboxFolder.name).where(MailboxFolder.mailbox_id == row.mailbox_id, ~MailboxFolder.followed, ~MailboxFolder.gone)
    return row.validity, row.mark, list(ctx.session.execute(others).scalars())


def renamed(ctx: Context, folder_id: UUID, name: str) -> None:
    """The folder is called otherwise now and counts on."""
    row = ctx.session.get(MailboxFolder, folder_id)
    other = ctx.session.execute(select(MailboxFolder).where(MailboxFolder.mailbox_id == row.mailbox_id, MailboxFolder.name == name)).scalar_one()
    ctx.session.delete(other)
    ctx.session.flush()
    row.name, row.kind, row.gone = name, other.kind, False


def opened(ctx: Context, folder_id: UUID, now: Opened) -> int | None:
    """Up to which number it is taken; 0 where the server counts anew. None where the folder is not followed any more."""
    row = ctx.session.execute(select(MailboxFolder).where(MailboxFolder.id == folder_id).with_for_update()).scalar_one_or_none()
    if row is None or not row.followed:
        return None
    if row.validity != now.validity:
        row.validity, row.mark = now.validity, 0
    return row.mark


def take(ctx: Context, plan: Plan, folder_id: UUID, seen: Opened, before: int, mark: int, mails: list[arriving.Came]) -> bool:
    """Take mails and move the mark, both or neither; False where somebody stopped it or another look was here meanwhile."""
    state = queries.state_of(ctx, plan.mailbox_id, lock=True)
    row = ctx.session.execute(select(MailboxFolder).where(MailboxFolder.id == folder_id).with_for_update()).scalar_one_or_none()
    mailbox = _read(ctx, plan.mailbox_id)
    if state is None or row is None or mailbox is None or (row.validity, row.mark) != (seen.validity, before):
        return False
    for came in mails:
        arriving.place(ctx, mailbox, came)
    row.mark, state.done = mark, state.done + len(mails)
    state.waiting = max(state.waiting - len(mails), 0)
    state.mail_at = ctx.now if mails else state.mail_at
    return not state.stop


def note_waiting(ctx: Context, mailbox_id: UUID, more: int) -> None:
    """So many more are to be fetched."""
    ctx.session.execute(update(MailboxState).where(MailboxState.mailbox_id == mailbox_id).values(waiting=MailboxState.waiting + more))


def end(ctx: Context, mailbox_id: UUID, *, more: bool) -> None:
    """It went well. more: there is more than one order may take, and the next goes on at once."""
    state = queries.state_of(ctx, mailbox_id, lock=True)
    if state is None:
        return
    go_on = more and not state.stop
    state.looking, state.stop, state.failures, state.error, state.looked_at = go_on, False, 0, None, ctx.now
    state.waiting = state.waiting if go_on else 0
    if _read(ctx, mailbox_id) is not None:
        state.next_at = ctx.now + rules.PAUSE
        if go_on:
            defer(ctx, "mailboxes.look", mailbox_id=mailbox_id)


def fail(ctx: Context, mailbox_id: UUID, why: str) -> None:
    """It did not: said in words, tried again after a while, or only when a person did something; he is told."""
    state = queries.state_of(ctx, mailbox_id, lock=True)
    if state is None:
        return
    new = state.error != why
    state.looking, state.stop, state.waiting, state.error, state.failures = False, False, 0, why, state.failures + 1
    state.next_at = None if why in rules.HOPELESS or _read(ctx, mailbox_id) is None else ctx.now + rules.pause(state.failures)
    if new and (why in rules.HOPELESS or state.failures >= 3) or state.failures == 3:
        telling.tell_failure(ctx, ctx.session.get(Mailbox, mailbox_id), why)


def has_due(session: Session) -> bool:
    """Is there one to look at, or a mail whose order was lost? For the clock."""
    due = select(MailboxState.mailbox_id).join(Mailbox, Mailbox.id == MailboxState.mailbox_id).where(MailboxState.next_at <= func.now(), is_read()).exists()
    return bool(session.execute(select(or_(due, arriving.open_arrivals().exists()))).scalar_one())


def tend(ctx: Context) -> dict[str, int]:
    """Orders for the mailboxes whose time has come. One whose look died is looked at again."""
    due = select(MailboxState).join(Mailbox, Mailbox.id == MailboxState.mailbox_id).where(MailboxState.next_at <= ctx.now, is_read(), Mailbox.way == "imap", or_(~MailboxState.looking, MailboxState.next_at <= ctx.now - DEAD))
    found = list(ctx.session.execute(due.order_by(MailboxState.next_at).with_for_update(of=MailboxState, skip_locked=True)).scalars())
    for state in found:
        defer(ctx, "mailboxes.look", dedupe=f"{state.mailbox_id}:{state.next_at.isoformat()}", mailbox_id=state.mailbox_id)
        state.next_at = ctx.now + rules.PAUSE
    return {"looks": len(found), "opened": arriving.order_waiting(ctx)}


def _read(ctx: Context, mailbox_id: UUID) -> Mailbox | None:
    """The mailbox, while its mails are taken."""
    return ctx.session.execute(select(Mailbox).where(Mailbox.id == mailbox_id, is_read())).scalar_one_or_none()
