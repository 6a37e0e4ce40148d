"""Reports of days and weeks for programs: read, write one's own, hand it in."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from core.base.context import Context
from core.base.words import N_
from core.reports import actions, queries
from core.reports.composing import compose
from core.reports.models import KINDS, LONGEST, SECTIONS, TOLD, WorkReport
from core.reports.rules import read_span
from web.api import shell
from web.api.shell import Column

bp = shell.api_blueprint("reports_api")
Period = Annotated[str, Field(max_length=10, description="2026-11-30 or 2026-W49")]


class ReportIn(shell.Body):
    """One's own report of a day or week. words: left out, a draft keeps its own. handed_in: others may read it from now on; it is not changed any more."""

    period: Period
    words: str | None = Field(None, max_length=LONGEST)
    handed_in: bool = False


class PeriodParams(shell.Params):
    period: Period


class ReportOut(shell.Out):
    """first_on: its day, or the Monday of its week. handed_at: when it was handed in; null is a draft, which its author alone sees."""

    id: UUID
    version: int
    owner_id: UUID
    name: str
    kind: Literal[KINDS]
    first_on: date
    words: str
    handed_at: shell.Moment | None


class ReportLineOut(shell.Out):
    """One thing that it tells. record_kind, record_id, name: what it is about. at: when it happened; due_on: until when it is to be done. amount: as it
    stood when the report was handed in."""

    section: Literal[SECTIONS]
    what: Literal[TOLD]
    record_kind: Literal["account", "contact", "deal", "quote", "lead"]
    record_id: UUID
    name: str
    account_name: str | None
    contact_name: str | None
    stage: str | None
    at: shell.Moment | None
    due_on: date | None
    words: str | None
    amount: shell.Price | None


class ReportContentOut(shell.Out):
    """partly: it tells more, of records that one does not see or that are gone. more: sections of which only the first 200 lines are told."""

    lines: list[ReportLineOut]
    partly: bool
    more: list[Literal[SECTIONS]]


REPORTS = shell.Listing({
    "id": Column(WorkReport.id), "owner_id": Column(WorkReport.owner_id, ops=("eq",)), "kind": Column(WorkReport.kind, ops=("eq",), choices=KINDS), "first_on": Column(WorkReport.first_on, sort=True),
    "created_at": Column(WorkReport.created_at, sort=True),
}, default="-first_on")


@shell.resource_route(bp, "GET", "/reports", "reports.read", listing=REPORTS, answer=ReportOut, summary=N_("List reports of days and weeks"))
def list_reports(ctx: Context, asked):
    return asked.page(ctx, queries.reports(ctx))


@shell.resource_route(bp, "POST", "/reports", "reports.write", body=ReportIn, answer=ReportOut, status=201, summary=N_("Write one's own report, or hand it in"))
def write_report(ctx: Context, body):
    write = actions.hand_in if body.handed_in else actions.save_draft
    return write(ctx, read_span(body.period), **{name: value for name, value in body.given().items() if name == "words"})


@shell.resource_route(bp, "GET", "/reports/composed", "reports.read", params=PeriodParams, answer=ReportContentOut, summary=N_("What one's own report would tell now"))
def compose_report(ctx: Context, params):
    return _content(queries.content(ctx, compose(ctx, read_span(params.period))))


@shell.resource_route(bp, "GET", "/reports/<uuid:id>", "reports.read", answer=ReportOut, summary=N_("Get a report"))
def get_report(ctx: Context, id: UUID):
    return queries.one(ctx, id)


@shell.resource_route(bp, "GET", "/reports/<uuid:id>/lines", "reports.read", answer=ReportContentOut, summary=N_("What a report tells"))
def get_lines(ctx: Context, id: UUID):
    return _content(queries.content(ctx, queries.lines_of(ctx, queries.one(ctx, id))))


def _content(found: queries.Content) -> ReportContentOut:
    return ReportContentOut(lines=[_line(one) for one in found.lines], partly=found.partly, more=list(found.more))


def _line(told: queries.Told) -> ReportLineOut:
    it = told.line
    amount = {"amount": it.amount, "currency": it.currency} if it.amount is not None and it.currency else None
    return ReportLineOut(
        section=it.section, what=it.what, record_kind=told.kind, record_id=told.key, name=told.name, account_name=told.account, contact_name=told.contact, stage=told.stage, at=it.at, due_on=it.due_on, words=it.words,
        amount=amount,
    )
