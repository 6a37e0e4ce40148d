"""Reads about users, sessions and tokens."""

from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session, contains_eager

from core.base.context import Actor, Context
from core.base.errors import NotFound
from core.identity.models import ApiToken, Role, SignIn, User
from infra.crypto import token_hash

IDLE = timedelta(hours=12)
ABSOLUTE = timedelta(days=30)


def session_of(session: Session, token: str, now: datetime) -> SignIn | None:
    """The live sign-in behind a cookie, with its user and role on it; one statement. None: sign in again."""
    found = session.execute(_live_sign_in(), {"hash": token_hash(token), "now": now, "idle_since": now - IDLE}).one_or_none()
    if found is None:
        return None
    found.SignIn.user = found.User
    return found.SignIn


def token_user(session: Session, token: str, now: datetime) -> ApiToken | None:
    """The live API token, with its user and role on it; one statement."""
    found = session.execute(_live_token(), {"hash": token_hash(token), "now": now}).one_or_none()
    if found is None:
        return None
    found.ApiToken.user = found.User
    return found.ApiToken


@cache
def _live_sign_in() -> Select:
    """Built once: every page begins with it, and building it costs more than the database's answer."""
    return (
        select(SignIn, User).join(User, User.id == SignIn.user_id).join(Role, Role.id == User.role_id)
        .options(contains_eager(User.role))
        .where(SignIn.token_hash == bindparam("hash"), SignIn.revoked_at.is_(None), User.state == "active")
        .where(SignIn.expires_at > bindparam("now"), SignIn.seen_at > bindparam("idle_since"))
    )


@cache
def _live_token() -> Select:
    """The same for the API."""
    return (
        select(ApiToken, User).join(User, User.id == ApiToken.user_id).join(Role, Role.id == User.role_id)
        .options(contains_eager(User.role))
        .where(ApiToken.token_hash == bindparam("hash"), ApiToken.revoked_at.is_(None), User.state == "active")
        .where((ApiToken.expires_at.is_(None)) | (ApiToken.expires_at > bindparam("now")))
    )


@cache
def _names() -> Select:
    return select(User.id, User.name).order_by(func.lower(User.name))


def actor_of(user: User, *, kind: str = "user", narrowed_to: list[str] | None = None) -> Actor:
    """The actor that a user is. `narrowed_to`: a token's permissions; it never gets more than its user has."""
    permissions = frozenset(user.role.permissions)
    if narrowed_to is not None:
        permissions = frozenset(narrowed_to) if "*" in permissions else permissions & frozenset(narrowed_to)
    return Actor(
        id=user.id, name=user.name, kind=kind, permissions=permissions, visibility=user.role.visibility,
        mail=user.mail, role=user.role.code, is_owner=user.is_owner,
    )


def load_actor(session: Session, user_id: UUID) -> tuple[User, Actor] | None:
    """A user by key with what he may do now; None when he is gone or disabled. Jobs act for people through this."""
    query = select(User).join(User.role).options(contains_eager(User.role)).where(User.id == user_id, User.state == "active")
    user = session.execute(query).scalar_one_or_none()
    return (user, actor_of(user)) if user else None


def user_by_mail(session: Session, mail_norm: str) -> User | None:
    query = select(User).join(User.role).options(contains_eager(User.role)).where(User.mail_norm == mail_norm)
    return session.execute(query).scalar_one_or_none()


def users(ctx: Context) -> list[User]:
    """All users by name, roles loaded."""
    query = select(User).join(User.role).options(contains_eager(User.role)).order_by(func.lower(User.name), User.id)
    return list(ctx.session.execute(query).scalars())


def user_names(ctx: Context) -> dict[UUID, str]:
    """key -> name of every user: for owner pickers and lists."""
    return dict(ctx.session.execute(_names()).all())


def one_user(ctx: Context, user_id: UUID) -> User:
    query = select(User).join(User.role).options(contains_eager(User.role)).where(User.id == user_id)
    user = ctx.session.execute(query).scalar_one_or_none()
    if user is None:
        raise NotFound()
    return user


def roles(ctx: Context) -> list[Role]:
    return list(ctx.session.execute(select(Role).order_by(Role.created_at, Role.id)).scalars())


def seats_taken(ctx: Context) -> int:
    """Active users: what the plan counts as seats (BILLING 4.8)."""
    return ctx.session.execute(select(func.count()).select_from(User).where(User.state == "active")).scalar_one()


def my_sessions(ctx: Context) -> list[SignIn]:
    query = select(SignIn).where(SignIn.user_id == ctx.actor.id, SignIn.revoked_at.is_(None), SignIn.expires_at > ctx.now)
    return list(ctx.session.execute(query.order_by(SignIn.seen_at.desc())).scalars())


def tokens(ctx: Context) -> list[ApiToken]:
    """One's own live tokens; an administrator of users sees all."""
    query = select(ApiToken).where(ApiToken.revoked_at.is_(None)).order_by(ApiToken.created_at.desc())
    if "*" not in ctx.actor.permissions:
        query = query.where(ApiToken.user_id == ctx.actor.id)
    return list(ctx.session.execute(query).scalars())
