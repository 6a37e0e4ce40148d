"""The board of a pipeline: its open stages as lanes, each lane's deals in the order in which they need somebody, a part at a time."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Row, Select, Uuid, case, func, literal, select, tuple_, union_all
from sqlalchemy import Date as Day

from core.base.context import Context
from core.base.errors import Refused
from core.base.field_rights import shown
from core.base.policy import has, sees
from core.deals.columns import deals_where
from core.deals.idle import idle_since
from core.deals.knowing import known_sums
from core.deals.models import Deal, DealStage
from core.deals.pipelines import Way
from core.deals.queries import Sum
from core.deals.worth import Whole, wholes
from core.parties.models import Account
from core.tagging.queries import colours_beside
from core.views.filtering import Filters

FIRST, FURTHER = 12, 40  # cards of a lane: as a board opens, and each time that its end comes into sight
NEVER = date(9999, 12, 31)


@dataclass
class Lane:
    """A stage with the first of its deals. number: of all that are in it; sums: what they come to, by currency, the one of most
    deals first. after: the place behind the last card, where there are more."""

    stage: DealStage
    cards: list[Row] = field(default_factory=list)
    number: int = 0
    sums: list[Sum] = field(default_factory=list)
    whole: Whole | None = None
    after: str | None = None


def lanes(ctx: Context, way: Way, filters: Filters = Filters()) -> list[Lane]:
    """Every open stage of a pipeline with its first deals and its sums; two statements, three where there is money of other currencies."""
    made = {one.id: Lane(one) for one in way.stages if one.kind == "open"}
    where = deals_where(ctx, filters)
    _fill(ctx, made, where)
    parts = [_cards(ctx, where, key, None, FIRST) for key in made]
    for row in ctx.session.execute(union_all(*(select(part.subquery()) for part in parts))):
        made[row.stage_id].cards.append(row)
    for lane in made.values():
        lane.cards, lane.after = _cut(lane.cards, FIRST)
    return list(made.values())


def more(ctx: Context, stage: DealStage, after: str, filters: Filters = Filters()) -> Lane:
    """The next deals of one lane, behind a place; its first ones where none is said."""
    found = list(ctx.session.execute(_cards(ctx, deals_where(ctx, filters), stage.id, _read(after) if after else None, FURTHER)))
    cards, rest = _cut(found, FURTHER)
    return Lane(stage, cards, after=rest)


def card(ctx: Context, deal_id: UUID) -> Row:
    """One deal as its card shows it."""
    return ctx.session.execute(_selected(ctx).where(Deal.id == deal_id)).one()


def sums_of(ctx: Context, stage_ids: Sequence[UUID], stages: Sequence[DealStage], filters: Filters = Filters()) -> list[Lane]:
    """Some lanes with their sums alone."""
    made = {one.id: Lane(one) for one in stages if one.id in stage_ids}
    _fill(ctx, made, deals_where(ctx, filters))
    return list(made.values())


def _fill(ctx: Context, made: dict[UUID, Lane], where: list) -> None:
    """Numbers and sums of the lanes."""
    query = select(Deal.stage_id, Deal.currency, *known_sums(ctx), func.count())
    found: dict[UUID, list[Sum]] = defaultdict(list)
    for stage_id, currency, amount, weighted, priced, number in ctx.session.execute(query.where(*where, Deal.stage_id.in_(made)).group_by(Deal.stage_id, Deal.currency)):
        made[stage_id].number += number
        if priced:
            found[stage_id].append(Sum(currency, amount, weighted, priced))
    for key, some in found.items():
        made[key].sums = sorted(some, key=lambda one: (-one.number, one.currency))
    for lane, together in zip(made.values(), wholes(ctx, [lane.sums for lane in made.values()]), strict=True):
        lane.whole = together


def _urgency(ctx: Context) -> ColumnElement[int]:
    """Overdue first, then what is due today, then what has no next step, then the rest."""
    return case((Deal.next_step_on < ctx.today, 0), (Deal.next_step_on == ctx.today, 1), (Deal.next_step_on.is_(None), 2), else_=3)


def _selected(ctx: Context) -> Select:
    """What a card shows. An account is named to whom it is shown."""
    seen = (Account.id == Deal.account_id) & Account.deleted_at.is_(None) & sees(ctx, Account) & literal(has(ctx, "accounts.read"))
    day = func.coalesce(Deal.next_step_on, literal(NEVER, Day), type_=Day)
    columns = (Deal.id, Deal.name, Deal.version, Deal.stage_id, Deal.state, Deal.owner_id, Deal.account_id, Deal.amount, Deal.currency, Deal.next_step, Deal.next_step_on, Deal.stage_since)
    return select(
        *shown(ctx, "deals", (*columns, Deal.tags)), Account.name.label("account_name"), colours_beside(ctx, Deal),
        _urgency(ctx).label("urgency"), day.label("day"), idle_since(ctx),
    ).join(Account, seen, isouter=True)


def _cards(ctx: Context, where: list, stage_id: UUID, after: tuple[int, date, UUID] | None, number: int) -> Select:
    """The cards of a lane behind a place, one more than a part has. They are chosen before their accounts are looked up: a lane may hold
    thousands."""
    place = (_urgency(ctx), func.coalesce(Deal.next_step_on, literal(NEVER, Day), type_=Day), Deal.id)
    chosen = select(Deal.id).where(*where, Deal.stage_id == stage_id)
    if after is not None:
        chosen = chosen.where(tuple_(*place) > tuple_(literal(after[0], Integer), literal(after[1], Day), literal(after[2], Uuid)))
    first = chosen.order_by(*place).limit(number + 1).subquery()
    return _selected(ctx).join(first, first.c.id == Deal.id).order_by(*place)


def _cut(found: list[Row], number: int) -> tuple[list[Row], str | None]:
    """(the cards of a part, the place behind the last where there are more)."""
    rows = found[:number]
    return rows, _write(rows[-1]) if len(found) > number else None


def _write(row: Any) -> str:
    return urlsafe_b64encode(json.dumps([row.urgency, row.day.isoformat(), str(row.id)]).encode()).decode().rstrip("=")


def _read(text: str) -> tuple[int, date, UUID]:
    """A place that `_write` made; anything else is `bad_cursor`."""
    try:
        urgency, day, key = json.loads(urlsafe_b64decode(text[:200].encode("ascii") + b"=" * (-len(text) % 4)).decode())
        if urgency not in (0, 1, 2, 3):
            raise ValueError
        return urgency, date.fromisoformat(day), UUID(key)
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise Refused("bad_cursor", field="after") from None
