"""What the rule of advice goes by, read for one customer: his grade, what he bought, what came of quotes, what was agreed; and the prices of products."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Numeric, Row, Text, and_, case, cast, func, null, or_, select
from sqlalchemy.orm import aliased

from core.activities.models import PROMISE, Activity
from core.activities.sight import person_seen
from core.base.context import Context
from core.base.errors import Refused
from core.base.field_rights import hidden
from core.base.money import Money
from core.base.policy import has, require, sees, visible
from core.briefs.advice import Advice, Asked, Case, Past, Range, advise, proposed
from core.briefs.found import Offered
from core.briefs.queries import account_row, stands_of
from core.briefs.selling import quotes_of
from core.deals.knowing import knows
from core.deals.models import Deal
from core.parties.models import Account
from core.products import pricing, rating
from core.products.costing import costs_of
from core.products.models import Product
from core.products.rules import Rates
from core.quotes.lining import customer_of
from core.quotes.models import ITEM, Quote, QuoteLine, QuoteVersion
from core.quotes.offered import Offer, offers
from core.quotes.rules import coin
from core.terms import queries as terms
from core.terms.rules import Agreed, names

YEARS, COMPARED, PRODUCTS = timedelta(days=730), 200, 8
HUNDRED, NOBODY = Decimal(100), UUID(int=0)


@dataclass(frozen=True)
class Priced:
    """A product as one would quote it to him. listed: the list's price for him, without tax; offers: what he was quoted before."""

    product: Product
    currency: str
    listed: Decimal | None
    range: Range | None
    offers: Sequence[Offer]


@dataclass(frozen=True)
class Answer:
    """The advice with the facts it goes by. value: what he bought, in the workspace's currency; None where a rate is not known or nothing was bought."""

    account: Account
    advice: Advice
    case: Case
    value: Money | None
    quotes: tuple[Offered, ...]
    agreed: Sequence[Agreed]
    products: Sequence[Priced]


def for_account(ctx: Context, account_id: UUID, product_ids: Collection[UUID] = ()) -> Answer:
    """About an account that the actor sees: the products named, else those that it was quoted last."""
    require(ctx, "quotes.read")
    require(ctx, "accounts.read")
    wanted = list(product_ids)[:PRODUCTS] or _last_quoted(ctx, account_id)
    row = account_row(ctx, account_id)
    return _answer(ctx, row, SimpleNamespace(id=NOBODY, account_id=account_id), wanted, row.Account.currency or ctx.tenant.currency, None)


def for_quote(ctx: Context, quote: Quote, version: QuoteVersion) -> Answer | None:
    """About the customer of a quote that the actor sees, and the products in it; None for a quote without an account that he sees."""
    require(ctx, "quotes.read", quote)
    seen = visible(ctx, Account).with_only_columns(Account.id).where(Account.id == quote.account_id, Account.deleted_at.is_(None))
    if quote.account_id is None or not has(ctx, "accounts.read") or ctx.session.execute(seen).first() is None:
        return None
    wanted = select(QuoteLine.product_id).where(QuoteLine.version_id == version.id, QuoteLine.product_id.is_not(None)).distinct().limit(PRODUCTS)
    keys = list(ctx.session.execute(wanted).scalars())
    return _answer(ctx, account_row(ctx, quote.account_id), quote, keys, version.currency, Money(version.net, version.currency))


def _answer(ctx: Context, row: Row, quote: Any, wanted: list[UUID], currency: str, total: Money | None) -> Answer:
    account, rates, agreed = row.Account, rating.rates_on(ctx, ctx.tenant_today), terms.in_force(ctx, row.Account.id)
    came, (bought, worth) = _outcomes(ctx, account.id, quote.id), _won(ctx, account.id, rates)
    accepted_worth = came["worth"]
    value = None if worth is None else Money((worth + accepted_worth).quantize(coin(ctx.tenant.currency), ROUND_HALF_UP), ctx.tenant.currency)
    stands, grade = stands_of(ctx, row), row._mapping.get("credit") or {}
    limit = Money(Decimal(grade["limit"]), grade["currency"]) if grade.get("limit") else None
    known = Case(
        stands.grade if stands else None, bool(stands and stands.prepaid), bool(stands and stands.needs_release), bought + came["alone"], came["ever"], came["accepted"], came["nothing"], came["open"],
        _broken(ctx, account.id), agreed[0].who or "" if agreed else None, value, _in(rates, total, ctx.tenant.currency), _in(rates, limit, ctx.tenant.currency),
    )
    return Answer(account, advise(known), known, value if known.bought else None, quotes_of(ctx, account) or (), agreed, _priced(ctx, quote, wanted, currency, rates, agreed))


def _in(rates: Rates, money: Money | None, currency: str) -> Decimal | None:
    """So much of one currency; None where there is no rate."""
    try:
        return rates.convert(money, currency).amount if money is not None else None
    except Refused:
        return None


def _won(ctx: Context, account_id: UUID, rates: Rates) -> tuple[int, Decimal | None]:
    """(how many deals were won, what they came to in the workspace's currency; None where a rate, or the actor, does not know it)."""
    if not has(ctx, "deals.read"):
        return 0, Decimal(0)
    amount = func.coalesce(func.sum(Deal.amount), 0) if knows(ctx, "amount") else cast(null(), Numeric)
    query = select(Deal.currency, func.count().label("number"), amount.label("amount"))
    rows = ctx.session.execute(query.where(Deal.account_id == account_id, Deal.state == "won", Deal.deleted_at.is_(None), sees(ctx, Deal)).group_by(Deal.currency)).all()
    worths = [_in(rates, Money(Decimal(row.amount), row.currency) if row.amount is not None else None, ctx.tenant.currency) for row in rows]
    return sum(row.number for row in rows), None if None in worths else sum((one for one in worths if one is not None), Decimal(0))


def _outcomes(ctx: Context, account_id: UUID, besides: UUID) -> dict[str, Any]:
    """What came of his quotes, this one left out: accepted and nothing (declined, expired) of two years, open; alone, worth: accepted ones of no won deal, at the rates that they keep;
    ever: whether he bought anything at all, also what the actor does not see: nothing else is told of that."""
    lately, last = QuoteVersion.sent_at >= ctx.now - YEARS, select(QuoteVersion.id).where(QuoteVersion.quote_id == Quote.id, QuoteVersion.state != "draft").order_by(QuoteVersion.number.desc()).limit(1)
    state = case((and_(QuoteVersion.state == "sent", QuoteVersion.valid_until < ctx.tenant_today), "expired"), else_=QuoteVersion.state)
    of_deal = select(Deal.id).where(Deal.id == Quote.deal_id, Deal.state == "won", Deal.deleted_at.is_(None)).exists()
    alone = and_(state == "accepted", ~of_deal)
    counted = {
        "accepted": func.count().filter(state == "accepted", lately), "nothing": func.count().filter(state.in_(("declined", "expired")), lately), "open": func.count().filter(state == "sent"),
        "ever": _ever(account_id, besides), "alone": func.count().filter(alone), "worth": func.coalesce(func.sum(QuoteVersion.net / QuoteVersion.rate).filter(alone), 0),
    }
    query = select(*(value.label(name) for name, value in counted.items())).select_from(Quote).join(QuoteVersion, QuoteVersion.id == last.correlate(Quote).scalar_subquery())
    row = ctx.session.execute(query.where(Quote.account_id == account_id, Quote.id != besides, Quote.deleted_at.is_(None), sees(ctx, Quote))).one()
    return dict(row._mapping) | {"worth": Decimal(row.worth)}


def _ever(account_id: UUID, besides: UUID) -> ColumnElement[bool]:
    """Was a deal with him won, or a quote accepted, whoever may see it?"""
    won = select(Deal.id).where(Deal.account_id == account_id, Deal.state == "won", Deal.deleted_at.is_(None))
    one, version = aliased(Quote), aliased(QuoteVersion)
    accepted = select(version.id).join(one, one.id == version.quote_id).where(one.account_id == account_id, one.id != besides, one.deleted_at.is_(None), version.state == "accepted")
    return or_(won.exists(), accepted.exists())


def _broken(ctx: Context, account_id: UUID) -> int:
    """Promises whose day went by and that are not kept, as far as they are about whom the actor sees."""
    if not has(ctx, "activities.read"):
        return 0
    query = select(func.count()).where(Activity.account_id == account_id, Activity.next_contact_kind == PROMISE, Activity.done_at.is_(None), Activity.deleted_at.is_(None), Activity.next_contact_on < ctx.today, *person_seen(ctx))
    return ctx.session.execute(query).scalar_one()


def _last_quoted(ctx: Context, account_id: UUID) -> list[UUID]:
    """The products that the account was quoted last, in quotes that the actor sees."""
    query = select(QuoteLine.product_id).join(QuoteVersion, QuoteVersion.id == QuoteLine.version_id).join(Quote, Quote.id == QuoteVersion.quote_id)
    query = query.where(Quote.account_id == account_id, Quote.deleted_at.is_(None), sees(ctx, Quote), QuoteVersion.state != "draft", QuoteLine.product_id.is_not(None))
    return list(ctx.session.execute(query.group_by(QuoteLine.product_id).order_by(func.max(QuoteVersion.sent_at).desc(), QuoteLine.product_id).limit(PRODUCTS)).scalars())


def _priced(ctx: Context, quote: Any, wanted: list[UUID], currency: str, rates: Rates, agreed: Sequence[Agreed]) -> list[Priced]:
    """Each of the products that there are, in the order asked for."""
    if not wanted or not has(ctx, "products.read"):
        return []
    found = {one.id: one for one in ctx.session.execute(visible(ctx, Product).where(Product.id.in_(wanted), Product.deleted_at.is_(None))).scalars()}
    products = [found[key] for key in wanted if key in found]
    listed, before, others = _listed(ctx, quote, products, currency), offers(ctx, quote, found), _accepted_elsewhere(ctx, quote.account_id, found)
    costs = {} if "cost" in hidden(ctx, "products") else costs_of(ctx, found)
    return [_of_product(one, currency, rates, costs.get(one.id), listed.get(one.id), before.get(one.id, []), others.get(one.id, []), agreed) for one in products]


def _of_product(product: Product, currency: str, rates: Rates, known: Money | None, listed: Decimal | None, before: Sequence[Offer], others: list[Decimal], agreed: Sequence[Agreed]) -> Priced:
    cost = _in(rates, known, currency) if known is not None else None
    past = [Past(one.each, one.state, one.holds) for one in before if one.currency == currency]
    asked = Asked(listed, past, others, cost, _agreed(agreed, product, listed, currency), coin(currency))
    return Priced(product, currency, listed, proposed(asked), before)


def _agreed(agreed: Sequence[Agreed], product: Product, listed: Decimal | None, currency: str) -> Decimal | None:
    """The lowest price of a product, or of the one whose variant it is, that was agreed."""
    prices = [one.price for one in agreed if names(one, product.id, product.template_id, currency)]
    if listed is not None:
        prices += [(listed * (HUNDRED - one.discount) / HUNDRED).quantize(coin(currency), ROUND_HALF_UP) for one in agreed if one.discount]
    return min(prices, default=None)


def _listed(ctx: Context, quote: Any, products: Sequence[Product], currency: str) -> dict[UUID, Decimal]:
    """What the lists say for this customer, one piece without tax; nothing for a product that has no price."""
    asked = [(one, Decimal(1)) for one in products]
    prices = pricing.net_prices(ctx, asked, on=ctx.tenant_today, currency=currency, customer=customer_of(ctx, quote))
    return {one.id: each.quantize(coin(currency), ROUND_HALF_UP) for one, each in zip(products, prices, strict=True) if each is not None}


def _accepted_elsewhere(ctx: Context, account_id: UUID, products: Mapping[UUID, Product]) -> dict[UUID, list[Decimal]]:
    """Product -> how far below the list, in percent, other customers accepted it within two years, so many of each at most: figures alone, of nobody in
    particular. What was an option counts where it was taken; an alternative stands against another line, so that neither tells what is usual."""
    off = (QuoteLine.list_price - QuoteLine.unit_price * (HUNDRED - QuoteLine.discount) / HUNDRED) / QuoteLine.list_price * HUNDRED
    place = func.row_number().over(partition_by=QuoteLine.product_id, order_by=(QuoteVersion.sent_at.desc(), QuoteLine.id))
    taken = or_(QuoteLine.choice == "", and_(QuoteLine.choice == "optional", QuoteVersion.chosen.contains(func.to_jsonb(cast(QuoteLine.id, Text)))))
    query = select(QuoteLine.product_id, off.label("off"), place.label("place")).join(QuoteVersion, QuoteVersion.id == QuoteLine.version_id).join(Quote, Quote.id == QuoteVersion.quote_id)
    few = query.where(
        QuoteLine.product_id.in_(list(products)), QuoteLine.kind == ITEM, QuoteLine.list_price > 0, taken, QuoteVersion.state == "accepted", QuoteVersion.sent_at >= ctx.now - YEARS,
        Quote.account_id != account_id, Quote.deleted_at.is_(None),
    ).subquery()
    found: dict[UUID, list[Decimal]] = {}
    for row in ctx.session.execute(select(few.c.product_id, few.c.off).where(few.c.place <= COMPARED)):
        found.setdefault(row.product_id, []).append(Decimal(row.off))
    return found
