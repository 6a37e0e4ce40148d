"""Reads about bundles: what they consist of, and what lines say of that."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.orm import aliased

from core.base.context import Context
from core.base.policy import sees
from core.base.sets import among
from core.products.bundle_models import ProductPart
from core.products.lookup_models import Unit
from core.products.models import Product

BUNDLE = aliased(Product)
# Of how many bundles a product is a part: a column beside one.
IN_BUNDLES: ColumnElement[int] = select(func.count()).select_from(ProductPart).join(BUNDLE, BUNDLE.id == ProductPart.bundle_id).where(ProductPart.part_id == Product.id, BUNDLE.deleted_at.is_(None)).correlate(Product).scalar_subquery()


@dataclass(frozen=True)
class Part:
    """So many of a product in one bundle, and what it is counted in."""

    product: Product
    quantity: Decimal
    unit: str | None


def parts_of(ctx: Context, bundles: Collection[UUID]) -> dict[UUID, list[Part]]:
    """Bundle -> its parts in their order, those too that lie in the recycle bin; without a statement where no bundle is named."""
    if not bundles:
        return {}
    query = select(ProductPart.bundle_id, Product, ProductPart.quantity, Unit.name).join(Product, Product.id == ProductPart.part_id).join(Unit, Unit.id == Product.unit_id, isouter=True)
    found: dict[UUID, list[Part]] = {}
    for key, product, many, unit in ctx.session.execute(query.where(among(ProductPart.bundle_id, bundles), sees(ctx, Product)).order_by(ProductPart.bundle_id, ProductPart.position, ProductPart.id)):
        found.setdefault(key, []).append(Part(product, many, unit))
    return found


def told_of(ctx: Context, products: Iterable[Product]) -> dict[UUID, list[dict[str, Any]]]:
    """Bundle -> what one of it consists of, as plain values that a line keeps."""
    found = parts_of(ctx, {one.id for one in products if one.bundle_price})
    return {key: [{"sku": one.product.code, "name": one.product.name, "quantity": f"{one.quantity.normalize():f}", "unit": one.unit or ""} for one in parts] for key, parts in found.items()}


def in_line(parts: Iterable[Mapping[str, Any]], many: Decimal) -> list[dict[str, Any]]:
    """What a line keeps of its parts, each as many as all of the line hold."""
    return [{**one, "quantity": Decimal(one["quantity"]) * many} for one in parts]


def bundles_with(ctx: Context, product_id: UUID) -> list[Row]:
    """(id, name, code, quantity) of the bundles that a product is a part of, by name."""
    query = select(Product.id, Product.name, Product.code, ProductPart.quantity).join(ProductPart, ProductPart.bundle_id == Product.id)
    return list(ctx.session.execute(query.where(ProductPart.part_id == product_id, Product.deleted_at.is_(None), sees(ctx, Product)).order_by(Product.name_fold, Product.id).limit(200)))
