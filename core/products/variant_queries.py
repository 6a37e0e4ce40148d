"""Reads about variants: what a product's variants differ in, which there are, and which could be."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Row, exists, func, select
from sqlalchemy.orm import aliased

from core.base.context import Context
from core.base.policy import sees
from core.base.sets import among
from core.products.models import Product
from core.products.variant_models import Attribute, AttributeValue

VARIANT, TEMPLATE = aliased(Product), aliased(Product)
# How many variants a product has, and what the product of a variant is called: columns beside one.
COUNT: ColumnElement[int] = select(func.nullif(func.count(), 0, type_=Integer)).where(VARIANT.template_id == Product.id, VARIANT.deleted_at.is_(None)).correlate(Product).scalar_subquery()
NAME_OF_TEMPLATE: ColumnElement[str] = select(TEMPLATE.name).where(TEMPLATE.id == Product.template_id).correlate(Product).scalar_subquery()


@dataclass(frozen=True)
class Offered:
    """What variants of a product differ in, and the values to choose from, both in their order."""

    attribute: Attribute
    values: list[AttributeValue] = field(default_factory=list)


def has_variants() -> ColumnElement[bool]:
    """Is the product of the statement only sold as one of its variants?"""
    return exists(select(VARIANT.id).where(VARIANT.template_id == Product.id, VARIANT.deleted_at.is_(None)).correlate(Product))


def attributes_of(ctx: Context, product_id: UUID) -> list[Offered]:
    """What the variants of a product, which the actor sees, differ in."""
    return attributes_of_each(ctx, [product_id])[product_id]


def attributes_of_each(ctx: Context, products: Collection[UUID]) -> dict[UUID, list[Offered]]:
    """The same of several, by one statement."""
    query = select(Attribute, AttributeValue).join(AttributeValue, AttributeValue.attribute_id == Attribute.id, isouter=True).where(among(Attribute.product_id, products))
    found: dict[UUID, list[Offered]] = {key: [] for key in products}
    for attribute, value in ctx.session.execute(query.order_by(Attribute.position, Attribute.id, AttributeValue.position, AttributeValue.id)):
        some = found[attribute.product_id]
        if not some or some[-1].attribute is not attribute:
            some.append(Offered(attribute))
        if value is not None:
            some[-1].values.append(value)
    return found


def variants(ctx: Context, product_id: UUID) -> list[Product]:
    """The variants of a product, by name."""
    query = select(Product).where(Product.template_id == product_id, Product.deleted_at.is_(None), sees(ctx, Product)).order_by(Product.name_fold, Product.id)
    return list(ctx.session.execute(query).scalars())


def taken(ctx: Context, product_id: UUID) -> list[Row]:
    """(combination, deleted_at) of every variant that there is, in the recycle bin too."""
    return list(ctx.session.execute(select(Product.combination, Product.deleted_at).where(Product.template_id == product_id)))


def templates_of(ctx: Context, products: Collection[UUID]) -> dict[UUID, UUID]:
    """Variant -> the product whose variant it is, of those that are variants."""
    return dict(ctx.session.execute(select(Product.id, Product.template_id).where(among(Product.id, products), Product.template_id.is_not(None))).all()) if products else {}


def in_order(offered: Sequence[Offered], combination: Collection[UUID]) -> list[AttributeValue]:
    """The values of a combination in the order of their attributes."""
    return [value for one in offered for value in one.values if value.id in combination]


def said(ctx: Context, products: Collection[UUID]) -> dict[UUID, list[tuple[str, str]]]:
    """Product -> (attribute, value) of those that are variants, in the order of the attributes."""
    query = (
        select(Product.id, Attribute.name, AttributeValue.name).join(AttributeValue, AttributeValue.id == func.any(Product.combination))
        .join(Attribute, Attribute.id == AttributeValue.attribute_id).where(Product.id.in_(products)).order_by(Product.id, Attribute.position, Attribute.id)
    )
    found: dict[UUID, list[tuple[str, str]]] = {}
    for key, attribute, value in ctx.session.execute(query):
        found.setdefault(key, []).append((attribute, value))
    return found
