"""What the pages of accounts, people and deals say of their quotes: the newest that the actor sees."""

from typing import Any

from sqlalchemy import ColumnElement, Integer, Text, cast, func, literal, literal_column, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from core.base.context import Context
from core.base.policy import has, sees
from core.quotes.models import Quote

SHOWN = 5
COLUMNS = {"account": Quote.account_id, "contact": Quote.contact_id, "deal": Quote.deal_id}


def newest_quotes(ctx: Context, model: Any) -> ColumnElement | None:
    """{"number": how many there are, "rows": the newest five with id, name, number, state, total (as text), currency, valid_until};
    None for whoever does not read quotes."""
    if not has(ctx, "quotes.read"):
        return None
    where = (COLUMNS[model.__tablename__] == model.id, Quote.deleted_at.is_(None), sees(ctx, Quote))
    shown = (Quote.id, Quote.name, Quote.number, Quote.state, cast(Quote.total, Text).label("total"), Quote.currency, Quote.valid_until)
    few = select(*shown).where(*where).order_by(Quote.id.desc()).limit(SHOWN).correlate(model).subquery("few_quotes")
    pairs = [part for column in few.c for part in (literal(column.name, Text), column)]
    rows = select(func.jsonb_agg(aggregate_order_by(func.jsonb_build_object(*pairs), few.c.id.desc()))).scalar_subquery()
    number = select(func.count()).where(*where).correlate(model).scalar_subquery()
    return func.jsonb_build_object("number", cast(number, Integer), "rows", func.coalesce(rows, literal_column("'[]'::jsonb")), type_=JSONB)


BESIDE = {room: {"quotes": newest_quotes} for room in ("accounts", "contacts", "deals")}
