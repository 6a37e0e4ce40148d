"""What programs hold: API tokens, and the answers kept for calls that are sent again."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from core.base.model import Record, TenantBase, Timed


class ApiToken(Record, TenantBase):
    """A key for the API, bound to a user: what it may do is what he may, and no more than a role holds where it has one. Of a program
    (core.identity.programs) it may do what its role holds, and owner_id owns what it makes.
    rooms: those alone, as permissions begin; reading: nothing that changes; permissions: these alone. for_feed: it stands in the address of a
    feed and opens that alone, no call of the API and no job. It ends with its role."""

    __tablename__ = "api_token"
    __table_args__ = (Index("ix_api_token_role_id", "role_id", postgresql_where=text("role_id IS NOT NULL")), Index("ix_api_token_owner_id", "owner_id", postgresql_where=text("owner_id IS NOT NULL")), {"info": {"audit": True, "secret": ["token_hash"]}})
    name: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    hint: Mapped[str]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("app_user.id", ondelete="CASCADE"))
    role_id: Mapped[UUID | None] = mapped_column(ForeignKey("role.id", ondelete="CASCADE"))
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("app_user.id", ondelete="SET NULL"))
    rooms: Mapped[list[str] | None] = mapped_column(ARRAY(String))
    reading: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    permissions: Mapped[list[str] | None] = mapped_column(ARRAY(String))
    for_feed: Mapped[bool] = mapped_column(server_default=text("false"), default=False)
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    # Its Role and the workspace's SignInRules, where the query asked for them.
    role = rules = None


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
