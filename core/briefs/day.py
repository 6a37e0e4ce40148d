"""What waits for somebody beside the contacts that he planned: leads of his that wait for their first answer, steps of his leads and deals that are due, quotes of his that run out, customers of his
from whom nothing was heard."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Date, DateTime, Row, Select, Text, cast, func, literal, null, select, union_all

from core.activities.models import Activity
from core.activities.sight import person_seen
from core.base.context import Context
from core.base.days import span
from core.base.policy import has, sees
from core.deals.models import Deal
from core.leads.models import OPEN as LEADS_OPEN
from core.leads.models import Lead
from core.parties.models import Account
from core.parties.offering import recent_part
from core.quotes.models import Quote

SOON, SILENT = timedelta(days=7), timedelta(days=60)
AT_LEAST = timedelta(hours=3)  # so far ahead somebody who waits for an answer is shown, whatever day it is then
EACH = 10
KINDS = ("answer", "lead", "step", "quote", "silent", "never")


def waiting_and_recent(ctx: Context) -> tuple[list[Row], list[Row]]:
    """(what waits, what changed last among accounts and people), in one statement. What waits: (kind, id, name, note, on, at), each kind by its day, ten of
    each at most. kind: answer (a lead to be answered by the end of the day, or within three hours), lead and step (of a lead and of a deal: due or overdue), quote (runs out within a week), silent (a customer with whom nobody was in touch for 60 days, and with whom
    nothing is planned; on: the last contact), never (a customer who has been here as long without any contact; on: the day it was added). at: None. What changed: kind account or contact, newest first; at: when it changed."""
    recent = recent_part(ctx)
    rows = _read(ctx, [*_parts(ctx), *([_changed(recent)] if recent is not None else [])])
    changed = sorted((row for row in rows if row.kind not in KINDS), key=lambda row: (row.at, row.id), reverse=True)
    return _in_order(row for row in rows if row.kind in KINDS), changed


def counted(ctx: Context, most: int) -> list[Row]:
    """What waits, as above, at most so many of each kind, with how many there are of it (of); one statement."""
    return _in_order(_read(ctx, [select(*part.add_columns(func.count().over().label("of")).limit(most).subquery().c) for part in _made(ctx)]))


def _parts(ctx: Context) -> list[Select]:
    return [select(*part.subquery().c, cast(null(), DateTime(timezone=True)).label("at")) for part in _made(ctx)]


def _made(ctx: Context) -> list[Select]:
    if ctx.actor.id is None:
        return []
    return [make(ctx) for permission, make in (("leads.read", _answers), ("leads.read", _lead_steps), ("deals.read", _deal_steps), ("quotes.read", _quotes), ("activities.read", _silent), ("activities.read", _never)) if has(ctx, permission)]


def _changed(recent: Select) -> Select:
    part = recent.subquery()
    return select(part.c.kind, part.c.id, part.c.name, part.c.note, cast(null(), Date).label("on"), part.c.updated_at.label("at"))


def _read(ctx: Context, parts: list[Select]) -> list[Row]:
    return list(ctx.session.execute(union_all(*parts))) if parts else []


def _in_order(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (KINDS.index(row.kind), row.on, str(row.id)))


def _answers(ctx: Context) -> Select:
    on = cast(func.timezone(ctx.timezone, Lead.answer_due_at), Date).label("on")
    query = select(literal("answer").label("kind"), Lead.id, Lead.name, Lead.company.label("note"), on)
    query = query.where(Lead.owner_id == ctx.actor.id, Lead.state.in_(LEADS_OPEN), Lead.deleted_at.is_(None), Lead.answer == "running", Lead.answer_due_at < max(span(ctx.today, ctx.zone)[1], ctx.now + AT_LEAST), sees(ctx, Lead))
    return query.order_by(Lead.answer_due_at, Lead.id).limit(EACH)


def _lead_steps(ctx: Context) -> Select:
    return _steps(ctx, "lead", Lead, Lead.state.in_(LEADS_OPEN))


def _deal_steps(ctx: Context) -> Select:
    return _steps(ctx, "step", Deal, Deal.state == "open")


def _steps(ctx: Context, kind: str, model: Any, is_open: ColumnElement[bool]) -> Select:
    query = select(literal(kind).label("kind"), model.id, model.name, model.next_step.label("note"), model.next_step_on.label("on"))
    query = query.where(model.owner_id == ctx.actor.id, is_open, model.deleted_at.is_(None), model.next_step_on <= ctx.today, sees(ctx, model))
    return query.order_by(model.next_step_on, model.id).limit(EACH)


def _quotes(ctx: Context) -> Select:
    query = select(literal("quote").label("kind"), Quote.id, Quote.name, Quote.number.label("note"), Quote.valid_until.label("on"))
    query = query.where(Quote.owner_id == ctx.actor.id, Quote.state == "sent", Quote.deleted_at.is_(None), Quote.valid_until >= ctx.tenant_today, Quote.valid_until <= ctx.tenant_today + SOON, sees(ctx, Quote))
    return query.order_by(Quote.valid_until, Quote.id).limit(EACH)


def _silent(ctx: Context) -> Select:
    return _quiet(ctx, "silent", _last(ctx))


def _never(ctx: Context) -> Select:
    """Counted from the day it was added: nothing else was ever heard."""
    return _quiet(ctx, "never", Account.created_at).where(_last(ctx).is_(None))


def _last(ctx: Context) -> Any:
    return select(func.max(Activity.contacted_at)).where(*_about(ctx), Activity.contacted_at.is_not(None)).correlate(Account).scalar_subquery()


def _about(ctx: Context) -> tuple[ColumnElement[bool], ...]:
    return (Activity.account_id == Account.id, Activity.deleted_at.is_(None), *person_seen(ctx))


def _quiet(ctx: Context, kind: str, since: Any) -> Select:
    planned = select(literal(1)).select_from(Activity).where(*_about(ctx), Activity.next_contact_on.is_not(None), Activity.done_at.is_(None)).correlate(Account).exists()
    on = cast(func.timezone(ctx.timezone, since), Date).label("on")
    query = select(literal(kind).label("kind"), Account.id, Account.name, cast(null(), Text).label("note"), on)
    query = query.where(Account.owner_id == ctx.actor.id, Account.is_customer, Account.deleted_at.is_(None), sees(ctx, Account), has(ctx, "accounts.read"), since < ctx.now - SILENT, ~planned)
    return query.order_by(on, Account.id).limit(EACH)
