"""What products have to do with each other: said, taken back, read, and what goes with what is on a quote."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Uuid, literal, null, select, union_all
from sqlalchemy.orm import aliased

from core.base.cleaning import key
from core.base.context import Context
from core.base.editing import hold
from core.base.errors import NotFound, Refused
from core.base.facts import record
from core.base.policy import has, require, sees, visible
from core.products.models import Product
from core.products.relation_models import KINDS, ProductRelation
from core.products.variant_queries import has_variants

MOST = 100
OTHER = aliased(Product)
# How a relation is called from the product that is looked at: fits (both ways), accessory_of and accessories, replaces and replaced_by.
WAYS = ("fits", "accessory_of", "accessories", "replaces", "replaced_by")
SUCCESSOR = "takes_place_of"  # said by the other product's successor, not here
_FORWARD = {"fits": "fits", "accessory": "accessory_of", "replaces": "replaces", SUCCESSOR: SUCCESSOR}
_BACKWARD = {"fits": "fits", "accessory": "accessories", "replaces": "replaced_by"}


@dataclass(frozen=True)
class Related:
    """Another product and what this one is to it (one of WAYS, or SUCCESSOR, which has no id of its own)."""

    id: UUID | None
    way: str
    product_id: UUID
    name: str
    code: str


def relate(ctx: Context, product: Product, *, way: Any, other_id: Any) -> ProductRelation:
    """This product fits with the other, is an accessory of it or has it as one, replaces it or is replaced by it. Refuses what is said already, whichever way round."""
    require(ctx, "products.edit", product)
    if way not in WAYS:
        raise Refused("unknown_value", field="way")
    other_key = key(other_id, "other_id")
    if other_key is None:
        raise Refused("required", field="other_id")
    if other_key == product.id:
        raise Refused("relation_itself", field="other_id")
    other = ctx.session.execute(visible(ctx, Product).where(Product.id == other_key, Product.deleted_at.is_(None))).scalar_one_or_none()
    if other is None:
        raise Refused("product_unknown", field="other_id")
    for one in sorted((product, other), key=lambda one: one.id):  # in one order: two who say it both ways round wait for one another
        hold(ctx, one)
    kind = next(kind for kind in KINDS if way in (_FORWARD[kind], _BACKWARD[kind]))
    both = {product.id, other.id}
    there = ctx.session.execute(select(ProductRelation.id, ProductRelation.kind).where(ProductRelation.product_id.in_(both), ProductRelation.other_id.in_(both))).all()
    if any(row.kind == kind for row in there):
        raise Refused("relation_there", field="other_id")
    if len(related(ctx, product.id)) >= MOST:
        raise Refused("too_many_relations", max=MOST)
    first, second = (product, other) if _FORWARD[kind] == way else (other, product)
    made = ProductRelation(product_id=first.id, other_id=second.id, kind=kind)
    ctx.session.add(made)
    record(ctx, "product.related", product, about=(other.id,), name=product.name, other=other.name)
    ctx.session.flush()  # the answer names it by key
    return made


def unrelate(ctx: Context, relation_id: UUID) -> Product:
    """Away with what was said of two products; gives the one that it was said of."""
    found = ctx.session.execute(select(ProductRelation).where(ProductRelation.id == relation_id)).scalar_one_or_none()
    product = ctx.session.execute(visible(ctx, Product).where(Product.id == found.product_id)).scalar_one_or_none() if found is not None else None
    if found is None or product is None:
        raise NotFound()
    require(ctx, "products.edit", product)
    ctx.session.delete(found)
    record(ctx, "product.unrelated", product, about=(found.other_id,), name=product.name)
    ctx.session.flush()  # the page that follows reads them anew
    return product


def related(ctx: Context, product_id: UUID, *, succeeds: bool = False) -> list[Related]:
    """What the product has to do with others that the actor sees, by kind and name. succeeds: with those whose place it takes."""
    rows = ctx.session.execute(_both_ways(ctx, [product_id], succeeds=succeeds)).all()
    found = [Related(row.id, _way(row), row.other_id, row.name, row.code) for row in rows]
    return sorted(found, key=lambda one: ((*WAYS, SUCCESSOR).index(one.way), one.name.casefold(), one.product_id))


def _way(row: Row) -> str:
    return (_FORWARD if row.forward else _BACKWARD)[row.kind]


def _both_ways(ctx: Context, keys: Collection[UUID], *, succeeds: bool = False) -> Any:
    """(id, kind, forward, from_id, other_id, name, code, state, has_variants) of what is said of these products, from their side."""
    sides = [
        select(ProductRelation.id, ProductRelation.kind, literal(True).label("forward"), ProductRelation.product_id.label("from_id"), ProductRelation.other_id.label("other_id")).where(ProductRelation.product_id.in_(keys)),
        select(ProductRelation.id, ProductRelation.kind, literal(False).label("forward"), ProductRelation.other_id.label("from_id"), ProductRelation.product_id.label("other_id")).where(ProductRelation.other_id.in_(keys)),
    ]
    if succeeds:
        sides.append(select(null().cast(Uuid()), literal(SUCCESSOR), literal(True), OTHER.successor_id, OTHER.id).where(OTHER.successor_id.in_(keys)))
    given = union_all(*sides).subquery()
    return select(given, Product.name, Product.code, Product.state, has_variants().label("has_variants")).join(Product, Product.id == given.c.other_id).where(Product.deleted_at.is_(None), sees(ctx, Product)).limit(2000)


def goes_with(ctx: Context, products: Sequence[UUID | None]) -> dict[UUID, list[Row]]:
    """Product -> what fits with it and its accessories, as far as it is sold, active and not among these products already. Of a variant what is said of its
    product too. One statement for all."""
    keys = sorted({one for one in products if one})
    if not keys or not has(ctx, "products.read"):
        return {}
    templates = dict(ctx.session.execute(select(Product.id, Product.template_id).where(Product.id.in_(keys), Product.template_id.is_not(None))).all())
    found: dict[UUID, list[Row]] = {}
    for row in ctx.session.execute(_both_ways(ctx, [*keys, *templates.values()])):
        if _way(row) in ("fits", "accessories") and row.state == "active" and not row.has_variants and row.other_id not in keys:
            found.setdefault(row.from_id, []).append(row)
    gathered = {key: {row.other_id: row for row in (*found.get(key, ()), *found.get(templates.get(key), ()))} for key in keys}
    return {key: sorted(rows.values(), key=lambda row: (row.name.casefold(), row.other_id))[:5] for key, rows in gathered.items() if rows}
