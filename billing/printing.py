"""An invoice on paper: its words and numbers in the payer's language, printed once and kept byte for byte."""

import hashlib
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from babel import Locale
from babel.numbers import format_currency, format_decimal
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from billing import plans
from billing.models import Invoice, InvoiceFile, InvoiceLine
from core.base.errors import NotFound, Refused
from core.base.money import Money
from core.base.outbox import defer_row
from core.base.words import N_
from infra import dates, fonts, i18n, pdf, references
from infra.config import settings
from tenants import entry
from tenants.models import ControlOrder

PER_SEAT = {"month": N_("%(plan)s, per seat and month"), "year": N_("%(plan)s, per seat and year")}
PER_PARTNER = {"month": N_("%(plan)s, per partner seat and month"), "year": N_("%(plan)s, per partner seat and year")}
TAX_NOTES = {
    "reverse_charge": N_("Reverse charge: VAT is owed by the customer (Article 196, Directive 2006/112/EC)."),
    "outside_scope": N_("The place of supply is the customer's country: outside the scope of VAT here."),
    "not_registered": N_("The seller is not registered for VAT: no VAT is charged."),
}


class FontsComing(Refused):
    """The document is being printed elsewhere; a minute later it is there."""

    status = 503


def document(invoice_id: UUID, now: datetime) -> tuple[Invoice, bytes]:
    """(the invoice, its PDF). Printed at the first call, outside of any transaction; afterwards always the same bytes.
    Refuses an invoice that was not issued as not found; where its text needs fonts that are not here a worker is asked
    to bring them and print, and whoever waits is told (`fonts_coming`)."""
    with entry.control() as session:
        invoice, content = _kept(session, invoice_id)
        if content is not None:
            return invoice, content
        data = sheet(invoice, _lines(session, invoice_id))
    try:
        printed = pdf.render("invoice", data)
    except pdf.FontsMissing:
        _have_printed(invoice_id, now)
        raise FontsComing("fonts_coming") from None
    with entry.control() as session:
        row = {"invoice_id": invoice_id, "content": printed, "created_at": now}
        session.execute(insert(InvoiceFile).values(**row).on_conflict_do_nothing())
        invoice, content = _kept(session, invoice_id)  # two printed at once: the first one stays
        invoice.pdf_sha256 = hashlib.sha256(content).digest()
    return invoice, content


def document_by_worker(invoice_id: UUID, now: datetime) -> None:
    """The same where time does not matter: brings the fonts first. Raises fonts.FontsFailed."""
    with entry.control() as session:
        invoice, content = _kept(session, invoice_id)
        data = sheet(invoice, _lines(session, invoice_id))
    if content is None:
        if fonts.needed(data):
            fonts.bring(settings().fonts_dir)
        document(invoice_id, now)


def _have_printed(invoice_id: UUID, now: datetime) -> None:
    """An order for a worker, at most one each minute."""
    with entry.control() as session:
        key = f"{invoice_id}:{now:%Y%m%d%H%M}"
        defer_row(session, ControlOrder, "billing.print", now=now, due_at=None, queue="bulk", dedupe=key, asked_by=None, args={"invoice_id": invoice_id})


def sheet(invoice: Invoice, lines: list[InvoiceLine]) -> dict[str, Any]:
    """Everything the template shows, as text."""
    say = Words(invoice.locale)
    seller, buyer = invoice.seller, invoice.buyer
    title = say(N_("Invoice %(number)s"), number=invoice.number)
    return {
        "lang": i18n.language(invoice.locale), "title": title,
        "seller": [seller["name"], *seller["address"].split(", "), *_vat_line(say, seller["vat_id"])],
        "buyer": [part for part in (buyer["legal_name"], buyer["address"], f"{buyer['postcode'] or ''} {buyer['city'] or ''}".strip(),
                  say.country(buyer["country"])) if part] + _vat_line(say, buyer["vat_id"]),
        "words": {"to": say(N_("Invoice to")), "pay": say(N_("Payment by bank transfer")), "qr": say(N_("Code for banking apps"))},
        "facts": [
            [say(N_("Invoice number")), invoice.number], [say(N_("Invoice date")), say.date(invoice.issued_on)],
            [say(N_("Period")), say.period(invoice)], [say(N_("Due date")), say.date(invoice.due_on)],
        ],
        "columns": [say(text) for text in (N_("Description"), N_("Seats"), N_("Unit price"), N_("VAT"), N_("Amount"))],
        "rows": [_row(say, invoice, line) for line in lines],
        "totals": [[say(N_("Net")), say.money(invoice.net, invoice.currency)], *_tax_rows(say, invoice, lines)],
        "total": [say(N_("Total")), say.money(invoice.gross, invoice.currency)],
        "notes": [say(TAX_NOTES[invoice.tax_treatment])] if invoice.tax_treatment in TAX_NOTES else [],
        "pay": pay_facts(invoice, say), "qr": references.qr_svg(text) if (text := epc(invoice)) else "",
        "footer": f"{seller['name']} · {seller['address']}",
    }


def pay_facts(invoice: Invoice, say: "Words", owed: int | None = None) -> list[list[str]]:
    """Where to transfer what, as label and value; for the paper and the page."""
    seller = invoice.seller
    facts = [
        [say(N_("Recipient")), seller["name"]], ["IBAN", references.in_fours(seller["iban"])], ["BIC", seller["bic"]],
        [say(N_("Amount")), say.money(invoice.gross if owed is None else owed, invoice.currency)],
        [say(N_("Reference")), references.in_fours(invoice.reference)], [say(N_("Due date")), say.date(invoice.due_on)],
    ]
    return [fact for fact in facts if fact[1]]


def epc(invoice: Invoice, owed: int | None = None) -> str | None:
    """The text of the bank's QR code; None for currencies that it does not know."""
    if invoice.currency != "EUR":
        return None
    amount = Money.of_minor(invoice.gross if owed is None else owed, "EUR").amount
    seller = invoice.seller
    return references.epc_text(name=seller["name"], iban=seller["iban"], bic=seller["bic"], amount=amount, reference=invoice.reference)


class Words:
    """Texts, dates and amounts in one language."""

    def __init__(self, lang: str):
        self.lang = i18n.language(lang)
        self.locale: Locale = i18n.babel_locale(lang)

    def __call__(self, message: str, **params: Any) -> str:
        return i18n.gettext(self.lang, message, **params)

    def money(self, minor: int, currency: str) -> str:
        return format_currency(Money.of_minor(minor, currency).amount, currency, locale=self.locale)

    def date(self, day: date) -> str:
        return dates.say_day(day, "medium", self.lang)

    def rate(self, hundredths: int) -> str:
        return f"{format_decimal(Decimal(hundredths) / 100, locale=self.locale)} %"

    def country(self, code: str | None) -> str:
        return self.locale.territories.get(code or "", code or "")

    def period(self, what: Any) -> str:
        return f"{self.date(what.period_start.astimezone(ZoneInfo('UTC')).date())} – {self.date(what.period_end.astimezone(ZoneInfo('UTC')).date())}"


def _row(say: Words, invoice: Invoice, line: InvoiceLine) -> list[str]:
    plan = say(plans.NAMES.get(line.text["plan"], line.text["plan"]))
    each = PER_PARTNER if line.text.get("item") == "partner_seat" else PER_SEAT
    return [
        say(each[line.text["interval"]], plan=plan), say.period(line), format_decimal(line.quantity, locale=say.locale),
        say.money(line.unit, invoice.currency), say.rate(line.tax_rate), say.money(line.net, invoice.currency),
    ]


def _tax_rows(say: Words, invoice: Invoice, lines: list[InvoiceLine]) -> list[list[str]]:
    """One row a rate."""
    rates = sorted({line.tax_rate for line in lines})
    return [[say(N_("VAT %(rate)s"), rate=say.rate(rate)), say.money(sum(x.tax for x in lines if x.tax_rate == rate), invoice.currency)] for rate in rates]


def _vat_line(say: Words, vat_id: str | None) -> list[str]:
    return [say(N_("VAT number %(number)s"), number=vat_id)] if vat_id else []


def _kept(session: Session, invoice_id: UUID) -> tuple[Invoice, bytes | None]:
    query = select(Invoice, InvoiceFile.content).outerjoin(InvoiceFile, InvoiceFile.invoice_id == Invoice.id)
    found = session.execute(query.where(Invoice.id == invoice_id, Invoice.status != "draft")).one_or_none()
    if found is None:
        raise NotFound()
    return found[0], found[1]


def _lines(session: Session, invoice_id: UUID) -> list[InvoiceLine]:
    return list(session.execute(select(InvoiceLine).where(InvoiceLine.invoice_id == invoice_id).order_by(InvoiceLine.position)).scalars())
