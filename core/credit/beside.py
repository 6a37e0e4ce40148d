"""What the page of an account says of its credit: the grade that holds today."""

from typing import Any

from sqlalchemy import ColumnElement, Text, cast, func
from sqlalchemy.dialects.postgresql import JSONB

from core.base import standing
from core.base.context import Context
from core.base.policy import has
from core.credit.models import CreditStanding


def grade(ctx: Context, model: Any) -> ColumnElement | None:
    """{"grade", "until_on", "limit" (as text), "currency", "source"}; None for whoever may not know it, null where there is none."""
    if not has(ctx, "credit.read"):
        return None
    row = CreditStanding
    pairs = ("grade", row.grade, "until_on", row.until_on, "source", row.source, "limit", cast(row.limit_amount, Text), "currency", row.limit_currency)
    return standing.in_force(ctx, row, (func.jsonb_build_object(*pairs, type_=JSONB),), model.id).correlate(model).scalar_subquery()


BESIDE = {"accounts": {"credit": grade}}
