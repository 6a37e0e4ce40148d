"""Whoever has not handed in what was asked for is told once, when its time is up where he is: the notification's key is the report's kind and day."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Uuid, any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from core.base.context import Context
from core.identity.models import User
from core.notifications.models import Notification
from core.notifications.telling import notify
from core.reports import queries
from core.reports.models import WorkReport
from core.reports.queries import Author
from core.reports.rules import Span, last_due
from core.reports.saying import said

# What nobody was told of so long, for want of workers, he is not told of any more.
LATE = timedelta(hours=24)


def waiting(ctx: Context) -> list[UUID]:
    """Who has not handed in a report whose time is up, wants to be told so and was not yet; nobody where none are asked for. The job asks `remind` for
    each of them."""
    missing = [(one.user_id, key_of(span)) for one, span in _missing(ctx)]
    told = _told(ctx, missing)
    return list(dict.fromkeys(user_id for user_id, key in missing if (user_id, key) not in told))


def remind(ctx: Context, user_id: UUID) -> int:
    """Tell one of them, in his language, of each that is missing; twice tells once."""
    hold(ctx, user_id)
    told = 0
    for one, span in _missing(ctx, {user_id}):
        reader = replace(ctx, locale=one.locale, formats=one.formats.over(ctx.formats))
        place = f"/reports/compose?period={span.key}"
        told += len(notify(ctx, "reminder", [user_id], by_itself=True, dedupe=key_of(span), say="told.report_missing", period=said(reader, span), place=place))
    return told


def hold(ctx: Context, user_id: UUID) -> None:
    """Until the commit nobody is at his reports beside us: neither is he reminded of what he is just handing in, nor the other way round."""
    ctx.session.execute(select(User.id).where(User.id == user_id).with_for_update(key_share=True))


def key_of(span: Span) -> str:
    """Under which he is told of it."""
    return f"report:{span.kind}:{span.first}"


def _told(ctx: Context, missing: list[tuple[UUID, str]]) -> set[tuple[UUID, str]]:
    """Of these (whom, of what) those that were told already."""
    if not missing:
        return set()
    people, keys = ({one[at] for one in missing} for at in (0, 1))
    query = select(Notification.user_id, Notification.dedupe_key).where(Notification.user_id == any_(literal(sorted(people), ARRAY(Uuid))), Notification.dedupe_key.in_(keys))
    return {tuple(row) for row in ctx.session.execute(query)}


def _missing(ctx: Context, people: set[UUID] | None = None) -> Iterator[tuple[Author, Span]]:
    """(who of these people, or of all, that want to be told; of when): what is owed, whose time is up, and not longer ago than LATE."""
    asked, up = queries.asked_of(queries.rules_of(ctx)), defaultdict(list)
    authors = queries.those_asked(ctx, people) if asked.kinds() else []
    for kind, one in product(asked.kinds(), authors):
        due = last_due(asked, kind, ctx.now, ZoneInfo(one.timezone)) if one.hears else None
        if due is not None and due[1] >= ctx.now - LATE:
            up[due[0]].append(one)
    duty = queries.duty_of(ctx) if up else None
    for span, some in up.items():
        here = select(WorkReport.owner_id).where(WorkReport.kind == span.kind, WorkReport.first_on == span.first, WorkReport.handed_at.is_not(None))
        came = set(ctx.session.execute(here).scalars())
        yield from ((one, span) for one in queries.owing(ctx, duty, span, some) if one.owes and one.user_id not in came)
