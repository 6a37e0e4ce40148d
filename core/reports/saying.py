"""A day or week of a report as its reader writes it."""

from core.base.context import Context
from core.reports.rules import WEEK, Span
from infra import dates


def said(ctx: Context, span: Span) -> str:
    """In his language and his form of dates; of a week its first and last day."""
    days = (span.first, span.last) if span.kind == WEEK else (span.first,)
    return " – ".join(dates.say_day(day, "medium", ctx.locale, ctx.formats.date_format) for day in days)
