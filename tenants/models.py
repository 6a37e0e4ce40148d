"""The register: which companies live where, under which names, in which state."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from core.base import formats
from core.base.context import TenantRef
from core.base.model import Keyed
from core.base.outbox import OutboxColumns, outbox_constraints
from tenants.base import ControlBase

STATES = ("free", "provisioning", "active", "moving", "restoring", "deleting", "deleted")
ACCESS = ("trialing", "active", "grace", "over_limit", "read_only", "suspended", "closed", "purged")

# The settings that people change (tenants.settings) are told in the tenant's own audit, bulk SQL included. Not what a claim writes.
TOLD = ("name", "hue", "locale", "timezone", *formats.CHOICES, "rooms_off")
OLD, NEW = (", ".join(f"{row}.{name}" for name in TOLD) for row in ("OLD", "NEW"))
AUDIT_OF_SETTINGS = (
    f"CREATE TRIGGER audit_settings AFTER UPDATE OF {', '.join(TOLD)} ON control.tenant FOR EACH ROW "
    f"WHEN (OLD.state = 'active' AND ({OLD}) IS DISTINCT FROM ({NEW})) EXECUTE FUNCTION ext.audit_workspace()"
)


class Tenant(Keyed, ControlBase):
    """One company that rents, or a schema waiting for one (state free). state: where its data are; access: what
    it may do (BILLING 4.2), the stored result of billing's access function. Two columns, never one."""

    __tablename__ = "tenant"
    __table_args__ = (
        CheckConstraint(f"state IN {STATES}", name="state"),
        CheckConstraint(f"access IN {ACCESS}", name="access"),
        *(CheckConstraint(formats.check(one), name=one) for one in formats.CHOICES),
        CheckConstraint("schema_name ~ '^t[0-9a-z]{1,20}$'", name="schema_name"),
        CheckConstraint("state NOT IN ('active', 'moving') OR slug IS NOT NULL", name="slug"),
        Index("ix_tenant_free", "created_at", postgresql_where=text("state = 'free'")),
        Index("uq_tenant_slug", "slug", unique=True, postgresql_where=text("state <> 'deleted'")),
        {"info": {"ddl": (AUDIT_OF_SETTINGS,)}},
    )
    slug: Mapped[str | None]
    name: Mapped[str | None]
    cluster: Mapped[str] = mapped_column(server_default=text("'main'"))
    database: Mapped[str] = mapped_column(server_default=text("current_database()"))
    schema_name: Mapped[str] = mapped_column(unique=True)
    role_name: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str]
    access: Mapped[str] = mapped_column(server_default=text("'trialing'"))
    access_until: Mapped[datetime | None]
    schema_version: Mapped[str]
    migration_error: Mapped[str | None]
    migrated_at: Mapped[datetime | None]
    locale: Mapped[str] = mapped_column(server_default=text("'en'"))
    timezone: Mapped[str] = mapped_column(server_default=text("'UTC'"))
    currency: Mapped[str] = mapped_column(server_default=text("'EUR'"))
    hue: Mapped[int] = mapped_column(server_default=text("262"))
    # How days, times and numbers are written; "" is not chosen (core.base.formats).
    date_format: Mapped[str] = mapped_column(server_default=text("''"), default="")
    clock: Mapped[str] = mapped_column(server_default=text("''"), default="")
    number_format: Mapped[str] = mapped_column(server_default=text("''"), default="")
    first_day: Mapped[str] = mapped_column(server_default=text("''"), default="")
    # Rooms that are switched off (core.base.rooms).
    rooms_off: Mapped[list[str]] = mapped_column(ARRAY(String), server_default=text("'{}'"), default=list)
    # Of what people edit about their workspace alone: everything else in this row is written by machines.
    settings_version: Mapped[int] = mapped_column(server_default=text("1"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    claimed_at: Mapped[datetime | None]
    last_activity_at: Mapped[datetime | None]
    # Since when it is used half as much as before (core.adoption.falling).
    use_fell_at: Mapped[datetime | None]
    delete_after: Mapped[datetime | None]
    size_bytes: Mapped[int | None] = mapped_column(BigInteger)
    limits: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"), default=dict)
    features: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"), default=list)

    def ref(self, url: str = "") -> TenantRef:
        """The plain value that the tenant's own side sees."""
        return TenantRef(
            id=self.id, slug=self.slug or "", name=self.name or "", schema=self.schema_name, locale=self.locale,
            timezone=self.timezone, currency=self.currency, hue=self.hue, url=url, cluster=self.cluster,
            rooms_off=frozenset(self.rooms_off),
        )


class Domain(Keyed, ControlBase):
    """A tenant's own host name; serves pages only once verified."""

    __tablename__ = "domain"
    host: Mapped[str] = mapped_column(unique=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("control.tenant.id"))
    token: Mapped[str]
    verified_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class MailIndex(ControlBase):
    """For "find my workspaces": keyed hash of a mail address -> tenant. Kept by each tenant's outbox."""

    __tablename__ = "mail_index"
    mail_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("control.tenant.id", ondelete="CASCADE"), primary_key=True)


class OutboxDue(ControlBase):
    """A hint written after a tenant's commit: something is due there at that time. Losing it costs at most 60 s."""

    __tablename__ = "outbox_due"
    __table_args__ = (Index("ix_outbox_due_due_at", "due_at"),)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("control.tenant.id", ondelete="CASCADE"), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(primary_key=True)


class ControlOrder(OutboxColumns, ControlBase):
    """The control schema's own outbox: provisioning, billing, runs."""

    __tablename__ = "outbox"
    __table_args__ = outbox_constraints("outbox")


class Clock(ControlBase):
    """When each entry of the schedule last ran, for catch-up; `alive_at` of the name "scheduler" is the dead-man's switch."""

    __tablename__ = "clock"
    name: Mapped[str] = mapped_column(primary_key=True)
    last_due_at: Mapped[datetime | None]
    alive_at: Mapped[datetime | None]


class Run(Keyed, ControlBase):
    """A long operation on a tenant as a list of steps, each repeatable: what is done is written down before the next."""

    __tablename__ = "run"
    __table_args__ = (
        CheckConstraint("kind IN ('export', 'restore', 'delete', 'provision')", name="kind"),
        CheckConstraint("state IN ('waiting', 'running', 'done', 'failed', 'cancelled')", name="state"),
    )
    kind: Mapped[str]
    tenant_id: Mapped[UUID | None] = mapped_column(ForeignKey("control.tenant.id"))
    state: Mapped[str] = mapped_column(server_default=text("'waiting'"))
    step: Mapped[str | None]
    done: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"), default=list)
    data: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"), default=dict)
    error: Mapped[str | None]
    asked_by: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[datetime | None]


class LoginToken(ControlBase):
    """One-time way from sign-up to the tenant's own host: 60 s, single use, by POST."""

    __tablename__ = "login_token"
    token_hash: Mapped[bytes] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("control.tenant.id", ondelete="CASCADE"))
    user_id: Mapped[UUID]
    expires_at: Mapped[datetime]


class AuditAnchor(ControlBase):
    """The head of a tenant's audit chain, kept outside its schema so that a cut tail shows."""

    __tablename__ = "audit_anchor"
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes]
    at: Mapped[datetime]


class Tombstone(Keyed, ControlBase):
    """A person who was erased from a tenant: keys and keyed hashes alone. A restore repeats what an archive does not know."""

    __tablename__ = "tombstone"
    __table_args__ = (Index("ix_tombstone_tenant_id", "tenant_id", "at"),)
    tenant_id: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    request_id: Mapped[UUID] = mapped_column(unique=True)
    what: Mapped[dict[str, Any]]


class Operator(Keyed, ControlBase):
    """A person who runs the platform. Signs in with password and TOTP, apart from all tenants."""

    __tablename__ = "operator"
    mail_norm: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    totp_secret: Mapped[bytes]
    totp_last_step: Mapped[int | None] = mapped_column(BigInteger)
    recovery_hashes: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"), default=list)
    locale: Mapped[str] = mapped_column(server_default=text("'en'"))
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class OperatorSession(Keyed, ControlBase):
    __tablename__ = "operator_session"
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    operator_id: Mapped[UUID] = mapped_column(ForeignKey("control.operator.id", ondelete="CASCADE"))
    csrf: Mapped[str]
    flashes: Mapped[list[Any]] = mapped_column(server_default=text("'[]'::jsonb"), default=list)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    mfa_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    ip: Mapped[str | None]
    agent: Mapped[str | None]


class OperatorAct(Keyed, ControlBase):
    """What operators did, append-only: who, to which tenant, why."""

    __tablename__ = "operator_act"
    __table_args__ = (Index("ix_operator_act_tenant_id", "tenant_id", text("at DESC")), {"info": {"append_only": True}})
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    operator: Mapped[str]
    action: Mapped[str]
    tenant_id: Mapped[UUID | None]
    detail: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"), default=dict)
