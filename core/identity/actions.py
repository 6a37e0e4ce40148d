"""Use cases about people who sign in, in the order of their life: add, sign in, change, sign out, disable."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core.base import editing
from core.base.context import Context
from core.base.errors import NotFound, Refused
from core.base.facts import record
from core.base.outbox import defer
from core.base.policy import require
from core.identity import confirmed_mail, known_devices, networks, programs, queries, seats, sign_in_log
from core.identity.models import ApiToken, Role, SignIn, SignInStep, User
from core.identity.notices import tell
from core.identity.policy import BUILT_IN_ROLES
from core.identity.roles import check_grant, further_roles
from core.identity.rules import PASSWORD_MAX, PROFILE_FIELDS, check_new_password, full_name, normal_mail
from core.identity.sealing import sealed_mail
from infra import crypto

SEEN_EVERY = timedelta(minutes=5)


def make_roles(session: Session) -> dict[str, Role]:
    """The built-in roles of a new tenant, by code."""
    made = {}
    for code, (name, allowed, visibility, changing) in BUILT_IN_ROLES.items():
        made[code] = Role(code=code, name=name, permissions=sorted(allowed), visibility=visibility, changing=changing)
        session.add(made[code])
    session.flush()  # users name their role by key
    return made


def add_user(
    ctx: Context, *, mail: str, name: str, password: str, role: str = "sales", is_owner: bool = False, locale: str | None = None, timezone: str | None = None,
    confirmed: bool = True,
) -> User:
    """Add a user with a password. Refuses a taken address, a weak password, a full plan. confirmed=False: nobody knows yet whether
    the address is his."""
    require(ctx, "users.manage")
    mail, mail_norm = normal_mail(mail)
    check_new_password(password)
    name = full_name(name, "name")
    chosen = ctx.session.execute(select(Role).where(Role.code == role)).scalar_one_or_none()
    seats.let_go_of_invitation(ctx, mail_norm)
    seats.hold_seat(ctx, chosen)
    if queries.user_by_mail(ctx.session, mail_norm):
        raise Refused("mail_taken", field="mail")
    if chosen is None:
        raise Refused("unknown_value", field="role")
    check_grant(ctx, chosen)
    user = admit(ctx, mail=mail, name=name, password_hash=crypto.hash_password(password), role=chosen, is_owner=is_owner, locale=locale, timezone=timezone, confirmed=confirmed)
    record(ctx, "user.created", user, name=name)
    return user


def admit(
    ctx: Context, *, mail: str, name: str, password_hash: str | None, role: Role, is_owner: bool = False, locale: str | None = None, timezone: str | None = None,
    confirmed: bool = True,
) -> User:
    """The row of somebody who signs in from now on, and the order that finds his workspaces. Whoever calls has checked
    and cleaned everything, and holds a seat."""
    user = User(
        mail=mail, mail_norm=mail.casefold(), name=name, password_hash=password_hash, role_id=role.id, role=role,
        is_owner=is_owner, locale=locale or ctx.tenant.locale, timezone=timezone or ctx.tenant.timezone, mail_confirmed_at=ctx.now if confirmed else None,
    )
    ctx.session.add(user)
    ctx.session.flush()  # the order names the user by key
    defer(ctx, "identity.index_mail", user_id=user.id)
    return user


def prove(session: Session, mail: str, password: str) -> User:
    """Whose address and password these are. One refusal for all reasons, `sign_in_failed`, in about the same time. Whoever
    calls asks for the second step where there is one, before a session is opened."""
    try:
        _, mail_norm = normal_mail(mail)
    except Refused:
        mail_norm = None
    user = queries.user_by_mail(session, mail_norm) if mail_norm else None
    usable = user is not None and user.state == "active"
    if not crypto.check_password(user.password_hash if usable else None, password[: PASSWORD_MAX + 1]):
        raise Refused("sign_in_failed")
    if crypto.needs_rehash(user.password_hash):
        user.password_hash = crypto.hash_password(password)
    return user


def open_session(
    session: Session, user: User, *, now: datetime, ip: str | None, agent: str | None, method: str = "password", second_step: bool = False, provider_sid: str | None = None,
) -> tuple[str, SignIn]:
    """A new session for a user who has proved who he is; always a new token (no fixation). second_step: he passed one too.
    Refuses (networks.Outside) whoever comes from a network that the workspace does not name."""
    way = "code" if second_step and method == "password" else method
    networks.check_sign_in(session, user, ip, way)
    token = crypto.new_token()
    row = SignIn(
        token_hash=crypto.token_hash(token), user_id=user.id, csrf=crypto.new_token(), flashes=[], created_at=now,
        seen_at=now, expires_at=now + queries.ABSOLUTE, method=method, confirmed_at=now, second_step_at=now if second_step else None,
        provider_sid=provider_sid, ip=ip, agent=(agent or "")[:300] or None,
    )
    session.add(row)
    session.flush()  # the caller names the row by key
    row.user = user
    sign_in_log.note(session, user.id, way=way, now=now, ip=ip)
    return token, row


def rotate_session(row: SignIn) -> str:
    """A new token, and a new proof for forms, for a session that is worth more from now on; the old token is worthless."""
    token = crypto.new_token()
    row.token_hash, row.csrf = crypto.token_hash(token), crypto.new_token()
    return token


def touch_session(row: SignIn, now: datetime) -> bool:
    """Note that the session is in use, at most every five minutes; True when it was noted."""
    if now - row.seen_at < SEEN_EVERY:
        return False
    row.seen_at = now
    return True


def touch_token(session: Session, row: ApiToken, now: datetime) -> None:
    """Note that a token is in use, at most every five minutes. Whoever finds the row taken leaves it: many calls
    with one token run at once, and none of them may wait for another or fail with a stale version."""
    if row.last_used_at is not None and now - row.last_used_at <= SEEN_EVERY:
        return
    free = select(ApiToken.id).where(ApiToken.id == row.id).with_for_update(skip_locked=True).scalar_subquery()
    session.execute(update(ApiToken.__table__).where(ApiToken.__table__.c.id == free).values(last_used_at=now))


def sign_out(ctx: Context, session_id: UUID | None = None) -> None:
    """End one of one's own sessions (`not_found` where it is none of them), or (None) all of them: then
    no device is known to one any more either."""
    require(ctx, "profile.edit")
    statement = update(SignIn).where(SignIn.user_id == ctx.actor.id, SignIn.revoked_at.is_(None)).values(revoked_at=ctx.now)
    if session_id is not None:
        statement = statement.where(SignIn.id == session_id)
    if ctx.session.execute(statement).rowcount == 0 and session_id is not None:
        raise NotFound()
    if session_id is None:
        known_devices.forget_all(ctx.session, ctx.actor.id)


def change_profile(ctx: Context, *, version: int | None = None, original: Mapping[str, Any] | None = None, **given: Any) -> User:
    """Change one's own name, language (en, es, zh, ko, ru), IANA time zone, whether one-letter keys work and how days, times and numbers are written, each if given. version and original:
    what the form was loaded with; changed in another window meanwhile, the same field raises Conflict."""
    require(ctx, "profile.edit")
    user = queries.one_user(ctx, ctx.actor.id)
    mine = editing.cleaned(PROFILE_FIELDS, given)
    written = editing.changes(ctx, user, mine, version=version, original=editing.cleaned_as_was(PROFILE_FIELDS, original))
    for name, value in written.items():
        setattr(user, name, value)
    if "timezone" in written:
        defer(ctx, "activities.follow_zone", user_id=user.id)  # his reminders ring at eight where he is
    return user


def change_password(ctx: Context, old: str, new: str) -> User:
    """Change one's own password; every session ends, this one too (RELIABILITY X11), and a letter says so."""
    require(ctx, "profile.edit")
    user = queries.one_user(ctx, ctx.actor.id)
    if not crypto.check_password(user.password_hash, old[: PASSWORD_MAX + 1]):
        raise Refused("password_wrong", field="old")
    set_password(ctx, user, crypto.hash_password(check_new_password(new, field="new")))
    record(ctx, "user.password_changed", user, name=user.name)
    tell(ctx, user, "password_changed")
    return user


def set_password(ctx: Context, user: User, password_hash: str | None) -> None:
    """The new password counts from now on: every session ends, and so does every link sent before. None: there is none any
    more, until he chooses one by mail. Whoever calls has checked it, and who asks."""
    user.password_hash, user.credential_version = password_hash, user.credential_version + 1
    end_sessions(ctx, user)


def give_role(ctx: Context, user: User, role_code: str, *, version: int | None = None, original: str | None = None) -> User:
    """Give a user another role; his sessions end, because what he may do has changed. version and original: what the
    form was loaded with; another role given meanwhile raises Conflict. The role that he has already changes nothing."""
    require(ctx, "users.manage", user)
    role = ctx.session.execute(select(Role).where(Role.code == role_code)).scalar_one_or_none()
    if role is None:
        raise Refused("unknown_value", field="role")
    editing.hold(ctx, user)
    now = ctx.session.get_one(Role, user.role_id)
    before = {"role": original} if original else None
    if not editing.settle({"role": role.code}, {"role": now.code}, stands=user.version, version=version, original=before):
        return user
    check_grant(ctx, role)
    keep_the_owner(ctx, user)
    if role.code != "admin":
        _keep_an_admin(ctx, user)
    further = further_roles(ctx, user)
    seats.change_seat(ctx, user, (now, *further), (role, *further))
    user.role_id, user.role = role.id, role
    end_sessions(ctx, user)
    record(ctx, "user.role_changed", user, name=user.name, role=role.name)
    return user


def disable_user(ctx: Context, user: User) -> User:
    """Take a user's access away: sessions and tokens die with the next request. Frees the seat."""
    require(ctx, "users.disable", user)
    editing.hold(ctx, user)
    keep_the_owner(ctx, user)
    _keep_an_admin(ctx, user)
    user.state, user.credential_version = "disabled", user.credential_version + 1
    end_sessions(ctx, user)
    ctx.session.execute(update(ApiToken).where(ApiToken.user_id == user.id).values(revoked_at=ctx.now))
    programs.give_what_they_make(ctx, user.id, None)
    record(ctx, "user.disabled", user, name=user.name)
    defer(ctx, "identity.index_mail", user_id=user.id)
    return user


def keep_the_owner(ctx: Context, user: User) -> None:
    """Only the owner himself gives his access away: another administrator could lock the company out."""
    if user.is_owner and ctx.actor.id != user.id and ctx.actor.kind != "system":
        raise Refused("owner_stays")


def _keep_an_admin(ctx: Context, user: User) -> None:
    """Two who take each other's access away at once: the second finds himself the last. The user's row is held before
    the count is, by everybody, so that none waits for another in a circle."""
    seats.count_alone(ctx)
    others = select(func.count()).select_from(User).join(Role).where(Role.code == "admin", User.state == "active", User.id != user.id)
    if ctx.session.get_one(Role, user.role_id).code == "admin" and ctx.session.execute(others).scalar_one() == 0:
        raise Refused("last_admin")


def set_mail(ctx: Context, user: User, mail: str, mail_norm: str) -> None:
    """He signs in with this address from now on, and is found by it: sessions, links sent before and an invitation to the
    address end. Whoever calls holds the person's row, and knows that the address is his; refuses a taken one (`mail_taken`)."""
    seats.let_go_of_invitation(ctx, mail_norm)
    taken = queries.user_by_mail(ctx.session, mail_norm)
    if taken is not None and taken.id != user.id:
        raise Refused("mail_taken", field="mail")
    former = sealed_mail(user.mail_norm)
    user.mail, user.mail_norm, user.credential_version = mail, mail_norm, user.credential_version + 1
    confirmed_mail.note(ctx, user)
    end_sessions(ctx, user)
    defer(ctx, "identity.index_mail", user_id=user.id, former=former)


def end_sessions(ctx: Context, user: User, *, but: UUID | None = None) -> None:
    """Every session of a person ends, and what he holds between two steps of signing in; `but` is left."""
    live = update(SignIn).where(SignIn.user_id == user.id, SignIn.revoked_at.is_(None))
    ctx.session.execute((live.where(SignIn.id != but) if but else live).values(revoked_at=ctx.now))
    ctx.session.execute(update(SignInStep).where(SignInStep.user_id == user.id, SignInStep.spent_at.is_(None)).values(spent_at=ctx.now))
