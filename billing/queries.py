"""Reads for the pages about a subscription: the tenant's own and the operator's."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing import access, invoicing, plans
from billing.models import AccessState, BillingAccount, Invoice, Payment, Plan, PlanVersion, Price, Subscription
from core.base.errors import NotFound
from core.base.money import Money
from tenants.models import Tenant


@dataclass(frozen=True)
class Overview:
    """Everything about what a tenant rents. plan is the catalogue's English name, translated at the door. deletion_at:
    the day from which its data are erased, where one is coming."""

    subscription: Subscription | None
    plan: str
    plan_code: str
    price: Price | None
    account: BillingAccount | None
    access: AccessState | None
    invoices: list[Invoice]
    deletion_at: datetime | None = None
    partner_price: Price | None = None

    @property
    def per_period(self) -> Money | None:
        """What a period costs before tax."""
        if self.price is None:
            return None
        partners = self.partner_price.unit_amount * self.subscription.partner_seats_billed if self.partner_price else 0
        return Money.of_minor(self.price.unit_amount * self.subscription.seats_billed + partners, self.price.currency)

    def trial_days_left(self, now: datetime) -> int | None:
        """Whole days that are left, rounded up; None outside a trial."""
        if self.subscription is None or self.subscription.state != "trialing":
            return None
        return max(0, -((now - self.subscription.trial_end) // timedelta(days=1)))


def overview(session: Session, tenant_id: UUID) -> Overview:
    """The live subscription (or the last one) with its plan, account, access and invoices, the newest first."""
    subscription = access.subscription_of(session, tenant_id)
    plan = price = None
    if subscription is not None:
        query = select(Plan).join(PlanVersion, PlanVersion.plan_id == Plan.id).where(PlanVersion.id == subscription.plan_version_id)
        plan = session.execute(query).scalar_one()
        price = session.get(Price, subscription.price_id) if subscription.price_id else None
    return Overview(
        subscription, plan.name if plan else "", plan.code if plan else "", price, access.account_of(session, tenant_id),
        session.get(AccessState, tenant_id), invoices(session, tenant_id), deletion_at(session.get(Tenant, tenant_id)),
        plans.partner_price(session, price) if price else None,
    )


def deletion_at(tenant: Tenant | None) -> datetime | None:
    """The day of erasure: set, or coming because the workspace is closed."""
    if tenant is None or tenant.state == "deleted":
        return None
    return tenant.delete_after or (tenant.access_until if tenant.access == "closed" else None)


def invoices(session: Session, tenant_id: UUID) -> list[Invoice]:
    """Issued invoices, the newest first."""
    query = select(Invoice).where(Invoice.tenant_id == tenant_id, Invoice.status != "draft")
    return list(session.execute(query.order_by(Invoice.created_at.desc(), Invoice.number.desc())).scalars())


def invoice_of(session: Session, tenant_id: UUID, invoice_id: UUID) -> tuple[Invoice, int, list[Payment]]:
    """(one of this tenant's issued invoices, what is still owed, its payments); another's is not there."""
    invoice = session.get(Invoice, invoice_id)
    if invoice is None or invoice.tenant_id != tenant_id or invoice.status == "draft":
        raise NotFound()
    payments = select(Payment).where(Payment.invoice_id == invoice.id).order_by(Payment.created_at, Payment.id)
    return invoice, invoicing.outstanding(session, invoice), list(session.execute(payments).scalars())


def plans_of(session: Session, tenant_ids: list[UUID]) -> dict[UUID, tuple[str, Subscription]]:
    """tenant -> (plan's name, its live or last subscription), one statement for a whole list."""
    query = (
        select(Subscription, Plan.name).join(PlanVersion, PlanVersion.id == Subscription.plan_version_id).join(Plan, Plan.id == PlanVersion.plan_id)
        .where(Subscription.tenant_id.in_(tenant_ids)).order_by(Subscription.ended_at.is_(None), Subscription.created_at)
    )
    return {row.Subscription.tenant_id: (row.name, row.Subscription) for row in session.execute(query)}
