"""What products are described by, for programs that arrange it: single units, categories, tax codes, a rate of a code from a day on, currencies."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from core.base.context import Context
from core.base.errors import NotFound, Refused
from core.base.words import N_
from core.products import arranging, queries, rating
from core.products.lookup_models import Category, TaxCode, Unit
from core.products.rate_models import Currency
from web.api import shell
from web.api.shell import Column
from web.products.api import CategoryOut, TaxCodeOut, TaxRateOut, UnitOut

bp = shell.api_blueprint("catalogue_api")


class UnitPatch(shell.Body):
    """retired: it is offered no more. Absent or null stays as it is."""

    name: Annotated[str, Field(min_length=1, max_length=40)] | None = None
    places: int | None = Field(None, ge=0, le=3)
    retired: bool | None = None


class CategoryPatch(shell.Body):
    """parent_id null: a branch of its own."""

    name: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    parent_id: UUID | None = None


class TaxCodePatch(shell.Body):
    """What the code is to the tax office stays; its rates: /tax-rates. Absent or null stays as it is."""

    name: Annotated[str, Field(min_length=1, max_length=60)] | None = None
    included: bool | None = None
    retired: bool | None = None


class TaxRateIn(shell.Body):
    """From that day (today) on so much; what was said of the same day before is replaced."""

    tax_code_id: UUID
    percent: Annotated[str, Field(pattern=r"^[0-9]{1,3}(\.[0-9]{1,4})?$")]
    starts_on: date | None = None


class CurrencyIn(shell.Body):
    """code: of ISO 4217."""

    code: Annotated[str, Field(pattern="^[A-Z]{3}$")]


class CurrencyOut(shell.Out):
    """One that the workspace deals in beside its own."""

    id: UUID
    code: str


CURRENCIES = shell.Listing({"id": Column(Currency.id), "code": Column(Currency.code, sort=Currency.code)}, default="code")


@shell.resource_route(bp, "GET", "/product-units/<uuid:id>", "products.read", answer=UnitOut, summary=N_("Get a unit"))
def get_unit(ctx: Context, id: UUID):
    return queries.one_of(ctx, Unit, id)


@shell.resource_route(bp, "PATCH", "/product-units/<uuid:id>", "catalogue.manage", body=UnitPatch, answer=UnitOut, versioned=True, summary=N_("Change a unit"))
def change_unit(ctx: Context, id: UUID, version: int, body):
    return arranging.change(ctx, queries.one_of(ctx, Unit, id), version=version, **_kept(body))


@shell.resource_route(bp, "DELETE", "/product-units/<uuid:id>", "catalogue.manage", status=204, versioned=True, summary=N_("Delete a unit that nothing uses"))
def delete_unit(ctx: Context, id: UUID, version: int):
    _remove(ctx, Unit, id, version)


@shell.resource_route(bp, "GET", "/product-categories/<uuid:id>", "products.read", answer=CategoryOut, summary=N_("Get a category"))
def get_category(ctx: Context, id: UUID):
    return queries.one_of(ctx, Category, id)


@shell.resource_route(bp, "PATCH", "/product-categories/<uuid:id>", "catalogue.manage", body=CategoryPatch, answer=CategoryOut, versioned=True, summary=N_("Rename a category or put it below another"))
def change_category(ctx: Context, id: UUID, version: int, body):
    return arranging.change(ctx, queries.one_of(ctx, Category, id), version=version, **{name: value for name, value in body.given().items() if name == "parent_id" or value is not None})


@shell.resource_route(bp, "DELETE", "/product-categories/<uuid:id>", "catalogue.manage", status=204, versioned=True, summary=N_("Delete a category that nothing uses"))
def delete_category(ctx: Context, id: UUID, version: int):
    _remove(ctx, Category, id, version)


@shell.resource_route(bp, "GET", "/tax-codes/<uuid:id>", "products.read", answer=TaxCodeOut, summary=N_("Get a tax code"))
def get_tax_code(ctx: Context, id: UUID):
    return queries.one_of(ctx, TaxCode, id)


@shell.resource_route(bp, "PATCH", "/tax-codes/<uuid:id>", "catalogue.manage", body=TaxCodePatch, answer=TaxCodeOut, versioned=True, summary=N_("Change a tax code"))
def change_tax_code(ctx: Context, id: UUID, version: int, body):
    return arranging.change(ctx, queries.one_of(ctx, TaxCode, id), version=version, **_kept(body))


@shell.resource_route(bp, "DELETE", "/tax-codes/<uuid:id>", "catalogue.manage", status=204, versioned=True, summary=N_("Delete a tax code that nothing uses"))
def delete_tax_code(ctx: Context, id: UUID, version: int):
    _remove(ctx, TaxCode, id, version)


@shell.resource_route(bp, "POST", "/tax-rates", "catalogue.manage", body=TaxRateIn, answer=TaxRateOut, status=201, summary=N_("Say what a tax code takes from a day on"))
def set_tax_rate(ctx: Context, body):
    try:
        code = queries.one_of(ctx, TaxCode, body.tax_code_id)
    except NotFound:
        raise Refused("tax_code_unknown", field="tax_code_id") from None
    return arranging.set_tax_rate(ctx, code, percent=body.percent, starts_on=body.starts_on)


@shell.resource_route(bp, "GET", "/currencies", "products.read", listing=CURRENCIES, answer=CurrencyOut, summary=N_("List the currencies beside the workspace's own"))
def list_currencies(ctx: Context, asked):
    return asked.page(ctx, rating.others(ctx))


@shell.resource_route(bp, "POST", "/currencies", "catalogue.manage", body=CurrencyIn, answer=CurrencyOut, status=201, summary=N_("Deal in a currency"))
def add_currency(ctx: Context, body):
    return rating.add_currency(ctx, body.code)


@shell.resource_route(bp, "POST", "/currencies/<uuid:id>/removal", "catalogue.manage", status=204, summary=N_("Deal in a currency no more; its rates stay"))
def remove_currency(ctx: Context, id: UUID):
    rating.remove_currency(ctx, id)


def _kept(body: shell.Body) -> dict[str, Any]:
    return {name: value for name, value in body.given().items() if value is not None}


def _remove(ctx: Context, model: Any, id: UUID, version: int) -> None:
    arranging.remove(ctx, shell.at_version(ctx, queries.one_of(ctx, model, id), version, "catalogue.manage"))
