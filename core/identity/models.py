"""Who signs in: users, their roles and teams, sessions and API tokens. All in the tenant's own schema."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.base import formats
from core.base.model import Record, TenantBase, Timed
from core.base.policy import WIDTHS

USER_STATES = ("active", "disabled")
INVITATION_STATES = ("waiting", "accepted", "revoked")
# Rooms whose records have owners: here a role may reach less far, or further, than elsewhere.
SCOPED_ROOMS = ("accounts", "contacts", "activities")


class Role(Record, TenantBase):
    """A set of permissions, and how far they reach: own records (and the shared pool), the team's, the branch's or all.

    changing: how far they change; never further than they see. scopes: room -> [sees, changes] where that differs, as
    sees_<room> and changes_<room>.
    """

    __tablename__ = "role"
    __table_args__ = (
        CheckConstraint(f"visibility IN {WIDTHS}", name="visibility"), CheckConstraint(f"changing IN {WIDTHS}", name="changing"),
        Index("uq_role_name", text("lower(name)"), unique=True), {"info": {"audit": True}},
    )
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    permissions: Mapped[list[str]] = mapped_column(ARRAY(String))
    visibility: Mapped[str]
    changing: Mapped[str] = mapped_column(server_default=text("'all'"), default="all")
    scopes: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"), default=dict)


def _exception(room: str, side: int) -> property:
    """One half of a role's exception for a room, as a field: "" is what the role says of all rooms."""

    def get(role: Role) -> str:
        return (role.scopes or {}).get(room, ("", ""))[side]

    def put(role: Role, value: str) -> None:
        reach = list((role.scopes or {}).get(room, ("", "")))
        reach[side] = value or ""
        others = {name: both for name, both in (role.scopes or {}).items() if name != room}
        role.scopes = others | ({room: reach} if any(reach) else {})

    return property(get, put)


for _room in SCOPED_ROOMS:
    setattr(Role, f"sees_{_room}", _exception(_room, 0))
    setattr(Role, f"changes_{_room}", _exception(_room, 1))


class User(Record, TenantBase):
    """A person who signs in. mail_norm is what identifies him in this tenant."""

    __tablename__ = "app_user"
    __table_args__ = (
        CheckConstraint(f"state IN {USER_STATES}", name="state"), *(CheckConstraint(formats.check(one), name=one) for one in formats.CHOICES),
        {"info": {"audit": True, "secret": ["password_hash"]}},
    )
    mail: Mapped[str]
    mail_norm: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str | None]
    role_id: Mapped[UUID] = mapped_column(ForeignKey("role.id"))
    state: Mapped[str] = mapped_column(server_default=text("'active'"))
    is_owner: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    locale: Mapped[str] = mapped_column(server_default=text("'en'"))
    timezone: Mapped[str] = mapped_column(server_default=text("'UTC'"))
    letter_keys: Mapped[bool] = mapped_column(server_default=text("true"), default=True)
    # How days, times and numbers are written; "" is not chosen (core.base.formats).
    date_format: Mapped[str] = mapped_column(server_default=text("''"), default="")
    clock: Mapped[str] = mapped_column(server_default=text("''"), default="")
    number_format: Mapped[str] = mapped_column(server_default=text("''"), default="")
    first_day: Mapped[str] = mapped_column(server_default=text("''"), default="")
    role: Mapped[Role] = relationship(lazy="raise_on_sql")
    # Further roles and whom he stands in for (core.identity.queries.Further), where the query asked for them.
    further = None


class UserRole(Timed, TenantBase):
    """A further role of a user: what his roles allow adds up."""

    __tablename__ = "user_role"
    __table_args__ = (Index("uq_user_role_user_role", "user_id", "role_id", unique=True), Index("ix_user_role_role_id", "role_id"), {"info": {"audit": True}})
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    role_id: Mapped[UUID] = mapped_column(ForeignKey("role.id"))


class Team(Record, TenantBase):
    """A team in the tree of teams. is_branch: a place of business; "branch" as a reach is what lies below the nearest."""

    __tablename__ = "team"
    __table_args__ = (
        CheckConstraint("parent_id <> id", name="parent"),
        Index("uq_team_name", "parent_id", text("lower(name)"), unique=True),
        Index("uq_team_top_name", text("lower(name)"), unique=True, postgresql_where=text("parent_id IS NULL")),
        Index("ix_team_parent_id", "parent_id"),
        {"info": {"audit": True}},
    )
    name: Mapped[str]
    parent_id: Mapped[UUID | None] = mapped_column(ForeignKey("team.id"))
    is_branch: Mapped[bool] = mapped_column(server_default=text("false"), default=False)


class TeamMember(Timed, TenantBase):
    """Who belongs to a team; one may belong to several. leads: speaks for it."""

    __tablename__ = "team_member"
    __table_args__ = (Index("uq_team_member_user_team", "user_id", "team_id", unique=True), Index("ix_team_member_team_id", "team_id"), {"info": {"audit": True}})
    team_id: Mapped[UUID] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"))
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    leads: Mapped[bool] = mapped_column(server_default=text("false"), default=False)


class Absence(Record, TenantBase):
    """Days on which a user is away (both included, in his time zone), and who sees and changes his own records then."""

    __tablename__ = "absence"
    __table_args__ = (
        CheckConstraint("starts_on <= ends_on", name="days"), CheckConstraint("deputy_id <> user_id", name="deputy"),
        Index("ix_absence_deputy_id", "deputy_id", "ends_on"), Index("ix_absence_user_id", "user_id", "ends_on"), {"info": {"audit": True}},
    )
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    deputy_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]


class Invitation(Record, TenantBase):
    """Somebody asked by mail to work here. nonce grows with each letter, so that the links of earlier ones die; the
    link itself is signed and lies nowhere (core.identity.inviting)."""

    __tablename__ = "invitation"
    __table_args__ = (
        CheckConstraint(f"state IN {INVITATION_STATES}", name="state"),
        Index("uq_invitation_mail_norm_waiting", "mail_norm", unique=True, postgresql_where=text("state = 'waiting'")),
        Index("ix_invitation_role_id", "role_id"), Index("ix_invitation_team_id", "team_id"), {"info": {"audit": True}},
    )
    mail: Mapped[str]
    mail_norm: Mapped[str]
    name: Mapped[str | None]
    role_id: Mapped[UUID | None] = mapped_column(ForeignKey("role.id", ondelete="SET NULL"))
    team_id: Mapped[UUID | None] = mapped_column(ForeignKey("team.id", ondelete="SET NULL"))
    state: Mapped[str] = mapped_column(server_default=text("'waiting'"), default="waiting")
    expires_at: Mapped[datetime]
    nonce: Mapped[int] = mapped_column(server_default=text("1"), default=1)
    invited_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id", ondelete="SET NULL"))
    accepted_user_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id", ondelete="SET NULL"))


class SignIn(Timed, TenantBase):
    """A server-side session. The cookie carries 256 random bits, the row their hash; flashes and CSRF live here.
    viewing_id: through whose eyes it looks now (core.identity.viewing)."""

    __tablename__ = "session"
    __table_args__ = (Index("ix_session_user_id", "user_id"),)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    csrf: Mapped[str]
    flashes: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"), default=list)
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    viewing_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id", ondelete="SET NULL"))
    ip: Mapped[str | None]
    agent: Mapped[str | None]


class ApiToken(Record, TenantBase):
    """A key for the API, bound to a user: what it may do is what he may, narrowed to the token's permissions."""

    __tablename__ = "api_token"
    __table_args__ = ({"info": {"audit": True, "secret": ["token_hash"]}},)
    name: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    hint: Mapped[str]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    permissions: Mapped[list[str] | None] = mapped_column(ARRAY(String))
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class IdempotencyKey(Timed, TenantBase):
    """The answer given to an API request under a client's key; the same key gives the same answer for 24 hours."""

    __tablename__ = "idempotency_key"
    __table_args__ = (Index("uq_idempotency_key_owner_key", "owner_id", "key", unique=True),)
    owner_id: Mapped[UUID]
    key: Mapped[str]
    fingerprint: Mapped[bytes]
    status: Mapped[int | None]
    body: Mapped[dict[str, Any] | None]
    headers: Mapped[dict[str, Any] | None]
