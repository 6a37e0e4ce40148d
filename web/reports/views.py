"""Reports of a day or a week: write one's own, read those of others, see who handed in which."""

from uuid import UUID

from flask import Blueprint, request, url_for

from core.base.context import Context
from core.base.errors import Conflict
from core.base.policy import has, may
from core.base.words import N_
from core.reports import actions, queries
from core.reports.composing import compose
from core.reports.rules import DAY, WEEK, Span, read_span, span_of
from core.reports.saying import said
from web.discussions.section import section_values
from web.editing import version_of_form
from web.files.section import section_values as files_section
from web.guard import needs
from web.nav import NavItem
from web.pages import page, say, see_other
from web.reports import rules_settings
from web.reports.forms import ReportForm
from web.reports.showing import laid

bp, rules_bp = Blueprint("reports", __name__, url_prefix="/reports"), rules_settings.bp
NAV = [NavItem("reports.index", "checklist", N_("Reports"), "reports.read", group="Sales", order=61)]


@bp.get("")
@needs("reports.read")
def index(ctx: Context):
    """One's own, the newest first; the day and the week that are now to be written. before=: those before that day or week."""
    before = read_span(request.args["before"], "before") if "before" in request.args else None
    mine, more = queries.mine(ctx, before)
    state = {one.span: one for one in mine}
    now = [] if before else [(span, said(ctx, span), state.get(span)) for span in (span_of(ctx.today, kind) for kind in (DAY, WEEK))]
    return page(
        "reports/index.html", rows=[(one, said(ctx, one.span)) for one in mine], more=more.key if more else None, now=now, first=before is None,
        reads_others=has(ctx, "reports.read_others"), can_write=may(ctx, "reports.write"),
    )


@bp.get("/compose")
@needs("reports.read")
def edit(ctx: Context):
    """period=: a day or week, today where nothing is said. What is handed in is read, not written."""
    span = _span(ctx)
    report = queries.own(ctx, span)
    if report is not None and report.handed_at is not None:
        return see_other("reports.show", id=report.id)
    return _form(ctx, span, ReportForm(data={"words": report.words if report else ""}), report)


@bp.post("/compose")
@needs("reports.write")
def update(ctx: Context):
    """Keep what was written (do=draft), or hand it in."""
    span, form = read_span(request.form.get("period")), ReportForm(request.form)
    if form.validate():
        try:
            with form.attempt(ctx):
                return _written(ctx, span, form)
        except Conflict as conflict:
            if conflict.code != "stale":
                raise
            form.take(conflict)  # nothing that was typed is lost: it stands in the form, beside what is there now
            return _form(ctx, span, form, queries.own(ctx, span), status=409)
    return _form(ctx, span, form, queries.own(ctx, span), status=422)


def _written(ctx: Context, span: Span, form: ReportForm):
    if request.form.get("do") == "draft":
        actions.save_draft(ctx, span, version=version_of_form(), words=form.words.data)
        say(ctx, N_("Draft saved. Nobody else sees it."))
        return see_other("reports.edit", period=span.key)
    report = actions.hand_in(ctx, span, version=version_of_form(), words=form.words.data)
    say(ctx, N_("Report handed in"), undo=url_for("reports.take_back", id=report.id))
    return see_other("reports.show", id=report.id)


@bp.get("/team")
@needs("reports.read_others")
def team(ctx: Context):
    """Who of those whose records one sees handed in a report of that day or week, and who did not. period=."""
    span = _span(ctx)
    duty = queries.duty_of(ctx)
    authors = queries.authors(ctx, span, duty)
    missing = sum(one.owes and one.report is None for one in authors)
    return page("reports/team.html", span=span, title=said(ctx, span), kinds=_kinds(ctx, span, "reports.team"), authors=authors, missing=missing, asked=duty.asks(span, ctx.zone), manages=has(ctx, "reports.manage"))


@bp.get("/<uuid:id>")
@needs("reports.read")
def show(ctx: Context, id: UUID):
    """One that was handed in, as far as its reader sees what it tells; a draft of one's own is gone on with."""
    report = queries.one(ctx, id)
    span = report.span
    if report.handed_at is None:
        return see_other("reports.edit", period=span.key)
    content = queries.content(ctx, queries.lines_of(ctx, report))
    own = report.owner_id == ctx.actor.id
    hangs = section_values(ctx, report) | files_section(ctx, report)
    stays = bool((hangs["talk"] or {}).get("count") or (hangs["files"] or {}).get("rows"))
    back = own and report.handed_at >= ctx.now - actions.BACK and may(ctx, "reports.write", report) and not (stays and actions.hung_since(ctx, report))
    return page("reports/show.html", report=report, who=queries.author_of(ctx, report), span=span, own=own, can_take_back=back, **laid(ctx, span, content), **hangs)


@bp.post("/<uuid:id>/return")
@needs("reports.write")
def take_back(ctx: Context, id: UUID):
    """A draft again."""
    report = queries.one(ctx, id)
    actions.take_back(ctx, report)
    say(ctx, N_("Taken back. It is a draft again."))
    return see_other("reports.edit", period=report.span.key)


def _form(ctx: Context, span: Span, form: ReportForm, report, status: int = 200):
    content = queries.content(ctx, compose(ctx, span))
    ahead = span.first > ctx.today
    return page(
        "reports/edit.html", status=status, form=form, span=span, ahead=ahead, version=report.version if report else 0, stands=report.updated_at if report else None, saved=report.words if report and status == 409 else "",
        kinds=_kinds(ctx, span, "reports.edit"), can_write=may(ctx, "reports.write") and not ahead, asked=queries.due_for_me(ctx, span), **laid(ctx, span, content),
    )


def _kinds(ctx: Context, span: Span, endpoint: str) -> list[dict]:
    """The day and the week between which one chooses: those of today, where the other lies in it."""
    inside = ctx.today if span.first <= ctx.today <= span.last else span.first
    return [{"text": text, "href": url_for(endpoint, period=span_of(inside, kind).key), "current": kind == span.kind} for kind, text in ((DAY, N_("One day")), (WEEK, N_("One week")))]


def _span(ctx: Context) -> Span:
    return read_span(request.args["period"]) if "period" in request.args else span_of(ctx.today, DAY)
