"""Who signs in: users, their roles, sessions and API tokens. All in the tenant's own schema."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.base.model import Record, TenantBase, Timed

USER_STATES = ("active", "disabled")
VISIBILITIES = ("own", "all")


class Role(Record, TenantBase):
    """A set of permissions and how far they see: own records (and the shared pool) or all."""

    __tablename__ = "role"
    __table_args__ = (CheckConstraint(f"visibility IN {VISIBILITIES}", name="visibility"), {"info": {"audit": True}})
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    permissions: Mapped[list[str]] = mapped_column(ARRAY(String))
    visibility: Mapped[str]


class User(Record, TenantBase):
    """A person who signs in. mail_norm is what identifies him in this tenant."""

    __tablename__ = "app_user"
    __table_args__ = (
        CheckConstraint(f"state IN {USER_STATES}", name="state"),
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
    role: Mapped[Role] = relationship(lazy="raise_on_sql")


class SignIn(Timed, TenantBase):
    """A server-side session. The cookie carries 256 random bits, the row their hash; flashes and CSRF live here."""

    __tablename__ = "session"
    __table_args__ = (Index("ix_session_user_id", "user_id"),)
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    csrf: Mapped[str]
    flashes: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"), default=list)
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
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
