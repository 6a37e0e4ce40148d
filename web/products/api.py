"""Products for programs: lists, single records, what they are described by, and exchange rates."""

from datetime import date
from decimal import Decimal
from functools import partial
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from core.base import policy
from core.base.context import Context
from core.base.words import N_
from core.products import actions, arranging, pricing, queries, rating
from core.products.columns import COLUMNS, below, found_by
from core.products.lookup_models import Category, TaxCode, TaxRate, Unit
from core.products.models import Product
from core.products.rate_models import ExchangeRate
from core.tagging.queries import tagged
from web.api import shell
from web.api.shell import Column
from web.custom_fields.answers import own_listed
from web.parties.api_bodies import Tag
from web.products import prices
from web.products.api_bodies import Plain, ProductIn, ProductOut, ProductPatch

bp = shell.api_blueprint("products_api")


class ProductParams(shell.Params):
    """q: words that must all be in the name or the code. tag: one that the product has. under: a category; it and all below it."""

    q: str | None = Field(None, max_length=100)
    tag: Tag | None = None
    under: UUID | None = None


PRODUCTS = shell.Listing({
    "id": Column(Product.id), "name": Column(Product.name, sort=Product.name_fold), **{name: one.column for name, one in COLUMNS.items()}, "successor_id": Column(Product.successor_id), "template_id": Column(Product.template_id), "bundle_price": Column(Product.bundle_price),
}, default="name", own=partial(own_listed, Product))


@shell.resource_route(bp, "GET", "/products", "products.read", listing=PRODUCTS, params=ProductParams, answer=ProductOut, summary=N_("List products"))
def list_products(ctx: Context, asked, params):
    query, found = policy.visible(ctx, Product).where(Product.deleted_at.is_(None), *tagged(ctx, Product, params.tag)), found_by(ctx, params.q)
    if found is not None:
        query = query.where(found)
    return asked.page(ctx, query if params.under is None else query.where(Product.category_id.in_(below(params.under))))


@shell.resource_route(bp, "POST", "/products", "products.create", body=ProductIn, answer=ProductOut, status=201, summary=N_("Create a product"))
def create_product(ctx: Context, body):
    return actions.create_product(ctx, **body.given())


@shell.resource_route(bp, "GET", "/products/<uuid:id>", "products.read", answer=ProductOut, summary=N_("Get a product"))
def get_product(ctx: Context, id: UUID):
    return queries.one_product(ctx, id)


@shell.resource_route(bp, "PATCH", "/products/<uuid:id>", "products.edit", body=ProductPatch, answer=ProductOut, versioned=True, summary=N_("Change a product"))
def change_product(ctx: Context, id: UUID, version: int, body):
    return actions.edit_product(ctx, queries.one_product(ctx, id), version=version, **body.given())


@shell.resource_route(bp, "DELETE", "/products/<uuid:id>", "products.delete", status=204, versioned=True, summary=N_("Put a product into the recycle bin"))
def delete_product(ctx: Context, id: UUID, version: int):
    actions.delete_product(ctx, shell.at_version(ctx, queries.one_product(ctx, id), version, "products.delete"))


class PriceParams(shell.Params):
    """quantity: of the product's unit. on: a day (today). currency: the workspace's own where nothing is said. account_id: for whom. tier: his loyalty tier."""

    quantity: str = Field("1", pattern=r"^[0-9]{1,12}(\.[0-9]{1,3})?$")
    on: date | None = None
    currency: str | None = Field(None, pattern="^[A-Z]{3}$")
    account_id: UUID | None = None
    tier: str | None = Field(None, max_length=40)


class ReasonOut(shell.Out):
    """One step to a price, and as a sentence."""

    code: str
    text: str


class PriceOut(shell.Out):
    """Of one unit, and how it came about. list_id: the price list that it comes from."""

    price: shell.Price
    list_id: UUID | None
    reasons: list[ReasonOut]


@shell.resource_route(bp, "GET", "/products/<uuid:id>/price", "products.read", params=PriceParams, answer=PriceOut, summary=N_("What a product costs somebody on a day, and why"))
def get_price(ctx: Context, id: UUID, params):
    product, who = queries.one_product(ctx, id), pricing.Customer(tier=params.tier)
    if params.account_id is not None:
        policy.require(ctx, "accounts.read")
        who = prices.customer_of(ctx, params.account_id, params.tier)
    found = pricing.price_of(ctx, product, quantity=Decimal(params.quantity), on=params.on or ctx.today, currency=params.currency or ctx.tenant.currency, customer=who)
    return PriceOut(price=shell.Price(amount=found.each.amount, currency=found.each.currency), list_id=found.list_id, reasons=[ReasonOut(**one) for one in prices.as_answer(ctx, found)])


class NamedOut(shell.Out):
    """A thing that products name."""

    id: UUID
    version: int
    name: str


class UnitIn(shell.Body):
    """places: decimals that a quantity may have."""

    name: Annotated[str, Field(min_length=1, max_length=40)]
    places: int = Field(0, ge=0, le=3)


class UnitOut(NamedOut):
    """A unit."""

    places: int
    retired: bool


class CategoryIn(shell.Body):
    """parent_id: the one that it belongs to."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    parent_id: UUID | None = None


class CategoryOut(NamedOut):
    """A branch of the catalogue."""

    parent_id: UUID | None


class TaxCodeIn(shell.Body):
    """category: S standard, Z zero rated, E exempt, AE reverse charge. percent: of a standard rate, from starts_on (today) on."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    category: Literal["S", "Z", "E", "AE"] = "S"
    included: bool = False
    percent: Annotated[str, Field(pattern=r"^[0-9]{1,3}(\.[0-9]{1,4})?$")] | None = None
    starts_on: Annotated[date, Field(strict=False)] | None = None


class TaxCodeOut(NamedOut):
    """included: prices under it hold the tax already."""

    category: str
    included: bool
    retired: bool


class TaxRateOut(shell.Out):
    """From that day on so much."""

    id: UUID
    tax_code_id: UUID
    percent: Plain
    starts_on: date


class RateIn(shell.Body):
    """What one unit of the workspace's own currency was worth on a day (today)."""

    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    rate: Annotated[str, Field(pattern=r"^[0-9]{1,9}(\.[0-9]{1,10})?$")]
    day: Annotated[date, Field(strict=False)] | None = None
    source: shell.Line | None = None


class RateOut(shell.Out):
    """On that day one unit of base was worth so many of currency."""

    id: UUID
    base: str
    currency: str
    day: date
    rate: Plain
    source: str | None


def _listing(model: Any, **more: Column) -> shell.Listing:
    return shell.Listing({"id": Column(model.id), "name": Column(model.name, sort=model.name), **more}, default="name")


UNITS, CATEGORIES, TAX_CODES = _listing(Unit), _listing(Category, parent_id=Column(Category.parent_id)), _listing(TaxCode)
TAX_RATES = shell.Listing({"id": Column(TaxRate.id), "tax_code_id": Column(TaxRate.tax_code_id), "starts_on": Column(TaxRate.starts_on, sort=True)}, default="starts_on")
RATES = shell.Listing({"id": Column(ExchangeRate.id), "currency": Column(ExchangeRate.currency), "day": Column(ExchangeRate.day, sort=True)}, default="-day")


@shell.resource_route(bp, "GET", "/product-units", "products.read", listing=UNITS, answer=UnitOut, summary=N_("List units"))
def list_units(ctx: Context, asked):
    return asked.page(ctx, policy.visible(ctx, Unit))


@shell.resource_route(bp, "POST", "/product-units", "catalogue.manage", body=UnitIn, answer=UnitOut, status=201, summary=N_("Add a unit"))
def create_unit(ctx: Context, body):
    return arranging.add_unit(ctx, **body.given())


@shell.resource_route(bp, "GET", "/product-categories", "products.read", listing=CATEGORIES, answer=CategoryOut, summary=N_("List categories"))
def list_categories(ctx: Context, asked):
    return asked.page(ctx, policy.visible(ctx, Category))


@shell.resource_route(bp, "POST", "/product-categories", "catalogue.manage", body=CategoryIn, answer=CategoryOut, status=201, summary=N_("Add a category"))
def create_category(ctx: Context, body):
    return arranging.add_category(ctx, **body.given())


@shell.resource_route(bp, "GET", "/tax-codes", "products.read", listing=TAX_CODES, answer=TaxCodeOut, summary=N_("List tax codes"))
def list_tax_codes(ctx: Context, asked):
    return asked.page(ctx, policy.visible(ctx, TaxCode))


@shell.resource_route(bp, "POST", "/tax-codes", "catalogue.manage", body=TaxCodeIn, answer=TaxCodeOut, status=201, summary=N_("Add a tax code"))
def create_tax_code(ctx: Context, body):
    return arranging.add_tax_code(ctx, **body.given())


@shell.resource_route(bp, "GET", "/tax-rates", "products.read", listing=TAX_RATES, answer=TaxRateOut, summary=N_("List the rates of tax codes"))
def list_tax_rates(ctx: Context, asked):
    return asked.page(ctx, policy.visible(ctx, TaxRate))


@shell.resource_route(bp, "GET", "/exchange-rates", "products.read", listing=RATES, answer=RateOut, summary=N_("List exchange rates"))
def list_rates(ctx: Context, asked):
    return asked.page(ctx, rating.stored(ctx))


@shell.resource_route(bp, "POST", "/exchange-rates", "catalogue.manage", body=RateIn, answer=RateOut, status=201, summary=N_("Store an exchange rate"))
def store_rate(ctx: Context, body):
    return rating.store_rate(ctx, **body.given())
