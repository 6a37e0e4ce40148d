"""What bundles consist of, for programs."""

from typing import Literal
from uuid import UUID

from pydantic import Field

from core.base.context import Context
from core.base.words import N_
from core.products import bundles, queries
from core.products.bundle_models import BUNDLE_PRICES
from core.products.bundle_queries import Part, parts_of
from core.products.bundles import MOST_PARTS
from web.api import shell
from web.products.api_bodies import Code, Plain

bp = shell.api_blueprint("parts_api")


class PartIn(shell.Body):
    """quantity: in one bundle; one where nothing is said."""

    product_id: UUID
    quantity: shell.Digits | None = None


class PartsIn(shell.Body):
    """All of them, in their order: those that are left out go, and without one it is no bundle any more. bundle_price: "own", or "sum" of its parts' prices; left out: as it is, "own" of a new bundle."""

    bundle_price: Literal[BUNDLE_PRICES] | None = None
    parts: list[PartIn] = Field([], max_length=MOST_PARTS)


class PartOut(shell.Out):
    """So many of a product in one bundle."""

    product_id: UUID
    code: Code
    name: str
    quantity: Plain
    unit: str | None

    @classmethod
    def of(cls, record: Part) -> "PartOut":
        return cls(product_id=record.product.id, code=record.product.code, name=record.product.name, quantity=record.quantity, unit=record.unit)


@shell.resource_route(bp, "GET", "/products/<uuid:id>/parts", "products.read", answer=PartOut, paged=True, summary=N_("What a bundle consists of"))
def list_parts(ctx: Context, id: UUID):
    product = queries.one_product(ctx, id)
    return shell.Page([PartOut.of(one) for one in parts_of(ctx, [product.id]).get(product.id, [])], None)


@shell.resource_route(bp, "PUT", "/products/<uuid:id>/parts", "products.edit", body=PartsIn, answer=PartOut, paged=True, versioned=True, summary=N_("Say what a bundle consists of and how it is priced"))
def write_parts(ctx: Context, id: UUID, version: int, body):
    found = bundles.save_parts(ctx, queries.one_product(ctx, id), [one.model_dump() for one in body.parts], bundle_price=body.bundle_price, version=version)
    return shell.Page([PartOut.of(one) for one in found], None)
