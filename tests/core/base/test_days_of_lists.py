"""Within the last days, longer ago, within the next days: counted from the reader's own midnight, in every zone, where clocks
change too; a plain date is the same day to everybody (FEATURES 2.10)."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Date, DateTime, Interval, cast, column, func, literal, select

from core.base.columns import DAYS, Column
from tests.support.zones import BETWEEN, CHANGING, FIXED

USUAL = date(2026, 10, 25)
COUNTS = (0, 1, 3)
ASKED = [(op, days) for op in DAYS for days in COUNTS]


def changes(zone):
    """The days of a year on which the clock changes there; a usual one where it never does."""
    noon = lambda n: datetime(2026, 1, 1, 12, tzinfo=zone) + timedelta(days=n)  # noqa: E731
    return [noon(n).date() for n in range(1, 365) if noon(n).utcoffset() != noon(n - 1).utcoffset()] or [USUAL]


def fits(op, days, away):
    """The rule itself: away is how many days lie between the reader's today and the value's day."""
    return {"past": -days <= away <= 0, "older": away < -days, "next": 0 <= away <= days}[op]


def table(kind, day):
    """A small table: moments every half hour, or the days, of the ten around one."""
    first, last = datetime.combine(day, time(), UTC) - timedelta(days=5), datetime.combine(day, time(), UTC) + timedelta(days=6)
    step = timedelta(minutes=30) if kind is datetime else timedelta(days=1)
    of = DateTime(timezone=True)
    made = func.generate_series(cast(literal(first), of), cast(literal(last), of), cast(literal(step), Interval)).table_valued(column("at", of)).render_derived()
    return select(cast(func.timezone("UTC", made.c.at), Date).label("at") if kind is date else made.c.at).subquery()


def found(ctx, kind, day):
    """value -> what the conditions say of it, in the order of ASKED; by PostgreSQL."""
    rows = table(kind, day)
    conditions = [Column(rows.c.at).where(ctx, op, str(days), "at").label(f"c{n}") for n, (op, days) in enumerate(ASKED)]
    return {row[0]: tuple(row[1:]) for row in ctx.session.execute(select(rows.c.at, *conditions))}


def wrong(ctx, zone, kind):
    """(now, value) where a condition says something else than the reader's calendar; around each change of the clock, read early,
    late and in the middle of the day before, of and after it."""
    out, looked = [], 0
    for day in changes(zone)[:2]:
        for now in (datetime.combine(day + timedelta(days=n), at, zone).astimezone(UTC) for n, at in ((-1, time(23, 45)), (0, time(0, 15)), (0, time(12)), (1, time(0, 15)))):
            today = now.astimezone(zone).date()
            for value, said in found(replace(ctx, now=now), kind, day).items():
                looked += 1
                its = value if kind is date else value.astimezone(zone).date()
                if said != tuple(fits(op, days, (its - today).days) for op, days in ASKED):
                    out.append((now, value))
    assert looked >= 4 * (12 if kind is date else 500)
    return out


@pytest.mark.parametrize("kind", [date, datetime], ids=["a date", "a moment"])
@pytest.mark.parametrize("zone", [*FIXED, *BETWEEN, *CHANGING])
def test_days_are_counted_from_the_readers_midnight(ctx, zone, kind):
    assert wrong(replace(ctx, timezone=zone), ZoneInfo(zone), kind) == []


@pytest.mark.parametrize("zone", ["Etc/GMT+11", "Asia/Kolkata", "Pacific/Auckland"])
def test_days_that_began_in_greenwich_would_be_found(ctx, zone):
    """Negative control: the same, while the statement counts from the midnight of UTC."""
    assert wrong(replace(ctx, timezone="UTC"), ZoneInfo(zone), datetime) != []


def test_the_clocks_do_change_in_these_weeks():
    assert [zone for zone in CHANGING if len(changes(ZoneInfo(zone))) != 2] == [] and all(changes(ZoneInfo(zone)) == [USUAL] for zone in FIXED)
