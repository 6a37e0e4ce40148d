"""Bulk edits of deals (core.bulk finds this by its name). Through the stages deals go one by one: each asks for its own."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import and_, literal, select

from core.base.batches import Batched, LeftOut
from core.base.context import Context
from core.base.steps import check_step_of_many, steps_unfit
from core.custom_fields import values as own
from core.deals import actions
from core.deals.columns import deals_where
from core.deals.models import Deal, DealLine
from core.deals.rules import FIELDS
from core.identity.queries import owner_name

OF_LINES = select(literal(1)).where(DealLine.deal_id == Deal.id).correlate(Deal).exists()


def _check(ctx: Context, values: Mapping[str, Any]) -> None:
    owner_name(ctx, values.get("owner_id"))
    actions.check_links(ctx, values)
    own.check_links(ctx, "deals", values)
    check_step_of_many(values)


def _settle(ctx: Context, values: dict[str, Any]) -> dict[str, Any]:
    return values | {"currency": values["currency"] or ctx.tenant.currency} if "currency" in values else values


def _left_out(ctx: Context, operation: str, values: Mapping[str, Any]) -> list[LeftOut]:
    """Deals whose amount their products make, and those that would say a next step without its day, or be lost without a reason."""
    found = [*([(OF_LINES, "of_lines")] if _is_priced(values) else []), *steps_unfit(Deal, values)]
    if "loss_reason" in values and not values["loss_reason"]:
        found.append((and_(Deal.state == "lost", Deal.loss_reason.is_not(None)), "unfit"))
    return found


def _is_priced(values: Mapping[str, Any]) -> bool:
    return "amount" in values or "currency" in values


BATCHES = (
    Batched(
        "deals", "deal", Deal, FIELDS, deals_where, _check, apart=frozenset({"owner_id", "external_id"}), settle=_settle, hung=("account_id", "contact_id"), left_out=_left_out,
    ),
)
