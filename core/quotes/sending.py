"""Use cases of a quote's life with the customer: send, withdraw, note what he answered, let it expire.

Of all versions one counts. Whatever changes which, holds the quote's row first: two at once come one after the other.
"""

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select, update

from core.approvals.actions import void
from core.base.context import Context
from core.base.editing import hold
from core.base.errors import Refused
from core.base.facts import record
from core.base.field_rights import hidden
from core.base.hiding import unhidden
from core.base.numbering import take_number
from core.base.policy import require
from core.identity.models import User
from core.parties.models import Account, Contact
from core.products.rating import rates_on
from core.quotes import approving, queries
from core.quotes.approvable import APPROVAL
from core.quotes.drafting import about, settle
from core.quotes.models import ITEM, Quote, QuoteVersion
from core.quotes.rules import VALID_DAYS, VERSION_FIELDS, coin
from infra import addresses
from infra.crypto import new_token

SERIES = "Q"
# What a version keeps of its customer, and the fields that tell it; names are everybody's who sees the record.
TAKEN_FROM = {
    "lines": ("accounts.street", "accounts.postcode", "accounts.city", "accounts.region", "accounts.country"), "country": ("accounts.country",), "tax_id": ("accounts.vat_id",),
    "mail": ("accounts.mail", "contacts.mail"), "phone": ("accounts.phone", "contacts.phone"),
}
ACCOUNT = ("name", "street", "postcode", "city", "region", "country", "vat_id", "mail", "phone")


def send_quote(ctx: Context, quote: Quote, *, valid_until: Any = None) -> QuoteVersion:
    """Fix the draft for good, number the quote when it is the first, and put the version in the place of the one before. What it says
    of the customer and of who answers for it is as it stands now. Who sends it brings the link (`link_of`) to the customer."""
    require(ctx, "quotes.send", quote)
    hold(ctx, quote)
    if quote.state == "accepted":  # meanwhile, while the draft was written
        raise Refused("quote_over")
    draft = queries.draft_of(ctx, quote)
    hold(ctx, draft)
    lines = queries.lines_of(ctx, draft)
    if not any(one.kind == ITEM for one in lines):
        raise Refused("quote_empty")
    if quote.account_id is None:
        raise Refused("quote_needs_account", field="account_id")
    usual = draft.valid_until or ctx.tenant_today + timedelta(days=VALID_DAYS)
    until, rate = _until(ctx, valid_until, usual), rates_on(ctx, ctx.tenant_today).of(draft.currency)
    _check(ctx, quote, draft, until, usual)
    customer, person = customer_whole(ctx, quote), who_answers(ctx, quote)
    void(ctx, APPROVAL, quote)  # what still waits is about a draft that is none any more
    _supersede(ctx, quote)
    number = quote.number or take_number(ctx, SERIES)
    settle(ctx, quote, draft, lines)  # what is fixed is what the lines come to
    with ctx.session.no_autoflush:  # from here on the two change together
        quote.number = number
        draft.valid_until, draft.rate, draft.rate_on, draft.customer, draft.answers_for = until, rate, ctx.tenant_today, customer, person
        _fix_texts(ctx, draft)
        draft.token, draft.proof, draft.sent_at, draft.sent_by, draft.state = new_token(), new_token(), ctx.now, ctx.actor.id, "sent"
    _count(quote, draft)
    quote.sent_at, quote.closed_at = ctx.now, None
    record(ctx, "quote.sent", quote, about=about(quote), number=quote.number, version=draft.number, total=said(draft.total, draft.currency))
    ctx.session.flush()  # the answer shows the new version
    return draft


def _fix_texts(ctx: Context, draft: QuoteVersion) -> None:
    """The words that its paper has today, those of the print template too: templates change, what was sent does not."""
    from core.quotes.paper import texts_now  # a paper knows of its sending

    for name, text in texts_now(ctx, draft).items():
        setattr(draft, name, text)


def withdraw(ctx: Context, quote: Quote) -> QuoteVersion:
    """Take back what was sent and is not answered."""
    require(ctx, "quotes.send", quote)
    hold(ctx, quote)
    version = current(ctx, quote)
    end(ctx, quote, version, "withdrawn")
    record(ctx, "quote.withdrawn", quote, about=about(quote), number=quote.number, version=version.number)
    return version


def current(ctx: Context, quote: Quote) -> QuoteVersion:
    """The version that was sent and waits for an answer, held; refuses where there is none (`quote_not_open`)."""
    found = ctx.session.execute(select(QuoteVersion).where(QuoteVersion.quote_id == quote.id, QuoteVersion.state == "sent").with_for_update()).scalar_one_or_none()
    if found is None:
        raise Refused("quote_not_open")
    return found


def end(ctx: Context, quote: Quote, version: QuoteVersion, state: str) -> None:
    """The version that counts comes to its end; the quote with it."""
    version.state = state
    _count(quote, version)
    quote.closed_at = ctx.now
    ctx.session.flush()  # the next version takes its place by a statement


def link_of(ctx: Context, version: QuoteVersion) -> str:
    """The customer's page, in the language of the version."""
    return f"{ctx.tenant.url}/quote/{version.token}?lang={version.language}"


def proof_of(ctx: Context, version: QuoteVersion) -> str:
    """The page that says whether the paper holds, and who answers for it; empty while it is a draft."""
    return f"{ctx.tenant.url}/quote/check/{version.proof}" if version.proof else ""


def said(amount: Any, currency: str) -> str:
    """An amount for a fact, as the database keeps it."""
    return f"{amount.quantize(coin(currency))} {currency}"


def _until(ctx: Context, given: Any, usual: date) -> date:
    """The day until which it holds; refuses one that is over."""
    found = VERSION_FIELDS["valid_until"](given, "valid_until") or usual
    if found < ctx.tenant_today:
        raise Refused("validity_past", field="valid_until")
    return found


def _check(ctx: Context, quote: Quote, draft: QuoteVersion, until: date, usual: date) -> None:
    """Refuse what needs a yes. Another day than the draft has (or has by itself) stands in it while one asks: a yes to the draft is none to that
    day, and where it has one to its own, it says so at the day."""
    if until == usual:
        approving.check(ctx, quote, draft)
        return
    had, draft.valid_until = draft.valid_until, until
    try:
        approving.check(ctx, quote, draft)
    except Refused:
        draft.valid_until = had
        found = approving.judged(ctx, quote, draft)
        if found.asked and approving.yes_of(ctx, quote, found.asked):
            raise Refused("validity_unasked", field="valid_until") from None
        raise


def _supersede(ctx: Context, quote: Quote) -> None:
    """What was sent before is blocked from here on."""
    gone = update(QuoteVersion).where(QuoteVersion.quote_id == quote.id, QuoteVersion.state == "sent").values(state="superseded", version=QuoteVersion.version + 1, updated_at=ctx.now)
    ctx.session.execute(gone)


def _count(quote: Quote, version: QuoteVersion) -> None:
    quote.state, quote.currency, quote.net, quote.total, quote.valid_until = version.state, version.currency, version.net, version.total, version.valid_until


def customer_whole(ctx: Context, quote: Quote) -> dict[str, Any]:
    """What the paper says of the customer, also where the sender's role does not show all of it to him."""
    with unhidden(ctx.session):
        account = ctx.session.execute(select(*(getattr(Account, name) for name in ACCOUNT)).where(Account.id == quote.account_id)).one_or_none()
        person = ctx.session.execute(select(Contact.name, Contact.mail, Contact.phone).where(Contact.id == quote.contact_id)).one_or_none() if quote.contact_id else None
    return _said_of(account, person) if account is not None else {}


def customer_of_now(ctx: Context, quote: Quote) -> dict[str, Any]:
    """Name, address and person of the account, as they stand now and the actor sees them."""
    account = ctx.session.get(Account, quote.account_id) if quote.account_id else None
    if account is None:
        return {}
    return _said_of(account, ctx.session.get(Contact, quote.contact_id) if quote.contact_id else None)


def customer_told(ctx: Context, version: QuoteVersion) -> dict[str, Any]:
    """What a version that was sent says of its customer, as far as the actor may know the fields that it was taken from. His own paper, by
    his link, says all of it."""
    away = {f"{room}.{name}" for room in ("accounts", "contacts") for name in hidden(ctx, room)}
    return {name: value for name, value in version.customer.items() if away.isdisjoint(TAKEN_FROM.get(name, ()))}


def _said_of(account: Any, person: Any) -> dict[str, Any]:
    parts = {name: getattr(account, name) for name in ("street", "postcode", "city", "region")}
    found = {
        "name": account.name, "lines": addresses.lines(parts, account.country), "country": account.country, "tax_id": account.vat_id, "person": person.name if person else None,
        "mail": person.mail if person and person.mail else account.mail, "phone": person.phone if person and person.phone else account.phone,
    }
    return {name: value for name, value in found.items() if value}


def who_answers(ctx: Context, quote: Quote) -> dict[str, Any]:
    """Whoever owns it; else whoever sends it."""
    person = ctx.session.get(User, quote.owner_id or ctx.actor.id) if quote.owner_id or ctx.actor.id else None
    return {name: value for name, value in (("name", person.name), ("mail", person.mail), ("phone", getattr(person, "phone", None))) if value} if person else {}
