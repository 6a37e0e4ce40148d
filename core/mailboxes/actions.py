"""Use cases of mailboxes in the order of their life: set up, change, look now, stop, go on, remove; and what waits for a person."""

from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update

from core.base import editing
from core.base.context import Context
from core.base.errors import Refused
from core.base.facts import record
from core.base.outbox import defer
from core.base.outcome import once_kept
from core.base.policy import require
from core.identity.queries import owner_name
from core.mailboxes import queries, rules
from core.mailboxes.models import Mailbox, MailboxArrival, MailboxFolder, MailboxState
from infra import crypto
from infra.config import settings
from infra.storage import storage

LOOK = "mailboxes.look"
# Another server or name in it: what its folders and numbers were says nothing any more.
PLACE = frozenset({"host", "port", "username"})


def make(ctx: Context, *, way: str, shared: bool = False, password: str = "", **given: Any) -> tuple[Mailbox, str]:
    """A mailbox to be collected by IMAP, or one to which a program posts; returns the secret of that program, shown this one time ("" for IMAP)."""
    require(ctx, "mailboxes.manage" if shared else "mailboxes.use")
    if way == "webhook" and not shared:
        raise Refused("unknown_value", field="way")
    values = editing.cleaned(rules.FIELDS, given)
    values |= {"owner_id": _owner(ctx, values.get("owner_id"), shared), "since": values.get("since") or ctx.today - rules.BACK, "purpose": values.get("purpose") if shared else "mail"}
    values["purpose"] = values["purpose"] or "mail"
    secret = crypto.new_token() if way == "webhook" else ""
    if way == "imap":
        _check_place(values, password)
    mailbox = Mailbox(way=way, shared=shared, state="on", password=sealed(ctx, password) if way == "imap" else None, secret=crypto.token_hash(secret) if secret else None, **_of_way(way, values))
    ctx.session.add(mailbox)
    ctx.session.flush()  # its state, the order and the fact name it by key
    ctx.session.add(MailboxState(mailbox_id=mailbox.id))
    record(ctx, "mailbox.made", mailbox, name=mailbox.name)
    if way == "imap":
        _order_look(ctx, mailbox)
    return mailbox, secret


def edit(ctx: Context, mailbox: Mailbox, *, version: int | None = None, password: str = "", **given: Any) -> Mailbox:
    """Change what is given; password: empty keeps the stored one. A changed place or password is tried at once."""
    _may(ctx, mailbox)
    mine = editing.cleaned({name: rules.FIELDS[name] for name in rules.FIELDS if name != "purpose" or mailbox.shared}, given)
    if "owner_id" in mine:
        mine["owner_id"] = _owner(ctx, mine["owner_id"], mailbox.shared)
    if not mine.get("since", True):
        raise Refused("required", field="since")
    changes = editing.changes(ctx, mailbox, _of_way(mailbox.way, mine), version=version, original=None)
    if PLACE & set(changes) and not password:
        raise Refused("mailbox_password_again", field="password")  # a stored password goes to no other server
    for name, value in changes.items():
        setattr(mailbox, name, value)
    if mailbox.way == "imap":
        _check_place({name: getattr(mailbox, name) for name in PLACE}, password or "kept")
        mailbox.password = sealed(ctx, password) if password else mailbox.password
    if PLACE & set(changes):
        ctx.session.execute(delete(MailboxFolder).where(MailboxFolder.mailbox_id == mailbox.id))
    if "since" in changes:
        ctx.session.execute(update(MailboxFolder).where(MailboxFolder.mailbox_id == mailbox.id).values(mark=0))
    record(ctx, "mailbox.edited", mailbox, name=mailbox.name)
    ctx.session.flush()  # the answer shows the new version
    if mailbox.way == "imap" and mailbox.state == "on" and (password or changes):
        _order_look(ctx, mailbox)
    return mailbox


def follow(ctx: Context, mailbox: Mailbox, names: list[str]) -> None:
    """Which of its folders are read. At least one."""
    _may(ctx, mailbox)
    folders = queries.folders(ctx, mailbox)
    chosen = {folder.name for folder in folders} & set(names)
    if not chosen:
        raise Refused("required", field="folders")
    for folder in folders:
        folder.followed = folder.name in chosen
    record(ctx, "mailbox.edited", mailbox, name=mailbox.name)
    if mailbox.state == "on":
        _order_look(ctx, mailbox)


def look_now(ctx: Context, mailbox: Mailbox) -> None:
    """Look at once; one that is at work already goes on."""
    _may(ctx, mailbox)
    if mailbox.way != "imap" or mailbox.state != "on":
        raise Refused("mailbox_stopped")
    _order_look(ctx, mailbox)


def cancel_look(ctx: Context, mailbox: Mailbox) -> None:
    """The look that is at work ends after the mails it holds; what it took stays, the rest comes with the next."""
    _may(ctx, mailbox)
    state = queries.state_of(ctx, mailbox.id, lock=True)
    if state is not None and state.looking:
        state.stop = True


def stop(ctx: Context, mailbox: Mailbox) -> None:
    """It is not looked at, and a program that posts is refused, until somebody has it go on."""
    _may(ctx, mailbox)
    mailbox.state = "stopped"
    ctx.session.execute(update(MailboxState).where(MailboxState.mailbox_id == mailbox.id).values(next_at=None, stop=True))
    record(ctx, "mailbox.stopped", mailbox, name=mailbox.name)


def go_on(ctx: Context, mailbox: Mailbox) -> None:
    """It is looked at again."""
    _may(ctx, mailbox)
    mailbox.state = "on"
    record(ctx, "mailbox.went_on", mailbox, name=mailbox.name)
    if mailbox.way == "imap":
        _order_look(ctx, mailbox)


def remove(ctx: Context, mailbox: Mailbox) -> None:
    """It is forgotten with its password, its folders, and mails that waited for a person. What became a mail or a lead stays."""
    _may(ctx, mailbox)
    keys = ctx.session.execute(select(MailboxArrival.raw_key).where(MailboxArrival.mailbox_id == mailbox.id, MailboxArrival.raw_key.is_not(None))).scalars().all()
    record(ctx, "mailbox.removed", mailbox, name=mailbox.name)
    ctx.session.delete(mailbox)
    ctx.session.flush()  # rows first: should that fail the bytes are still there
    for key in keys:
        once_kept(ctx.session, partial(storage().remove, ctx.tenant.id, key))


def forget_arrival(ctx: Context, mailbox: Mailbox, arrival: MailboxArrival) -> None:
    """A person looked at it and wants nothing made of it. That it came is remembered, its bytes go."""
    _may(ctx, mailbox)
    key, arrival.raw_key, arrival.state, arrival.from_mail, arrival.subject = arrival.raw_key, None, "done", None, None
    record(ctx, "mailbox.put_aside", mailbox, name=mailbox.name)
    ctx.session.flush()
    if key:
        once_kept(ctx.session, partial(storage().remove, ctx.tenant.id, key))


def sealed(ctx: Context, password: str) -> bytes:
    return crypto.seal(_key(ctx.tenant.id), password.encode())


def unsealed(ctx: Context, mailbox: Mailbox) -> str:
    return crypto.unseal(_key(ctx.tenant.id), mailbox.password or b"").decode()


def _key(tenant_id: UUID) -> bytes:
    return settings().data_key(f"mailbox:{tenant_id}")


def _may(ctx: Context, mailbox: Mailbox) -> None:
    """A colleague's own is his alone."""
    require(ctx, "mailboxes.manage" if mailbox.shared else "mailboxes.use")
    queries.one(ctx, mailbox.id)


def _owner(ctx: Context, owner_id: UUID | None, shared: bool) -> UUID:
    """Who gets what comes: of a shared one somebody who works here, of an own one its maker."""
    if not shared or owner_id in (None, ctx.actor.id):
        return ctx.actor.owner_id or ctx.actor.id
    owner_name(ctx, owner_id)
    return owner_id


def _of_way(way: str, values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if way == "imap" or name not in PLACE}


def _check_place(values: dict[str, Any], password: str) -> None:
    for name in ("host", "port", "username"):
        if not values.get(name):
            raise Refused("required", field=name)
    if not password:
        raise Refused("required", field="password")


def _order_look(ctx: Context, mailbox: Mailbox) -> None:
    """An order of its own: what was refused before is tried anew."""
    ctx.session.execute(update(MailboxState).where(MailboxState.mailbox_id == mailbox.id).values(next_at=ctx.now + rules.PAUSE, failures=0, error=None, stop=False, looking=True, waiting=0, done=0))
    defer(ctx, LOOK, mailbox_id=mailbox.id)
