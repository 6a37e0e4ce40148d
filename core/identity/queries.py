"""Reads about users, sessions and tokens."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    Select,
    Uuid,
    bindparam,
    func,
    or_,
    select,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session, aliased, contains_eager

from core.base.context import Actor, Context
from core.base.errors import Refused
from core.identity.models import Absence, ApiToken, RecordShare, Role, SignIn, SignInRules, TeamMember, User, UserRole
from core.identity.narrowing import narrowed
from core.identity.people import (  # noqa: F401 (one door)
    actor_names,
    all_names,
    is_partner,
    is_person,
    known_people,
    names_alone,
    one_user,
    people_by_seat,
    roles,
    seats_taken,
    user_names,
    users,
)
from core.identity.rights import COLUMNS, RoleRights, add_up, meet
from infra.crypto import token_hash

IDLE = timedelta(hours=12)
ABSOLUTE = timedelta(days=30)


def session_of(session: Session, token: str, now: datetime) -> SignIn | None:
    """The live sign-in behind a cookie, with its user, role and the workspace's sign-in rules on it; one statement. None: sign in again."""
    found = session.execute(_live_sign_in(), {"hash": token_hash(token), "now": now, "idle_since": now - IDLE}).one_or_none()
    if found is None:
        return None
    found.SignIn.user, found.SignIn.rules = found.User, found.SignInRules
    found.SignIn.beside = {name: getattr(found, name) for name in BESIDE}
    found.User.further = Further.of(found)
    return found.SignIn


def token_user(session: Session, token: str, now: datetime, *, for_feed: bool = False) -> ApiToken | None:
    """The live API token, with its user, its role and the workspace's sign-in rules on it; one statement. for_feed: it stood in an address,
    so only one that was made for that counts; those open nothing else."""
    found = session.execute(_live_token(), {"hash": token_hash(token), "now": now, "for_feed": for_feed}).one_or_none()
    if found is None:
        return None
    return _with_its_rights(found)


def token_actor(session: Session, token_id: UUID, now: datetime) -> tuple[User, Actor] | None:
    """Whom a token lets act, and as far as it does; None where it has ended. Jobs that it asked for act through this."""
    found = session.execute(_live_token(by_id=True), {"id": token_id, "now": now, "for_feed": False}).one_or_none()
    return None if found is None else (found.User, actor_of_token(_with_its_rights(found)))


def _with_its_rights(found: Any) -> ApiToken:
    row = found.ApiToken
    row.user, row.role, row.rules = found.User, found[1], found.SignInRules
    row.user.further = Further.of(found)
    return row


@dataclass(frozen=True, slots=True)
class Further:
    """What a user is beyond his main role: further roles, and whom he stands in for today."""

    roles: tuple[RoleRights, ...] = ()
    stands_in_for: frozenset[UUID] = frozenset()
    shares: Mapping[str, Mapping[UUID, str]] = field(default_factory=dict)
    codes: frozenset[str] = frozenset()

    @classmethod
    def of(cls, row: Any) -> "Further":
        held = row.further_roles or ()
        return cls(tuple(RoleRights.of(one) for one in held), frozenset(row.absent or ()), shares_by_kind(row.shared or ()), frozenset(one["code"] for one in held))


def shares_by_kind(found: Iterable[list[str]]) -> dict[str, dict[UUID, str]]:
    """Shares as (kind, key, level) by kind; what is shared twice counts by the wider level."""
    kinds: dict[str, dict[UUID, str]] = {}
    for kind, key, level in found:
        held = kinds.setdefault(kind, {})
        held[UUID(key)] = "write" if "write" in (level, held.get(UUID(key))) else level
    return kinds


def further_columns() -> tuple[ColumnElement, ...]:
    """Three columns beside a User: his further roles as JSON, the keys of those he stands in for, and what is shared with
    him or a team of his as JSON (:now is bound)."""
    columns = func.jsonb_build_object(*(part for name in ("code", *COLUMNS) for part in (name, getattr(FURTHER, name))))
    held = select(func.jsonb_agg(columns)).select_from(UserRole).join(FURTHER, FURTHER.id == UserRole.role_id).where(UserRole.user_id == User.id)
    away, today = aliased(User), func.timezone(User.timezone, bindparam("now", type_=DateTime(timezone=True))).cast(Date)
    absent = select(func.array_agg(Absence.user_id, type_=ARRAY(Uuid))).join(away, away.id == Absence.user_id).where(
        Absence.deputy_id == User.id, today.between(Absence.starts_on, Absence.ends_on),
    )
    teams = select(TeamMember.team_id).where(TeamMember.user_id == User.id)
    here = func.timezone(User.timezone, bindparam("now", type_=DateTime(timezone=True))).cast(Date)
    one = func.jsonb_build_array(RecordShare.record_kind, RecordShare.record_id, RecordShare.level)
    shared = select(func.jsonb_agg(one)).where(
        or_(RecordShare.user_id == User.id, RecordShare.team_id.in_(teams.correlate(User))), or_(RecordShare.until.is_(None), RecordShare.until >= here),
    )
    return tuple(query.correlate(User).scalar_subquery().label(name) for name, query in (("further_roles", held), ("absent", absent), ("shared", shared)))


# Beside the role that a user has first.
FURTHER = aliased(Role)
TOKENS_ROLE = aliased(Role)
COLLEAGUES = {
    "team": text("""
WITH RECURSIVE below AS (
    SELECT team_id AS id FROM team_member WHERE user_id = :who UNION SELECT t.id FROM team t JOIN below b ON t.parent_id = b.id)
SELECT DISTINCT m.user_id FROM team_member m JOIN below b ON m.team_id = b.id"""),
    "branch": text("""
WITH RECURSIVE above AS (
    SELECT t.id, t.parent_id, t.is_branch FROM team t JOIN team_member m ON m.team_id = t.id WHERE m.user_id = :who
    UNION SELECT t.id, t.parent_id, t.is_branch FROM team t JOIN above a ON t.id = a.parent_id AND NOT a.is_branch),
below AS (
    SELECT id FROM above WHERE is_branch OR parent_id IS NULL UNION SELECT t.id FROM team t JOIN below b ON t.parent_id = b.id)
SELECT DISTINCT m.user_id FROM team_member m JOIN below b ON m.team_id = b.id"""),
}


def colleagues(session: Session, user_id: UUID, wide: str) -> frozenset[UUID]:
    """Whose records "team" or "branch" means for a user: everybody in his teams and those below them; or in all that
    lies below the nearest branch above his teams (the top of the tree where there is none)."""
    return frozenset(session.execute(COLLEAGUES[wide], {"who": user_id}).scalars())


# What rooms above show a person on every page: name -> what makes its column, beside a User.
BESIDE: dict[str, Callable[[], ColumnElement]] = {}


def beside_sign_in(name: str, column: Callable[[], ColumnElement]) -> None:
    """Read this with each sign-in, so that no page needs a statement for it."""
    BESIDE[name] = column
    _live_sign_in.cache_clear()


@cache
def _live_sign_in() -> Select:
    """Built once: every page begins with it, and building it costs more than the database's answer."""
    return (
        select(SignIn, User, SignInRules, *further_columns(), *(make().label(name) for name, make in BESIDE.items())).join(User, User.id == SignIn.user_id).join(Role, Role.id == User.role_id)
        .outerjoin(SignInRules, true())
        .options(contains_eager(User.role))
        .where(SignIn.token_hash == bindparam("hash"), SignIn.revoked_at.is_(None), User.state == "active")
        .where(SignIn.expires_at > bindparam("now"), SignIn.seen_at > bindparam("idle_since"))
    )


@cache
def _live_token(*, by_id: bool = False) -> Select:
    """The same for the API."""
    which = ApiToken.id == bindparam("id") if by_id else ApiToken.token_hash == bindparam("hash")
    return (
        select(ApiToken, TOKENS_ROLE, User, SignInRules, *further_columns()).join(User, User.id == ApiToken.user_id).join(Role, Role.id == User.role_id)
        .outerjoin(TOKENS_ROLE, TOKENS_ROLE.id == ApiToken.role_id).outerjoin(SignInRules, true()).options(contains_eager(User.role))
        .where(which, ApiToken.for_feed == bindparam("for_feed"), ApiToken.revoked_at.is_(None), User.state.in_(("active", "program")))
        .where((ApiToken.expires_at.is_(None)) | (ApiToken.expires_at > bindparam("now")))
    )


def actor_of(user: User) -> Actor:
    """The actor that a user is."""
    return _actor(user, _rights_of(user))


def actor_of_token(row: ApiToken) -> Actor:
    """The actor that a token makes of its user: never more than he is. A program is what its role is."""
    rights, program = _rights_of(row.user), {}
    if row.user.state == "program":
        rights, program = RoleRights.of(row.role) if row.role is not None else RoleRights(frozenset()), _of_program(row)
    elif row.role is not None:
        rights = meet(rights, RoleRights.of(row.role))
    rights = narrowed(rights, permissions=row.permissions, rooms=row.rooms, reading=row.reading)
    return _actor(row.user, rights, kind="token", token_id=row.id, role=(row.role or row.user.role).code, **program)


def _of_program(row: ApiToken) -> dict[str, Any]:
    """What is his for whom it makes things counts as its own, and his colleagues as its colleagues."""
    whose = row.owner_id
    return {
        "is_program": True, "makes_for": whose, "stands_in_for": frozenset({whose} if whose else ()),
        "colleagues": lambda session, _, wide: colleagues(session, whose, wide) if whose else frozenset(),
    }


def _rights_of(user: User) -> RoleRights:
    return add_up((RoleRights.of(user.role), *(user.further or Further()).roles))


def _actor(user: User, rights: RoleRights, **values: Any) -> Actor:
    further = user.further or Further()
    return Actor(**{
        "id": user.id, "name": user.name, "permissions": rights.permissions, "visibility": rights.visibility, "changing": rights.changing, "scopes": rights.scopes,
        "stands_in_for": further.stands_in_for, "shares": further.shares, "colleagues": colleagues, "mail": user.mail, "role": user.role.code,
        "is_owner": user.is_owner, "hidden": rights.hidden, "protected": rights.protected, **values,
    })


def load_actor(session: Session, user_id: UUID, now: datetime) -> tuple[User, Actor] | None:
    """A user by key with what he may do now; None when he is gone or disabled. Jobs act for people through this."""
    query = select(User, *further_columns()).join(User.role).options(contains_eager(User.role)).where(User.id == user_id, User.state == "active")
    found = session.execute(query, {"now": now}).one_or_none()
    if found is None:
        return None
    found.User.further = Further.of(found)
    return found.User, actor_of(found.User)


def user_by_mail(session: Session, mail_norm: str) -> User | None:
    query = select(User).join(User.role).options(contains_eager(User.role)).where(User.mail_norm == mail_norm)
    return session.execute(query).scalar_one_or_none()


def my_sessions(ctx: Context) -> list[SignIn]:
    query = select(SignIn).where(SignIn.user_id == ctx.actor.id, SignIn.revoked_at.is_(None), SignIn.expires_at > ctx.now)
    return list(ctx.session.execute(query.order_by(SignIn.seen_at.desc())).scalars())


def tokens(ctx: Context) -> list[ApiToken]:
    """One's own live tokens; an administrator of users sees all people's."""
    query = select(ApiToken).join(User, User.id == ApiToken.user_id).where(is_person(), ApiToken.revoked_at.is_(None)).order_by(ApiToken.created_at.desc())
    if "*" not in ctx.actor.permissions:
        query = query.where(ApiToken.user_id == ctx.actor.id)
    return list(ctx.session.execute(query).scalars())


def owner_name(ctx: Context, owner_id: UUID | None) -> str | None:
    """Name of an active user who is to own a record; refuses anybody else (`owner_unknown`)."""
    if owner_id is None:
        return None
    name = ctx.session.execute(select(User.name).where(User.id == owner_id, User.state == "active")).scalar_one_or_none()
    if name is None:
        raise Refused("owner_unknown", field="owner_id")
    return name
