"""Variants of products for programs: what they differ in, what could be made, and making them."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from core.base.context import Context
from core.base.words import N_
from core.products import queries, variant_queries, variants
from core.products.variant_models import LONGEST_NAME, MOST_ATTRIBUTES, MOST_VALUES
from core.products.variant_queries import Offered
from core.products.variants import MOST_AT_ONCE
from web.api import shell
from web.products.api_bodies import Code, ProductOut

bp = shell.api_blueprint("variants_api")
Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]


class ValueIn(shell.Body):
    """A value. id: of one that is there, which is called so from now on."""

    id: UUID | None = None
    name: Name


class AttributeIn(shell.Body):
    """What variants differ in. id: of one that is there."""

    id: UUID | None = None
    name: Name
    values: list[ValueIn] = Field(min_length=1, max_length=MOST_VALUES)


class AttributesIn(shell.Body):
    """All of them, in their order: those that are left out go."""

    attributes: list[AttributeIn] = Field([], max_length=MOST_ATTRIBUTES)


class ValueOut(shell.Out):
    """A value of an attribute."""

    id: UUID
    name: str


class AttributeOut(shell.Out):
    """What the variants of a product differ in."""

    id: UUID
    name: str
    values: list[ValueOut]

    @classmethod
    def of(cls, record: Offered) -> "AttributeOut":
        return cls(id=record.attribute.id, name=record.attribute.name, values=[ValueOut(id=one.id, name=one.name) for one in record.values])


class ProposalOut(shell.Out):
    """A variant that could be made: its values, what it would be called and ordered by."""

    combination: list[UUID]
    name: str
    code: str


class VariantIn(shell.Body):
    """values: one of each attribute. Without a code one is made of the product's and the values."""

    values: list[UUID] = Field(min_length=1, max_length=MOST_ATTRIBUTES)
    code: Code | None = None


class VariantsIn(shell.Body):
    """All of them are made, or none."""

    variants: list[VariantIn] = Field(default=[], max_length=MOST_AT_ONCE)


@shell.resource_route(bp, "GET", "/products/<uuid:id>/attributes", "products.read", answer=AttributeOut, paged=True, summary=N_("What the variants of a product differ in"))
def list_attributes(ctx: Context, id: UUID):
    found = variant_queries.attributes_of(ctx, queries.one_product(ctx, id).id)
    return shell.Page([AttributeOut.of(one) for one in found], None)


@shell.resource_route(bp, "PUT", "/products/<uuid:id>/attributes", "products.edit", body=AttributesIn, answer=AttributeOut, paged=True, versioned=True, summary=N_("Say what the variants of a product differ in"))
def write_attributes(ctx: Context, id: UUID, version: int, body):
    found = variants.save_attributes(ctx, queries.one_product(ctx, id), [one.model_dump() for one in body.attributes], version=version)
    return shell.Page([AttributeOut.of(one) for one in found], None)


@shell.resource_route(bp, "GET", "/products/<uuid:id>/combinations", "products.read", answer=ProposalOut, paged=True, summary=N_("Which variants of a product could be made"))
def list_combinations(ctx: Context, id: UUID):
    found = variants.proposals(ctx, queries.one_product(ctx, id))
    return shell.Page([ProposalOut(combination=list(one.combination), name=one.name, code=one.code) for one in found], None)


@shell.resource_route(bp, "POST", "/products/<uuid:id>/variants", "products.create", body=VariantsIn, answer=ProductOut, paged=True, status=201, summary=N_("Make variants of a product"))
def make_variants(ctx: Context, id: UUID, body):
    made = variants.make_variants(ctx, queries.one_product(ctx, id), [one.model_dump() for one in body.variants])
    return shell.Page([ProductOut.of(one) for one in made], None)
