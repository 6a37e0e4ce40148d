"""What the pages of accounts and people say of their deals: the open ones that the actor sees, those that need somebody first."""

from typing import Any

from sqlalchemy import ColumnElement, Integer, Text, cast, func, literal, literal_column, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from core.base.context import Context
from core.base.field_rights import shown
from core.base.policy import has, sees
from core.deals.models import Deal
from core.parties.models import Account

SHOWN = 5


def open_deals(ctx: Context, model: Any) -> ColumnElement | None:
    """{"number": how many are open, "rows": the first five with id, name, amount (as text), currency, closes_on, next_step_on,
    stage_id}; None for whoever does not read deals."""
    if not has(ctx, "deals.read"):
        return None
    name = "account_id" if model is Account else "contact_id"
    open_ = (getattr(Deal, name) == model.id, Deal.state == "open", Deal.deleted_at.is_(None), sees(ctx, Deal))
    columns = shown(ctx, "deals", (Deal.id, Deal.name, Deal.amount, Deal.currency, Deal.closes_on, Deal.next_step_on, Deal.stage_id))
    few = select(*(cast(one, Text).label("amount") if one.key == "amount" else one for one in columns)).where(*open_).order_by(Deal.next_step_on.nulls_last(), Deal.id).limit(SHOWN).correlate(model).subquery("few_deals")
    pairs = [part for column in few.c for part in (literal(column.name, Text), column)]
    rows = select(func.jsonb_agg(aggregate_order_by(func.jsonb_build_object(*pairs), few.c.next_step_on.nulls_last(), few.c.id))).scalar_subquery()
    number = select(func.count()).where(*open_).correlate(model).scalar_subquery()
    return func.jsonb_build_object("number", cast(number, Integer), "rows", func.coalesce(rows, literal_column("'[]'::jsonb")), type_=JSONB)


BESIDE = {room: {"deals": open_deals} for room in ("accounts", "contacts")}
