"""Another mail address of one's own, in the order of its life: ask, write, confirm, or stop and take back (RELIABILITY X14, V6).

Two letters go out. The new address gets <tenant's address>/settings/mail-address/<key>.<signature>, good for a day and for the
person himself signed in: a letter that went astray opens nothing. The old one gets <tenant's address>/mail-address/<key>.<signature>,
by which its holder stops the change, or for three days takes the address back. The links are signed for one tenant and purpose
and kept nowhere. Asking for a taken address is answered like any other; its holder gets the letter that says so.
"""

import re
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select, update

from core.base import editing
from core.base.context import Context, TenantRef
from core.base.errors import NotFound, Refused
from core.base.facts import record
from core.base.outbox import defer
from core.base.policy import require
from core.identity import actions, queries, resetting
from core.identity.locking_out import lock_out
from core.identity.models import MailChange, User
from core.identity.rules import normal_mail
from infra import crypto
from infra.config import settings

VALID, TAKE_BACK = timedelta(hours=24), timedelta(days=3)
# Whoever asks for another address under somebody's name has been there for a while.
BEFORE = timedelta(days=1)
TOKEN = re.compile(r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.([0-9a-f]{64})", re.ASCII)
PATHS = {"confirm": "settings/mail-address", "stop": "mail-address"}


def ask(ctx: Context, mail: str) -> MailChange:
    """Leave the orders of both letters; nothing is changed yet. An earlier change that waits ends. Refuses what is no address
    (`not_a_mail`) and one's own (`mail_same`)."""
    require(ctx, "profile.edit")
    mail, mail_norm = normal_mail(mail)
    user = _held(ctx, ctx.actor.id)
    if mail_norm == user.mail_norm:
        raise Refused("mail_same", field="mail")
    _end_waiting(ctx, user)
    row = MailChange(
        user_id=user.id, mail=mail, mail_norm=mail_norm, former=user.mail, former_norm=user.mail_norm, state="waiting",
        expires_at=ctx.now + VALID, credential_version=user.credential_version,
    )
    ctx.session.add(row)
    record(ctx, "user.mail_change_asked", user, name=user.name)
    _write(ctx, row, "mail_change", "mail_change_asked")
    return row


def waiting(ctx: Context, user: User) -> MailChange | None:
    """The change of a person that can still be confirmed."""
    query = select(MailChange).where(MailChange.user_id == user.id, MailChange.state == "waiting", MailChange.expires_at > ctx.now)
    return ctx.session.execute(query.where(MailChange.credential_version == user.credential_version)).scalar_one_or_none()


def cancel(ctx: Context) -> None:
    """Leave it as it is; the link is worth nothing any more."""
    require(ctx, "profile.edit")
    user = _held(ctx, ctx.actor.id)
    if _end_waiting(ctx, user):
        record(ctx, "user.mail_change_stopped", user, name=user.name)


def letter_of(ctx: Context, change_id: UUID, letter: str) -> dict[str, Any] | None:
    """What a letter says, as arguments for the post room; None where there is nothing to write any more."""
    row = ctx.session.get(MailChange, change_id)
    user = ctx.session.get(User, row.user_id) if row is not None else None
    if user is None or user.state != "active" or not (row.state == "confirmed" if letter == "mail_changed" else _waits(ctx, row, user)):
        return None
    if letter != "mail_change":
        params = {"name": user.name, "workspace": ctx.tenant.name, "mail": row.mail, "link": link_of(ctx.tenant, row, "stop")}
        return _letter(user, row, letter, to=row.former, params=params)
    taken = queries.user_by_mail(ctx.session, row.mail_norm)
    if taken is None:
        params = {"name": user.name, "workspace": ctx.tenant.name, "mail": row.mail, "until": row.expires_at, "link": link_of(ctx.tenant, row, "confirm")}
        return _letter(user, row, letter, to=row.mail, params=params)
    # Its holder alone learns that it is taken, and nothing of who asked.
    params = {"name": taken.name, "workspace": ctx.tenant.name, "mail": row.mail, "link": f"{ctx.tenant.url}/sign-in"}
    return _letter(taken, row, "mail_change_taken", to=taken.mail, params=params) if taken.state == "active" else None


def link_of(tenant: TenantRef, row: MailChange, purpose: str) -> str:
    """The address that a letter names; purpose: confirm or stop."""
    return f"{tenant.url}/{PATHS[purpose]}/{row.id}.{_signatures(tenant, row.id, purpose)[0]}"


def find(ctx: Context, token: str) -> MailChange:
    """The change of one's own that the link of the new address confirms; `mail_change_over` for every other link or person."""
    row, user = _read(ctx, token, "confirm")
    if user.id != ctx.actor.id or not _waits(ctx, row, user):
        raise NotFound("mail_change_over")
    return row


def confirm(ctx: Context, token: str) -> User:
    """The new address counts, once: every session ends, links sent before too, and the old address is told. Two at once wait
    for each other. Refuses an address that somebody took meanwhile (`mail_taken`): whoever has the link may know it."""
    require(ctx, "profile.edit")
    row = find(ctx, token)
    user = _held(ctx, row.user_id)
    ctx.session.refresh(row)
    find(ctx, token)
    actions.set_mail(ctx, user, row.mail, row.mail_norm)
    row.state = "confirmed"
    record(ctx, "user.mail_changed", user, name=user.name)
    _write(ctx, row, "mail_changed")
    return user


def find_to_stop(ctx: Context, token: str) -> MailChange:
    """The change that the link of the old address stops or takes back; `mail_change_over` for every other link."""
    row, user = _read(ctx, token, "stop")
    if not (_waits(ctx, row, user) or (row.state == "confirmed" and ctx.now < row.updated_at + TAKE_BACK)):
        raise NotFound("mail_change_over")
    return row


def stop(ctx: Context, token: str) -> User:
    """Whoever reads the old address says that it was not him: the address stays, or comes back. Somebody else got in then,
    so every way in that he may have made for himself goes, and the letter for a new password goes out. ctx: a stranger's,
    holding users.reset."""
    require(ctx, "users.reset")
    row = find_to_stop(ctx, token)
    user = _held(ctx, row.user_id)
    ctx.session.refresh(row)
    find_to_stop(ctx, token)
    if row.state == "confirmed":
        _take_back(ctx, user, row)
    else:
        row.state = "stopped"
        record(ctx, "user.mail_change_stopped", user, name=user.name)
    _end_waiting(ctx, user)
    lock_out(ctx, user, since=row.created_at - BEFORE)
    resetting.order(ctx, user)
    return user


def _take_back(ctx: Context, user: User, row: MailChange) -> None:
    try:
        actions.set_mail(ctx, user, row.former, row.former_norm)
    except Refused:
        raise NotFound("mail_change_over") from None
    row.state = "taken_back"
    record(ctx, "user.mail_taken_back", user, name=user.name)


def _letter(to_user: User, row: MailChange, template: str, *, to: str, params: dict[str, Any]) -> dict[str, Any]:
    return {"template": template, "to": to, "to_name": to_user.name, "lang": to_user.locale, "timezone": to_user.timezone, "params": params, "about": to_user, "dedupe": f"{template}:{row.id}"}


def _write(ctx: Context, row: MailChange, *letters: str) -> None:
    ctx.session.flush()  # the orders name the change by key
    for letter in letters:
        defer(ctx, "identity.mail_change_letter", dedupe=f"{row.id}:{letter}", change_id=row.id, letter=letter)


def _held(ctx: Context, user_id: UUID) -> User:
    user = queries.one_user(ctx, user_id)
    editing.hold(ctx, user)
    return user


def _end_waiting(ctx: Context, user: User) -> bool:
    """Was there one?"""
    live = update(MailChange).where(MailChange.user_id == user.id, MailChange.state == "waiting")
    return ctx.session.execute(live.values(state="stopped", version=MailChange.version + 1, updated_at=ctx.now)).rowcount > 0


def _waits(ctx: Context, row: MailChange, user: User) -> bool:
    return row.state == "waiting" and row.expires_at > ctx.now and row.credential_version == user.credential_version


def _read(ctx: Context, token: str, purpose: str) -> tuple[MailChange, User]:
    match = TOKEN.fullmatch(token)
    row = ctx.session.get(MailChange, UUID(match[1])) if match else None
    user = ctx.session.get(User, row.user_id) if row is not None else None
    if user is None or user.state != "active" or not any(crypto.same(match[2], one) for one in _signatures(ctx.tenant, row.id, purpose)):
        raise NotFound("mail_change_over")
    return row, user


def _signatures(tenant: TenantRef, change_id: UUID, purpose: str) -> list[str]:
    """By the present key first, then by older ones."""
    return [crypto.sign(key, str(tenant.id), str(change_id), purpose) for key in settings().derived_keys("mail-change")]
