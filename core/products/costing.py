"""What products cost the workspace: their own cost; a variant without one costs what its product does, a bundle what its parts cost together."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Row, case, func, select

from core.base.context import Context
from core.base.errors import Refused
from core.base.hiding import unhidden
from core.base.money import Money
from core.base.sets import among
from core.products.bundle_models import ProductPart
from core.products.models import Product
from core.products.rating import rates_on
from core.products.rules import Rates
from core.products.variant_queries import TEMPLATE


def costs_of(ctx: Context, keys: Collection[UUID]) -> dict[UUID, Money]:
    """Product -> what one of it costs, where that is known. A margin is reckoned on it whoever asks; it is told to nobody by this."""
    if not keys:
        return {}
    cost, currency = func.coalesce(Product.cost, TEMPLATE.cost), case((Product.cost.is_(None), TEMPLATE.currency), else_=Product.currency)
    query = select(Product.id, cost, currency, Product.is_bundle).join(TEMPLATE, TEMPLATE.id == Product.template_id, isouter=True)
    with unhidden(ctx.session):
        rows = ctx.session.execute(query.where(among(Product.id, sorted(keys)), cost.is_not(None) | Product.is_bundle)).all()
    found = {key: Money(Decimal(amount), currency) for key, amount, currency, is_bundle in rows if not is_bundle}
    return found | _of_bundles(ctx, [row.id for row in rows if row.is_bundle])


def _of_bundles(ctx: Context, keys: Collection[UUID]) -> dict[UUID, Money]:
    """Bundle -> what its parts cost together, where that is known of each, in the bundle's currency at today's rates."""
    if not keys:
        return {}
    query = select(ProductPart.bundle_id, ProductPart.part_id, ProductPart.quantity, Product.currency).join(Product, Product.id == ProductPart.bundle_id)
    parts: dict[UUID, list[Row]] = {}
    for row in ctx.session.execute(query.where(among(ProductPart.bundle_id, keys))):
        parts.setdefault(row.bundle_id, []).append(row)
    costs = costs_of(ctx, {row.part_id for some in parts.values() for row in some})
    whole = {key: some for key, some in parts.items() if all(row.part_id in costs for row in some)}
    rates = rates_on(ctx, ctx.tenant_today) if any(costs[row.part_id].currency != row.currency for some in whole.values() for row in some) else None
    sums = {key: _sum(some, costs, rates) for key, some in whole.items()}
    return {key: found for key, found in sums.items() if found is not None}


def _sum(parts: Collection[Row], costs: Mapping[UUID, Money], rates: Rates | None) -> Money | None:
    """None where a currency has no rate."""
    try:
        each = [(costs[row.part_id] if rates is None else rates.convert(costs[row.part_id], row.currency)).amount * row.quantity for row in parts]
    except Refused:
        return None
    return Money(sum(each, Decimal(0)), next(iter(parts)).currency)
