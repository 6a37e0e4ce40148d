"""Questions about mailboxes. Somebody's own is his alone; the shared ones are those of whoever manages them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, func, or_, select

from core.base.context import Context
from core.base.errors import NotFound
from core.base.policy import has, require
from core.identity.viewing import VIEWING
from core.mailboxes.models import OPEN, Mailbox, MailboxArrival, MailboxFolder, MailboxState
from infra import crypto

MOST_SHOWN = 100


@dataclass(frozen=True)
class Standing:
    """A mailbox with how it stands. open: mails that a person must look at."""

    mailbox: Mailbox
    state: MailboxState
    open: int


def seen(ctx: Context) -> ColumnElement[bool]:
    """The mailboxes that the actor has to do with."""
    mine = ctx.actor.id is not None and has(ctx, "mailboxes.use") and ctx.actor.reason != VIEWING
    own = and_(~Mailbox.shared, Mailbox.owner_id == ctx.actor.id) if mine else false()
    return or_(own, Mailbox.shared) if has(ctx, "mailboxes.manage") else own


def standings(ctx: Context) -> list[Standing]:
    """All that he has to do with, his own first."""
    waits = select(func.count()).where(MailboxArrival.mailbox_id == Mailbox.id, MailboxArrival.state.in_(OPEN)).scalar_subquery()
    query = select(Mailbox, MailboxState, waits).join(MailboxState, MailboxState.mailbox_id == Mailbox.id).where(seen(ctx))
    return [Standing(*row) for row in ctx.session.execute(query.order_by(Mailbox.shared, Mailbox.name, Mailbox.id))]


def addresses(ctx: Context) -> set[str]:
    """Addresses, in small letters, at which mail for the actor comes in: of his own mailboxes and of the shared ones, where one signs in to them by the address."""
    query = select(func.lower(Mailbox.username)).where(Mailbox.username.contains("@"), or_(Mailbox.shared, Mailbox.owner_id == ctx.actor.id))
    return set(ctx.session.execute(query).scalars())


def one(ctx: Context, mailbox_id: UUID) -> Mailbox:
    """One of them; any other is not there."""
    require(ctx, "mailboxes.use")
    found = ctx.session.execute(select(Mailbox).where(Mailbox.id == mailbox_id, seen(ctx))).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


def standing(ctx: Context, mailbox_id: UUID) -> Standing:
    """One with how it stands."""
    mailbox = one(ctx, mailbox_id)
    return next(found for found in standings(ctx) if found.mailbox.id == mailbox.id)


def folders(ctx: Context, mailbox: Mailbox) -> Sequence[MailboxFolder]:
    """Its folders as they were last seen, followed ones first."""
    query = select(MailboxFolder).where(MailboxFolder.mailbox_id == mailbox.id)
    return ctx.session.execute(query.order_by(MailboxFolder.followed.desc(), MailboxFolder.name)).scalars().all()


def arrivals(ctx: Context, mailbox: Mailbox) -> Sequence[MailboxArrival]:
    """What a person must look at, the newest first."""
    query = select(MailboxArrival).where(MailboxArrival.mailbox_id == mailbox.id, MailboxArrival.state.in_(OPEN))
    return ctx.session.execute(query.order_by(MailboxArrival.created_at.desc(), MailboxArrival.id.desc()).limit(MOST_SHOWN)).scalars().all()


def one_arrival(ctx: Context, arrival_id: UUID) -> tuple[Mailbox, MailboxArrival]:
    """One of those, held, with its mailbox."""
    require(ctx, "mailboxes.use")
    query = select(Mailbox, MailboxArrival).join(Mailbox, Mailbox.id == MailboxArrival.mailbox_id).where(MailboxArrival.id == arrival_id, MailboxArrival.state.in_(OPEN), seen(ctx))
    found = ctx.session.execute(query.with_for_update(of=MailboxArrival)).one_or_none()
    if found is None:
        raise NotFound()
    return found[0], found[1]


def state_of(ctx: Context, mailbox_id: UUID, *, lock: bool = False) -> MailboxState | None:
    """How it stands, for whoever works on it."""
    query: Any = select(MailboxState).where(MailboxState.mailbox_id == mailbox_id)
    return ctx.session.execute(query.with_for_update() if lock else query).scalar_one_or_none()


def door_of(ctx: Context, mailbox_id: UUID, secret: str) -> Mailbox | None:
    """The mailbox to which whoever holds this secret posts. A wrong one takes as long as a right one."""
    require(ctx, "mailboxes.deliver")
    found = ctx.session.execute(select(Mailbox).where(Mailbox.id == mailbox_id, Mailbox.way == "webhook")).scalar_one_or_none()
    right = crypto.same(crypto.token_hash(secret), found.secret if found is not None and found.secret else bytes(32))
    return found if right else None
