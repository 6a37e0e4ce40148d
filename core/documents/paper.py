"""A document of business as plain values: what a quote, an order or an invoice hands to the print templates, and what these get to see.

Rooms that have documents make a `Paper` of their records; this room turns it into PDF or XLSX by the tenant's template. Amounts are
Decimal in the paper's one currency, rounded to its smallest coin; dates are plain days; texts are what people wrote, never code.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

ITEM, SECTION, TEXT = "item", "section", "text"  # what a line is; the sum of a section is printed by the template
OPTIONAL, ALTERNATIVE = (
    "optional",
    "alternative",
)  # lines that are offered and not part of the totals unless they were chosen


@dataclass(frozen=True)
class PaperParty:
    """Who sends or gets it: name, then the lines of the address in the order of its country; tax_id as printed."""

    name: str
    lines: tuple[str, ...] = ()
    tax_id: str = ""
    person: str = ""
    mail: str = ""
    phone: str = ""


@dataclass(frozen=True)
class PaperLine:
    """One line. unit_price: before discount, net or gross as the paper says; discount: percent; amount: quantity times price less the
    discount, rounded. counted: part of the totals (an option that was not chosen is not). taxes: codes of PaperTax.code."""

    kind: str = ITEM
    position: str = ""
    sku: str = ""
    name: str = ""
    description: str = ""
    quantity: Decimal | None = None
    unit: str = ""
    unit_price: Decimal | None = None
    discount: Decimal = Decimal(0)
    amount: Decimal | None = None
    taxes: tuple[str, ...] = ()
    choice: str = ""
    counted: bool = True
    reason: str = ""  # of its price or discount, one line; printed where the template shows reasons


@dataclass(frozen=True)
class PaperTax:
    """One tax of the document: what it is taken of, and how much it is. category: as UNTDID 5305 names it."""

    code: str
    label: str
    percent: Decimal
    category: str
    taxable: Decimal
    amount: Decimal


@dataclass(frozen=True)
class Paper:
    """One document. kind: quote, order, invoice …; state: draft, sent, superseded, expired, accepted, withdrawn, as the mark across the page;
    gross: prices hold their taxes; net + taxes = total. link: the page that says whether it is valid, empty while it is a draft."""

    kind: str
    number: str
    version: int
    state: str
    on: date
    valid_until: date | None
    language: str
    currency: str
    gross: bool
    seller: PaperParty
    customer: PaperParty
    owner: PaperParty
    subject: str = ""
    intro: str = ""
    closing: str = ""
    terms: str = ""
    lines: tuple[PaperLine, ...] = ()
    taxes: tuple[PaperTax, ...] = ()
    net: Decimal = Decimal(0)
    total: Decimal = Decimal(0)
    tax_note: str = ""
    link: str = ""
