"""Use cases of reports: write one's own, hand it in, take it back; say when reports are asked for."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, insert, literal, select
from sqlalchemy.dialects.postgresql import insert as upsert

from core.activities.promises import leaders_of
from core.base import editing
from core.base.cleaning import whole_number
from core.base.context import Context
from core.base.errors import Conflict, Gathered, Refused
from core.base.facts import record
from core.base.policy import require
from core.base.text import clean
from core.discussions.models import Comment
from core.files.models import Attachment
from core.notifications.telling import notify, retract, settle, unsettle
from core.reports import reminding
from core.reports.composing import compose
from core.reports.models import LONGEST, ReportRules, WorkReport, WorkReportLine
from core.reports.rules import Span

# So long it can be taken back, while nobody has said anything about it.
BACK = timedelta(minutes=10)

def words(value: Any, field: str) -> str:
    """What he says himself: several lines, or nothing."""
    return clean(value, field=field, max_length=LONGEST, multiline=True) or ""


def save_draft(ctx: Context, span: Span, *, version: int | None = None, **given: Any) -> WorkReport:
    """Keep what the actor says himself about his day or week; nobody else sees it yet. version: that of the draft as he saw it, 0 where there was none.
    Refuses one that was handed in, one that changed since, and one that is still to come."""
    require(ctx, "reports.write")
    said = editing.cleaned({"words": words}, given)
    if span.first > ctx.today:
        raise Refused("report_ahead", field="period")
    report, begun = _held(ctx, span)
    if report.handed_at is not None:
        raise Conflict("report_handed")
    for name, value in editing.settle(said, {"words": report.words}, stands=report.version, version=_seen(version, begun), original=None).items():
        setattr(report, name, value)
    ctx.session.flush()
    return report


def hand_in(ctx: Context, span: Span, *, version: int | None = None, **given: Any) -> WorkReport:
    """Others may read it from now on, as it stands at this moment, with what he himself does not see any more: each reader is told what he may open. Whoever
    leads his teams hears of it, and its reminder is settled."""
    reminding.hold(ctx, ctx.actor.id)
    report = save_draft(ctx, span, version=version, **given)
    rows = [asdict(line) | {"report_id": report.id, "position": place} for place, line in enumerate(compose(ctx, span))]
    if rows:
        ctx.session.execute(insert(WorkReportLine), rows)
    report.handed_at = ctx.now
    record(ctx, "work_report.handed_in", report)
    settle(ctx, report.owner_id, reminding.key_of(span))
    notify(ctx, "finished", leaders_of(ctx, ctx.actor.id), report, source_id=report.id, say="told.report_handed", place=f"/reports/{report.id}")
    ctx.session.flush()
    return report


def take_back(ctx: Context, report: WorkReport) -> None:
    """It is a draft again: for ten minutes, while nobody has commented on it or put a file on it since, which only he would see then."""
    require(ctx, "reports.write", report)
    reminding.hold(ctx, report.owner_id)
    editing.hold(ctx, report)
    if report.handed_at is None:
        return
    if report.handed_at < ctx.now - BACK:
        raise Conflict("report_final")
    if why := hung_since(ctx, report):
        raise Conflict(why)
    report.handed_at = None
    ctx.session.execute(delete(WorkReportLine).where(WorkReportLine.report_id == report.id))
    retract(ctx, report.id)
    unsettle(ctx, report.owner_id, reminding.key_of(report.span))
    record(ctx, "work_report.taken_back", report)


def hung_since(ctx: Context, report: WorkReport) -> str | None:
    """Why it stays handed in: what hangs on it since then. What its author put there before is his own."""
    for model, why in ((Comment, "report_discussed"), (Attachment, "report_with_files")):
        hangs = select(literal(1)).where(model.record_kind == WorkReport.__tablename__, model.record_id == report.id, model.deleted_at.is_(None), model.created_at >= report.handed_at)
        if ctx.session.execute(hangs.limit(1)).first():
            return why
    return None


def change_rules(ctx: Context, *, version: int | None = None, **given: Any) -> ReportRules:
    """When reports are asked for. days: numbers of days of the week, 1 is Monday; none: no reports of the day. week_day: one of them, or none. Nobody
    is reminded of what was due before. version: 0 where there were no rules. All that is wrong is refused together."""
    require(ctx, "reports.manage")
    wrong = Gathered()
    values = editing.cleaned(RULES, given, wrong)
    wrong.settle()
    begun = ctx.session.execute(upsert(ReportRules).values(created_at=ctx.now, created_by=ctx.actor.id, since=ctx.now).on_conflict_do_nothing().returning(ReportRules.id)).first() is not None
    row = ctx.session.execute(select(ReportRules)).scalar_one()
    changes = editing.changes(ctx, row, values, version=_seen(version, begun), original=None)
    for name, value in changes.items():
        setattr(row, name, value)
    if changes:
        row.since = ctx.now
        record(ctx, "report_rules.changed", row)
    ctx.session.flush()
    return row


def _seen(version: int | None, begun: bool) -> int | None:
    """Whoever saw none, and there was none until now, has seen the newest."""
    return None if begun and version == 0 else version


def _held(ctx: Context, span: Span) -> tuple[WorkReport, bool]:
    """(the actor's own report, made where there is none; was it made now). Nobody else writes it until the commit."""
    values = {"owner_id": ctx.actor.id, "kind": span.kind, "first_on": span.first, "name": f"{ctx.actor.name} · {span.key}", "created_at": ctx.now, "created_by": ctx.actor.id, "updated_at": ctx.now}
    begun = ctx.session.execute(upsert(WorkReport).values(values).on_conflict_do_nothing().returning(WorkReport.id)).first() is not None
    mine = select(WorkReport).where(WorkReport.owner_id == ctx.actor.id, WorkReport.kind == span.kind, WorkReport.first_on == span.first)
    return ctx.session.execute(mine.with_for_update(key_share=True).execution_options(populate_existing=True)).scalar_one(), begun


WEEK_DAY, HOUR = whole_number(1, 7), whole_number(1, 23)


def _days(value: Any, field: str) -> list[int]:
    return sorted({found for one in value or () if (found := WEEK_DAY(one, field))})


def _hour(value: Any, field: str) -> int:
    """Never midnight, with which the day only begins."""
    found = HOUR(value, field)
    if found is None:
        raise Refused("required", field=field)
    return found


RULES = {"days": _days, "day_hour": _hour, "week_day": WEEK_DAY, "week_hour": _hour}
