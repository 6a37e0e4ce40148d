"""A new password by mail: ask for the letter, write it, follow its link (RELIABILITY X13, X14).

A link is <tenant's address>/password/<user>.<expires>.<signature>, signed for one tenant, person, address and version of his
credentials: it dies with its use, with another password or address, and with his access. It is kept nowhere. Asking leaves
the same order for every address, so that neither answer nor time tells who works here.
"""

import re
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from core.base import editing
from core.base.context import Context, TenantRef
from core.base.errors import NotFound, Refused
from core.base.facts import record
from core.base.outbox import defer
from core.base.policy import require
from core.identity import actions, confirmed_mail, queries
from core.identity.models import User
from core.identity.notices import tell
from core.identity.rules import check_new_password, normal_mail
from core.identity.sealing import opened_mail, sealed_mail
from infra import crypto
from infra.config import settings

VALID = timedelta(minutes=30)
TOKEN = re.compile(r"([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\.([0-9]{10})\.([0-9a-f]{64})", re.ASCII)


def ask(ctx: Context, mail: str) -> None:
    """Somebody who says he is this: leave the order of his letter, whoever he is. The order holds no readable address."""
    require(ctx, "users.reset")
    _, mail_norm = normal_mail(mail)
    defer(ctx, "identity.mail_reset", sealed=sealed_mail(mail_norm))


def send(ctx: Context, user: User) -> None:
    """An administrator has the letter sent to somebody. Refuses who can't sign in (`user_unknown`)."""
    require(ctx, "users.manage", user)
    if user.state != "active":
        raise Refused("user_unknown")
    record(ctx, "user.reset_sent", user, name=user.name)
    order(ctx, user)


def order(ctx: Context, user: User) -> None:
    """Leave the order of the letter to somebody. Whoever calls knows that he may have it."""
    defer(ctx, "identity.mail_reset", sealed=sealed_mail(user.mail_norm))


def letter_of(ctx: Context, sealed: str) -> dict[str, Any] | None:
    """What the letter says, as arguments for the post room; None where nobody here has that address."""
    user = queries.user_by_mail(ctx.session, opened_mail(sealed))
    if user is None or user.state != "active":
        return None
    params = {"name": user.name, "workspace": ctx.tenant.name, "mail": user.mail, "link": link_of(ctx.tenant, user, ctx.now + VALID)}
    return {"to": user.mail, "to_name": user.name, "lang": user.locale, "timezone": user.timezone, "params": params, "about": user}


def link_of(tenant: TenantRef, user: User, expires: datetime) -> str:
    """The address that the letter names: at the tenant's own host, whatever host a request named."""
    until = str(int(expires.timestamp()))
    return f"{tenant.url}/password/{user.id}.{until}.{_signatures(tenant, user, until)[0]}"


def find(ctx: Context, token: str) -> User:
    """Whose new password the link is for; `reset_over` for every link that is worth nothing."""
    match = TOKEN.fullmatch(token)
    user = ctx.session.get(User, UUID(match[1])) if match else None
    if user is None or user.state != "active" or int(match[2]) <= ctx.now.timestamp():
        raise NotFound("reset_over")
    if not any(crypto.same(match[3], signature) for signature in _signatures(ctx.tenant, user, match[2])):
        raise NotFound("reset_over")
    return user


def reset(ctx: Context, token: str, password: str) -> User:
    """Set the password, once; every session of the person ends, and a letter tells him. ctx: a stranger's, holding
    users.reset. Two at once with one link wait for each other; the second finds it worthless."""
    require(ctx, "users.reset")
    find(ctx, token)
    password_hash = crypto.hash_password(check_new_password(password))  # before the lock: it takes its time
    user = find(ctx, token)
    editing.hold(ctx, user)
    find(ctx, token)
    actions.set_password(ctx, user, password_hash)
    confirmed_mail.note(ctx, user)  # the link came by mail
    record(ctx, "user.password_reset", user, name=user.name)
    tell(ctx, user, "password_changed")
    return user


def _signatures(tenant: TenantRef, user: User, until: str) -> list[str]:
    """By the present key first, then by older ones."""
    parts = (str(tenant.id), str(user.id), until, str(user.credential_version), user.mail_norm)
    return [crypto.sign(key, *parts) for key in settings().derived_keys("password-reset")]
