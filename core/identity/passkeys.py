"""Passkeys of people: add, name, remove, sign in with one. A passkey counts as both steps (RELIABILITY V6)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.base import editing
from core.base.context import Context
from core.base.errors import NotFound, Refused
from core.base.facts import record
from core.base.policy import require
from core.base.text import clean_needed
from core.identity import actions, queries, sign_in_rules, stepping
from core.identity.models import Passkey, SignIn, SignInStep, User
from core.identity.notices import tell
from infra import passkeys

MOST = 20


def passkeys_of(session: Session, user_id: UUID) -> list[Passkey]:
    """Somebody's, the oldest first."""
    return list(session.execute(select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.created_at, Passkey.id)).scalars())


def good_here(session: Session, user_id: UUID, host: passkeys.Host) -> bool:
    """Has somebody a key for the address at which he is?"""
    return any(key.rp_id == host.rp_id for key in passkeys_of(session, user_id))


def allow_other_way(ctx: Context, user: User, host: passkeys.Host) -> None:
    """Refuses (`passkey_only`) a password, and a code of an authenticator, of whoever must come by a passkey and has one here.
    Whoever has none comes in, and makes one before anything else."""
    if sign_in_rules.demands_passkey(ctx, user) and good_here(ctx.session, user.id, host):
        raise Refused("passkey_only")


def may_add(ctx: Context, sign_in: SignIn, host: passkeys.Host) -> bool:
    """May this session have a new key? Where one is demanded and not proved, only who has none here, or who came by a recovery
    code: else a stolen password would make itself a key."""
    if not sign_in_rules.asks_for_passkey(ctx, sign_in.user, sign_in, sign_in.rules):
        return True
    return sign_in.method == "recovery" or not good_here(ctx.session, sign_in.user_id, host)


def count_as_proved(ctx: Context, sign_in: SignIn) -> str | None:
    """A session that had to make a key before anything else has one now: it counts as one that came by it, under a new token.
    None where nothing was demanded."""
    if not sign_in_rules.asks_for_passkey(ctx, sign_in.user, sign_in, sign_in.rules):
        return None
    sign_in.method, sign_in.second_step_at, sign_in.confirmed_at = "passkey", ctx.now, ctx.now
    return actions.rotate_session(sign_in)


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
    """One's own key opens nothing from now on. Refuses the last one (`passkey_needed`) where the workspace demands one."""
    row = own_passkey(ctx, passkey_id)
    user = queries.one_user(ctx, ctx.actor.id)
    editing.hold(ctx, user)
    if sign_in_rules.demands_passkey(ctx, user) and len(passkeys_of(ctx.session, user.id)) == 1:
        raise Refused("passkey_needed")
    ctx.session.delete(row)
    record(ctx, "user.passkey_removed", user, name=user.name, key=row.name)
    tell(ctx, user, "passkey_removed", key=row.name)


def reset(ctx: Context, user: User) -> None:
    """For somebody who lost his devices: all his keys go, his sessions end, he is told by mail. The owner's stay (`owner_stays`)."""
    require(ctx, "users.manage", user)
    actions.keep_the_owner(ctx, user)
    editing.hold(ctx, user)
    if ctx.session.execute(delete(Passkey).where(Passkey.user_id == user.id)).rowcount == 0:
        raise Refused("passkeys_gone")
    actions.end_sessions(ctx, user)
    record(ctx, "user.passkeys_reset", user, name=user.name)
    tell(ctx, user, "passkeys_reset", by=ctx.actor.name)


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
