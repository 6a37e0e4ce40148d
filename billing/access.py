"""What a tenant may do now: a pure function of facts and a clock (BILLING 4.2, 4.3), and the storing of its answer.

`tenant.access` is that stored answer; nobody else writes it. Enforcement is core.base.policy.require and web.guard.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from billing import entitlements
from billing.models import AccessEvent, AccessState, BillingAccount, Hold, Invoice, Subscription
from tenants.models import Tenant

STRICTNESS = ("trialing", "active", "grace", "read_only", "suspended", "closed")
# Days after the end of a trial, and after the due date of an unpaid transfer invoice.
AFTER_TRIAL = ((0, "read_only"), (30, "suspended"), (60, "closed"))
AFTER_DUE = ((0, "grace"), (21, "read_only"), (45, "suspended"), (75, "closed"))
# What closes a tenant by itself; a hold never leads to deletion.
ENDED = ("trial_over", "overdue", "canceled")
# The days that are left to fetch one's data after the closing (EU Data Act: never less than thirty).
RETRIEVAL = timedelta(days=30)


class Answer(NamedTuple):
    """state: a key of core.base.entitlements.ALLOWED. until: when it changes by itself, None = not by time; as stored, of
    a closed tenant the day of its deletion."""

    state: str
    reason: str
    until: datetime | None


def access(now: datetime, subscription: Any, open_invoices: list[Any], holds: list[Any], account: Any) -> Answer:
    """The strictest of what was rented and what holds say. Free of charge (comp) overrides payment, never a hold."""
    answer = _by_payment(now, subscription, open_invoices, account)
    for hold in holds:
        if hold.effective_from <= now and (hold.effective_to is None or now < hold.effective_to):
            held = Answer(hold.access, f"hold_{hold.kind}", hold.effective_to)
            answer = max(answer, held, key=lambda one: STRICTNESS.index(one.state))
    return answer


def _by_payment(now: datetime, subscription: Any, open_invoices: list[Any], account: Any) -> Answer:
    if account is not None and account.comp_until is not None and now < account.comp_until:
        return Answer("active", "comp", account.comp_until)
    if subscription is None:
        return Answer("read_only", "no_subscription", None)
    end = subscription.ended_at or subscription.cancel_at
    if end is not None and now >= end:
        return Answer("closed", "canceled", None)
    if subscription.state == "trialing":
        return _after(now, subscription.trial_end, AFTER_TRIAL, Answer("trialing", "trial", subscription.trial_end), "trial_over")
    paid = Answer("active", "canceling" if end else "paid", end)
    due = [end_of_day(invoice.due_on, account) for invoice in open_invoices]
    if not due:
        return paid
    return _after(now, min(due), AFTER_DUE, Answer("active", "invoice_open", min(due)), "overdue")


def _after(now: datetime, start: datetime, ladder: tuple, before: Answer, reason: str) -> Answer:
    """Where on a ladder of (days, state) the clock stands."""
    answer = before
    steps = [(start + timedelta(days=days), state) for days, state in ladder]
    for index, (at, state) in enumerate(steps):
        if now >= at:
            answer = Answer(state, reason, steps[index + 1][0] if index + 1 < len(steps) else None)
    return answer


def deletion_day(answer: Answer, closed_since: datetime, holds: list[Any]) -> datetime | None:
    """The day from which a tenant may be erased; None where it is open, held, or closed by a hold. A pure function of
    facts: whoever pays or is made free of charge is not closed, and the days count from when it was noticed."""
    if answer.state != "closed" or answer.reason not in ENDED or holds:
        return None
    return closed_since + RETRIEVAL


def end_of_day(day: date, account: Any) -> datetime:
    """The first moment after a due date where the payer is: he may pay on the day itself."""
    zone = ZoneInfo(account.timezone) if account is not None else UTC
    return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)


def recompute(session: Session, tenant: Tenant, now: datetime) -> Answer:
    """Answer anew from the rows and store it with the plan's limits; a change leaves an event. Control session.

    Locks the tenant's row, so that two at once (payment, clock, operator) write one after the other."""
    locked = session.execute(select(Tenant).where(Tenant.id == tenant.id).with_for_update().execution_options(populate_existing=True)).scalar_one()
    if locked.state in ("deleting", "deleted"):
        # Whoever is leaving stays closed: what were written now would be erased with the rest.
        return Answer(locked.access, "leaving", locked.delete_after)
    answer, holds = answer_of(session, tenant.id, now)
    limits, features = entitlements.granted(session, tenant.id, subscription_of(session, tenant.id), now)
    answer = _note(session, locked, answer, holds, now)
    locked.access, locked.access_until = answer.state, answer.until
    locked.limits, locked.features = limits, sorted(features)
    session.flush()  # the caller may read the answer back in this transaction
    return answer


def answer_of(session: Session, tenant_id: UUID, now: datetime) -> tuple[Answer, list[Hold]]:
    """(what the rows say now, the holds that stand); nothing is stored."""
    subscription, holds = subscription_of(session, tenant_id), holds_of(session, tenant_id, now)
    return access(now, subscription, open_invoices(session, tenant_id), holds, account_of(session, tenant_id)), holds


def _note(session: Session, tenant: Tenant, answer: Answer, holds: list[Hold], now: datetime) -> Answer:
    """Store the answer and since when; returns it with the day of deletion where one is coming."""
    stored = session.get(AccessState, tenant.id) or AccessState(tenant_id=tenant.id, state="", reason="", since=now)
    changed = (stored.state, stored.reason) != (answer.state, answer.reason)
    if changed:
        stored.since = now
    if answer.state == "closed":
        answer = answer._replace(until=deletion_day(answer, closed_since(session, stored, now), holds))
    if changed:
        event = {"before": stored.state or None, "after": answer.state, "reason": answer.reason, "until": answer.until}
        session.add(AccessEvent(tenant_id=tenant.id, at=now, **event))
    if answer.state not in ("suspended", "closed"):
        stored.suspended_at = None
    elif stored.suspended_at is None:
        stored.suspended_at = now
    stored.state, stored.reason, stored.until, stored.cached_at = answer.state, answer.reason, answer.until, now
    session.add(stored)
    return answer


def closed_since(session: Session, stored: AccessState, now: datetime) -> datetime:
    """Since when nothing but the payment has kept a tenant closed: days under a hold do not count towards deletion."""
    query = select(func.max(Hold.effective_to)).where(Hold.tenant_id == stored.tenant_id, Hold.effective_to <= now)
    lifted = session.execute(query).scalar_one()
    return max(stored.since, lifted) if lifted else stored.since


def subscription_of(session: Session, tenant_id) -> Subscription | None:
    """The tenant's live subscription, or the last one it had."""
    query = select(Subscription).where(Subscription.tenant_id == tenant_id)
    return session.execute(query.order_by(Subscription.ended_at.is_not(None), Subscription.created_at.desc()).limit(1)).scalar_one_or_none()


def account_of(session: Session, tenant_id) -> BillingAccount | None:
    return session.execute(select(BillingAccount).where(BillingAccount.tenant_id == tenant_id)).scalar_one_or_none()


def open_invoices(session: Session, tenant_id) -> list[Invoice]:
    """Issued and not wholly paid, the oldest due first."""
    query = select(Invoice).where(Invoice.tenant_id == tenant_id, Invoice.status == "open", Invoice.kind == "invoice")
    return list(session.execute(query.order_by(Invoice.due_on, Invoice.id)).scalars())


def holds_of(session: Session, tenant_id, now: datetime) -> list[Hold]:
    """Holds that stand at `now`."""
    query = select(Hold).where(Hold.tenant_id == tenant_id, Hold.effective_from <= now)
    return list(session.execute(query.where(or_(Hold.effective_to.is_(None), Hold.effective_to > now))).scalars())
