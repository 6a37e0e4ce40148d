"""What products have to do with each other: said, taken back, read, and what goes with what is on a quote."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Row, Uuid, func, literal, null, select, union_all
from sqlalchemy.orm import aliased

from core.base.cleaning import key
from core.base.context import Context
from core.base.editing import hold
from core.base.errors import NotFound, Refused
from core.base.facts import record
from core.base.policy import has, require, sees, visible
from core.products.models import Product
from core.products.relation_models import KINDS, ProductRelation
from core.products.variant_queries import has_variants, templates_of

MOST, SHOWN = 100, 5
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
    version: int | None = None


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
    if any(_number(ctx, one) >= MOST for one in both):
        raise Refused("too_many_relations", max=MOST)
    first, second = (product, other) if _FORWARD[kind] == way else (other, product)
    made = ProductRelation(product_id=first.id, other_id=second.id, kind=kind)
    ctx.session.add(made)
    record(ctx, "product.related", product, about=(other.id,), name=product.name, other=other.name)
    ctx.session.flush()  # the answer names it by key
    return made


def one_relation(ctx: Context, relation_id: UUID) -> ProductRelation:
    """What was said of two products of which the actor sees one; NotFound otherwise."""
    return _from(ctx, relation_id, None)[0]


def unrelate(ctx: Context, relation_id: UUID, product_id: UUID | None = None) -> None:
    """Away with what was said of two products, from the side of either. product_id: from whose; None: of whichever the actor sees."""
    found, product = _from(ctx, relation_id, product_id)
    require(ctx, "products.edit", product)
    ctx.session.delete(found)
    record(ctx, "product.unrelated", product, about=(found.other_id if product.id == found.product_id else found.product_id,), name=product.name)
    ctx.session.flush()  # the page that follows reads them anew


def _from(ctx: Context, relation_id: UUID, product_id: UUID | None) -> tuple[ProductRelation, Product]:
    found = ctx.session.execute(select(ProductRelation).where(ProductRelation.id == relation_id)).scalar_one_or_none()
    sides = [] if found is None else [one for one in (found.product_id, found.other_id) if product_id in (None, one)]
    product = ctx.session.execute(visible(ctx, Product).where(Product.id.in_(sides)).order_by((Product.id == sides[0]).desc()).limit(1)).scalar_one_or_none() if sides else None
    if found is None or product is None:
        raise NotFound()
    return found, product


def _number(ctx: Context, product_id: UUID) -> int:
    """Of how many products something is said of it, whether the actor sees them or not."""
    return ctx.session.execute(select(func.count()).where((ProductRelation.product_id == product_id) | (ProductRelation.other_id == product_id))).scalar_one()


def related(ctx: Context, product_id: UUID, *, succeeds: bool = False) -> list[Related]:
    """What the product has to do with others that the actor sees, by kind and name. succeeds: with those whose place it takes."""
    rows = ctx.session.execute(_both_ways(ctx, [product_id], succeeds=succeeds)).all()
    found = [Related(row.id, _way(row), row.other_id, row.name, row.code, row.version) for row in rows]
    return sorted(found, key=lambda one: ((*WAYS, SUCCESSOR).index(one.way), one.name.casefold(), one.product_id))


def _way(row: Row) -> str:
    return (_FORWARD if row.forward else _BACKWARD)[row.kind]


def _both_ways(ctx: Context, keys: Collection[UUID], *, succeeds: bool = False) -> Any:
    """(id, kind, forward, from_id, other_id, name, code) of what is said of these products, from their side."""
    given = _said(keys, succeeds=succeeds).subquery()
    return select(given, Product.name, Product.code).join(Product, Product.id == given.c.other_id).where(Product.deleted_at.is_(None), sees(ctx, Product)).limit(2000)


def _said(keys: Collection[UUID], *, succeeds: bool = False) -> Any:
    sides = [
        select(ProductRelation.id, ProductRelation.version, ProductRelation.kind, literal(True).label("forward"), ProductRelation.product_id.label("from_id"), ProductRelation.other_id.label("other_id")).where(ProductRelation.product_id.in_(keys)),
        select(ProductRelation.id, ProductRelation.version, ProductRelation.kind, literal(False).label("forward"), ProductRelation.other_id.label("from_id"), ProductRelation.product_id.label("other_id")).where(ProductRelation.other_id.in_(keys)),
    ]
    if succeeds:
        sides.append(select(null().cast(Uuid()), null().cast(Integer()), literal(SUCCESSOR), literal(True), OTHER.successor_id, OTHER.id).where(OTHER.successor_id.in_(keys)))
    return union_all(*sides)


def goes_with(ctx: Context, products: Sequence[UUID | None]) -> dict[UUID, list[Row]]:
    """Product -> what fits with it and its accessories, as far as it is sold, active and not among these products already. Of a variant what is said of its
    product too. One statement for all."""
    keys = sorted({one for one in products if one})
    if not keys or not has(ctx, "products.read"):
        return {}
    templates = templates_of(ctx, keys)
    found: dict[UUID, list[Row]] = {}
    for row in ctx.session.execute(_offered(ctx, {*keys, *templates.values()}, keys)):
        found.setdefault(row.from_id, []).append(row)
    gathered = {key: {row.other_id: row for row in (*found.get(key, ()), *found.get(templates.get(key), ()))} for key in keys}
    return {key: sorted(rows.values(), key=lambda row: (row.name.casefold(), row.other_id))[:SHOWN] for key, rows in gathered.items() if rows}


def _offered(ctx: Context, keys: Collection[UUID], there: Collection[UUID]) -> Any:
    """Of each of these products the first that fit with it or are its accessories, of those that may be sold and are not there."""
    given = _said(keys).subquery()
    place = func.row_number().over(partition_by=given.c.from_id, order_by=(Product.name_fold, Product.id)).label("place")
    query = select(given.c.from_id, given.c.other_id, Product.name, Product.code, place).join(Product, Product.id == given.c.other_id)
    goes = (given.c.kind == "fits") | (given.c.kind == "accessory") & ~given.c.forward
    some = query.where(goes, Product.deleted_at.is_(None), Product.state == "active", ~has_variants(), Product.id.not_in(there), sees(ctx, Product)).subquery()
    return select(some).where(some.c.place <= SHOWN)
