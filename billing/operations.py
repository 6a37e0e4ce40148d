"""What an operator does to a tenant's access and money: suspend, resume, comp, keep, record a payment. Each with a reason,
in the operators' record and the billing audit. On the control session."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from billing import access, audit, invoicing
from billing.models import BillingAccount, Hold, Invoice, Payment
from core.base.errors import NotFound, Refused
from core.base.text import clean
from infra.config import settings
from tenants import lifecycle
from tenants.models import Tenant
from tenants.operations import note_act

OPERATOR = "operator"


def suspend(session: Session, tenant: Tenant, *, reason: str, by: str, now: datetime) -> access.Answer:
    """Hold a tenant suspended until somebody resumes it; refuses a second time (`on_hold_already`)."""
    reason = reason_of(reason)
    tenant = _locked(session, tenant)
    if _held(session, tenant.id, now):
        raise Refused("on_hold_already")
    session.add(Hold(tenant_id=tenant.id, kind=OPERATOR, access="suspended", effective_from=now, reason=reason, author=by))
    return _after(session, tenant, "tenant.suspended", {"reason": reason}, by, now)


def resume(session: Session, tenant: Tenant, *, by: str, now: datetime, reason: str = "") -> access.Answer:
    """Lift the operators' holds; what was not paid still counts. Refuses where there is none (`not_on_hold`)."""
    tenant = _locked(session, tenant)
    holds = _held(session, tenant.id, now)
    if not holds:
        raise Refused("not_on_hold")
    for hold in holds:
        hold.effective_to = now
    return _after(session, tenant, "tenant.resumed", {"reason": clean(reason, field="reason", max_length=300) or ""}, by, now)


def comp(session: Session, tenant: Tenant, *, until: datetime, reason: str, by: str, now: datetime) -> access.Answer:
    """Free of charge until a day, whatever is owed. Refuses a day that is past (`comp_past`) and no reason."""
    reason = reason_of(reason)
    if until <= now:
        raise Refused("comp_past", field="until")
    tenant = _locked(session, tenant)
    account = access.account_of(session, tenant.id)
    if account is None:
        account = BillingAccount(
            tenant_id=tenant.id, legal_name=tenant.name, currency=settings().seller.currency, mail="", locale=tenant.locale,
            timezone=tenant.timezone, created_at=now,
        )
        session.add(account)
    account.comp_until = until
    return _after(session, tenant, "tenant.comped", {"until": until, "reason": reason}, by, now)


def keep(session: Session, tenant: Tenant, *, reason: str, by: str, now: datetime) -> access.Answer:
    """Take a deletion back that has not begun; what was paid decides again what the tenant may do. Refuses one that nobody
    asked for (`not_leaving`), one that has begun (`deletion_begun`), and a tenant that stays closed for want of payment
    and would be deleted all the same (`still_closed`)."""
    reason = reason_of(reason)
    tenant = _locked(session, tenant)
    lifecycle.undo_deletion(session, tenant, access=tenant.access)
    answer = _after(session, tenant, "tenant.kept", {"reason": reason}, by, now)
    if answer.state == "closed":
        raise Refused("still_closed")
    return answer


def receive(
    session: Session, invoice_id: UUID, *, seen: str, amount: int, method: str, received_on: date, note: str | None, by: str, now: datetime
) -> Invoice:
    """Enter money that came in for an invoice (invoicing.record_payment), in the operators' record too.

    seen: how many payments the form showed. Refuses where there are more by now (`payment_meanwhile`): a double click,
    a form sent again after going back, a colleague with the same bank statement."""
    if received_on > now.date():
        raise Refused("paid_in_future", field="received_on")
    session.execute(select(Invoice.id).where(Invoice.id == invoice_id).with_for_update())  # counted one after the other
    recorded = session.execute(select(func.count()).where(Payment.invoice_id == invoice_id)).scalar_one()
    if seen != str(recorded):
        raise Refused("payment_meanwhile")
    invoice = invoicing.record_payment(session, invoice_id, amount=amount, method=method, received_on=received_on, by=by, note=note, now=now)
    detail = {"invoice": invoice.number, "amount": amount, "currency": invoice.currency}
    note_act(session, by, "invoice.payment", now, tenant_id=invoice.tenant_id, detail=detail)
    return invoice


def _after(session: Session, tenant: Tenant, action: str, detail: dict, by: str, now: datetime) -> access.Answer:
    session.flush()  # access is computed from the rows
    before = tenant.access
    answer = access.recompute(session, tenant, now)
    note_act(session, by, action, now, tenant_id=tenant.id, detail=detail)
    audit.note(session, tenant.id, OPERATOR, by, action, now, before={"access": before}, after={"access": answer.state, **detail}, reason=detail.get("reason"))
    return answer


def _locked(session: Session, tenant: Tenant) -> Tenant:
    query = select(Tenant).where(Tenant.id == tenant.id, Tenant.slug.is_not(None)).with_for_update()
    found = session.execute(query.execution_options(populate_existing=True)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


def _held(session: Session, tenant_id: UUID, now: datetime) -> list[Hold]:
    return [hold for hold in access.holds_of(session, tenant_id, now) if hold.kind == OPERATOR]


def reason_of(typed: str) -> str:
    found = clean(typed, field="reason", max_length=300)
    if not found:
        raise Refused("reason_needed", field="reason")
    return found
