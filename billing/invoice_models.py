"""Tables of paper and money: invoices, their numbers, files and payments, the accounts' credit (BILLING 4.1)."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.base.model import Keyed
from tenants.base import ControlBase

INVOICE_STATES = ("draft", "open", "paid", "void", "uncollectible")


# An issued invoice is a tax document: only what happens to it afterwards may be written, and nothing may remove it.
GUARD_INVOICE = """CREATE OR REPLACE FUNCTION control.guard_invoice() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF OLD.status = 'draft' THEN RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END; END IF;
  IF TG_OP = 'UPDATE' AND NEW.status <> 'draft' AND (OLD.pdf_sha256 IS NULL OR OLD.pdf_sha256 = NEW.pdf_sha256)
     AND to_jsonb(OLD) - array['status', 'payment_status', 'paid_at', 'pdf_sha256'] = to_jsonb(NEW) - array['status', 'payment_status', 'paid_at', 'pdf_sha256']
  THEN RETURN NEW; END IF;
  RAISE EXCEPTION USING MESSAGE = 'an issued invoice is immutable: correct it by a credit note', ERRCODE = 'insufficient_privilege';
END $$"""
GUARD_LINE = """CREATE OR REPLACE FUNCTION control.guard_invoice_line() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE kept uuid := CASE WHEN TG_OP = 'INSERT' THEN NEW.invoice_id ELSE OLD.invoice_id END;
BEGIN
  PERFORM 1 FROM control.invoice WHERE id = kept AND status <> 'draft';
  IF FOUND THEN RAISE EXCEPTION USING MESSAGE = 'an issued invoice is immutable: correct it by a credit note', ERRCODE = 'insufficient_privilege'; END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$"""


class Invoice(Keyed, ControlBase):
    """What we charge. A draft has no number; issuing takes one from its series and closes the row for good."""

    __tablename__ = "invoice"
    __table_args__ = (
        UniqueConstraint("series", "number"),
        UniqueConstraint("subscription_id", "period_start", "kind"),
        CheckConstraint("kind IN ('invoice', 'credit_note')", name="kind"),
        CheckConstraint(f"status IN {INVOICE_STATES}", name="status"),
        CheckConstraint("payment_status IN ('unpaid', 'partial', 'paid')", name="payment_status"),
        CheckConstraint("(status = 'draft') = (number IS NULL)", name="number"),
        CheckConstraint("gross = net + tax", name="gross"),
        Index("ix_invoice_tenant_id", "tenant_id", text("created_at DESC")),
        {"info": {"ddl": [
            GUARD_INVOICE, "CREATE TRIGGER immutable BEFORE UPDATE OR DELETE ON control.invoice FOR EACH ROW EXECUTE FUNCTION control.guard_invoice()",
            "CREATE TRIGGER kept BEFORE TRUNCATE ON control.invoice EXECUTE FUNCTION ext.refuse_change()",
        ]}},
    )
    tenant_id: Mapped[UUID]
    account_id: Mapped[UUID] = mapped_column(ForeignKey("control.billing_account.id"))
    subscription_id: Mapped[UUID | None] = mapped_column(ForeignKey("control.subscription.id"))
    series: Mapped[str | None]
    number: Mapped[str | None]
    kind: Mapped[str] = mapped_column(server_default=text("'invoice'"))
    status: Mapped[str] = mapped_column(server_default=text("'draft'"))
    payment_status: Mapped[str] = mapped_column(server_default=text("'unpaid'"))
    issued_on: Mapped[date | None]
    supply_on: Mapped[date | None]
    due_on: Mapped[date | None]
    period_start: Mapped[datetime | None]
    period_end: Mapped[datetime | None]
    currency: Mapped[str]
    net: Mapped[int] = mapped_column(BigInteger)
    tax: Mapped[int] = mapped_column(BigInteger)
    gross: Mapped[int] = mapped_column(BigInteger)
    seller: Mapped[dict[str, Any]]
    buyer: Mapped[dict[str, Any]]
    tax_treatment: Mapped[str]
    reference: Mapped[str | None]
    locale: Mapped[str]
    notes: Mapped[str | None]
    pdf_sha256: Mapped[bytes | None] = mapped_column(LargeBinary)
    provider_invoice_id: Mapped[str | None] = mapped_column(unique=True)
    refers_to: Mapped[UUID | None] = mapped_column(ForeignKey("control.invoice.id"))
    paid_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class InvoiceLine(Keyed, ControlBase):
    """One position. tax_rate in percent, two decimals as an integer: 1900 is 19 %."""

    __tablename__ = "invoice_line"
    __table_args__ = (
        UniqueConstraint("invoice_id", "position"),
        CheckConstraint("kind IN ('plan', 'seat', 'proration', 'usage', 'coupon', 'adjustment')", name="kind"),
        {"info": {"ddl": [
            GUARD_LINE, "CREATE TRIGGER immutable BEFORE INSERT OR UPDATE OR DELETE ON control.invoice_line FOR EACH ROW EXECUTE FUNCTION control.guard_invoice_line()",
        ]}},
    )
    invoice_id: Mapped[UUID] = mapped_column(ForeignKey("control.invoice.id"))
    position: Mapped[int]
    kind: Mapped[str]
    text: Mapped[dict[str, Any]]
    period_start: Mapped[datetime | None]
    period_end: Mapped[datetime | None]
    quantity: Mapped[int]
    unit: Mapped[int] = mapped_column(BigInteger)
    net: Mapped[int] = mapped_column(BigInteger)
    tax_rate: Mapped[int]
    tax: Mapped[int] = mapped_column(BigInteger)


class InvoiceFile(ControlBase):
    """The document as it was issued, byte for byte; kept beside the row so that one backup holds both."""

    __tablename__ = "invoice_file"
    __table_args__ = ({"info": {"append_only": True}},)
    invoice_id: Mapped[UUID] = mapped_column(ForeignKey("control.invoice.id"), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]


class NumberSeries(ControlBase):
    """The locked counter row: a sequence would leave a gap at every rollback (BILLING 0.7)."""

    __tablename__ = "number_series"
    series: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))


class Payment(Keyed, ControlBase):
    """Money that came in for an invoice; a mistake is taken back by a row of its own (reversal_of)."""

    __tablename__ = "payment"
    __table_args__ = (
        CheckConstraint("amount <> 0", name="amount"),
        CheckConstraint("method IN ('bank_transfer', 'cash', 'cheque', 'balance', 'card', 'other')", name="method"),
        Index("ix_payment_invoice_id", "invoice_id"),
        {"info": {"append_only": True}},
    )
    tenant_id: Mapped[UUID]
    invoice_id: Mapped[UUID] = mapped_column(ForeignKey("control.invoice.id"))
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    method: Mapped[str]
    received_on: Mapped[date]
    provider_payment_id: Mapped[str | None] = mapped_column(unique=True)
    reversal_of: Mapped[UUID | None] = mapped_column(ForeignKey("control.payment.id"))
    note: Mapped[str | None]
    recorded_by: Mapped[str]
    created_at: Mapped[datetime]


class BalanceEntry(Keyed, ControlBase):
    """The account's credit: an over-payment comes in, a later invoice takes it. Append-only."""

    __tablename__ = "balance_entry"
    __table_args__ = (Index("ix_balance_entry_account_id", "account_id"), {"info": {"append_only": True}})
    account_id: Mapped[UUID] = mapped_column(ForeignKey("control.billing_account.id"))
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    payment_id: Mapped[UUID | None]
    invoice_id: Mapped[UUID | None]
    at: Mapped[datetime]
