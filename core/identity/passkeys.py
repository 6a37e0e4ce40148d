"""Passkeys of people: add, name, remove, sign in with one. A passkey counts as both steps (RELIABILITY V6)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.base.context import Context
from core.base.errors import NotFound, Refused
from core.base.facts import record
from core.base.policy import require
from core.base.text import clean_needed
from core.identity import queries, stepping
from core.identity.models import Passkey, SignInStep, User
from core.identity.notices import tell
from infra import passkeys

MOST = 20


def passkeys_of(session: Session, user_id: UUID) -> list[Passkey]:
    """Somebody's, the oldest first."""
    return list(session.execute(select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.created_at, Passkey.id)).scalars())


def own_passkey(ctx: Context, passkey_id: UUID) -> Passkey:
    """One's own key; NotFound for any other."""
    require(ctx, "profile.edit")
    row = ctx.session.get(Passkey, passkey_id)
    if row is None or row.user_id != ctx.actor.id:
        raise NotFound()
    return row


def begin(ctx: Context, host: passkeys.Host, name: str, *, ip: str | None, agent: str | None) -> tuple[str, str]:
    """(token of the step, options for the browser) of a new key of one's own. Refuses an empty name and too many keys."""
    require(ctx, "profile.edit")
    name, known = clean_needed(name, field="name", max_length=60), passkeys_of(ctx.session, ctx.actor.id)
    if len(known) >= MOST:
        raise Refused("passkeys_many", field="name", max=MOST)
    user = queries.one_user(ctx, ctx.actor.id)
    challenge, options = passkeys.ask_for_new(
        host, title=ctx.tenant.name, user_id=user.id.bytes, user_name=user.mail, display_name=user.name, known=[one.credential_id for one in known])
    data = {"challenge": challenge.hex(), "name": name}
    return stepping.begin(ctx.session, "passkey", now=ctx.now, user=user, data=data, ip=ip, agent=agent), options


def register(ctx: Context, host: passkeys.Host, step: SignInStep | None, answer: str) -> Passkey:
    """Keep the key that the browser made for the step that this person began, once. Refuses anything else (`passkey_wrong`)."""
    require(ctx, "profile.edit")
    if step is None or step.user_id != ctx.actor.id or not stepping.spend(ctx.session, step, ctx.now):
        raise Refused("passkey_wrong")
    try:
        made = passkeys.check_new(host, bytes.fromhex(step.data["challenge"]), answer)
    except passkeys.Wrong:
        raise Refused("passkey_wrong") from None
    if ctx.session.execute(select(Passkey.id).where(Passkey.credential_id == made.credential_id)).first():
        raise Refused("passkey_wrong")
    row = Passkey(
        user_id=ctx.actor.id, name=step.data["name"], rp_id=host.rp_id, credential_id=made.credential_id, public_key=made.public_key, sign_count=made.sign_count)
    ctx.session.add(row)
    user = queries.one_user(ctx, ctx.actor.id)
    record(ctx, "user.passkey_added", user, name=user.name, key=row.name)
    tell(ctx, user, "passkey_added", key=row.name)
    return row


def rename(ctx: Context, row: Passkey, name: str) -> Passkey:
    """Call one's own key otherwise."""
    own_passkey(ctx, row.id)
    row.name = clean_needed(name, field="name", max_length=60)
    return row


def remove(ctx: Context, passkey_id: UUID) -> None:
    """One's own key opens nothing from now on."""
    row = own_passkey(ctx, passkey_id)
    user = queries.one_user(ctx, ctx.actor.id)
    ctx.session.delete(row)
    record(ctx, "user.passkey_removed", user, name=user.name, key=row.name)
    tell(ctx, user, "passkey_removed", key=row.name)


def ask(session: Session, host: passkeys.Host, *, now: datetime, ip: str | None, agent: str | None) -> tuple[str, str]:
    """(token of the step, options for the browser) for whoever wants to sign in with any key of this host."""
    challenge, options = passkeys.ask(host)
    return stepping.begin(session, "passkey", now=now, data={"challenge": challenge.hex()}, ip=ip, agent=agent), options


def prove(session: Session, host: passkeys.Host, step: SignInStep | None, answer: str, *, now: datetime) -> User:
    """Whose key answered the step, once. Refuses (`passkey_wrong`) a foreign or used challenge, another host or origin, an
    unverified person, a counter that does not grow, and the key of whoever can't sign in."""
    if step is None or step.user_id is not None or not stepping.spend(session, step, now):
        raise Refused("passkey_wrong")
    try:
        credential_id, handle = passkeys.named(answer)
        query = select(Passkey).where(Passkey.credential_id == credential_id, Passkey.rp_id == host.rp_id).with_for_update()
        row = session.execute(query).scalar_one_or_none()
        user = session.get(User, row.user_id) if row is not None else None
        if user is None or user.state != "active" or user.id.bytes != handle:
            raise Refused("passkey_wrong")
        row.sign_count = passkeys.check(host, bytes.fromhex(step.data["challenge"]), answer, public_key=row.public_key, sign_count=row.sign_count)
    except passkeys.Wrong:
        raise Refused("passkey_wrong") from None
    row.last_used_at = now
    return user
