"""What is measured: of each measure its records, whose each is, and the moment by which it falls into a period.

Figures and the records behind them come from the same conditions, so that they are the same sum.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, any_, literal
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Uuid

from core.activities.models import Activity
from core.activities.sight import about_seen
from core.base.context import Context
from core.base.days import begins
from core.base.field_rights import hidden
from core.base.policy import has, may, sees
from core.deals.credit import credited
from core.deals.models import Deal
from core.deals.periods import Period
from core.quotes.models import Quote
from core.quotes.rules import coin


@dataclass(frozen=True)
class Source:
    """Records of a kind. whose: the column that says whose work it was (of a deal each of its team has his part, core.deals.credit); at: when it was done; export: what takes them out."""

    model: Any
    whose: Any
    at: Any
    only: tuple[ColumnElement[bool], ...]
    permission: str
    export: str


SOURCES = {
    # An entry is the work of whoever wrote it, whoever makes the next contact.
    "log": Source(Activity, Activity.created_by, Activity.happened_at, (Activity.kind != "note",), "activities.read", "activities.export"),
    "sent": Source(Quote, Quote.owner_id, Quote.sent_at, (), "quotes.read", "quotes.export"),
    "accepted": Source(Quote, Quote.owner_id, Quote.closed_at, (Quote.state == "accepted",), "quotes.read", "quotes.export"),
    "closed": Source(Deal, Deal.owner_id, Deal.closed_at, (Deal.state.in_(("won", "lost")),), "deals.read", "deals.export"),
}
# Measure -> (its source, what it counts of it). cost: only for who sees what products cost.
MEASURES: dict[str, tuple[str, tuple[ColumnElement[bool], ...]]] = {
    "contacts": ("log", ()), "visits": ("log", (Activity.kind == "visit",)), "sent": ("sent", ()), "accepted": ("accepted", ()), "margin": ("accepted", ()),
    "won": ("closed", (Deal.state == "won",)), "revenue": ("closed", (Deal.state == "won",)), "cycle": ("closed", (Deal.state == "won",)), "conversion": ("closed", ()),
}
# Measure -> (room, field) that it tells: whoever does not know one of them is not told it.
TOLD = {"margin": (("products", "cost"),), "revenue": (("deals", "amount"),)}
MONEY, TENTH = ("margin", "revenue"), Decimal("0.1")


def measures(ctx: Context) -> list[str]:
    """Those that the actor may be told, in their order."""
    return [name for name, (source, _) in MEASURES.items() if has(ctx, SOURCES[source].permission) and all(field not in hidden(ctx, room) for room, field in TOLD.get(name, ()))]


def taken_out(ctx: Context) -> list[str]:
    """Those of them that the actor may take out as a file: each takes the right of the room that its records are of."""
    return [name for name in measures(ctx) if may(ctx, SOURCES[MEASURES[name][0]].export)]


def rounded(ctx: Context, name: str, value: Any) -> Any:
    """A figure as every page, file and answer says it: money to the smallest coin, days and percent to a tenth, half of it upwards."""
    if value is None or isinstance(value, int):
        return value
    return Decimal(value).quantize(coin(ctx.tenant.currency) if name in MONEY else TENTH, ROUND_HALF_UP)


def where(ctx: Context, source: str, period: Period, people: frozenset[UUID] | None) -> list[ColumnElement[bool]]:
    """The records of a source in a period that the actor sees, and entries about whom he sees; of these people, None: of everybody."""
    one, zone = SOURCES[source], ZoneInfo(ctx.tenant.timezone)
    of_whom = about_seen(ctx) if one.model is Activity else []
    found = [sees(ctx, one.model), *of_whom, one.model.deleted_at.is_(None), *one.only, one.at >= begins(period.first, zone), one.at < begins(period.after, zone)]
    if people is not None and one.model is Deal:
        return [*found, credited(people)]
    return found if people is None else [*found, one.whose == any_(literal(sorted(people), ARRAY(Uuid)))]
