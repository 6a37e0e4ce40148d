"""How people come in: sessions, second steps, passkeys, the company's own sign-in and the workspace's rules."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from core.base.model import Keyed, Record, TenantBase, Timed

# How somebody proved who he is. passkey counts as both steps; sso: the company's own sign-in answers for them; recovery: his
# password and a recovery code.
SIGN_IN_METHODS = ("password", "passkey", "sso", "recovery")
# The same as the log of sign-ins tells them: code is a password with a code of the second step.
# session and token are only refused: a live session, or an API token, that comes from a network which the workspace does not name.
WAYS_IN = ("password", "code", "recovery", "passkey", "sso", "session", "token")
MAIL_CHANGE_STATES = ("waiting", "confirmed", "stopped", "taken_back")


class SignIn(Timed, TenantBase):
    """A server-side session. The cookie carries 256 random bits, the row their hash; flashes and CSRF live here.
    viewing_id: through whose eyes it looks now (core.identity.viewing). confirmed_at: when its person last proved who he is;
    second_step_at: when he passed a second step, if ever. provider_sid: what the company's own provider calls its session there."""

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
    provider_sid: Mapped[str | None]
    # The workspace's SignInRules, where the query asked for them.
    rules = None
    ip: Mapped[str | None]
    agent: Mapped[str | None]


class SignInEvent(Keyed, TenantBase):
    """Somebody signed in, or failed to. way: how he proved who he is, or tried to; network: what one subscriber has of the
    internet, no more exact (infra.limits.network). outside: he was refused because of it. Kept for 90 days (core.identity.pruning)."""

    __tablename__ = "sign_in_event"
    __table_args__ = (
        CheckConstraint(f"way IN {WAYS_IN}", name="way"), Index("ix_sign_in_event_at", text("at DESC"), text("id DESC")), Index("ix_sign_in_event_user_id", "user_id", text("at DESC")),
    )
    at: Mapped[datetime]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    succeeded: Mapped[bool]
    way: Mapped[str]
    network: Mapped[str]
    outside: Mapped[bool] = mapped_column(server_default=text("false"), default=False)


class SignInStep(Timed, TenantBase):
    """What a browser holds between two steps of signing in, under a cookie of its own: no session, and never becomes one.
    kind: code (the password was right), passkey (a challenge), sso (state, nonce and verifier), logout (a message of the provider that
    was taken, so that it is taken once). data: what the next step needs."""

    __tablename__ = "sign_in_step"
    __table_args__ = (CheckConstraint("kind IN ('code', 'passkey', 'sso', 'logout')", name="kind"), Index("ix_sign_in_step_user_id", "user_id"))
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
    for never; second_step_roles: codes of the roles whose people need it, empty for all. passkey_from and passkey_roles: the same for
passkeys, which alone count then. endless_tokens: may API tokens be made that are valid until they are revoked? networks: one a line,
with its name; networks_people, networks_tokens: who must come from them; network_roles: only people and tokens of these (core.identity.networks)."""

    __tablename__ = "sign_in_rules"
    __table_args__ = (CheckConstraint("one", name="one"), {"info": {"audit": True}})
    one: Mapped[bool] = mapped_column(server_default=text("true"), default=True, unique=True)
    second_step_from: Mapped[date | None]
    second_step_roles: Mapped[list[str]] = mapped_column(ARRAY(String), server_default=text("'{}'"), default=list)
    passkey_from: Mapped[date | None]
    endless_tokens: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    passkey_roles: Mapped[list[str]] = mapped_column(ARRAY(String), server_default=text("'{}'"), default=list)
    networks: Mapped[str] = mapped_column(server_default=text("''"), default="")
    networks_people: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    networks_tokens: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    network_roles: Mapped[list[str]] = mapped_column(ARRAY(String), server_default=text("'{}'"), default=list)


class MailChange(Record, TenantBase):
    """Somebody wants another address: mail, in the place of former. It waits until its link is confirmed, it is stopped or it
    runs out, and dies with another password or the end of his access (credential_version). The links are signed and lie nowhere."""

    __tablename__ = "mail_change"
    __table_args__ = (
        CheckConstraint(f"state IN {MAIL_CHANGE_STATES}", name="state"),
        Index("uq_mail_change_user_id_waiting", "user_id", unique=True, postgresql_where=text("state = 'waiting'")), Index("ix_mail_change_user_id", "user_id"),
        {"info": {"audit": True}},
    )
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    mail: Mapped[str]
    mail_norm: Mapped[str]
    former: Mapped[str]
    former_norm: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=text("'waiting'"), default="waiting")
    expires_at: Mapped[datetime]
    credential_version: Mapped[int]
