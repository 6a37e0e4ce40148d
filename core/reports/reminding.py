"""Whoever has not handed in what was asked for is told once, when its time is up where he is: the notification's key is the report's kind and day."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_date
from sqlalchemy import select

from core.base.context import Context
from core.notifications.telling import notify, people_of
from core.reports import queries
from core.reports.models import ReportRules, WorkReport
from core.reports.rules import WEEK, Span, last_due
from infra import i18n

# What nobody was told of so long, for want of workers, he is not told of any more.
LATE = timedelta(hours=24)


def waiting(ctx: Context) -> list[UUID]:
    """Who has not handed in a report whose time is up; nobody where none are asked for. The job asks `remind` for each of them."""
    rules = queries.rules_of(ctx)
    return list(dict.fromkeys(user_id for user_id, _ in _missing(ctx, rules))) if rules else []


def remind(ctx: Context, user_id: UUID) -> int:
    """Tell one of them, in his language, of each that is missing; twice tells once."""
    rules, found = queries.rules_of(ctx), people_of(ctx, {user_id})
    told = 0
    for _, span in [one for one in _missing(ctx, rules) if one[0] == user_id] if rules and found else ():
        key = f"report:{span.kind}:{span.first}"
        told += len(notify(ctx, "reminder", [user_id], by_itself=True, dedupe=key, say="told.report_missing", period=said(span, found[0][0].locale), place=f"/reports/compose?period={span.key}"))
    return told


def said(span: Span, locale: str) -> str:
    """A day or week as its reader writes it."""
    days = (span.first, span.last) if span.kind == WEEK else (span.first,)
    return " – ".join(format_date(day, "medium", locale=i18n.babel_locale(locale)) for day in days)


def _missing(ctx: Context, rules: ReportRules) -> Iterator[tuple[UUID, Span]]:
    """(who, of when): due since the rules hold, and not longer ago than LATE; whoever is away all the time owes nothing."""
    asked, people = queries.asked_of(rules), {}
    for kind in asked.kinds():
        for one in queries.those_asked(ctx):
            due = last_due(asked, kind, ctx.now, ZoneInfo(one.timezone))
            if due is not None and due[1] >= max(rules.since, ctx.now - LATE):
                people.setdefault(due[0], []).append(one.user_id)
    for span, wanted in people.items():
        here = select(WorkReport.owner_id).where(WorkReport.kind == span.kind, WorkReport.first_on == span.first, WorkReport.handed_at.is_not(None))
        settled = set(ctx.session.execute(here).scalars()) | queries.away(ctx, span)
        yield from ((user_id, span) for user_id in wanted if user_id not in settled)
