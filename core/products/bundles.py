"""The use case about bundles: what a product consists of, and whether it has a price of its own or the sum of its parts' prices.

Bundles are one level deep: a part is a product that is sold as it is and no bundle. So what stands beneath a line is all that there is, a price is
explained in one step, and no circle can come about.
"""

from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row, delete, select, update

from core.base.cleaning import key
from core.base.context import Context
from core.base.editing import hold
from core.base.errors import Conflict, Gathered, Refused
from core.base.facts import record
from core.base.field_rights import check_writes
from core.base.hiding import unhidden
from core.base.policy import require, sees
from core.base.sets import among
from core.products.bundle_models import BUNDLE_PRICES, OWN, SUM, ProductPart
from core.products.bundle_queries import Part, parts_of
from core.products.fields import quantity
from core.products.models import Product
from core.products.variant_models import Attribute
from core.products.variant_queries import has_variants

MOST_PARTS = 50


def save_parts(ctx: Context, product: Product, rows: Sequence[Mapping[str, Any]], *, bundle_price: Any = None, version: int | None = None) -> list[Part]:
    """The product consists of these products and no others, in this order; of none: it is no bundle any more.

    Rows are {"product_id", "quantity" (one where nothing is said)}. bundle_price: "own" or "sum"; nothing said: as it is, "own" of a new one. A bundle has no
    cost of its own from then on, and with "sum" no price of its own. All wrong values are refused together, each by its row. version: of the product as it was read."""
    require(ctx, "products.edit", product)
    given = _cleaned(rows)
    if bundle_price not in (None, *BUNDLE_PRICES):
        raise Refused("unknown_value", field="bundle_price")
    there = _locked(ctx, {product.id, *(one["product_id"] for one in given)})
    hold(ctx, product)
    if version is not None and version != product.version:
        raise Conflict("stale")
    _check(ctx, product, given, there)
    wanted = (bundle_price or product.bundle_price or OWN) if given else None
    if SUM in (product.bundle_price, wanted) and product.bundle_price != wanted:
        check_writes(ctx, "products", ("price",))
    ctx.session.execute(delete(ProductPart).where(ProductPart.bundle_id == product.id, ~among(ProductPart.part_id, [one["product_id"] for one in given])))
    _settle(ctx, product, wanted)
    _write(ctx, product, given)
    record(ctx, "product.parts_changed", product, name=product.name, count=len(given))
    ctx.session.flush()  # the answer reads them and shows the new version
    return parts_of(ctx, [product.id]).get(product.id, [])


def of_parts(product: Product | Row) -> frozenset[str]:
    """Amounts of a product that follow from its parts, and are written nowhere else."""
    return frozenset({"cost", *(("price",) if product.bundle_price == SUM else ())} if product.bundle_price else ())


def check_amounts(product: Product | Row, names: Collection[str]) -> None:
    """Refuses amounts of a bundle that follow from its parts."""
    for name in sorted(of_parts(product).intersection(names)):
        raise Refused("bundle_cost" if name == "cost" else "bundle_sum_price", field=name)


def _settle(ctx: Context, product: Product, wanted: str | None) -> None:
    """What follows from the parts stands nowhere else; whoever must not see a cost empties it unseen."""
    product.bundle_price, product.updated_at = wanted, ctx.now  # its version counts the parts too
    if product.bundle_price == SUM:
        product.price = None
    ctx.session.flush()  # that it is a bundle stands in the row before its parts name it
    if product.bundle_price:
        with unhidden(ctx.session):
            ctx.session.execute(update(Product).where(Product.id == product.id, Product.cost.is_not(None)).values(cost=None).execution_options(synchronize_session=False))
        ctx.session.expire(product, ["cost"])


def _write(ctx: Context, product: Product, given: Sequence[Mapping[str, Any]]) -> None:
    kept = {one.part_id: one for one in ctx.session.execute(select(ProductPart).where(ProductPart.bundle_id == product.id)).scalars()}
    for place, one in enumerate(given):
        row = kept.get(one["product_id"]) or ProductPart(bundle_id=product.id, part_id=one["product_id"])
        row.position, row.quantity = place, one["quantity"]
        ctx.session.add(row)


def _cleaned(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    if len(rows) > MOST_PARTS:
        raise Refused("too_many_parts", max=MOST_PARTS)
    wrong, found, seen = Gathered(), [], set()
    for place, row in enumerate(rows):
        one, many = None, None
        with wrong.taking():
            one = key(row.get("product_id"), _field(place, "product_id"))
            if one is None or one in seen:
                raise Refused("part_twice" if one else "required", field=_field(place, "product_id"))
        with wrong.taking():
            many = quantity(row.get("quantity"), _field(place, "quantity")) or Decimal(1)
        seen.add(one)
        found.append({"product_id": one, "quantity": many})
    wrong.settle()
    return found


def _field(place: int, name: str) -> str:
    return f"parts.{place}.{name}"


def _locked(ctx: Context, keys: Collection[UUID]) -> dict[UUID, Row]:
    """What stands in the rows of these products now, each locked in one order: of two who put a product into a bundle and make a bundle of it, one waits."""
    columns = (Product.id, Product.name, Product.bundle_price, has_variants().label("has_variants"))
    query = select(*columns).where(among(Product.id, keys), Product.deleted_at.is_(None), sees(ctx, Product)).order_by(Product.id)
    return {row.id: row for row in ctx.session.execute(query.with_for_update(of=Product, key_share=True))}


def _check(ctx: Context, product: Product, given: Sequence[Mapping[str, Any]], there: Mapping[UUID, Row]) -> None:
    if not given:
        return
    if product.template_id or ctx.session.execute(select(Attribute.id).where(Attribute.product_id == product.id).limit(1)).first():
        raise Refused("bundle_no_variants")
    if (above := ctx.session.execute(select(Product.name).join(ProductPart, ProductPart.bundle_id == Product.id).where(ProductPart.part_id == product.id).limit(1)).scalar_one_or_none()) is not None:
        raise Refused("part_is_no_bundle", name=above)
    kept, wrong = {one.product.id for one in parts_of(ctx, [product.id]).get(product.id, ())}, Gathered()
    for place, one in enumerate(given):
        part = there.get(one["product_id"])
        with wrong.taking():
            if one["product_id"] == product.id:
                raise Refused("bundle_itself", field=_field(place, "product_id"))
            if part is None and one["product_id"] not in kept:
                raise Refused("product_unknown", field=_field(place, "product_id"))
            if part is not None and part.bundle_price:
                raise Refused("bundle_in_bundle", field=_field(place, "product_id"), name=part.name)
            if part is not None and part.has_variants and part.id not in kept:
                raise Refused("product_has_variants", field=_field(place, "product_id"), name=part.name)
    wrong.settle()
