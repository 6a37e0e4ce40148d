"""Who signs in: users, their roles and teams, sessions and API tokens. All in the tenant's own schema."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.base import formats
from core.base.model import Record, TenantBase, Timed
from core.base.personal import Personal
from core.base.policy import WIDTHS
from core.base.records import RecordKind
from core.base.registry import Child

USER_STATES = ("active", "disabled")
SHARE_LEVELS = ("read", "write")
INVITATION_STATES = ("waiting", "accepted", "revoked")
# How somebody proved who he is. passkey counts as both steps; sso: the company's own sign-in answers for them.
SIGN_IN_METHODS = ("password", "passkey", "sso")
# Rooms whose records have owners: here a role may reach less far, or further, than elsewhere.
SCOPED_ROOMS = ("accounts", "contacts", "activities")


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
    the links of letters to him worthless, such as a new password or the end of his access."""

    __tablename__ = "app_user"
    __table_args__ = (
        CheckConstraint(f"state IN {USER_STATES}", name="state"), *(CheckConstraint(formats.check(one), name=one) for one in formats.CHOICES),
        {"info": {"audit": True, "secret": ["password_hash"]}},
    )
    mail: Mapped[str]
    mail_norm: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str | None]
    credential_version: Mapped[int] = mapped_column(server_default=text("1"), default=1)
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
    viewing_id: through whose eyes it looks now (core.identity.viewing). confirmed_at: when its person last proved who he is;
    second_step_at: when he passed a second step, if ever."""

    __tablename__ = "session"
    __table_args__ = (CheckConstraint(f"method IN {SIGN_IN_METHODS}", name="method"), Index("ix_session_user_id", "user_id"))
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    csrf: Mapped[str]
    flashes: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"), default=list)
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    viewing_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id", ondelete="SET NULL"))
    method: Mapped[str] = mapped_column(server_default=text("'password'"), default="password")
    confirmed_at: Mapped[datetime | None]
    second_step_at: Mapped[datetime | None]
    # The workspace's SignInRules, where the query asked for them.
    rules = None
    ip: Mapped[str | None]
    agent: Mapped[str | None]


class SignInStep(Timed, TenantBase):
    """What a browser holds between two steps of signing in, under a cookie of its own: no session, and never becomes one.
    kind: code (the password was right), passkey (a challenge), sso (state, nonce and verifier). data: what the next step needs."""

    __tablename__ = "sign_in_step"
    __table_args__ = (CheckConstraint("kind IN ('code', 'passkey', 'sso')", name="kind"), Index("ix_sign_in_step_user_id", "user_id"))
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    kind: Mapped[str]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    data: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"), default=dict)
    expires_at: Mapped[datetime]
    spent_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    ip: Mapped[str | None]
    agent: Mapped[str | None]


class SecondStep(Record, TenantBase):
    """A user's authenticator: its secret, sealed for this tenant and person; confirmed_at is none while it is being set up.
    last_step: the newest time step whose code was taken, so that none works twice. recovery_hashes: codes not used yet."""

    __tablename__ = "second_step"
    __table_args__ = ({"info": {"audit": True, "secret": ["secret", "last_step", "recovery_hashes"]}},)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"), unique=True)
    secret: Mapped[bytes]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int | None] = mapped_column(BigInteger)
    recovery_hashes: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"), default=list)


class Passkey(Record, TenantBase):
    """A key that a user's device or password manager holds for him; we have its public half. rp_id: the host it is good for."""

    __tablename__ = "passkey"
    __table_args__ = (Index("ix_passkey_user_id", "user_id"), {"info": {"audit": True, "secret": ["credential_id", "public_key", "sign_count", "last_used_at"]}})
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    name: Mapped[str]
    rp_id: Mapped[str]
    credential_id: Mapped[bytes] = mapped_column(unique=True)
    public_key: Mapped[bytes]
    sign_count: Mapped[int] = mapped_column(BigInteger)
    last_used_at: Mapped[datetime | None]


class IdentityProvider(Record, TenantBase):
    """The company's own sign-in: at most one row. discovery: what it said of itself, none until it was asked; problem: why it
    can't be used. only: nobody but the owner comes in another way. creates_users: whoever it knows becomes a user with this role."""

    __tablename__ = "identity_provider"
    __table_args__ = (
        CheckConstraint("one", name="one"), Index("ix_identity_provider_role_id", "role_id"), {"info": {"audit": True, "secret": ["client_secret", "discovery"]}},
    )
    one: Mapped[bool] = mapped_column(server_default=text("true"), default=True, unique=True)
    name: Mapped[str]
    issuer: Mapped[str]
    client_id: Mapped[str]
    client_secret: Mapped[bytes | None]
    creates_users: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    role_id: Mapped[UUID | None] = mapped_column(ForeignKey("role.id", ondelete="SET NULL"))
    only: Mapped[bool] = mapped_column("only_way", server_default=text("false"), default=False)
    discovery: Mapped[dict[str, Any] | None]
    problem: Mapped[str | None]
    checked_at: Mapped[datetime | None]
    changed_by: Mapped[UUID | None]


class UserIdentity(Timed, TenantBase):
    """Who a user is for a provider: its own name for him (subject), which never changes and is given to nobody else."""

    __tablename__ = "user_identity"
    __table_args__ = (
        Index("uq_user_identity_subject", "issuer", "subject", unique=True), Index("uq_user_identity_user_issuer", "user_id", "issuer", unique=True), {"info": {"audit": True}},
    )
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    issuer: Mapped[str]
    subject: Mapped[str]


class SignInRules(Record, TenantBase):
    """How people must sign in here: at most one row. second_step_from: the day from which everybody needs a second step, none
    for never; second_step_roles: codes of the roles whose people need it, empty for all."""

    __tablename__ = "sign_in_rules"
    __table_args__ = (CheckConstraint("one", name="one"), {"info": {"audit": True}})
    one: Mapped[bool] = mapped_column(server_default=text("true"), default=True, unique=True)
    second_step_from: Mapped[date | None]
    second_step_roles: Mapped[list[str]] = mapped_column(ARRAY(String), server_default=text("'{}'"), default=list)


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


CHILDREN = (Child("record_share", "record_id", "*", kind="record_kind", unique=("user_id", "team_id"), grows=False),)
RECORD_KINDS = (RecordKind(User, "users.read", "/settings/members"),)

PERSONAL = (
    # Messages that wait for the next page, and answers to programs kept for a day, name the records that they are about.
    Personal("session", told=("flashes",), passing=True), Personal("idempotency_key", told=("body", "headers"), gone=True, passing=True),
    Personal("record_share", by=("record_id",), purged="delete"),
)
HARMLESS = {
    **{f"record_share.{name}": "a word of a list" for name in ("record_kind", "level")},
    **{f"session.{name}": "of a colleague who signs in" for name in ("token_hash", "csrf", "method", "ip", "agent")},
    **{f"idempotency_key.{name}": "a program's own mark" for name in ("key", "fingerprint")},
    **dict.fromkeys(("role", "user_role", "team", "team_member", "absence", "sign_in_rules", "identity_provider", "starter_set"), "how the workspace is arranged"),
    **dict.fromkeys(("app_user", "invitation", "sign_in_step", "second_step", "passkey", "user_identity", "api_token"), "colleagues who sign in: no customers, kept while they work here"),
}
