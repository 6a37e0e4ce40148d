"""Who works here: people, programs, their roles, and the seats that they take. The one door to it is core.identity.queries."""

from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, cast, func, literal, select
from sqlalchemy.dialects.postgresql import JSONPATH
from sqlalchemy.orm import aliased, contains_eager

from core.base.context import Context
from core.base.errors import present
from core.base.policy import sees, sees_only_named
from core.base.records import kinds
from core.identity.models import RecordShare, Role, User, UserRole

# Rooms in which a role reaches further than what names its holder.
WIDER = '$.*[0] ? (@ != "" && @ != "named" && @ != null)'


def is_person() -> ColumnElement[bool]:
    """Of User: somebody who signs in, or did; no program."""
    return User.state != "program"


def users(ctx: Context) -> list[User]:
    """All people by name, roles loaded."""
    query = select(User).join(User.role).options(contains_eager(User.role)).where(is_person()).order_by(func.lower(User.name), User.id)
    return list(ctx.session.execute(query).scalars())


def one_user(ctx: Context, user_id: UUID) -> User:
    query = select(User).join(User.role).options(contains_eager(User.role)).where(User.id == user_id, is_person() | (User.id == ctx.actor.id))
    return present(ctx.session.execute(query).scalar_one_or_none())


def user_names(ctx: Context) -> dict[UUID, str]:
    """key -> name of every person: for owner pickers and lists. A partner knows those alone who have to do with what he sees."""
    if sees_only_named(ctx.actor):
        return dict(ctx.session.execute(_names().where(User.id.in_(known_people(ctx)), is_person())).all())
    return dict(ctx.session.execute(_names().where(is_person())).all())


def actor_names(ctx: Context) -> dict[UUID, str]:
    """key -> name of whoever may have done something here: the people of user_names, and programs."""
    return user_names(ctx) if sees_only_named(ctx.actor) else dict(ctx.session.execute(_names()).all())


def all_names(ctx: Context) -> tuple[dict[UUID, str], dict[UUID, str]]:
    """(those of user_names, those of actor_names) by one look: for a page that offers people and names whoever did something."""
    if sees_only_named(ctx.actor):
        return (names := user_names(ctx)), names
    found = ctx.session.execute(_names().add_columns(is_person())).all()
    return {key: name for key, name, person in found if person}, {key: name for key, name, _ in found}


def known_people(ctx: Context) -> set[UUID]:
    """Whom a partner knows: himself, who owns what he sees, and who shared it with him."""
    owners = [select(kind.model.owner_id).where(sees(ctx, kind.model), kind.model.owner_id.is_not(None)) for kind in kinds(discussed=True).values() if hasattr(kind.model, "owner_id")]
    mine = [key for held in ctx.actor.shares.values() for key in held]
    sharers = select(RecordShare.created_by).where(RecordShare.record_id.in_(mine), RecordShare.created_by.is_not(None))
    return {ctx.actor.id, *(key for query in (*owners, sharers) for key in ctx.session.execute(query).scalars())}


def roles(ctx: Context) -> list[Role]:
    return list(ctx.session.execute(select(Role).order_by(Role.created_at, Role.id)).scalars())


def names_alone(role: Any) -> ColumnElement[bool]:
    """Of Role or an alias of it: does it reach, in every room, what names its holder and nothing else? (RoleRights.names_alone)"""
    wider = func.jsonb_path_exists(role.scopes, cast(WIDER, JSONPATH))
    return (role.visibility == "named") & ~wider


def is_partner() -> ColumnElement[bool]:
    """Of User joined with his first Role: a partner takes a seat of his own kind. One further role that reaches more makes him one like everybody."""
    further = aliased(Role)
    more = select(literal(1)).select_from(UserRole).join(further, further.id == UserRole.role_id).where(UserRole.user_id == User.id, ~names_alone(further))
    return names_alone(Role) & ~more.correlate(User).exists()


def seats_taken(ctx: Context, *, partners: bool = False) -> int:
    """Active users: what the plan counts as seats (BILLING 4.8). Partners stand apart where the plan has seats for them."""
    query = select(func.count()).select_from(User).where(User.state == "active")
    if ctx.entitlements.limit("partner_seats") is not None:
        query = query.join(Role, Role.id == User.role_id).where(is_partner() == partners)
    return ctx.session.execute(query).scalar_one()


def people_by_seat(ctx: Context) -> tuple[int, int]:
    """(active users who are no partners, active partners), whatever the plan: for whoever chooses one."""
    query = select(func.count(), func.count().filter(is_partner())).select_from(User).join(Role, Role.id == User.role_id).where(User.state == "active")
    everybody, partners = ctx.session.execute(query).one()
    return everybody - partners, partners


@cache
def _names() -> Select:
    return select(User.id, User.name).order_by(func.lower(User.name))
