"""Currencies of the workspace and what they were worth: by hand or from a file, day by day, and what holds on a day."""

import csv
import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select
from sqlalchemy.dialects.postgresql import insert

from core.base.cleaning import currency as currency_code
from core.base.cleaning import day as day_of
from core.base.context import Context
from core.base.editing import hold_place
from core.base.errors import NotFound, Refused
from core.base.facts import record
from core.base.policy import require, visible
from core.products.fields import SOURCE, number
from core.products.rate_models import Currency, ExchangeRate
from core.products.rules import Rates

# A rate holds for the days after it on which none is told (weekends, holidays), no longer.
HOLDS = timedelta(days=7)
MOST_LINES, PLACES, MOST_RATE = 5000, 10, Decimal(10) ** 9


def currencies(ctx: Context) -> list[str]:
    """The workspace's own first, then those that it deals in beside it."""
    return [ctx.tenant.currency, *(one.code for one in other_currencies(ctx))]


def add_currency(ctx: Context, code: Any) -> Currency:
    """Deal in one more. Refuses the workspace's own, and one that is there."""
    require(ctx, "catalogue.manage")
    typed = currency_code(code, "code")
    if typed is None:
        raise Refused("required", field="code")
    if typed == ctx.tenant.currency:
        raise Refused("currency_own", field="code")
    _hold(ctx)
    if ctx.session.execute(select(Currency.id).where(Currency.code == typed)).first():
        raise Refused("name_taken", field="code")
    made = Currency(code=typed)
    ctx.session.add(made)
    record(ctx, "catalogue.changed", made, name=typed)
    return made


def other_currencies(ctx: Context) -> list[Currency]:
    """Those beside the workspace's own, by code."""
    return list(ctx.session.execute(others(ctx).order_by(Currency.code)).scalars())


def others(ctx: Context) -> Select:
    """Those beside the workspace's own, for lists."""
    return visible(ctx, Currency).where(Currency.code != ctx.tenant.currency)


def remove_currency(ctx: Context, key: UUID) -> str:
    """Deal in it no more; its rates stay, since documents of those days stand on them. Gives its code."""
    require(ctx, "catalogue.manage")
    found = ctx.session.execute(visible(ctx, Currency).where(Currency.id == key)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    record(ctx, "catalogue.changed", found, name=found.code)
    ctx.session.delete(found)
    ctx.session.flush()  # the page that follows reads them anew
    return found.code


def store_rate(ctx: Context, *, currency: Any, rate: Any, day: Any = None, source: Any = None) -> ExchangeRate:
    """What one unit of the workspace's own currency was worth on a day (today). A later word for the same day takes its place."""
    require(ctx, "catalogue.manage")
    one = _rate(ctx, {"currency": currency, "rate": rate, "day": day, "source": source})
    store_rates(ctx, [one])
    there = stored(ctx).where(ExchangeRate.currency == one["currency"], ExchangeRate.day == one["day"])
    return ctx.session.execute(there.execution_options(populate_existing=True)).scalar_one()


def store_rates(ctx: Context, rates: Iterable[Mapping[str, Any]]) -> int:
    """Many at once, all or none; returns how many. Refuses a currency that the workspace does not deal in."""
    require(ctx, "catalogue.manage")
    known = set(currencies(ctx)[1:])
    rows = {(one["currency"], one["day"]): one for one in rates}
    for (code, _), one in rows.items():
        if code not in known:
            raise Refused("currency_unknown", field="currency", line=one.get("line"))
    if not rows:
        return 0
    _hold(ctx)
    values = [{"base": ctx.tenant.currency, "created_at": ctx.now, "created_by": ctx.actor.id, **{name: one[name] for name in ("currency", "day", "rate", "source")}} for one in rows.values()]
    made = insert(ExchangeRate).values(values)
    written = made.on_conflict_do_update(
        index_elements=["base", "currency", "day"], set_={name: made.excluded[name] for name in ("rate", "source", "created_at", "created_by")},
    )
    ctx.session.execute(written)
    about = ctx.session.execute(select(Currency).where(Currency.code == next(iter(rows))[0])).scalar_one()
    record(ctx, "rates.stored", about, count=len(rows))
    return len(rows)


def read_file(ctx: Context, content: str, source: Any = None) -> list[dict[str, Any]]:
    """The rates of a CSV file: day, currency, rate in this order or under these names. A line that says something else is refused
    by its number, and nothing is taken."""
    if len(content.splitlines()) > MOST_LINES:
        raise Refused("too_many_items", field="file", max=MOST_LINES)
    between = max(";,\t", key=content[:2000].count) if content[:2000].count(";") + content[:2000].count("\t") else ","
    found = []
    for place, cells in enumerate(csv.reader(content.lstrip("\ufeff").splitlines(), delimiter=between), 1):
        cells = [cell.strip() for cell in cells if cell.strip()]
        if not cells or (place == 1 and not re.match(r"\d", cells[0])):
            continue
        if len(cells) < 3:
            raise Refused("rates_unreadable", field="file", line=place)
        try:
            found.append(_rate(ctx, {"day": cells[0], "currency": cells[1], "rate": cells[2], "source": source}) | {"line": place})
        except Refused:
            raise Refused("rate_line", field="file", line=place) from None
    return found


def _rate(ctx: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    code, much = currency_code(given["currency"], "currency"), number(given["rate"], "rate", PLACES)
    on = day_of(given["day"], "day") or ctx.today
    if code is None:
        raise Refused("required", field="currency")
    if code == ctx.tenant.currency:
        raise Refused("currency_own", field="currency")
    if much is None or not 0 < much < MOST_RATE:
        raise Refused("rate_positive", field="rate")
    if on > ctx.today:
        raise Refused("rate_future", field="day")
    return {"currency": code, "rate": much, "day": on, "source": SOURCE(given["source"], "source")}


def rates_on(ctx: Context, on: date) -> Rates:
    """What holds on a day: of each currency the last rate stored for it, at most seven days old. One that has none is refused by
    whoever converts with it (core.products.rules.Rates)."""
    newest = select(ExchangeRate.currency, ExchangeRate.rate, ExchangeRate.day).distinct(ExchangeRate.currency).where(
        ExchangeRate.base == ctx.tenant.currency, ExchangeRate.day <= on, ExchangeRate.day > on - HOLDS,
    )
    rows = list(ctx.session.execute(newest.order_by(ExchangeRate.currency, ExchangeRate.day.desc())))
    return Rates(ctx.tenant.currency, on, {row.currency: row.rate for row in rows}, {row.currency: row.day for row in rows})


def stored(ctx: Context) -> Select:
    """Every rate, for lists."""
    return visible(ctx, ExchangeRate).where(ExchangeRate.base == ctx.tenant.currency)


def latest(ctx: Context, *, limit: int = 100) -> list[Row]:
    """(ExchangeRate) the newest days first."""
    return list(ctx.session.execute(stored(ctx).order_by(ExchangeRate.day.desc(), ExchangeRate.currency).limit(limit)).scalars())


def counted(ctx: Context) -> int:
    """How many rates there are."""
    return ctx.session.execute(select(func.count()).select_from(stored(ctx).subquery())).scalar_one()


def _hold(ctx: Context) -> None:
    hold_place(ctx, "rates")
