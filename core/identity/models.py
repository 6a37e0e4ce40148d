"""Who signs in: users, their roles and invitations, and what is shared with them. All in the tenant's own schema. The one door
to the tables of teams, of signing in and of programs too, which stand in files of their own."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.base import formats
from core.base.model import Record, TenantBase, Timed
from core.base.personal import Personal
from core.base.policy import WIDTHS
from core.base.records import RecordKind
from core.base.registry import Child
from core.identity.program_models import ApiToken, IdempotencyKey  # noqa: F401 (one door to all tables)
from core.identity.sign_in_models import (  # noqa: F401
    SIGN_IN_METHODS,
    IdentityProvider,
    MailChange,
    Passkey,
    SecondStep,
    SignIn,
    SignInEvent,
    SignInRules,
    SignInStep,
    UserIdentity,
)
from core.identity.team_models import Absence, Team, TeamMember  # noqa: F401

# program: no person, but what acts by an API token of the workspace (core.identity.programs). It never becomes active.
USER_STATES = ("active", "disabled", "program")
SHARE_LEVELS = ("read", "write")
INVITATION_STATES = ("waiting", "accepted", "revoked")
# Rooms whose records have owners: here a role may reach less far, or further, than elsewhere.
SCOPED_ROOMS = ("accounts", "contacts", "deals", "leads", "quotes", "activities")


class Role(Record, TenantBase):
    """A set of permissions, and how far they reach: own records (and the shared pool), the team's, the branch's or all.

    changing: how far they change; never further than they see. scopes: room -> [sees, changes] where that differs, as
    sees_<room> and changes_<room>. hidden, protected: fields ("accounts.phone") that its people do not read, or do not write.
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
    hidden: Mapped[list[str]] = mapped_column(ARRAY(String), server_default=text("'{}'"), default=list)
    protected: Mapped[list[str]] = mapped_column(ARRAY(String), server_default=text("'{}'"), default=list)


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
    """A person who signs in. mail_norm is what identifies him in this tenant. credential_version: raised with whatever makes
    the links of letters to him worthless, such as a new password or the end of his access. device_version: raised when he signs out
    everywhere, so that no device is known to him any more (core.identity.known_devices). mail_confirmed_at: when he was seen to read what is sent
    to his address; none after a sign-up until then (core.identity.confirmed_mail)."""

    __tablename__ = "app_user"
    __table_args__ = (
        CheckConstraint(f"state IN {USER_STATES}", name="state"), *(CheckConstraint(formats.check(one), name=one) for one in formats.CHOICES),
        CheckConstraint(f"density IN {tuple(formats.DENSITIES)}", name="density"),
        {"info": {"audit": True, "secret": ["password_hash"]}},
    )
    mail: Mapped[str]
    mail_norm: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str | None]
    credential_version: Mapped[int] = mapped_column(server_default=text("1"), default=1)
    device_version: Mapped[int] = mapped_column(server_default=text("1"), default=1)
    role_id: Mapped[UUID] = mapped_column(ForeignKey("role.id"))
    state: Mapped[str] = mapped_column(server_default=text("'active'"))
    is_owner: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    mail_confirmed_at: Mapped[datetime | None]
    locale: Mapped[str] = mapped_column(server_default=text("'en'"))
    timezone: Mapped[str] = mapped_column(server_default=text("'UTC'"))
    letter_keys: Mapped[bool] = mapped_column(server_default=text("true"), default=True)
    density: Mapped[str] = mapped_column(server_default=text("'normal'"), default="normal")
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


class Invitation(Record, TenantBase):
    """Somebody asked by mail to work here. nonce grows with each letter, so that the links of earlier ones die; the
    link itself is signed and lies nowhere (core.identity.inviting). letter_at: when its letter was ordered; none while it waits for the
    owner to confirm his own address (core.identity.confirmed_mail)."""

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
    letter_at: Mapped[datetime | None]
    invited_by: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id", ondelete="SET NULL"))
    accepted_user_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id", ondelete="SET NULL"))


class RecordShare(Record, TenantBase):
    """One record shared with one person or team beyond what their roles reach. level: read or write; until: the last day
    on which it holds, none for always. A team's share is for those who belong to it, not to teams below."""

    __tablename__ = "record_share"
    __table_args__ = (
        CheckConstraint("(user_id IS NULL) <> (team_id IS NULL)", name="whom"), CheckConstraint(f"level IN {SHARE_LEVELS}", name="level"),
        Index("ix_record_share_record_id", "record_id"), Index("ix_record_share_user_id", "user_id", postgresql_where=text("user_id IS NOT NULL")),
        Index("ix_record_share_team_id", "team_id", postgresql_where=text("team_id IS NOT NULL")), {"info": {"audit": True}},
    )
    record_kind: Mapped[str]
    record_id: Mapped[UUID]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    team_id: Mapped[UUID | None] = mapped_column(ForeignKey("team.id", ondelete="CASCADE"))
    level: Mapped[str] = mapped_column(server_default=text("'read'"), default="read")
    until: Mapped[date | None]


class StarterSet(Record, TenantBase):
    """The starter set of an industry that the workspace began with; one stands at most. made: kind of thing -> key -> version
    as made, and "rooms" that it switched off (tenants.starters)."""

    __tablename__ = "starter_set"
    __table_args__ = (Index("uq_starter_set_standing", text("(true)"), unique=True, postgresql_where=text("undone_at IS NULL")), {"info": {"audit": True}})
    code: Mapped[str]
    made: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"), default=dict)
    undone_at: Mapped[datetime | None]


CHILDREN = (Child("record_share", "record_id", "*", kind="record_kind", unique=("user_id", "team_id"), grows=False),)
RECORD_KINDS = (RecordKind(User, "users.read", "/settings/members"),)

PERSONAL = (
    # Messages that wait for the next page, and answers to programs kept for a day, name the records that they are about.
    Personal("session", told=("flashes",), passing=True), Personal("idempotency_key", told=("body", "headers"), gone=True, passing=True),
    Personal("record_share", by=("record_id",), purged="delete"),
)
HARMLESS = {
    **{f"record_share.{name}": "a word of a list" for name in ("record_kind", "level")},
    **{f"session.{name}": "of a colleague who signs in" for name in ("token_hash", "csrf", "method", "ip", "agent", "provider_sid")},
    **{f"idempotency_key.{name}": "a program's own mark" for name in ("key", "fingerprint")},
    **dict.fromkeys(("role", "user_role", "team", "team_member", "absence", "sign_in_rules", "identity_provider", "starter_set"), "how the workspace is arranged"),
    **dict.fromkeys(("app_user", "mail_change", "invitation", "sign_in_step", "second_step", "passkey", "user_identity", "api_token", "sign_in_event"), "colleagues who sign in: no customers, kept while they work here"),
}
