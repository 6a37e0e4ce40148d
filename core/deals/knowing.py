"""What of deals' money an actor may be told: a sum tells what it is made of."""

from typing import Any

from sqlalchemy import ColumnElement, Numeric, cast, func, null

from core.base.context import Context
from core.base.errors import Forbidden
from core.base.field_rights import hidden, protected
from core.deals.models import Deal
from core.deals.outlook import effective

# What a forecast is made of: it is nobody's from whom one of these is hidden.
WEIGHTED = ("amount", "probability")
FORECAST = (*WEIGHTED, "closes_on")


def knows(ctx: Context, *names: str) -> bool:
    """Are none of these fields of deals hidden from the actor?"""
    return hidden(ctx, "deals").isdisjoint(names)


def may_write(ctx: Context, name: str) -> bool:
    """Is that field of deals none that the actor may only read, or does not know?"""
    return name not in protected(ctx, "deals")


def knows_forecast(ctx: Context) -> bool:
    return knows(ctx, *FORECAST)


def check_forecast(ctx: Context) -> None:
    """Refuse (`field_hidden`) what is added up from fields that the actor does not know."""
    check_known(ctx, *FORECAST)


def check_known(ctx: Context, *names: str) -> None:
    """Refuse (`field_hidden`) what tells one of these fields."""
    away = hidden(ctx, "deals")
    for name in names:
        if name in away:
            raise Forbidden("field_hidden", field=name)


def known_sums(ctx: Context) -> tuple[ColumnElement, ColumnElement, ColumnElement]:
    """(amounts together, by how likely each is won, how many have one): nothing in place of what is hidden."""
    nothing: Any = cast(null(), Numeric)
    if not knows(ctx, "amount"):
        return nothing, nothing, nothing
    return func.sum(Deal.amount), func.sum(Deal.amount * effective() / 100) if knows(ctx, "probability") else nothing, func.count(Deal.amount)
