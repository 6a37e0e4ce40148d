"""The lines of a draft: what is typed becomes lines with the catalogue's texts, prices and reasons, and the totals follow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid as Key
from sqlalchemy import any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from core.base.context import Context
from core.base.editing import hold
from core.base.errors import Conflict, Gathered, Refused
from core.base.facts import record
from core.base.money import Money
from core.base.policy import require, sees
from core.deals.lines import customer_of as customer_named
from core.products import pricing, queries, rating
from core.products.bundle_queries import told_of
from core.products.costing import costs_of
from core.products.lookup_models import TaxCode
from core.products.models import Product
from core.products.pricing import Customer
from core.products.rules import Price, Rates, Reason, gross_of, net_of
from core.products.variant_queries import has_variants
from core.quotes import queries as quotes
from core.quotes.drafting import about, settle, unapprove
from core.quotes.models import ITEM, Quote, QuoteLine, QuoteVersion
from core.quotes.rules import LINE_FIELDS, MOST_AMOUNT, MOST_LINES, NOTHING, ONE, amount

PLACES = Decimal("0.0001")


@dataclass(frozen=True)
class Catalogue:
    """What the lines take from the catalogue, read once: products by key, what bundles consist of, those that are only sold as one of their variants, what they cost, tax codes with today's percent,
    the percents that prices hold, rates."""

    products: Mapping[UUID, Product]
    parts: Mapping[UUID, list[dict[str, Any]]]
    templates: frozenset[UUID]
    units: Mapping[UUID, str]
    costs: Mapping[UUID, Money]
    taxes: Mapping[UUID, TaxCode]
    percents: Mapping[UUID, Decimal]
    held: Mapping[UUID, Decimal]
    rates: Rates


def save_lines(ctx: Context, quote: Quote, rows: Sequence[Mapping[str, Any]], *, version: int | None = None, net: bool = False) -> QuoteVersion:
    """The draft has these lines and no others, in this order. A row with the `id` of a line changes it; what a row leaves out is empty.

    Without a price of its own a line follows the catalogue: what the product costs this customer today for that quantity. A line
    whose product and quantity did not change keeps what it was priced at. All wrong values are refused together, each by its line.
    version: of the draft, as it was read; another one by now is a conflict. net: the rows' prices are without tax, whatever the quote's
    are; one that is the catalogue's of today follows the catalogue.
    """
    require(ctx, "quotes.edit", quote)
    hold(ctx, quote)  # the quote before its versions, everywhere
    draft = quotes.draft_of(ctx, quote)
    hold(ctx, draft)
    if draft.state != "draft":  # sent meanwhile
        raise Refused("quote_not_draft")
    if version is not None and version != draft.version:
        raise Conflict("stale")
    if len(rows) > MOST_LINES:
        raise Refused("too_many_lines", max=MOST_LINES)
    given, there = _cleaned(rows), {one.id: one for one in quotes.lines_of(ctx, draft)}
    known = _catalogue(ctx, given)
    if not there:
        _choose_gross(draft, given, known)
    lines = _written(ctx, quote, draft, given, there, known, net)
    for gone in there.keys() - {one.id for one in lines}:
        ctx.session.delete(there[gone])
    settle(ctx, quote, draft, lines)
    unapprove(ctx, quote)
    draft.updated_at = ctx.now  # its version counts the lines too
    record(ctx, "quote.edited", quote, about=about(quote), fields=["lines"], name=quote.name)
    ctx.session.flush()  # the answer shows the new version
    return draft


def _cleaned(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    wrong, found = Gathered(), []
    for place, row in enumerate(rows):
        good: dict[str, Any] = {}
        for name, value in row.items():
            with wrong.taking():
                if name not in LINE_FIELDS:
                    raise Refused("unknown_field", name=name)
                good[name] = _of_line(place, name, value)
        found.append({name: None for name in LINE_FIELDS} | {"kind": ITEM, "choice": "", "discount": NOTHING} | good)
    wrong.settle()
    return found


def _of_line(place: int, name: str, value: Any) -> Any:
    try:
        return LINE_FIELDS[name](value, name)
    except Refused as refusal:
        raise Refused(refusal.code, field=field_of(place, name), **refusal.params) from None


def field_of(place: int, name: str) -> str:
    """What a field of a line is called in a refusal."""
    return f"lines.{place}.{name}"


def _catalogue(ctx: Context, given: Sequence[Mapping[str, Any]]) -> Catalogue:
    keys = sorted({one["product_id"] for one in given if one["product_id"]})
    among = Product.id == any_(literal(keys, ARRAY(Key)))
    rows = ctx.session.execute(select(Product, has_variants()).where(among, Product.deleted_at.is_(None), sees(ctx, Product))).all() if keys else []
    products, costs = {one.id: one for one, _ in rows}, costs_of(ctx, keys)
    codes, rates = {one.id: one for one in queries.tax_codes(ctx)}, queries.tax_rates(ctx)
    percents = {key: next((rate.percent for rate in rates.get(key, ()) if rate.starts_on <= ctx.tenant_today), None) for key in codes}
    return Catalogue(products, told_of(ctx, products.values()), frozenset(one.id for one, many in rows if many), {one.id: one.name for one in queries.units(ctx)}, costs, codes, {key: one for key, one in percents.items() if one is not None}, pricing.held_percents(ctx, ctx.tenant_today), rating.rates_on(ctx, ctx.tenant_today))


def _choose_gross(draft: QuoteVersion, given: Sequence[Mapping[str, Any]], known: Catalogue) -> None:
    """The first product says whether the quote's prices hold their taxes, as its tax code has it."""
    for one in given:
        product = known.products.get(one["product_id"])
        if product is not None and product.tax_code_id in known.taxes:
            draft.gross = draft.gross or known.taxes[product.tax_code_id].included
            return


def _written(ctx: Context, quote: Quote, draft: QuoteVersion, given: Sequence[Mapping[str, Any]], there: Mapping[UUID, QuoteLine], known: Catalogue, net: bool) -> list[QuoteLine]:
    wrong, lines, left = Gathered(), [], dict(there)  # a line that is named twice is one line, and one more
    anew = [place for place, one in enumerate(given) if one["kind"] == ITEM and one["product_id"] in known.products and _is_new(one, there.get(one["id"]))]
    prices = _prices(ctx, quote, draft, [(place, known.products[given[place]["product_id"]], given[place]["quantity"] or ONE) for place in anew])
    for place, one in enumerate(given):
        line = left.pop(one["id"], None) or QuoteLine(version_id=draft.id, list_price=None, reasons=[], is_own=False)
        with wrong.taking():
            (_write_item if one["kind"] == ITEM else _write_words)(ctx, draft, line, place, one, known, prices.get(place), place in anew, net)
        lines.append(line)
    wrong.settle()
    ctx.session.add_all(lines)
    ctx.session.flush()  # the totals name lines by key
    return lines


def _is_new(one: Mapping[str, Any], line: QuoteLine | None) -> bool:
    """Is its price to be asked for (again)?"""
    return line is None or line.product_id != one["product_id"] or line.quantity != (one["quantity"] or ONE)


def _prices(ctx: Context, quote: Quote, draft: QuoteVersion, wanted: Sequence[tuple[int, Product, Decimal]]) -> dict[int, Price]:
    """Place -> what the catalogue says; nothing for a product that has no price."""
    if not wanted:
        return {}
    found = pricing.known_prices(ctx, [(product, quantity) for _, product, quantity in wanted], on=ctx.tenant_today, currency=draft.currency, customer=customer_of(ctx, quote))
    return {place: price for (place, _, _), price in zip(wanted, found, strict=True) if price is not None}


def customer_of(ctx: Context, quote: Quote) -> Customer:
    """The quote's account as the prices know it."""
    return customer_named(ctx, quote.account_id)


def _write_words(ctx: Context, draft: QuoteVersion, line: QuoteLine, place: int, one: Mapping[str, Any], *_: Any) -> None:
    """A heading or a text."""
    if not one["name"]:
        raise Refused("line_needs", field=field_of(place, "name"), line=place + 1)
    line.position, line.kind, line.name, line.description, line.choice = place, one["kind"], one["name"], one["description"], ""
    line.product_id = line.quantity = line.unit_price = line.list_price = line.amount = line.tax_code_id = line.tax_name = line.tax_category = line.cost = line.sku = line.unit = None
    line.discount, line.reasons, line.parts, line.is_own, line.tax_percent = NOTHING, [], [], False, NOTHING


def _write_item(ctx: Context, draft: QuoteVersion, line: QuoteLine, place: int, one: Mapping[str, Any], known: Catalogue, priced: Price | None, anew: bool, net: bool) -> None:
    """Something with a price."""
    product = known.products.get(one["product_id"])
    if one["product_id"] and product is None and line.product_id != one["product_id"]:
        raise Refused("product_unknown", field=field_of(place, "product_id"))
    if one["product_id"] in known.templates and line.product_id != one["product_id"]:
        raise Refused("product_has_variants", field=field_of(place, "product_id"), name=product.name)
    followed = not line.is_own and one["unit_price"] == line.unit_price
    _tax(ctx, line, place, one, known, product)
    if anew:
        line.list_price = _as_document(priced.each.amount, line, known, product, draft) if priced is not None else None
        line.reasons = [_kept(reason) for reason in priced.reasons] if priced is not None else []
        line.cost = _cost(known, product, draft.currency)
        line.sku, line.unit, line.parts = product.code, known.units.get(product.unit_id) if product.unit_id else None, known.parts.get(product.id, [])
    elif not one["product_id"]:
        line.list_price, line.reasons, line.cost, line.sku, line.parts = None, [], None, None, []
    typed = _from_net(one["unit_price"], priced, line, known, product, draft) if net else one["unit_price"]
    price = line.list_price if typed is None or (followed and (anew or line.list_price is not None)) else typed
    name = one["name"] or (product.name if product is not None else None)
    if price is None or not name:
        raise Refused("line_needs", field=field_of(place, "name" if not name else "unit_price"), line=place + 1)
    line.position, line.kind, line.choice, line.product_id, line.name = place, ITEM, one["choice"], one["product_id"], name
    line.description = one["description"] or (product.description if anew and product is not None and line.id is None else None)
    line.unit = one["unit"] or line.unit
    line.quantity, line.unit_price, line.discount = one["quantity"] or ONE, price, one["discount"]
    line.is_own = line.list_price is not None and price != line.list_price
    line.amount = amount(line.quantity, price, line.discount, draft.currency)
    if line.amount >= MOST_AMOUNT:
        raise Refused("amount_too_large", field=field_of(place, "unit_price"), line=place + 1)


def _tax(ctx: Context, line: QuoteLine, place: int, one: Mapping[str, Any], known: Catalogue, product: Product | None) -> None:
    """The tax that was chosen, or that the product is under, at today's rate."""
    other = product is not None and (line.id is None or line.product_id != product.id)  # of another product its own tax, unless one chose
    key = product.tax_code_id if other and one["tax_code_id"] in (None, line.tax_code_id) else one["tax_code_id"]
    code = known.taxes.get(key)
    if key is not None and code is None:
        raise Refused("tax_code_unknown", field=field_of(place, "tax_code_id"))
    if code is not None and code.category == "S" and key not in known.percents:
        raise Refused("no_tax_rate", field=field_of(place, "tax_code_id"), name=code.name, day=ctx.tenant_today)
    line.tax_code_id, line.tax_name, line.tax_category = key, code.name if code else None, code.category if code else None
    line.tax_percent = known.percents.get(key, NOTHING) if code is not None and code.category == "S" else NOTHING


def _as_document(price: Decimal, line: QuoteLine, known: Catalogue, product: Product, draft: QuoteVersion) -> Decimal:
    """A price of the catalogue with or without its tax, as the quote's prices are."""
    included = product.tax_code_id in known.taxes and known.taxes[product.tax_code_id].included
    if included == draft.gross:
        return price
    return net_of(price, known.held.get(product.tax_code_id, NOTHING)) if included else gross_of(price, line.tax_percent)


def _from_net(price: Decimal | None, priced: Price | None, line: QuoteLine, known: Catalogue, product: Product | None, draft: QuoteVersion) -> Decimal | None:
    """A price without tax as the quote's prices are; None where the catalogue says the same."""
    if price is None or (priced is not None and product is not None and price == net_of(priced.each.amount, known.held.get(product.tax_code_id, NOTHING))):
        return None
    return gross_of(price, line.tax_percent) if draft.gross else price


def _cost(known: Catalogue, product: Product, currency: str) -> Decimal | None:
    cost = known.costs.get(product.id)
    try:
        return known.rates.convert(cost, currency).amount.quantize(PLACES, ROUND_HALF_UP) if cost is not None else None
    except Refused:  # no rate for the currency in which it is bought
        return None


def _kept(reason: Reason) -> dict[str, Any]:
    """A reason as plain values. What a thing cost and how the customer is graded is left out: the line is read by others than who wrote it."""
    if reason.code == "credit_discount":  # the grade itself takes a right of its own
        reason = Reason("kept_discount", {"percent": reason.params["percent"]})
    if reason.code == "list_margin":
        reason = Reason("list_alone", {"list": reason.params["list"]})
    plain = {name: {"amount": str(value.amount), "currency": value.currency} if isinstance(value, Money) else str(value) for name, value in reason.params.items()}
    return {"code": reason.code, "params": plain}
