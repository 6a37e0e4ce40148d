"""Whoever has not handed in what was asked for is told once, when its time is up where he is: the notification's key is the report's kind and day."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_date
from sqlalchemy import select

from core.base.context import Context
from core.identity.models import User
from core.notifications.models import Notification
from core.notifications.telling import notify, people_of
from core.reports import queries
from core.reports.models import ReportRules, WorkReport
from core.reports.rules import WEEK, Span, last_due
from infra import i18n

# What nobody was told of so long, for want of workers, he is not told of any more.
LATE = timedelta(hours=24)


def waiting(ctx: Context) -> list[UUID]:
    """Who has not handed in a report whose time is up, and was not told so yet; nobody where none are asked for. The job asks `remind` for each of them."""
    rules = queries.rules_of(ctx)
    missing = list(_missing(ctx, rules)) if rules else []
    told = _told(ctx, {key_of(span) for _, span in missing})
    return list(dict.fromkeys(user_id for user_id, span in missing if (user_id, key_of(span)) not in told))


def remind(ctx: Context, user_id: UUID) -> int:
    """Tell one of them, in his language, of each that is missing; twice tells once."""
    hold(ctx, user_id)
    rules, found = queries.rules_of(ctx), people_of(ctx, {user_id})
    told = 0
    for _, span in _missing(ctx, rules, {user_id}) if rules and found else ():
        place = f"/reports/compose?period={span.key}"
        told += len(notify(ctx, "reminder", [user_id], by_itself=True, dedupe=key_of(span), say="told.report_missing", period=said(span, found[0][0].locale), place=place))
    return told


def hold(ctx: Context, user_id: UUID) -> None:
    """Until the commit nobody is at his reports beside us: neither is he reminded of what he is just handing in, nor the other way round."""
    ctx.session.execute(select(User.id).where(User.id == user_id).with_for_update(key_share=True))


def key_of(span: Span) -> str:
    """Under which he is told of it."""
    return f"report:{span.kind}:{span.first}"


def _told(ctx: Context, keys: set[str]) -> set[tuple[UUID, str]]:
    """(whom, of what) was told already."""
    if not keys:
        return set()
    return {tuple(row) for row in ctx.session.execute(select(Notification.user_id, Notification.dedupe_key).where(Notification.dedupe_key.in_(keys)))}


def said(span: Span, locale: str) -> str:
    """A day or week as its reader writes it."""
    days = (span.first, span.last) if span.kind == WEEK else (span.first,)
    return " – ".join(format_date(day, "medium", locale=i18n.babel_locale(locale)) for day in days)


def _missing(ctx: Context, rules: ReportRules, people: set[UUID] | None = None) -> Iterator[tuple[UUID, Span]]:
    """(who of these people, or of all; of when): due since the rules hold and he is here, and not longer ago than LATE; whoever is away all the time
    owes nothing, and nobody does where nobody worked."""
    asked, owing = queries.asked_of(rules), {}
    authors = queries.those_asked(ctx, people) if asked.kinds() else []
    for kind, one in product(asked.kinds(), authors):
        due = last_due(asked, kind, ctx.now, ZoneInfo(one.timezone))
        if due is not None and due[1] >= max(rules.since, one.since, ctx.now - LATE):
            owing.setdefault(due[0], []).append(one.user_id)
    for span, wanted in owing.items():
        days = queries.working_days(ctx, span)
        if not days:
            continue
        here = select(WorkReport.owner_id).where(WorkReport.kind == span.kind, WorkReport.first_on == span.first, WorkReport.handed_at.is_not(None))
        settled = set(ctx.session.execute(here).scalars()) | queries.away(ctx, span, days)
        yield from ((user_id, span) for user_id in wanted if user_id not in settled)
