"""What products cost the workspace: their own cost; a variant without one costs what its product does."""

from collections.abc import Collection
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Uuid, any_, case, func, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from core.base.context import Context
from core.base.hiding import unhidden
from core.base.money import Money
from core.products.models import Product
from core.products.variant_queries import TEMPLATE


def costs_of(ctx: Context, keys: Collection[UUID]) -> dict[UUID, Money]:
    """Product -> what one of it costs, where that is known. A margin is reckoned on it whoever asks; it is told to nobody by this."""
    if not keys:
        return {}
    cost, currency = func.coalesce(Product.cost, TEMPLATE.cost), case((Product.cost.is_(None), TEMPLATE.currency), else_=Product.currency)
    query = select(Product.id, cost, currency).join(TEMPLATE, TEMPLATE.id == Product.template_id, isouter=True)
    with unhidden(ctx.session):
        rows = ctx.session.execute(query.where(Product.id == any_(literal(sorted(keys), ARRAY(Uuid))), cost.is_not(None))).all()
    return {key: Money(Decimal(amount), currency) for key, amount, currency in rows}
