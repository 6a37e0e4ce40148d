"""What products have to do with each other, for programs."""

from typing import Literal
from uuid import UUID

from core.base.context import Context
from core.base.words import N_
from core.products import queries, relations
from core.products.relations import WAYS
from web.api import shell

bp = shell.api_blueprint("relations_api")


class RelationIn(shell.Body):
    """way: what this product is to the other one."""

    way: Literal[WAYS] | None = None
    other_id: UUID | None = None


class RelationOut(shell.Out):
    """way: what the product asked for is to the other one, product_id."""

    id: UUID
    version: int
    way: str
    product_id: UUID
    name: str
    code: str


@shell.resource_route(bp, "GET", "/products/<uuid:id>/relations", "products.read", answer=RelationOut, paged=True, summary=N_("What a product has to do with others"))
def list_relations(ctx: Context, id: UUID):
    return shell.Page([RelationOut.of(one) for one in relations.related(ctx, queries.one_product(ctx, id).id)], None)


@shell.resource_route(bp, "POST", "/products/<uuid:id>/relations", "products.edit", body=RelationIn, answer=RelationOut, status=201, summary=N_("Say what a product has to do with another one"))
def create_relation(ctx: Context, id: UUID, body):
    made = relations.relate(ctx, queries.one_product(ctx, id), way=body.way, other_id=body.other_id)
    other = queries.one_product(ctx, body.other_id)
    return RelationOut(id=made.id, version=made.version, way=body.way, product_id=other.id, name=other.name, code=other.code)


@shell.resource_route(bp, "DELETE", "/product-relations/<uuid:id>", "products.edit", status=204, versioned=True, summary=N_("Take back what was said of two products"))
def delete_relation(ctx: Context, id: UUID, version: int):
    relations.unrelate(ctx, shell.at_version(ctx, relations.one_relation(ctx, id), version, "products.edit").id)
