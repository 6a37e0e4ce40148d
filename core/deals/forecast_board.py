"""The forecast as a board: periods as lanes, in each the deals that should close in it, the earliest first; and a card moved to
another period, which is another closing date."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Date, Row, Select, Uuid, func, literal, select, tuple_, union_all

from core.base.context import Context
from core.base.editing import hold
from core.base.errors import Conflict, Refused
from core.base.policy import has, require, sees
from core.deals.actions import edit_deal
from core.deals.board import FIRST, FURTHER
from core.deals.credit import worth_to
from core.deals.forecast import EARLIER, UNDATED, Figures, Scope, figures, in_lanes, lane_of, scoped
from core.deals.models import Deal
from core.deals.outlook import outlook
from core.deals.periods import Period, period_of, read_period
from core.parties.models import Account

NEVER = date(9999, 12, 31)


@dataclass
class Lane:
    """A period (none: days before the first one, or no day at all) with what its deals come to and the first of those that are
    open. after: the place behind the last card, where there are more."""

    key: str
    period: Period | None
    cards: list[Row] = field(default_factory=list)
    figures: Figures = field(default_factory=Figures)
    after: str | None = None


def lanes(ctx: Context, scope: Scope, first: Period, number: int) -> list[Lane]:
    """The board: what should have closed before, each period, what has no day; two statements, three where there is money of other
    currencies. The lanes without a period are only there where deals stand in them."""
    where = scoped(ctx, scope)
    found = figures(ctx, [*where, in_lanes(ctx, first, number)], lane_of(ctx, first), scope.people)
    made = [Lane(key, period, figures=found.get(key) or Figures()) for key, period in _kept(found, first, number)]
    parts = [_cards(ctx, where, one.key, first, scope.people, None, FIRST) for one in made]
    by_key = {one.key: one for one in made}
    for row in ctx.session.execute(union_all(*(select(part.subquery()) for part in parts))):
        by_key[row.lane].cards.append(row)
    for lane in made:
        lane.cards, lane.after = _cut(lane.cards, FIRST)
    return made


def more(ctx: Context, scope: Scope, first: Period, key: str, after: str) -> Lane:
    """The next deals of one lane, behind a place."""
    period = None if key in (EARLIER, UNDATED) else read_period(key)
    found = list(ctx.session.execute(_cards(ctx, scoped(ctx, scope), key, first, scope.people, _read(after) if after else None, FURTHER)))
    cards, rest = _cut(found, FURTHER)
    return Lane(key, period, cards, after=rest)


def figures_of(ctx: Context, scope: Scope, first: Period, number: int) -> dict[Any, Figures]:
    """What the lanes come to, by their keys."""
    return figures(ctx, [*scoped(ctx, scope), in_lanes(ctx, first, number)], lane_of(ctx, first), scope.people)


def card(ctx: Context, scope: Scope, deal_id: UUID) -> Row:
    """One deal as its card shows it."""
    return ctx.session.execute(_selected(ctx, "", scope.people).where(Deal.id == deal_id)).one()


def put_into_period(ctx: Context, deal: Deal, key: str | None, *, version: int | None = None) -> Deal:
    """Another period ("none": no day): the deal is expected to close on that period's last day. One that is in it stays as it is.
    Refuses a closed deal, a period that is none, and a deal that was changed since `version`."""
    require(ctx, "deals.edit", deal)
    hold(ctx, deal)
    if version is not None and version != deal.version:
        raise Conflict("moved_meanwhile")
    if deal.state != "open":
        raise Refused("deal_closed", field="closes_on")
    period = None if key == UNDATED else read_period(key)
    if period is None or not period.holds(deal.closes_on):
        edit_deal(ctx, deal, closes_on=period.last if period else None)
    return deal


def put_back(ctx: Context, deal: Deal, was: str | None, *, version: int) -> Deal:
    """Undo of that: the day that it had. Refuses where something happened to the deal since."""
    require(ctx, "deals.edit", deal)
    hold(ctx, deal)
    if version != deal.version:
        raise Conflict("moved_meanwhile")
    return edit_deal(ctx, deal, closes_on=was or None)


def lane_key(deal: Deal, first: Period) -> str:
    """In which lane of a board that begins there an open deal stands."""
    if deal.closes_on is None:
        return UNDATED
    return EARLIER if deal.closes_on < first.first else period_of(deal.closes_on, first.kind).key


def _kept(found: dict[Any, Figures], first: Period, number: int) -> list[tuple[str, Period | None]]:
    periods = [(one.key, one) for one in (first.next(place) for place in range(number))]
    return [*([(EARLIER, None)] if EARLIER in found else []), *periods, *([(UNDATED, None)] if UNDATED in found else [])]


def _selected(ctx: Context, lane: str, people: frozenset[UUID] | None) -> Select:
    """What a card shows, with what of the amount is these people's. An account is named to whom it is shown."""
    seen = (Account.id == Deal.account_id) & Account.deleted_at.is_(None) & sees(ctx, Account) & literal(has(ctx, "accounts.read"))
    return select(
        literal(lane).label("lane"), Deal.id, Deal.name, Deal.version, Deal.stage_id, Deal.state, Deal.owner_id, Deal.account_id, Deal.amount, worth_to(people).label("theirs"), Deal.currency, Deal.closes_on, Deal.forecast.label("own"),
        outlook().label("forecast"), Account.name.label("account_name"), func.coalesce(Deal.closes_on, literal(NEVER, Date), type_=Date).label("day"),
    ).join(Account, seen, isouter=True)


def _cards(ctx: Context, where: list, key: str, first: Period, people: frozenset[UUID] | None, after: tuple[date, UUID] | None, number: int) -> Select:
    """The open deals of a lane behind a place, one more than a part has."""
    day = func.coalesce(Deal.closes_on, literal(NEVER, Date), type_=Date)
    if key == UNDATED:
        mine = [Deal.closes_on.is_(None)]
    elif key == EARLIER:
        mine = [Deal.closes_on < first.first]
    else:
        period = read_period(key)
        mine = [Deal.closes_on >= period.first, Deal.closes_on < period.after]
    query = _selected(ctx, key, people).where(*where, Deal.state == "open", *mine)
    if after is not None:
        query = query.where(tuple_(day, Deal.id) > tuple_(literal(after[0], Date), literal(after[1], Uuid)))
    return query.order_by(Deal.closes_on, Deal.id).limit(number + 1)  # by the index on closing dates; in a lane all have one, or none


def _cut(found: list[Row], number: int) -> tuple[list[Row], str | None]:
    """(the cards of a part, the place behind the last where there are more)."""
    rows = found[:number]
    return rows, urlsafe_b64encode(json.dumps([rows[-1].day.isoformat(), str(rows[-1].id)]).encode()).decode().rstrip("=") if len(found) > number else None


def _read(text: str) -> tuple[date, UUID]:
    """A place that `_cut` made; anything else is `bad_cursor`."""
    try:
        day, key = json.loads(urlsafe_b64decode(text[:200].encode("ascii") + b"=" * (-len(text) % 4)).decode())
        return date.fromisoformat(day), UUID(key)
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise Refused("bad_cursor", field="after") from None
