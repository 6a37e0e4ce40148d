"""What of a quote waits for somebody's yes, and what its roles have limits of (core.approvals finds this by its name)."""

import hashlib
import json
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.approvals.kinds import AMOUNT, PERCENT, YES_NO, ApprovalKind, LimitKind
from core.approvals.models import APPROVED, Approval
from core.base.context import Context
from core.base.editing import hold as held
from core.base.errors import NotFound, Refused
from core.base.facts import record
from core.base.hiding import unhidden
from core.base.words import N_
from core.products.rating import rates_on
from core.products.rules import Rates
from core.quotes.drafting import about
from core.quotes.models import Quote, QuoteLine, QuoteVersion
from core.quotes.rules import VERSION_FIELDS

LINE_DISCOUNT, DISCOUNT, MARGIN, NET, RELEASE, CONFLICT = "quotes.line_discount", "quotes.discount", "quotes.margin", "quotes.net", "quotes.release", "quotes.conflict"


def worth(rates: Rates, amount: Decimal, currency: str) -> Decimal | None:
    """In the workspace's own currency; None where it has no rate."""
    try:
        return amount / rates.of(currency)
    except Refused:
        return None


def worth_today(ctx: Context) -> Callable[[Decimal, str], Decimal | None]:
    """The same at the rates that hold today, which are read here."""
    return partial(worth, rates_on(ctx, ctx.tenant_today))


LIMITS = (
    LimitKind(LINE_DISCOUNT, N_("Most that one line may be below the list, in percent"), PERCENT, "quotes.send"),
    LimitKind(DISCOUNT, N_("Most that a whole quote may be below the list, in percent"), PERCENT, "quotes.send"),
    LimitKind(MARGIN, N_("Least margin of a quote, in percent"), PERCENT, "quotes.send", least=True, behind="product_costs.read"),
    LimitKind(NET, N_("Largest net amount of a quote"), AMOUNT, "quotes.send", worth=worth_today),
    LimitKind(RELEASE, N_("Release quotes to accounts whose credit grade wants it"), YES_NO, "quotes.approve", alone=False),
)
# What a yes is to, of the quote, of its draft, of each line: all that the customer reads and the draft itself says. Account, person and owner are whom they
# name; what their records and the print template say is as it stands when it is sent.
OF_QUOTE = (Quote.name, Quote.account_id, Quote.contact_id, Quote.owner_id)
OF_DRAFT = tuple(getattr(QuoteVersion, name) for name in ("number", *VERSION_FIELDS))
OF_LINE = tuple(
    getattr(QuoteLine, name)
    for name in ("kind", "choice", "product_id", "sku", "name", "description", "quantity", "unit", "unit_price", "list_price", "reasons", "discount", "tax_name", "tax_percent", "tax_category", "amount")
)


def hold(ctx: Context, key: UUID) -> Quote | None:
    """The quote and its draft, locked in that order, also for an absent approver's deputy who sees neither; None where there is nothing to decide about any more."""
    quote = ctx.session.get(Quote, key)
    if quote is None:
        return None
    try:
        held(ctx, quote)
    except NotFound:  # deleted, perhaps while one waited for its lock
        return None
    if quote.state == "accepted":  # an older version meanwhile: no other is sent
        return None
    drafts = select(QuoteVersion.id).where(QuoteVersion.quote_id == key, QuoteVersion.state == "draft").with_for_update()
    return quote if ctx.session.execute(drafts).first() else None


def fingerprint(ctx: Context, quote: Quote) -> str:
    """A checksum of what the customer would get, and from whom; the same whatever the actor may see of it."""
    draft = (QuoteVersion.quote_id == quote.id, QuoteVersion.state == "draft")
    with unhidden(ctx.session):
        head = ctx.session.execute(select(*OF_QUOTE, *OF_DRAFT).join(QuoteVersion, QuoteVersion.quote_id == Quote.id).where(Quote.id == quote.id, *draft)).one_or_none()
        lines = ctx.session.execute(select(*OF_LINE).join(QuoteVersion, QuoteVersion.id == QuoteLine.version_id).where(*draft).order_by(QuoteLine.position, QuoteLine.id)).all()
    plain = [[_plain(value) for value in row] for row in (head or (), *lines)]
    return hashlib.sha256(json.dumps(plain).encode()).hexdigest()


def _plain(value: Any) -> Any:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value if value is None or isinstance(value, list) else str(value)


def asked(ctx: Context, quote: Quote, approval: Approval) -> None:
    """The timeline says it."""
    record(ctx, "quote.approval_asked", quote, about=about(quote), name=quote.name, note=approval.note)


def decided(ctx: Context, quote: Quote, approval: Approval) -> None:
    """The timeline says what was said."""
    yes = approval.state == APPROVED
    said = fact_of({one["code"] for one in approval.needs}) if yes else "quote.approval_refused"
    record(ctx, said, quote, about=about(quote), name=quote.name, note=approval.decided_note or "")


def fact_of(codes: set[str]) -> str:
    """What a yes is called: about prices that conflict, beyond a limit, or a release for an account."""
    return "quote.approved" if CONFLICT in codes else "quote.released" if codes == {RELEASE} else "quote.allowed"


APPROVAL = ApprovalKind(
    "quote", "quote", "quotes.approve", hold, fingerprint, asked, decided,
    {"asks": "told.quote_asks", "late": "told.quote_asks_late", "yes": "told.quote_approved", "no": "told.quote_not_approved"},
    {
        "account": N_("Account"), "net": N_("Net amount"), "total": N_("Total"), "discount": N_("Below the list"), "line_discount": N_("Furthest line below the list"), "margin": N_("Margin"), "credit": N_("Credit grade"),
        "limit": N_("Credit limit"), "valid_until": N_("Valid until"),
    },
)
APPROVALS = (APPROVAL,)
