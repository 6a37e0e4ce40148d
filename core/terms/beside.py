"""What the page of an account says of agreed terms: those in force, the newest first."""

from typing import Any

from sqlalchemy import ColumnElement, Text, cast, func, literal, literal_column, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from core.base.context import Context
from core.base.policy import has
from core.identity.models import User
from core.products.models import Product
from core.terms.models import AgreedTerms
from core.terms.queries import holds

SHOWN = 5


def agreed(ctx: Context, model: Any) -> ColumnElement | None:
    """[{"id", "who", "at", "until_on", "payment_days", "discount", "product", "price", "currency", "words"}]; None for whoever may not know them."""
    if not has(ctx, "terms.read"):
        return None
    it = AgreedTerms
    shown = (
        it.id, User.name.label("who"), it.created_at.label("at"), it.until_on, it.payment_days, cast(it.discount, Text).label("discount"), Product.name.label("product"), cast(it.price, Text).label("price"), it.currency, it.words,
    )
    few = select(*shown).join(User, User.id == it.agreed_by, isouter=True).join(Product, Product.id == it.product_id, isouter=True)
    few = few.where(it.account_id == model.id, holds(ctx)).order_by(it.created_at.desc(), it.id.desc()).limit(SHOWN).correlate(model).subquery("few_terms")
    pairs = [part for column in few.c for part in (literal(column.name, Text), column)]
    rows = select(func.jsonb_agg(aggregate_order_by(func.jsonb_build_object(*pairs), few.c.at.desc(), few.c.id.desc()), type_=JSONB)).scalar_subquery()
    return func.coalesce(rows, literal_column("'[]'::jsonb"), type_=JSONB)


BESIDE = {"accounts": {"terms": agreed}}
