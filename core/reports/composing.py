"""What somebody did in a day or week, out of what he logged, as lines of keys and figures: contacts, promises, deals, quotes, leads, and what comes next."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select, union_all
from sqlalchemy.orm import aliased

from core.activities.models import PROMISE, Activity
from core.base.context import Context
from core.base.days import begins
from core.base.facts import Fact, FactSubject
from core.base.field_rights import shown
from core.base.policy import has, sees
from core.deals.models import Deal, DealStage, DealStay
from core.leads.models import STATES, Lead
from core.quotes.models import Quote, QuoteVersion
from core.reports.rules import WEEK, Span

MOST, NOTED = 200, 300
# What is said of a lead; the newest of a time is what stood at its end. A conversion comes after all of them.
JUDGED = tuple(f"lead.{state}" for state in STATES if state != "converted")
# A section tells MOST lines; one more is kept as the mark that there are more.
# So many days after it a report looks ahead.
AHEAD = {"day": timedelta(days=3), WEEK: timedelta(days=7)}


@dataclass(frozen=True)
class Line:
    """One thing that a report tells, by keys; the columns of WorkReportLine."""

    section: str
    what: str
    account_id: UUID | None = None
    contact_id: UUID | None = None
    deal_id: UUID | None = None
    quote_id: UUID | None = None
    lead_id: UUID | None = None
    stage_id: UUID | None = None
    at: datetime | None = None
    due_on: date | None = None
    words: str | None = None
    amount: Decimal | None = None
    currency: str | None = None


def compose(ctx: Context, span: Span) -> list[Line]:
    """What the actor did in it, the day as it is where he is: as many sections as he reads. A statement for each, and one for the next steps of deals. A
    section has MOST lines, and one more where there is more than that (`queries.content` tells them apart)."""
    parts = (("activities.read", _contacts), ("activities.read", _promises), ("deals.read", _deals), ("quotes.read", _quotes), ("leads.read", _leads), ("activities.read", _next))
    return [line for permission, part in parts if has(ctx, permission) for line in islice(part(ctx, span), MOST + 1)]


def _within(ctx: Context, span: Span, moment: Any) -> ColumnElement[bool]:
    """Does a moment fall into it, where the actor is?"""
    return and_(moment >= begins(span.first, ctx.zone), moment < begins(span.last + timedelta(days=1), ctx.zone))


_NOTE = func.left(func.regexp_replace(func.coalesce(func.nullif(Activity.next_contact_note, ""), Activity.body), r"\s+", " ", "g"), NOTED).label("words")
_SAID = func.left(func.regexp_replace(func.coalesce(func.nullif(Activity.body, ""), Activity.next_contact_note, ""), r"\s+", " ", "g"), NOTED).label("words")


def _contacts(ctx: Context, span: Span) -> Iterator[Line]:
    """What he wrote down as done, as performance counts it: a note is no contact."""
    query = select(Activity.kind, Activity.account_id, Activity.contact_id, Activity.happened_at, _SAID)
    query = query.where(Activity.created_by == ctx.actor.id, Activity.deleted_at.is_(None), Activity.kind != "note", _within(ctx, span, Activity.happened_at))
    for row in ctx.session.execute(query.order_by(Activity.happened_at, Activity.id).limit(MOST + 1)):
        yield Line("contacts", row.kind, row.account_id, row.contact_id, at=row.happened_at, words=row.words or None)


def _promises(ctx: Context, span: Span) -> Iterator[Line]:
    """What he promised, and what he kept or did not keep by its day: each of the three finds its own rows."""
    asked = (("made", Activity.created_by, Activity.happened_at, ()), ("kept", Activity.owner_id, Activity.done_at, (Activity.broken_at.is_(None),)), ("broken", Activity.owner_id, Activity.broken_at, ()))
    alike = (Activity.next_contact_kind == PROMISE, Activity.next_contact_on.is_not(None), Activity.deleted_at.is_(None))
    told = [
        select(Activity.id, literal(state).label("state"), Activity.account_id, Activity.contact_id, Activity.next_contact_on, at.label("at"), _NOTE).where(whose == ctx.actor.id, _within(ctx, span, at), *alike, *more)
        for state, whose, at, more in asked
    ]
    found = union_all(*told).subquery()
    for row in ctx.session.execute(select(found).order_by(found.c.next_contact_on, found.c.id, found.c.at).limit(MOST + 1)):
        yield Line("promises", row.state, row.account_id, row.contact_id, at=row.at, due_on=row.next_contact_on, words=row.words or None)


def _deals(ctx: Context, span: Span) -> Iterator[Line]:
    """The deals that he put into another stage, and his own that were won or lost: each once, where it came to stand at last, whoever put it there,
    with its amount. New is one that he himself began."""
    newest, mine = aliased(DealStay), aliased(DealStay)
    last = select(newest.deal_id, newest.stage_id, newest.entered_at).distinct(newest.deal_id).where(_within(ctx, span, newest.entered_at))
    last = last.order_by(newest.deal_id, newest.entered_at.desc(), newest.left_at.desc().nulls_first(), newest.id.desc()).subquery()
    moved = select(literal(1)).where(mine.deal_id == Deal.id, mine.entered_by == ctx.actor.id, _within(ctx, span, mine.entered_at)).correlate(Deal).exists()
    what = case((DealStage.kind != "open", DealStage.kind), (_begun(ctx, span), "new"), else_="moved").label("what")
    query = select(*shown(ctx, "deals", (Deal.id, Deal.account_id, Deal.contact_id, Deal.amount, Deal.currency)), last.c.stage_id, last.c.entered_at, what)
    query = query.join(last, last.c.deal_id == Deal.id).join(DealStage, DealStage.id == last.c.stage_id)
    query = query.where(or_(moved, and_(Deal.owner_id == ctx.actor.id, DealStage.kind != "open")), Deal.deleted_at.is_(None), sees(ctx, Deal))
    for row in ctx.session.execute(query.order_by(last.c.entered_at, Deal.id).limit(MOST + 1)):
        yield Line("deals", row.what, row.account_id, row.contact_id, deal_id=row.id, stage_id=row.stage_id, at=row.entered_at, amount=row.amount, currency=row.currency)


def _begun(ctx: Context, span: Span) -> ColumnElement[bool]:
    """Did the deal begin in it, and by him?"""
    first = aliased(DealStay)
    by = select(and_(first.entered_by == ctx.actor.id, first.entered_at >= begins(span.first, ctx.zone))).where(first.deal_id == Deal.id)
    return by.order_by(first.entered_at, first.left_at.asc().nulls_last(), first.id).limit(1).correlate(Deal).scalar_subquery()


def _quotes(ctx: Context, span: Span) -> Iterator[Line]:
    """The quotes that he sent, as the newest version that he sent then, whatever became of them since; and his own that were accepted. Before tax."""
    sent = select(QuoteVersion.quote_id, literal("sent").label("state"), QuoteVersion.sent_at.label("at"), QuoteVersion.net, QuoteVersion.currency).distinct(QuoteVersion.quote_id)
    sent = sent.where(QuoteVersion.sent_by == ctx.actor.id, _within(ctx, span, QuoteVersion.sent_at)).order_by(QuoteVersion.quote_id, QuoteVersion.number.desc()).subquery()
    accepted = select(Quote.id, literal("accepted"), Quote.closed_at, Quote.net, Quote.currency)
    accepted = accepted.where(Quote.owner_id == ctx.actor.id, Quote.state == "accepted", _within(ctx, span, Quote.closed_at))
    found = union_all(select(sent), accepted).subquery()
    query = select(Quote.account_id, Quote.contact_id, found).join(found, found.c.quote_id == Quote.id).where(Quote.deleted_at.is_(None), sees(ctx, Quote))
    for row in ctx.session.execute(query.order_by(found.c.at, Quote.id, found.c.state.desc()).limit(MOST + 1)):
        yield Line("quotes", row.state, row.account_id, row.contact_id, quote_id=row.quote_id, at=row.at, amount=row.net, currency=row.currency)


def _leads(ctx: Context, span: Span) -> Iterator[Line]:
    """His leads that were accepted, though they became customers since; and those that became customers."""
    judged = select(FactSubject.subject_id.label("lead_id"), Fact.kind, FactSubject.at).distinct(FactSubject.subject_id).join(Fact, Fact.id == FactSubject.fact_id)
    judged = judged.join(Lead, Lead.id == FactSubject.subject_id).where(Lead.owner_id == ctx.actor.id, Lead.updated_at >= begins(span.first, ctx.zone), Fact.kind.in_(JUDGED), _within(ctx, span, FactSubject.at))
    judged = judged.order_by(FactSubject.subject_id, FactSubject.at.desc(), FactSubject.fact_id.desc()).subquery()
    accepted = select(judged.c.lead_id, literal("accepted").label("state"), judged.c.at).where(judged.c.kind == "lead.accepted")
    converted = select(Lead.id, literal("converted"), Lead.converted_at).where(Lead.owner_id == ctx.actor.id, Lead.state == "converted", _within(ctx, span, Lead.converted_at))
    found = union_all(accepted, converted).subquery()
    query = select(Lead.account_id, Lead.contact_id, found).join(found, found.c.lead_id == Lead.id).where(Lead.deleted_at.is_(None), sees(ctx, Lead))
    for row in ctx.session.execute(query.order_by(found.c.at, Lead.id, found.c.state).limit(MOST + 1)):
        yield Line("leads", row.state, row.account_id, row.contact_id, lead_id=row.lead_id, at=row.at)


def _next(ctx: Context, span: Span) -> Iterator[Line]:
    """What he has to do until some days after it, and what is overdue, by its day: next contacts, and next steps of his deals."""
    until = span.last + AHEAD[span.kind]
    steps = _steps(ctx, until) if has(ctx, "deals.read") else ()
    yield from sorted((*_next_contacts(ctx, until), *steps), key=lambda line: line.due_on)


def _next_contacts(ctx: Context, until: date) -> Iterator[Line]:
    kind = func.coalesce(Activity.next_contact_kind, func.nullif(Activity.kind, "note"), "task")
    query = select(kind.label("what"), Activity.account_id, Activity.contact_id, Activity.next_contact_on, _NOTE)
    query = query.where(Activity.owner_id == ctx.actor.id, Activity.next_contact_on <= until, Activity.done_at.is_(None), Activity.deleted_at.is_(None))
    for row in ctx.session.execute(query.order_by(Activity.next_contact_on, Activity.id).limit(MOST + 1)):
        yield Line("next", row.what, row.account_id, row.contact_id, due_on=row.next_contact_on, words=row.words or None)


def _steps(ctx: Context, until: date) -> Iterator[Line]:
    columns = shown(ctx, "deals", (Deal.id, Deal.account_id, Deal.contact_id, Deal.next_step_on, Deal.amount, Deal.currency))
    query = select(*columns, func.left(Deal.next_step, NOTED).label("words"))
    query = query.where(Deal.owner_id == ctx.actor.id, Deal.state == "open", Deal.deleted_at.is_(None), Deal.next_step_on <= until, sees(ctx, Deal))
    for row in ctx.session.execute(query.order_by(Deal.next_step_on, Deal.id).limit(MOST + 1)):
        yield Line("next", "step", row.account_id, row.contact_id, deal_id=row.id, due_on=row.next_step_on, words=row.words, amount=row.amount, currency=row.currency)
