"""Subscription invoices in the order of their life: draft, number, issue, pay. All on the control session."""

from dataclasses import asdict
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from billing import access, audit, letters
from billing.models import (
    BalanceEntry,
    BillingAccount,
    Invoice,
    InvoiceLine,
    NumberSeries,
    Payment,
    Price,
    Subscription,
)
from core.base import vat
from core.base.errors import NotFound, Refused
from core.base.text import clean
from infra.config import settings
from infra.references import rf_reference
from tenants.models import Tenant

SERIES = "subscription"
DUE_DAYS = 14
METHODS = ("bank_transfer", "cash", "cheque", "other")


def draft(
    session: Session, account: BillingAccount, subscription: Subscription, items: list[tuple[Price, int]], plan_code: str,
    start: datetime, end: datetime, now: datetime,
) -> Invoice:
    """An invoice over one period without a number: it may still be thrown away. items: (price, how many), a line each."""
    kind, rate = vat.treatment(settings().seller.vat_id, account.country or "", account.vat_id)
    nets = [price.unit_amount * number for price, number in items]
    taxes = vat.tax_of([(net, rate) for net in nets])
    net, tax = sum(nets), sum(taxes)
    invoice = Invoice(
        tenant_id=account.tenant_id, account_id=account.id, subscription_id=subscription.id, status="draft", currency=items[0][0].currency,
        net=net, tax=tax, gross=net + tax, seller=asdict(settings().seller), buyer=buyer_of(account), tax_treatment=kind,
        locale=account.locale, period_start=start, period_end=end, created_at=now,
    )
    session.add(invoice)
    session.flush()  # the lines name the invoice by key
    for position, ((price, number), net, tax) in enumerate(zip(items, nets, taxes, strict=True), 1):
        session.add(InvoiceLine(
            invoice_id=invoice.id, position=position, kind="seat", text={"plan": plan_code, "interval": price.interval, "item": price.item},
            period_start=start, period_end=end, quantity=number, unit=price.unit_amount, net=net, tax_rate=rate, tax=tax,
        ))
    session.flush()  # the lines must stand before the invoice is closed to changes
    return invoice


def issue(session: Session, invoice: Invoice, now: datetime) -> Invoice:
    """Give it its number and close it for good; credit on the account is used up first."""
    if invoice.status != "draft":
        raise Refused("not_payable")
    day = now.date()
    invoice.series, invoice.number = SERIES, take_number(session, SERIES, day.year)
    invoice.issued_on, invoice.supply_on, invoice.due_on = day, invoice.period_start.date(), day + timedelta(days=DUE_DAYS)
    invoice.reference = rf_reference(invoice.number)
    invoice.status = "open"
    session.flush()  # from here on the trigger guards it
    letters.leave(session, invoice.tenant_id, invoice.id, "invoice_issued", now)
    _use_balance(session, invoice, now)
    return invoice


def take_number(session: Session, series: str, year: int) -> str:
    """The next number of a series; its row stays locked until the transaction ends, so a rollback gives it back."""
    statement = insert(NumberSeries).values(series=series, year=year, last=1)
    statement = statement.on_conflict_do_update(index_elements=["series", "year"], set_={"last": NumberSeries.last + 1})
    return f"{year}-{session.execute(statement.returning(NumberSeries.last)).scalar_one():06d}"


def record_payment(
    session: Session, invoice_id: UUID, *, amount: int, method: str, received_on: date, by: str, note: str | None = None,
    now: datetime, kind: str = "operator",
) -> Invoice:
    """Enter money that came in: part of it leaves the rest open, all of it settles the invoice, what is over goes to
    the account's balance. Refuses an invoice that was never issued or is void (`not_payable`)."""
    invoice = session.execute(select(Invoice).where(Invoice.id == invoice_id).with_for_update()).scalar_one_or_none()
    if invoice is None:
        raise NotFound()
    if invoice.status not in ("open", "paid"):
        raise Refused("not_payable")
    if amount <= 0:
        raise Refused("not_an_amount", field="amount")
    if method not in (*METHODS, "balance"):
        raise Refused("unknown_value", field="method")
    owed = outstanding(session, invoice)
    payment = Payment(
        tenant_id=invoice.tenant_id, invoice_id=invoice.id, amount=amount, currency=invoice.currency, method=method,
        received_on=received_on, note=clean(note, field="note", max_length=200), recorded_by=by, created_at=now,
    )
    session.add(payment)
    session.flush()  # the balance entry names the payment by key
    if amount > owed:
        _credit(session, invoice, amount - owed, payment, now)
    _settle(session, invoice, amount >= owed, now)
    audit.note(session, invoice.tenant_id, kind, by, "payment.recorded", now, after={"invoice": invoice.number, "amount": amount, "method": method})
    return invoice


def outstanding(session: Session, invoice: Invoice) -> int:
    """What is still owed, in minor units; never below zero."""
    paid = session.execute(select(func.coalesce(func.sum(Payment.amount), 0)).where(Payment.invoice_id == invoice.id)).scalar_one()
    return max(0, invoice.gross - int(paid))


def balance(session: Session, account_id: UUID, currency: str) -> int:
    """Credit on the account in minor units."""
    query = select(func.coalesce(func.sum(BalanceEntry.amount), 0)).where(BalanceEntry.account_id == account_id, BalanceEntry.currency == currency)
    return int(session.execute(query).scalar_one())


def buyer_of(account: BillingAccount) -> dict:
    """The buyer as printed; copied, because the invoice keeps what was true."""
    return {name: getattr(account, name) for name in ("legal_name", "address", "postcode", "city", "country", "vat_id", "mail")}


def _settle(session: Session, invoice: Invoice, whole: bool, now: datetime) -> None:
    if not whole:
        invoice.payment_status = "partial"
        return
    if invoice.status == "paid":
        return
    invoice.status, invoice.payment_status, invoice.paid_at = "paid", "paid", now
    subscription = session.get(Subscription, invoice.subscription_id) if invoice.subscription_id else None
    if subscription is not None:
        subscription.provider_status, subscription.synced_at = "paid", now
    session.flush()  # the access function reads the invoice's status
    access.recompute(session, session.get_one(Tenant, invoice.tenant_id), now)
    letters.leave(session, invoice.tenant_id, invoice.id, "receipt", now)


def _credit(session: Session, invoice: Invoice, amount: int, payment: Payment, now: datetime) -> None:
    entry = {"payment_id": payment.id, "invoice_id": invoice.id, "currency": invoice.currency, "at": now}
    session.add(BalanceEntry(account_id=invoice.account_id, amount=amount, **entry))


def _use_balance(session: Session, invoice: Invoice, now: datetime) -> None:
    """A credit pays first, as a payment of its own kind."""
    session.execute(select(BillingAccount.id).where(BillingAccount.id == invoice.account_id).with_for_update())
    credit = min(balance(session, invoice.account_id, invoice.currency), invoice.gross)
    if credit <= 0:
        return
    taken = {"account_id": invoice.account_id, "invoice_id": invoice.id, "currency": invoice.currency, "at": now}
    session.add(BalanceEntry(amount=-credit, **taken))
    record_payment(session, invoice.id, amount=credit, method="balance", received_on=now.date(), by="balance", now=now, kind="system")
