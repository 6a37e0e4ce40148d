"""What stands on the page of a deal beside its own row, in the statement that reads the deal: lines, team, competitors."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Text, cast, func, literal, literal_column, null, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from core.base.context import Context
from core.base.hiding import NONE as NOTHING
from core.base.hiding import in_table
from core.deals.credit import divided
from core.deals.models import Competitor, Deal, DealCompetitor, DealLine, DealMember
from core.identity.models import User
from core.products.bundle_queries import in_line

HUNDRED = Decimal(100)
NONE = literal_column("'[]'::jsonb")


@dataclass(frozen=True)
class Parts:
    """lines: {name, product_id, quantity, unit_price, discount, recurs, times, amount, parts}, numbers as Decimal, None of what is hidden; team: {id, user_id, name, role, credit, version, amount};
    competitors: {id, competitor_id, name, note, took_it}; left: what of a hundred percent is the owner's, left_amount: what of the amount."""

    lines: list[dict[str, Any]]
    team: list[dict[str, Any]]
    competitors: list[dict[str, Any]]
    left: Decimal = HUNDRED
    left_amount: Decimal | None = None


def columns(ctx: Context) -> list[ColumnElement]:
    """For a statement that reads deals the actor sees."""
    lines = _rows(in_table(ctx.session, "deal_line"), ("id", "product_id", "name", "quantity", "unit_price", "discount", "recurs", "times", "amount", "parts"), DealLine, (DealLine.position, DealLine.id))
    members = _pairs(NOTHING, ("id", "user_id", "role", "credit", "version"), DealMember)
    team = select(_list(members, (DealMember.credit.desc(), func.lower(User.name), DealMember.id))).join(User, User.id == DealMember.user_id).where(DealMember.deal_id == Deal.id, DealMember.user_id.is_distinct_from(Deal.owner_id))
    named = (*_pairs(NOTHING, ("id", "competitor_id", "note", "took_it"), DealCompetitor), literal("name", Text), Competitor.name)
    them = select(_list(named, (func.lower(Competitor.name), DealCompetitor.id))).join(Competitor, Competitor.id == DealCompetitor.competitor_id).where(DealCompetitor.deal_id == Deal.id)
    parts = {"parts_lines": lines, "parts_team": team.correlate(Deal).scalar_subquery(), "parts_competitors": them.correlate(Deal).scalar_subquery()}
    return [column.label(name) for name, column in parts.items()]


def of(row: Row, names: Mapping[UUID, str]) -> Parts:
    """What `columns` brought; of the team those whose names the actor knows."""
    found: Mapping[str, Any] = row._mapping
    lines = [_numbers(one, "quantity", "unit_price", "discount", "amount") for one in found["parts_lines"]]
    lines = [one | {"parts": in_line(one["parts"], one["quantity"])} for one in lines]
    team = [_numbers(one, "credit") for one in found["parts_team"]]
    deal = row.Deal
    own, amounts = divided(deal.amount, deal.currency, {UUID(one["user_id"]): one["credit"] for one in team})
    known = [one | {"name": names[key], "amount": amounts[key]} for one in team if (key := UUID(one["user_id"])) in names]
    return Parts(lines, known, found["parts_competitors"], HUNDRED - sum((one["credit"] for one in team), Decimal(0)), own)


def _rows(away: frozenset[str], names: tuple[str, ...], model: Any, order: tuple[Any, ...]) -> ColumnElement:
    return select(_list(_pairs(away, names, model), order)).where(model.deal_id == Deal.id).correlate(Deal).scalar_subquery()


def _pairs(away: frozenset[str], names: tuple[str, ...], model: Any) -> tuple[Any, ...]:
    """Numbers go through JSON as text, so that none is rounded."""
    column = lambda name: null() if name in away else cast(getattr(model, name), Text) if name in ("quantity", "unit_price", "discount", "amount", "credit") else getattr(model, name)  # noqa: E731
    return tuple(part for name in names for part in (literal(name, Text), column(name)))


def _list(pairs: tuple[Any, ...], order: tuple[Any, ...]) -> ColumnElement:
    return func.coalesce(func.jsonb_agg(aggregate_order_by(func.jsonb_build_object(*pairs), *order)), NONE, type_=JSONB)


def _numbers(one: dict[str, Any], *names: str) -> dict[str, Any]:
    return one | {name: Decimal(one[name]) for name in names if one[name] is not None}
