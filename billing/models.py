"""Billing tables, in the control schema (BILLING 4.1): invoices outlive the tenant, and access is decided before its
schema is opened. tenant_id has no foreign key for the same reason. Money is integer minor units with a currency."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from billing.invoice_models import BalanceEntry, Invoice, InvoiceFile, InvoiceLine, NumberSeries, Payment  # noqa: F401 (one door to all tables)
from core.base.model import Keyed
from tenants.base import ControlBase
from tenants.models import ACCESS

SUBSCRIPTION_STATES = ("trialing", "active", "canceling", "ended")
INTERVALS = ("month", "year")
HOLD_KINDS = ("operator", "abuse", "legal", "overdue")
PRICE_MODELS = ("flat", "per_seat", "flat_seat", "tiered")
# What a price is for; each is a quantity of its own. Partners are people from outside, who see what names them.
PRICE_ITEMS = ("seat", "partner_seat")
JSON_EMPTY = text("'{}'::jsonb")


class Plan(Keyed, ControlBase):
    """What may be rented, by name. What it holds and costs stands in its versions."""

    __tablename__ = "plan"
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    rank: Mapped[int]
    public: Mapped[bool] = mapped_column(server_default=text("true"))
    archived_at: Mapped[datetime | None]


class PlanVersion(Keyed, ControlBase):
    """A plan as it was offered from a day on; a subscription stays on the version it was taken under."""

    __tablename__ = "plan_version"
    __table_args__ = (UniqueConstraint("plan_id", "n"),)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("control.plan.id"))
    n: Mapped[int]
    valid_from: Mapped[date]


class Price(Keyed, ControlBase):
    """What a seat or a partner's seat costs in a version, currency and interval; included_seats come with the plan. Never
    changed: a new price is a new row."""

    __tablename__ = "price"
    __table_args__ = (
        CheckConstraint(f"interval IN {INTERVALS}", name="interval"),
        CheckConstraint(f"model IN {PRICE_MODELS}", name="model"),
        CheckConstraint(f"item IN {PRICE_ITEMS}", name="item"),
        CheckConstraint("unit_amount >= 0", name="unit_amount"),
        Index("uq_price_offer", "plan_version_id", "currency", "interval", "item", unique=True, postgresql_where=text("active")),
    )
    plan_version_id: Mapped[UUID] = mapped_column(ForeignKey("control.plan_version.id"))
    currency: Mapped[str]
    interval: Mapped[str]
    item: Mapped[str] = mapped_column(server_default=text("'seat'"), default="seat")
    unit_amount: Mapped[int] = mapped_column(BigInteger)
    model: Mapped[str] = mapped_column(server_default=text("'per_seat'"))
    included_seats: Mapped[int] = mapped_column(server_default=text("0"))
    tax_behavior: Mapped[str] = mapped_column(server_default=text("'exclusive'"))
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    provider_ref: Mapped[dict[str, Any]] = mapped_column(server_default=JSON_EMPTY)


class Feature(Keyed, ControlBase):
    """Something a plan may grant: a switch (bool) or a number (limit)."""

    __tablename__ = "feature"
    __table_args__ = (
        CheckConstraint("kind IN ('bool', 'limit')", name="kind"),
        CheckConstraint("enforcement IN ('hard', 'soft', 'meter')", name="enforcement"),
        CheckConstraint("time_window IN ('none', 'month', 'day')", name="time_window"),
    )
    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    enforcement: Mapped[str] = mapped_column(server_default=text("'hard'"))
    time_window: Mapped[str] = mapped_column(server_default=text("'none'"))


class PlanEntitlement(ControlBase):
    """What a version grants. value: the limit, None = unlimited; for a switch 1 or 0."""

    __tablename__ = "plan_entitlement"
    plan_version_id: Mapped[UUID] = mapped_column(ForeignKey("control.plan_version.id"), primary_key=True)
    feature_id: Mapped[UUID] = mapped_column(ForeignKey("control.feature.id"), primary_key=True)
    value: Mapped[int | None] = mapped_column(BigInteger)


class EntitlementOverride(Keyed, ControlBase):
    """More or less than the plan for one tenant, for a time and a reason."""

    __tablename__ = "entitlement_override"
    __table_args__ = (Index("ix_entitlement_override_tenant_id", "tenant_id"),)
    tenant_id: Mapped[UUID]
    key: Mapped[str]
    value: Mapped[int | None] = mapped_column(BigInteger)
    valid_to: Mapped[datetime | None]
    reason: Mapped[str]
    author: Mapped[str]
    created_at: Mapped[datetime]


class BillingAccount(Keyed, ControlBase):
    """Who pays: name, address, tax id, where mail goes. comp_until: free of charge until then (operator, with reason)."""

    __tablename__ = "billing_account"
    __table_args__ = (CheckConstraint("vat_status IN ('none', 'unchecked', 'valid', 'invalid')", name="vat_status"),)
    tenant_id: Mapped[UUID] = mapped_column(unique=True)
    legal_name: Mapped[str]
    address: Mapped[str | None]
    postcode: Mapped[str | None]
    city: Mapped[str | None]
    country: Mapped[str | None]
    currency: Mapped[str]
    vat_id: Mapped[str | None]
    vat_status: Mapped[str] = mapped_column(server_default=text("'none'"))
    vat_evidence: Mapped[dict[str, Any]] = mapped_column(server_default=JSON_EMPTY)
    mail: Mapped[str]
    locale: Mapped[str]
    timezone: Mapped[str]
    provider: Mapped[str] = mapped_column(server_default=text("'manual'"))
    provider_customer_id: Mapped[str | None]
    comp_until: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Subscription(Keyed, ControlBase):
    """What a tenant rents. state is ours (BILLING 4.4); provider_status is the provider's own word. partner_seats_billed: beyond
    those that come with the plan."""

    __tablename__ = "subscription"
    __table_args__ = (
        CheckConstraint(f"state IN {SUBSCRIPTION_STATES}", name="state"),
        CheckConstraint("seats_billed > 0", name="seats_billed"),
        CheckConstraint("partner_seats_billed >= 0", name="partner_seats_billed"),
        CheckConstraint("(state = 'ended') = (ended_at IS NOT NULL)", name="ended"),
        Index("uq_subscription_live", "tenant_id", unique=True, postgresql_where=text("ended_at IS NULL")),
        Index("ix_subscription_tenant_id", "tenant_id"),
    )
    tenant_id: Mapped[UUID]
    plan_version_id: Mapped[UUID] = mapped_column(ForeignKey("control.plan_version.id"))
    price_id: Mapped[UUID | None] = mapped_column(ForeignKey("control.price.id"))
    state: Mapped[str]
    seats_billed: Mapped[int]
    partner_seats_billed: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    provider: Mapped[str] = mapped_column(server_default=text("'manual'"))
    provider_sub_id: Mapped[str | None] = mapped_column(unique=True)
    provider_status: Mapped[str | None]
    anchor_day: Mapped[int | None]
    period_start: Mapped[datetime | None]
    period_end: Mapped[datetime | None]
    trial_end: Mapped[datetime | None]
    cancel_at: Mapped[datetime | None]
    canceled_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    previous_id: Mapped[UUID | None] = mapped_column(ForeignKey("control.subscription.id"))
    synced_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    row_version: Mapped[int] = mapped_column(server_default=text("1"), default=1)
    __mapper_args__ = {"version_id_col": row_version}


class SubscriptionChange(Keyed, ControlBase):
    """A change that waits for its day: downgrade, fewer seats, another interval."""

    __tablename__ = "subscription_change"
    __table_args__ = (CheckConstraint("state IN ('scheduled', 'done', 'withdrawn')", name="state"), CheckConstraint("partner_seats >= 0", name="partner_seats"))
    subscription_id: Mapped[UUID] = mapped_column(ForeignKey("control.subscription.id"))
    price_id: Mapped[UUID] = mapped_column(ForeignKey("control.price.id"))
    seats: Mapped[int]
    partner_seats: Mapped[int] = mapped_column(server_default=text("0"), default=0)
    effective_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(server_default=text("'scheduled'"))
    preview: Mapped[dict[str, Any]] = mapped_column(server_default=JSON_EMPTY)
    created_at: Mapped[datetime]


class AccessState(ControlBase):
    """The stored answer of the access function; its copy in tenant.access is what the doors read."""

    __tablename__ = "access_state"
    __table_args__ = (CheckConstraint(f"state IN {ACCESS}", name="state"),)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    state: Mapped[str]
    reason: Mapped[str]
    since: Mapped[datetime]
    until: Mapped[datetime | None]
    suspended_at: Mapped[datetime | None]
    cached_at: Mapped[datetime]


class AccessEvent(Keyed, ControlBase):
    """Each change of a tenant's access, append-only."""

    __tablename__ = "access_event"
    __table_args__ = (Index("ix_access_event_tenant_id", "tenant_id", text("at DESC")), {"info": {"append_only": True}})
    tenant_id: Mapped[UUID]
    at: Mapped[datetime]
    before: Mapped[str | None]
    after: Mapped[str]
    reason: Mapped[str]
    until: Mapped[datetime | None]


class Hold(Keyed, ControlBase):
    """A block that stands by itself, whatever was paid; the strictest of all holds counts."""

    __tablename__ = "hold"
    __table_args__ = (
        CheckConstraint(f"kind IN {HOLD_KINDS}", name="kind"),
        CheckConstraint("access IN ('read_only', 'suspended', 'closed')", name="access"),
        Index("ix_hold_tenant_id", "tenant_id"),
    )
    tenant_id: Mapped[UUID]
    kind: Mapped[str]
    access: Mapped[str] = mapped_column(server_default=text("'suspended'"))
    effective_from: Mapped[datetime]
    effective_to: Mapped[datetime | None]
    reason: Mapped[str]
    author: Mapped[str]


class BillingIntent(ControlBase):
    """What a person set out to do; its key is the idempotency key, so a double click is one order."""

    __tablename__ = "billing_intent"
    __table_args__ = (CheckConstraint("state IN ('open', 'done', 'expired')", name="state"),)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]
    kind: Mapped[str]
    data: Mapped[dict[str, Any]]
    session_id: Mapped[str | None]
    state: Mapped[str] = mapped_column(server_default=text("'open'"))
    result_id: Mapped[UUID | None]
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime]


class BillingNotice(Keyed, ControlBase):
    """A notice that was left for sending, once per subject and step (BILLING 4.9)."""

    __tablename__ = "billing_notice"
    __table_args__ = (UniqueConstraint("subject_id", "step"), {"info": {"append_only": True}})
    tenant_id: Mapped[UUID]
    subject_id: Mapped[UUID]
    step: Mapped[str]
    at: Mapped[datetime]


class BillingAudit(Keyed, ControlBase):
    """Who changed what about money and access, and why. Append-only."""

    __tablename__ = "billing_audit"
    __table_args__ = (Index("ix_billing_audit_tenant_id", "tenant_id", text("at DESC")), {"info": {"append_only": True}})
    tenant_id: Mapped[UUID]
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    actor_kind: Mapped[str]
    actor: Mapped[str]
    action: Mapped[str]
    before: Mapped[dict[str, Any] | None]
    after: Mapped[dict[str, Any] | None]
    ip: Mapped[str | None]
    reason: Mapped[str | None]
