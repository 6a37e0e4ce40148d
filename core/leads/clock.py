"""The first-response clock: it runs when somebody comes in by himself, and stops at the first contact, mail, reply or judgement. Shortly before
the end the owner is warned; once it is over without an answer he and his manager are told, each exactly once."""

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, contains_eager

from core.activities.promises import leaders_of
from core.base import cleaning
from core.base.context import Context
from core.base.editing import hold
from core.base.errors import Gathered, Refused
from core.base.facts import record
from core.base.policy import holds, require
from core.base.working_time import A_DAY, WorkingTime, after, is_open
from core.identity.models import User
from core.identity.queries import Further, actor_of, further_columns
from core.leads.clock_models import LeadClock
from core.leads.models import Lead
from core.notifications.telling import notify

WATCH = "leads.watch_answers"
AT_ONCE, MOST_HOLIDAYS, LONGEST_HOURS = 500, 400, 1000
HOURS = re.compile(r"([01]?\d|2[0-4])(?::([0-5]\d))?")
# How he was answered, as people say it on the lead's page.
WAYS = ("call", "mail", "message", "visit", "meeting")


def clock_of(ctx: Context) -> LeadClock:
    """The settings as they stand; those of a new workspace, in which no clock runs."""
    found = ctx.session.execute(select(LeadClock)).scalar_one_or_none()
    return found or LeadClock(within=None, warned=None, days=[0, 1, 2, 3, 4], opens=540, closes=1020, holidays=[], only_open=False, version=0)


def working_time(ctx: Context, clock: LeadClock) -> WorkingTime:
    """When this workspace works, in its own time zone."""
    return WorkingTime(ZoneInfo(ctx.tenant.timezone), frozenset(clock.days), clock.opens, clock.closes, frozenset(clock.holidays))


def change_clock(ctx: Context, *, hours: Any = None, warn_hours: Any = None, days: Any = (), opens: Any = "", closes: Any = "", holidays: Any = (), only_open: Any = False) -> LeadClock:
    """hours: of working time until the first answer, with a fraction ("0.5"); none: no clock. It counts for leads that come from now on. All
    that is wrong is refused together."""
    require(ctx, "leads.manage")
    values = _checked(hours, warn_hours, days, opens, closes, holidays, only_open)
    ctx.session.execute(insert(LeadClock).values(created_at=ctx.now, created_by=ctx.actor.id).on_conflict_do_nothing())
    row = ctx.session.execute(select(LeadClock).with_for_update()).scalar_one()
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    if changed:
        record(ctx, "lead_clock.changed", row)
    ctx.session.flush()
    return row


def start(ctx: Context, lead: Lead) -> None:
    """Somebody came in by himself: from now on he waits for us."""
    clock = clock_of(ctx)
    if clock.within is None:
        return
    work = working_time(ctx, clock)
    due = after(work, ctx.now, timedelta(minutes=clock.within))
    if due is None:
        return
    lead.answer, lead.answer_due_at = "running", due
    lead.answer_warn_at = after(work, ctx.now, timedelta(minutes=clock.within - clock.warned)) if clock.warned else None


def stop(ctx: Context, lead: Lead, by: str) -> bool:
    """He was answered, or looked at; the first time counts. False: nothing was running, or he was answered before."""
    if lead.answer is None or lead.answered_at is not None:
        return False
    lead.answered_at, lead.answered_by, lead.answer_warn_at = ctx.now, by, None
    if lead.answer == "running":
        lead.answer = "met" if ctx.now <= lead.answer_due_at else "missed"
    return True


def note_contact(ctx: Context, lead: Lead, way: str, note: Any = None) -> None:
    """Somebody writes down that he was in touch; the clock stops, where one runs."""
    require(ctx, "leads.edit", lead)
    if way not in WAYS:
        raise Refused("unknown_value", field="way")
    said = cleaning.line(note, "note")
    hold(ctx, lead)
    stop(ctx, lead, "mail" if way == "mail" else "contact")
    record(ctx, "lead.contacted", lead, name=lead.name, way=way, note=said or "")
    ctx.session.flush()


def has_running(session: Session) -> bool:
    """Does anybody wait for an answer, or for somebody to take him up? Else the clock leaves no order."""
    return session.execute(select(Lead.id).where(or_(Lead.answer == "running", Lead.waits_for_hours), Lead.deleted_at.is_(None)).limit(1)).first() is not None


def watch(ctx: Context) -> tuple[int, int]:
    """(how many were missed, of how many a warning went out): told in the transaction that writes it down, so each is told once."""
    query = select(Lead).where(Lead.answer == "running", Lead.deleted_at.is_(None), or_(Lead.answer_due_at <= ctx.now, Lead.answer_warn_at <= ctx.now))
    missed = warned = 0
    for lead in ctx.session.execute(query.order_by(Lead.answer_due_at, Lead.id).limit(AT_ONCE).with_for_update(skip_locked=True)).scalars().all():
        over = lead.answer_due_at <= ctx.now
        if over:
            _miss(ctx, lead)
        else:
            _warn(ctx, lead)
        missed, warned = missed + over, warned + (not over)
    return missed, warned


def hurry(ctx: Context) -> int:
    """After a restore nobody is told of what ran out meanwhile: whether he was is not known."""
    query = select(Lead).where(Lead.answer == "running", or_(Lead.answer_due_at <= ctx.now, Lead.answer_warn_at <= ctx.now))
    found = ctx.session.execute(query).scalars().all()
    for lead in found:
        lead.answer_warn_at = None
        if lead.answer_due_at <= ctx.now:
            lead.answer = "missed"
    return len(found)


def managers_of(ctx: Context, lead: Lead) -> list:
    """Who leads a team of the owner's; where nobody does, or the lead is nobody's, those who arrange leads."""
    leaders = leaders_of(ctx, lead.owner_id) if lead.owner_id else []
    if leaders:
        return leaders
    query = select(User, *further_columns()).join(User.role).options(contains_eager(User.role)).where(User.state == "active").order_by(func.lower(User.name), User.id)
    found = []
    for row in ctx.session.execute(query, {"now": ctx.now}):
        row.User.further = Further.of(row)
        if row.User.id != lead.owner_id and holds(actor_of(row.User), "leads.manage"):
            found.append(row.User.id)
    return found


def _miss(ctx: Context, lead: Lead) -> None:
    lead.answer, lead.answer_warn_at = "missed", None
    record(ctx, "lead.answer_missed", lead, name=lead.name)
    notify(ctx, "reminder", [lead.owner_id, *managers_of(ctx, lead)], lead, by_itself=True, dedupe=f"lead.answer_missed:{lead.id}", say="told.answer_missed")


def _warn(ctx: Context, lead: Lead) -> None:
    lead.answer_warn_at = None
    notify(ctx, "reminder", [lead.owner_id] if lead.owner_id else managers_of(ctx, lead), lead, by_itself=True, dedupe=f"lead.answer_soon:{lead.id}", say="told.answer_soon")


def _checked(hours: Any, warn_hours: Any, days: Any, opens: Any, closes: Any, holidays: Any, only_open: Any) -> dict[str, Any]:
    wrong, values = Gathered(), {"only_open": cleaning.tick(only_open, "only_open")}
    for name, typed, field in (("within", hours, "hours"), ("warned", warn_hours, "warn_hours")):
        with wrong.taking():
            values[name] = _minutes(typed, field)
    for name, typed in (("opens", opens), ("closes", closes)):
        with wrong.taking():
            values[name] = _time(typed, name)
    with wrong.taking():
        values["days"] = _days(days)
    with wrong.taking():
        values["holidays"] = _holidays(holidays)
    if not wrong and values["closes"] <= values["opens"]:
        wrong.add(Refused("closes_first", field="closes"))
    if not wrong and values["warned"] and values["warned"] >= (values["within"] or 0):
        wrong.add(Refused("warned_too_soon", field="warn_hours"))
    wrong.settle()
    return values


def _minutes(typed: Any, field: str) -> int | None:
    text = str(typed or "").strip().replace(",", ".")
    if not text:
        return None
    if not re.fullmatch(r"\d{1,4}(\.\d{1,2})?", text) or not 1 <= round(float(text) * 60) <= LONGEST_HOURS * 60:
        raise Refused("not_answer_hours", field=field, max=LONGEST_HOURS)
    return round(float(text) * 60)


def _time(typed: Any, field: str) -> int:
    found = HOURS.fullmatch(str(typed or "").strip())
    minutes = int(found[1]) * 60 + int(found[2] or 0) if found else A_DAY + 1
    if minutes > A_DAY:
        raise Refused("not_a_time_of_day", field=field)
    return minutes


def _days(typed: Any) -> list[int]:
    found = sorted({int(one) for one in typed or () if str(one) in {"0", "1", "2", "3", "4", "5", "6"}})
    if not found:
        raise Refused("required", field="days")
    return found


def _holidays(typed: Any) -> list:
    given = typed.split() if isinstance(typed, str) else list(typed or ())
    if len(given) > MOST_HOLIDAYS:
        raise Refused("too_many_items", field="holidays", max=MOST_HOLIDAYS)
    return sorted({found for one in given if (found := cleaning.day(one, "holidays"))})


def is_open_now(ctx: Context) -> bool:
    """May leads be given to somebody now? Always, where the workspace does not say otherwise."""
    clock = clock_of(ctx)
    return not clock.only_open or is_open(working_time(ctx, clock), ctx.now)


def opens_at(ctx: Context) -> datetime | None:
    """From when on leads may be given to somebody: now, or once somebody works again; None where nobody ever does."""
    clock = clock_of(ctx)
    return after(working_time(ctx, clock), ctx.now, timedelta()) if clock.only_open else ctx.now


def answered_moment(lead: Lead) -> datetime | None:
    """When he was answered, not merely looked at."""
    return lead.answered_at if lead.answered_by != "judgement" else None
