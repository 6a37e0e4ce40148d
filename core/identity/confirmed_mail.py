"""The address that a workspace was signed up with: whose it is nobody knows before he has answered the letter sent there.

Until then no invitation leaves the workspace, whoever writes it: a made-up address must not have strangers written to. They
wait, without a letter (`Invitation.letter_at` is none), and go out with the confirmation, each once, for seven days from then.
The link is <tenant's address>/settings/mail-confirmation/<key>.<signature>, good for the person himself signed in and for this
address alone; it is kept nowhere.
"""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.base import editing
from core.base.context import Context, TenantRef
from core.base.errors import NotFound
from core.base.facts import record
from core.base.outbox import defer
from core.base.policy import require
from core.identity import queries, seats
from core.identity.models import Invitation, User
from infra import crypto
from infra.config import settings

INVITED_FOR = timedelta(days=7)
TOKEN = re.compile(r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.([0-9a-f]{64})", re.ASCII)


def awaited(ctx: Context) -> User | None:
    """The owner whose address is not confirmed yet; None where invitations go out at once."""
    return ctx.session.execute(select(User).where(User.is_owner, User.mail_confirmed_at.is_(None)).order_by(User.id).limit(1)).scalar_one_or_none()


def write_or_wait(ctx: Context, invitation: Invitation) -> None:
    """Leave the order of an invitation's letter, or have it wait. Whoever calls counts alone (`seats.count_alone`), so that no
    confirmation passes it by."""
    if awaited(ctx) is None:
        _write(ctx, invitation)
    else:
        ctx.session.flush()


def send_again(ctx: Context) -> User | None:
    """The letter once more to one's own address; None where it is confirmed already."""
    require(ctx, "profile.edit")
    user = queries.one_user(ctx, ctx.actor.id)
    if user.mail_confirmed_at is not None:
        return None
    defer(ctx, "identity.mail_confirmation", user_id=user.id)
    return user


def letter_of(ctx: Context, user_id: UUID) -> dict[str, Any] | None:
    """What that letter says, as arguments for the post room; None where there is nothing to confirm any more."""
    user = ctx.session.get(User, user_id)
    if user is None or user.state != "active" or user.mail_confirmed_at is not None:
        return None
    params = {"name": user.name, "workspace": ctx.tenant.name, "mail": user.mail, "link": link_of(ctx.tenant, user)}
    return {"template": "mail_confirmation", "to": user.mail, "to_name": user.name, "lang": user.locale, "timezone": user.timezone, "params": params, "about": user}


def link_of(tenant: TenantRef, user: User) -> str:
    """The address that the letter names."""
    return f"{tenant.url}/settings/mail-confirmation/{user.id}.{_signatures(tenant, user)[0]}"


def find(ctx: Context, token: str) -> User:
    """The person himself, by the link sent to the address that he has now; `mail_confirmation_over` for every other link."""
    match, user = TOKEN.fullmatch(token), queries.one_user(ctx, ctx.actor.id)
    if match is None or UUID(match[1]) != user.id or not any(crypto.same(match[2], one) for one in _signatures(ctx.tenant, user)):
        raise NotFound("mail_confirmation_over")
    return user


def confirm(ctx: Context, token: str) -> int:
    """The address is his; what waited for that goes out. Returns how many invitations. A second time changes nothing."""
    require(ctx, "profile.edit")
    user = find(ctx, token)
    editing.hold(ctx, user)
    find(ctx, token)
    return note(ctx, user)


def note(ctx: Context, user: User) -> int:
    """He was seen to read what is sent to his address. Whoever calls holds the person's row. Returns how many invitations go out."""
    if user.mail_confirmed_at is not None:
        return 0
    seats.count_alone(ctx)  # nobody who invites now misses it
    user.mail_confirmed_at = ctx.now
    record(ctx, "user.mail_confirmed", user, name=user.name)
    ctx.session.flush()
    return 0 if awaited(ctx) is not None else _release(ctx)


def _release(ctx: Context) -> int:
    query = select(Invitation).where(Invitation.state == "waiting", Invitation.letter_at.is_(None), Invitation.expires_at > ctx.now)
    waiting = ctx.session.execute(query.order_by(Invitation.id).with_for_update().execution_options(populate_existing=True)).scalars().all()
    for invitation in waiting:
        invitation.expires_at = ctx.now + INVITED_FOR
        _write(ctx, invitation)
    return len(waiting)


def _write(ctx: Context, invitation: Invitation) -> None:
    invitation.letter_at = ctx.now
    ctx.session.flush()  # the order names the invitation by key
    defer(ctx, "identity.mail_invitation", dedupe=f"{invitation.id}:{invitation.nonce}", invitation_id=invitation.id)


def _signatures(tenant: TenantRef, user: User) -> list[str]:
    """By the present key first, then by older ones."""
    return [crypto.sign(key, str(tenant.id), str(user.id), user.mail_norm) for key in settings().derived_keys("mail-confirmation")]
