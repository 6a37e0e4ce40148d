"""What a product costs somebody on a day, with its reasons: the stored lists, rates and discounts put before the pure rules.

The customer comes in as plain values (his key, the groups that he is in, his tier): this room knows nothing of accounts.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, or_, select

from core.base.context import Context
from core.base.errors import Refused
from core.base.field_rights import hidden
from core.base.money import Money
from core.base.policy import require
from core.products.bundle_models import SUM
from core.products.bundle_queries import Part, parts_of
from core.products.costing import costs_of
from core.products.lookup_models import Category, TaxCode, TaxRate
from core.products.models import Product
from core.products.price_models import WHAT, WHOM, PriceBook, PriceListLine, TierDiscount
from core.products.rating import rates_on
from core.products.rules import (
    VARIANT,
    Asked,
    Discount,
    Formula,
    Price,
    PricedPart,
    PriceLine,
    PriceList,
    Reason,
    Rounding,
    gross_of,
    net_of,
    price,
    summed,
)

DEEPEST = 10  # lists that stand on lists


@dataclass(frozen=True)
class Customer:
    """Who asks: his account's key, the groups that he is in (tags of his account), his loyalty tier, his credit grade with the percent that follows from it."""

    account_id: UUID | None = None
    groups: Collection[str] = ()
    tier: str | None = None
    credit: tuple[str, Decimal] = ("", Decimal(0))


def price_of(ctx: Context, product: Product, *, quantity: Decimal, on: date, currency: str, customer: Customer = Customer()) -> Price:
    """The price of one unit with its reasons. Refuses a product without a price that no list prices, a quantity that is not
    positive, a currency without a rate that day."""
    return prices_of(ctx, [(product, quantity)], on=on, currency=currency, customer=customer)[0]


def prices_of(ctx: Context, wanted: Iterable[tuple[Product, Decimal]], *, on: date, currency: str, customer: Customer = Customer()) -> list[Price]:
    """The same of many at once, in as many statements as of one. Refuses all where one is refused."""
    wanted = list(wanted)
    ask = _asking(ctx, wanted, on, currency, customer)
    return [ask(product, quantity) for product, quantity in wanted]


def known_prices(ctx: Context, wanted: Iterable[tuple[Product, Decimal]], *, on: date, currency: str, customer: Customer = Customer()) -> list[Price | None]:
    """The same with None where a product has no price: neither its own nor a list's, no rate, no cost that a margin could stand on."""
    wanted = list(wanted)
    if not wanted:
        return []
    try:
        ask = _asking(ctx, wanted, on, currency, customer)
    except Refused:  # prices are not his to read, or his tier is none
        return [None] * len(wanted)
    return [_known(ask, product, quantity) for product, quantity in wanted]


def net_prices(ctx: Context, wanted: Iterable[tuple[Product, Decimal]], *, on: date, currency: str, customer: Customer = Customer()) -> list[Decimal | None]:
    """The same without the tax that they hold."""
    wanted = list(wanted)
    prices, held = known_prices(ctx, wanted, on=on, currency=currency, customer=customer), held_percents(ctx, on) if wanted else {}
    return [None if found is None else net_of(found.each.amount, held.get(product.tax_code_id, Decimal(0))) for (product, _), found in zip(wanted, prices, strict=True)]


def held_percents(ctx: Context, on: date) -> dict[UUID, Decimal]:
    """Tax code -> the percent that prices under it hold on that day; those that hold none are left out."""
    query = select(TaxRate.tax_code_id, TaxRate.percent).join(TaxCode, TaxCode.id == TaxRate.tax_code_id).where(TaxCode.included, TaxCode.category == "S", TaxRate.starts_on <= on)
    return {key: percent for key, percent in ctx.session.execute(query.distinct(TaxRate.tax_code_id).order_by(TaxRate.tax_code_id, TaxRate.starts_on.desc())) if percent}


def _known(ask: Callable[[Product, Decimal], Price], product: Product, quantity: Decimal) -> Price | None:
    try:
        return ask(product, quantity)
    except Refused:
        return None


def _asking(ctx: Context, wanted: Sequence[tuple[Product, Decimal]], on: date, currency: str, customer: Customer) -> Callable[[Product, Decimal], Price]:
    """Reads all that prices of these products go by, and gives what prices one of them."""
    require(ctx, "products.read")
    bundles = parts_of(ctx, {product.id for product, _ in wanted if product.bundle_price == SUM})
    products = [*(product for product, _ in wanted), *(part.product for parts in bundles.values() for part in parts)]
    held = held_percents(ctx, on) if bundles else {}
    templates = _templates(ctx, products)
    rates, costs, lines = rates_on(ctx, on), costs_of(ctx, {product.id for product in products}), lines_of(ctx, products, customer, templates)
    discounts = [*_discounts(ctx, customer.tier), *_of_credit(*customer.credit)]

    def ask(product: Product, quantity: Decimal) -> Price:
        if product.bundle_price == SUM:
            return summed([_part(ask, part, product, quantity, held) for part in bundles.get(product.id, ())], currency)
        fitting, (own, said) = lines.get(product.id, []), _own_price(product, templates.get(product.template_id))
        if own is None and not any(line.way == "price" for line in fitting):
            raise Refused("no_price", name=product.name)
        if own is None:  # what comes off nothing, or onto it, says nothing
            fitting = [line for line in fitting if line.way == "price"]
        priced = price(Asked(own or Money(Decimal(0), product.currency), quantity, on, currency, cost=costs.get(product.id), said_by=said), fitting, rates=rates, discounts=discounts)
        if own is None and priced.list_id is None:
            raise Refused("no_price", name=product.name)
        return _told(ctx, priced)

    return ask


def _part(ask: Callable[[Product, Decimal], Price], part: Part, bundle: Product, quantity: Decimal, held: Mapping[UUID, Decimal]) -> PricedPart:
    """What a part of so many bundles costs each, with the tax that the bundle's price holds. Refuses one that lies in the recycle bin."""
    if part.product.deleted_at is not None:
        raise Refused("no_price", name=bundle.name)
    each, (mine, whole) = ask(part.product, part.quantity * quantity).each, (held.get(one.tax_code_id, Decimal(0)) for one in (part.product, bundle))
    return PricedPart(part.product.name, part.quantity, each if mine == whole else Money(gross_of(net_of(each.amount, mine), whole), each.currency))


def _own_price(product: Product, template: Product | None) -> tuple[Money | None, tuple[Reason, ...]]:
    """(what the catalogue itself says of one, why): the product's own price, else of a variant its product's."""
    if product.price is not None:
        return Money(product.price, product.currency), ()
    if template is None or template.price is None:
        return None, ()
    own = Money(template.price, template.currency)
    return own, (Reason("template_price", {"amount": own, "name": template.name}),)


def _templates(ctx: Context, products: Iterable[Product]) -> dict[UUID | None, Product]:
    """The products whose variants these are."""
    keys = {product.template_id for product in products if product.template_id}
    return {one.id: one for one in ctx.session.execute(select(Product).where(Product.id.in_(keys))).scalars()} if keys else {}


def _told(ctx: Context, priced: Price) -> Price:
    """Without what a cost is, for whoever must not know it."""
    if "cost" not in hidden(ctx, "products"):
        return priced
    return replace(priced, reasons=tuple(Reason("list_alone", {"list": one.params["list"]}) if one.code == "list_margin" else one for one in priced.reasons))


def lines_of(ctx: Context, products: Iterable[Product], customer: Customer, templates: Mapping[UUID | None, Product]) -> dict[UUID, list[PriceLine]]:
    """Product -> the lines of lists that could price it for this customer, those of lists that theirs stand on too. What a list says of a
    product holds for its variants (templates: their products), behind what it says of them."""
    products = list(products)
    books = {book.id: book for book in ctx.session.execute(select(PriceBook)).scalars()}
    mine = [book for book in books.values() if _is_for(book, customer)]
    above = _branches(ctx, {product.category_id for product in products if product.category_id})
    needed = {one.id for book in mine for one, _ in _stands_on(book, books)}
    stored = _stored(ctx, needed, {key for product in products for key in (product.id, product.template_id) if key}, {key for keys in above.values() for key in keys})
    found: dict[UUID, list[PriceLine]] = {}
    for product in products:
        branches = above.get(product.category_id, ()) if product.category_id else ()
        found[product.id] = [
            _line(line, book, upon, books, product, templates) for book in mine for upon, formula in _stands_on(book, books) for line in stored.get(upon.id, ()) if _names(line, product, branches)
        ]
    return found


def _is_for(book: PriceBook, customer: Customer) -> bool:
    if book.whom == "customer":
        return customer.account_id is not None and book.account_id == customer.account_id
    return book.whom == "everybody" or (book.group_name or "").casefold() in {group.casefold() for group in customer.groups}


def _stands_on(book: PriceBook, books: Mapping[UUID, PriceBook]) -> list[tuple[PriceBook, int]]:
    """The list itself and those that it stands on, with how far away each is."""
    found, one = [(book, 0)], book
    while one.based_on_id is not None and len(found) < DEEPEST:
        one = books[one.based_on_id]
        found.append((one, len(found)))
    return found


def _branches(ctx: Context, keys: set[UUID]) -> dict[UUID, list[UUID]]:
    """Category -> itself and all above it, the closest first."""
    if not keys:
        return {}
    up = {key: parent for key, parent in ctx.session.execute(select(Category.id, Category.parent_id))}
    found: dict[UUID, list[UUID]] = {}
    for key in keys:
        one: UUID | None = key
        while one is not None and one not in found.setdefault(key, []):
            found[key].append(one)
            one = up.get(one)
    return found


def _stored(ctx: Context, books: set[UUID], products: set[UUID], categories: set[UUID]) -> dict[UUID, list[PriceListLine]]:
    if not books:
        return {}
    names = or_(PriceListLine.what == "all", PriceListLine.product_id.in_(products), PriceListLine.category_id.in_(categories))
    found: dict[UUID, list[PriceListLine]] = {}
    for line in ctx.session.execute(select(PriceListLine).where(PriceListLine.price_list_id.in_(books), names)).scalars():
        found.setdefault(line.price_list_id, []).append(line)
    return found


def _names(line: PriceListLine, product: Product, branches: Collection[UUID]) -> bool:
    return line.what == "all" or (line.product_id is not None and line.product_id in (product.id, product.template_id)) or line.category_id in branches


def _line(line: PriceListLine, book: PriceBook, upon: PriceBook, books: Mapping[UUID, PriceBook], product: Product, templates: Mapping[UUID | None, Product]) -> PriceLine:
    """A stored line as the rules take it; formulas: those of the lists between the one that it stands in and the customer's."""
    of_template = line.product_id is not None and line.product_id != product.id
    what = VARIANT if line.product_id == product.id and product.template_id else WHAT.index(line.what)
    between = []
    one = book
    while one.id != upon.id:
        between.append(Formula(one.name, one.based_way or "discount", one.based_percent or Decimal(0)))
        one = books[one.based_on_id]  # type: ignore[index]
    whole = PriceList(
        book.id, book.name, upon.currency, WHOM.index(book.whom), book.priority, book.net, Rounding(book.rounding_step, book.rounding_less), book.starts_on, book.ends_on,
    )
    of = templates[line.product_id].name if of_template else ""
    return PriceLine(whole, line.way, line.value, what, line.from_quantity, line.starts_on, line.ends_on, tuple(reversed(between)), "" if upon is book else upon.name, of)


def _discounts(ctx: Context, tier: str | None) -> list[Discount]:
    if not tier:
        return []
    found = ctx.session.execute(select(TierDiscount).where(func.lower(TierDiscount.tier) == tier.lower())).scalar_one_or_none()
    if found is None:
        raise Refused("tier_unknown", field="tier", name=tier[:40])
    return [Discount(found.tier, found.percent)]


def _of_credit(grade: str, percent: Decimal) -> list[Discount]:
    """What follows from a grade; where it is not to be told, only that something comes off."""
    return [Discount(grade, percent, "credit_discount" if grade else "kept_discount", "grade")] if percent else []
