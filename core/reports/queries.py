"""Reads of reports: one's own, those of others, what they tell as far as each reader sees it, and who handed in which."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Select, and_, any_, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import Uuid

from core.base.context import Actor, Context
from core.base.errors import NotFound
from core.base.formats import Formats
from core.base.policy import has, holds, reach_of, require, visible
from core.base.records import kinds, readable
from core.deals.models import DealStage
from core.deals.pipelines import called
from core.identity.models import Absence, User
from core.leads.clock import clock_of, working_time
from core.notifications.choosing import channel_of
from core.notifications.telling import people_of
from core.reports import composing
from core.reports.composing import Line
from core.reports.models import ReportRules, WorkReport, WorkReportLine
from core.reports.rules import Asked, Duty, Span

SHOWN = 60
# What a line is about: its own record, where it has one; else everything that it names.
RECORDS, PARTIES = ("deal", "quote", "lead"), ("account", "contact")
_COLUMNS = tuple(one.name for one in fields(Line))


@dataclass(frozen=True)
class Told:
    """A line with the names of what it is about, as far as the reader may open it. kind, key: the record that it is about."""

    line: Line
    kind: str
    key: UUID
    name: str
    account: str | None
    contact: str | None
    stage: str | None


@dataclass(frozen=True)
class Content:
    """What a report tells a reader. partly: it tells more, of what he does not see or what is gone. more: sections of which it tells the first lines
    alone."""

    lines: list[Told]
    partly: bool
    more: tuple[str, ...] = ()


@dataclass(frozen=True)
class Author:
    """One of those whose reports are asked for, or came. since: from when on he is here. hears: he wants to be reminded. due: until when he is to hand
    in the report of that time, None: he is not. away: he is absent all the time."""

    user_id: UUID
    name: str
    timezone: str
    since: datetime
    locale: str
    formats: Formats
    hears: bool = True
    report: WorkReport | None = None
    expected: bool = True
    due: datetime | None = None
    away: bool = False

    @classmethod
    def of(cls, user: User, **more: Any) -> "Author":
        return cls(user.id, user.name, user.timezone, user.created_at, user.locale, Formats.of(user), **more)

    @property
    def owes(self) -> bool:
        return self.due is not None and not self.away


def reports(ctx: Context) -> Select:
    """Where lists start: the reports that the actor may read."""
    require(ctx, "reports.read")
    return visible(ctx, WorkReport)


def one(ctx: Context, report_id: UUID) -> WorkReport:
    """A report that the actor may read; NotFound otherwise."""
    found = ctx.session.execute(reports(ctx).where(WorkReport.id == report_id)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


def own(ctx: Context, span: Span) -> WorkReport | None:
    """The actor's report of a day or week, once he began it."""
    return ctx.session.execute(reports(ctx).where(WorkReport.owner_id == ctx.actor.id, WorkReport.kind == span.kind, WorkReport.first_on == span.first)).scalar_one_or_none()


def author_of(ctx: Context, report: WorkReport) -> str:
    """Whose it is; whoever reads a report may know its author."""
    return ctx.session.execute(select(User.name).where(User.id == report.owner_id)).scalar_one()


def mine(ctx: Context, before: Span | None = None) -> tuple[list[WorkReport], Span | None]:
    """(the actor's own, the newest first, those before that day or week; of which the last one is, where there are more)."""
    query = reports(ctx).where(WorkReport.owner_id == ctx.actor.id)
    if before is not None:
        query = query.where(or_(WorkReport.first_on < before.first, and_(WorkReport.first_on == before.first, WorkReport.kind > before.kind)))
    rows = list(ctx.session.execute(query.order_by(WorkReport.first_on.desc(), WorkReport.kind).limit(SHOWN + 1)).scalars())
    return rows[:SHOWN], rows[SHOWN - 1].span if len(rows) > SHOWN else None


def rules_of(ctx: Context) -> ReportRules | None:
    """When reports are asked for, as the workspace chose; None: never."""
    return ctx.session.execute(select(ReportRules)).scalar_one_or_none()


def asked_of(row: ReportRules | None) -> Asked:
    """The same as a value."""
    return Asked(tuple(row.days), row.day_hour, row.week_day, row.week_hour, row.since) if row else Asked()


def duty_of(ctx: Context) -> Duty:
    """What is asked for, where this workspace works by the hours in which it answers."""
    return Duty(asked_of(rules_of(ctx)), working_time(ctx, clock_of(ctx)))


def lines_of(ctx: Context, report: WorkReport) -> list[Line]:
    """What was written down when the report was handed in."""
    rows = ctx.session.execute(select(WorkReportLine).where(WorkReportLine.report_id == report.id).order_by(WorkReportLine.position)).scalars()
    return [Line(**{name: getattr(row, name) for name in _COLUMNS}) for row in rows]


def content(ctx: Context, lines: Iterable[Line]) -> Content:
    """The lines with their names, without what the reader may not open, and without words of the log where he does not read it; a statement for each
    kind of records."""
    given, more = _first(lines)
    names = {kind: _names(ctx, kind, {key for line in given if (key := getattr(line, f"{kind}_id"))}) for kind in (*RECORDS, *PARTIES)}
    stages = _stages(ctx, {line.stage_id for line in given if line.stage_id})
    reads = has(ctx, "activities.read")
    found = [told for line in given if (reads or _of_record(line)) and (told := _told(line, names, stages)) is not None]
    return Content(found, len(found) < len(given), more)


def _first(lines: Iterable[Line]) -> tuple[list[Line], tuple[str, ...]]:
    """(the lines without those that only say that there are more, the sections of which there are)."""
    counts: Counter[str] = Counter()
    first = []
    for line in lines:
        counts[line.section] += 1
        if counts[line.section] <= composing.MOST:
            first.append(line)
    return first, tuple(section for section, count in counts.items() if count > composing.MOST)


def _of_record(line: Line) -> bool:
    """Is it about a deal, a quote or a lead, so that nothing of it comes from the contact log?"""
    return any(getattr(line, f"{kind}_id") for kind in RECORDS)


def _told(line: Line, names: Mapping[str, Mapping[UUID, str]], stages: Mapping[UUID, str]) -> Told | None:
    keys = {kind: getattr(line, f"{kind}_id") for kind in (*RECORDS, *PARTIES)}
    about = [kind for kind in RECORDS if keys[kind]] or [kind for kind in PARTIES if keys[kind]]
    if not about or any(keys[kind] not in names[kind] for kind in about):
        return None
    kind = about[0]
    return Told(line, kind, keys[kind], names[kind][keys[kind]], names["account"].get(keys["account"]), names["contact"].get(keys["contact"]), stages.get(line.stage_id))


def _names(ctx: Context, kind: str, keys: set[UUID]) -> dict[UUID, str]:
    """key -> name of those that the actor may open."""
    if not keys:
        return {}
    declared = kinds()[kind]
    model = declared.model
    query = select(model.id, getattr(model, declared.title)).where(model.id == any_(literal(sorted(keys), ARRAY(Uuid))), readable(ctx, declared))
    return {key: name for key, name in ctx.session.execute(query)}


def _stages(ctx: Context, keys: set[UUID]) -> dict[UUID, str]:
    if not keys or not has(ctx, "deals.read"):
        return {}
    return {row.id: called(row, ctx.locale) for row in ctx.session.execute(select(DealStage).where(DealStage.id == any_(literal(sorted(keys), ARRAY(Uuid))))).scalars()}


def authors(ctx: Context, span: Span, duty: Duty | None = None) -> list[Author]:
    """Of whom the actor reads reports: those who are to report, and whoever handed one in; with the report of that day or week. Six statements
    at most."""
    require(ctx, "reports.read_others")
    query = reports(ctx).where(WorkReport.kind == span.kind, WorkReport.first_on == span.first, WorkReport.handed_at.is_not(None))
    came, reach = {row.owner_id: row for row in ctx.session.execute(query).scalars()}, reach_of(ctx, WorkReport)
    expected = {one.user_id: one for one in those_asked(ctx) if reach is None or one.user_id in reach}
    everybody = owing(ctx, duty or duty_of(ctx), span, [*expected.values(), *_named(ctx, came.keys() - expected.keys())])
    found = [replace(one, report=came.get(one.user_id)) for one in everybody if one.user_id != ctx.actor.id]
    return sorted(found, key=lambda one: (one.name.lower(), str(one.user_id)))


def those_asked(ctx: Context, people: set[UUID] | None = None) -> list[Author]:
    """Who is to hand reports in, of these people or of all; one statement."""
    return [Author.of(user, hears=channel_of(setting, "reminder") != "none") for user, setting, actor in people_of(ctx, people) if _is_asked(actor)]


def _is_asked(actor: Actor) -> bool:
    """Whoever may write them by his roles and reads none of others."""
    return holds(actor, "reports.write") and not holds(actor, "reports.read_others")


def owing(ctx: Context, duty: Duty, span: Span, people: Iterable[Author]) -> list[Author]:
    """The same people, with until when each is to hand in a report of that day or week, and whether he is away."""
    absent = away(ctx, span, duty.days(span))
    return [replace(one, due=duty.due(span, ZoneInfo(one.timezone), one.since) if one.expected else None, away=one.user_id in absent) for one in people]


def due_for_me(ctx: Context, span: Span) -> datetime | None:
    """Until when the actor himself is to hand it in; None: he is not."""
    if not _is_asked(ctx.actor) or not asked_of(rules_of(ctx)).wants(span):
        return None
    return next((one.due for one in owing(ctx, duty_of(ctx), span, _named(ctx, [ctx.actor.id], expected=True)) if one.owes), None)


def _named(ctx: Context, keys: Iterable[UUID], *, expected: bool = False) -> list[Author]:
    wanted = sorted(keys)
    rows = ctx.session.execute(select(User).where(User.id == any_(literal(wanted, ARRAY(Uuid))))).scalars() if wanted else ()
    return [Author.of(user, expected=expected) for user in rows]


def away(ctx: Context, span: Span, days: Iterable[date]) -> set[UUID]:
    """Who is absent on all of these days of it, in one absence or several."""
    wanted, gone = set(days), defaultdict(set)
    rows = ctx.session.execute(select(Absence.user_id, Absence.starts_on, Absence.ends_on).where(Absence.starts_on <= span.last, Absence.ends_on >= span.first))
    for user_id, starts_on, ends_on in rows:
        gone[user_id] |= {day for day in wanted if starts_on <= day <= ends_on}
    return {user_id for user_id, covered in gone.items() if covered == wanted}
