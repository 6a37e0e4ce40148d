"""The provider without a provider: our own invoices, paid by bank transfer, entered by the operator (BILLING 3.2)."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing import access, invoicing, plans
from billing.models import Invoice, Plan, PlanVersion, Price, Subscription, SubscriptionChange
from billing.periods import next_end
from tenants.models import Tenant


class Manual:
    """Nothing outside is asked: the invoice is the order, the bank statement the answer."""

    key = "manual"
    capabilities: frozenset[str] = frozenset()

    def start(self, session: Session, tenant: Tenant, subscription: Subscription, price: Price, seats: int, now: datetime, *, partner_seats: int = 0) -> Invoice:
        """The first period begins when the trial ends, so that nobody pays for days he had for free."""
        account = access.account_of(session, tenant.id)
        begin = max(now, subscription.trial_end or now)
        subscription.state, subscription.price_id, subscription.plan_version_id = "active", price.id, price.plan_version_id
        subscription.seats_billed, subscription.partner_seats_billed = seats, partner_seats
        subscription.provider, subscription.provider_status = self.key, "awaiting_payment"
        subscription.anchor_day, subscription.period_start = begin.day, begin
        subscription.period_end = next_end(begin, price.interval, begin.day, account.timezone)
        session.flush()  # access is computed from the row
        return self._invoice(session, subscription, price, now)

    def change(self, session: Session, subscription: Subscription, price: Price, seats: int, now: datetime, *, partner_seats: int = 0) -> None:
        """Scheduled for the next period; a change asked for before is withdrawn."""
        for waiting in session.execute(select(SubscriptionChange).filter_by(subscription_id=subscription.id, state="scheduled")).scalars():
            waiting.state = "withdrawn"
        values = {"price_id": price.id, "seats": seats, "partner_seats": partner_seats, "effective_at": subscription.period_end, "created_at": now}
        session.add(SubscriptionChange(subscription_id=subscription.id, **values))

    def cancel(self, session: Session, subscription: Subscription, now: datetime) -> datetime:
        """At the end of what was rented; the row ends by the clock."""
        end = subscription.period_end or subscription.trial_end or now
        subscription.state, subscription.cancel_at, subscription.canceled_at = "canceling", end, now
        return end

    def sync(self, session: Session, subscription: Subscription, now: datetime) -> None:
        """Our rows are the truth here: only the moment is noted."""
        subscription.synced_at = now

    def renew(self, session: Session, subscription: Subscription, now: datetime) -> Invoice:
        """The next period with what was scheduled for it, and its invoice. The unique key on (subscription, period)
        has the database refuse a second one."""
        account = access.account_of(session, subscription.tenant_id)
        due = select(SubscriptionChange).filter_by(subscription_id=subscription.id, state="scheduled")
        change = session.execute(due).scalar_one_or_none()
        if change is not None:
            subscription.price_id, subscription.seats_billed, subscription.partner_seats_billed = change.price_id, change.seats, change.partner_seats
            change.state = "done"
        price = session.get_one(Price, subscription.price_id)
        subscription.plan_version_id, subscription.provider_status = price.plan_version_id, "awaiting_payment"
        subscription.period_start = subscription.period_end
        subscription.period_end = next_end(subscription.period_start, price.interval, subscription.anchor_day, account.timezone)
        return self._invoice(session, subscription, price, now)

    def _invoice(self, session: Session, subscription: Subscription, price: Price, now: datetime) -> Invoice:
        plan_code = session.execute(
            select(Plan.code).join(PlanVersion, PlanVersion.plan_id == Plan.id).where(PlanVersion.id == price.plan_version_id)
        ).scalar_one()
        account = access.account_of(session, subscription.tenant_id)
        items = [(price, subscription.seats_billed)]
        if subscription.partner_seats_billed:
            items.append((plans.partner_price(session, price), subscription.partner_seats_billed))
        period = {"start": subscription.period_start, "end": subscription.period_end}
        invoice = invoicing.draft(session, account, subscription, items, plan_code, now=now, **period)
        return invoicing.issue(session, invoice, now)
