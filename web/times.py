"""Days of the week and hours of the day between which a form lets choose, as the reader writes them."""

from datetime import UTC, time

from wtforms.fields.choices import SelectChoice

from core.base.context import Context
from infra import dates


def week_days(ctx: Context, monday: int = 1) -> list[SelectChoice]:
    """The seven of them. monday: the number of the first one."""
    return [SelectChoice(str(day + monday), dates.weekday(day + 1, ctx.locale)) for day in range(7)]


def hours(ctx: Context, first: int = 0) -> list[SelectChoice]:
    """Those of a day from that one on."""
    return [SelectChoice(str(hour), hour_of(ctx, hour)) for hour in range(first, 24)]


def hour_of(ctx: Context, hour: int) -> str:
    """When an hour begins."""
    return dates.say_clock(time(hour), UTC, ctx.locale, ctx.formats.clock)
