"""Bulk edits of products (core.bulk finds this by its name). Codes, names and costs are a product's own; prices go by a step (core.products.repricing)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from core.base.batches import Batched, Chain, LeftOut, Reckoning
from core.base.context import Context
from core.custom_fields import values as own
from core.products import actions, following, repricing
from core.products.bundle_models import SUM
from core.products.columns import products_where
from core.products.fields import FIELDS
from core.products.models import Product


def _check(ctx: Context, values: Mapping[str, Any]) -> None:
    actions.check_links(ctx, values)
    actions.check_successor(ctx, None, values)
    own.check_links(ctx, "products", values)


def _left_out(ctx: Context, operation: str, values: Mapping[str, Any]) -> list[LeftOut]:
    """Bundles whose price follows from their parts."""
    return [(Product.bundle_price.is_not_distinct_from(SUM), "of_parts")] if operation == repricing.OPERATION else []


def _followed(ctx: Context, operation: str, keys: Sequence[UUID]) -> None:
    """Variants go into the recycle bin with their product."""
    if operation == "delete" and keys:
        following.delete_with_many(ctx, keys)


def _came_back(ctx: Context, moments: Mapping[UUID, datetime]) -> None:
    following.restore_with_many(ctx, moments)


BATCHES = (
    Batched(
        "products", "product", Product, FIELDS, products_where, _check, apart=frozenset({"code", "name", "price", "cost"}), chains={"successor_id": Chain(actions.hold_successors, actions.successors_of)},
        left_out=_left_out, followed=_followed, came_back=_came_back, reckonings=(Reckoning(repricing.OPERATION, "price", ("currency",), repricing.cleaned_step, repricing.stepped),),
    ),
)
