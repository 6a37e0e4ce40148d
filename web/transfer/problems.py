"""Rows of a checked file that somebody has to look at, in a grid: corrected where they stand, before anything is written."""

from uuid import UUID

from flask import Blueprint, Response, request, url_for

from core.base.context import Context
from core.base.errors import NotFound, Refused
from core.base.policy import may
from core.transfer import fixing, problems, queries
from core.transfer.models import LEFT_OUT, ImportRun
from infra import i18n
from web.forms import small_int
from web.guard import needs
from web.pages import page, see_other
from web.transfer import wording
from web.transfer.columns import header_name
from web.words import say_refusal

bp = Blueprint("fixes", __name__)
NAMING = ("name", "first_name", "last_name", "mail")
MOST_COLUMNS = 20


@bp.get("/imports/<uuid:id>/problems")
@needs("imports.read")
def index(ctx: Context, id: UUID):
    """The rows with problems or notes, all or those of one kind, with the texts that cause it."""
    return _index(ctx, queries.one(ctx, id))


@bp.post("/imports/<uuid:id>/problems/rows")
@needs("imports.run")
def create(ctx: Context, id: UUID):
    """Correct a row; the grid gets the row as it is then, a plain form its page."""
    run, line = queries.one(ctx, id), small_int(request.form.get("line")) or 0
    columns = [place for place in (small_int(name) for name in request.form.getlist("shown")) if place is not None]
    refusal = None
    try:
        with ctx.session.begin_nested():
            fixing.fix_row(ctx, run, line, {place: request.form.get(f"c{place}", "") for place in columns if f"c{place}" in request.form}, request.form.get("choice"))
    except Refused as refused:
        if refused.status != 422:
            raise
        refusal = say_refusal(refused, ctx.locale)
    ctx.session.flush()
    ctx.session.refresh(run)
    if request.headers.get("HX-Request"):
        code, place = request.values.get("code", "")[:60], small_int(request.values.get("column"))
        answer = page(
            "transfer/fixed.html", l=_one(ctx, run, line), columns=columns, refusal=refusal, groups=problems.groups(ctx, run), code=code, place=place, status=422 if refusal else 200,
            **_values(ctx, run),
        )
        answer.headers["X-Left"] = str(run.counts.get("problem", 0))
        return answer
    return _index(ctx, run, refusal, 422) if refusal else see_other("fixes.index", id=id, **_kind())


@bp.post("/imports/<uuid:id>/problems")
@needs("imports.run")
def create_all(ctx: Context, id: UUID):
    """One text of a column in all its rows by another or by nothing, or all rows of a kind left out."""
    run = queries.one(ctx, id)
    code, place = request.form.get("code", ""), small_int(request.form.get("column"))
    was, act = request.form.get("was"), request.form.get("act", "")
    try:
        with ctx.session.begin_nested():
            if act == "leave_out":
                fixing.leave_out(ctx, run, code=code, place=place, was=was)
            elif act in ("replace", "empty") and place is not None and was is not None:
                fixing.replace_all(ctx, run, code=code, place=place, was=was, text=request.form.get("text", "") if act == "replace" else "")
            else:
                raise Refused("unknown_value", field="act")
    except Refused as refusal:
        if refusal.status != 422:
            raise
        return _index(ctx, run, say_refusal(refusal, ctx.locale), 422)
    if run.state != "checked":
        return see_other("transfer.show", id=id)
    return see_other("fixes.index", id=id, **_kind())


def _kind() -> dict[str, str]:
    """The kind that was looked at, for the way back."""
    return {name: value for name in ("code", "column", "after") if (value := request.values.get(name))}


def _index(ctx: Context, run: ImportRun, refusal: str | None = None, status: int = 200) -> Response:
    if run.is_tidied or run.state not in ("checked", "running", "done", "cancelled"):
        return see_other("transfer.show", id=run.id)
    groups = problems.groups(ctx, run)
    code, place, after = request.values.get("code", "")[:60], small_int(request.values.get("column")), small_int(request.values.get("after")) or 0
    if code and not any((group.code, group.column) == (code, place) for group in groups):
        code, place = "", None  # that was the last of them
    rows = problems.lines(ctx, run, code=code, place=place, after=after)
    texts = problems.texts(ctx, run, code, place) if code and place is not None else []
    more = url_for("fixes.index", id=run.id, after=rows[-1].line, **({"code": code, "column": place} if code else {})) if len(rows) == problems.PAGE else None
    return page(
        "transfer/problems.html", status=status, groups=groups, code=code, place=place, lines=rows, texts=texts, columns=_columns(run, rows, place), refusal=refusal,
        more=more, **_values(ctx, run),
    )


def _values(ctx: Context, run: ImportRun) -> dict:
    return {
        "run": run, "acts": run.state == "checked" and may(ctx, "imports.run", run), "LEFT_OUT": LEFT_OUT, "LEFT": problems.LEFT, **wording.words(ctx),
        "headers": [header_name(lambda text: i18n.gettext(ctx.locale, text), run, index) for index in range(len(run.header))], "kind": _kind(),
    }


def _one(ctx: Context, run: ImportRun, line: int) -> problems.Line:
    found = problems.lines(ctx, run, only=line)
    if not found:
        raise NotFound()
    return found[0]


def _columns(run: ImportRun, rows: list[problems.Line], place: int | None) -> list[int]:
    """The columns worth showing: what names a row, what is wrong with any of them, and what else stands in them."""
    wrong = dict.fromkeys(item["column"] for row in rows for item in (*row.problems, *row.notes) if item["column"] is not None and item["column"] < len(run.header))
    wrong |= dict.fromkeys(column for row in rows for column in row.was)
    naming = [run.mapping.index(target) for target in NAMING if target in run.mapping]
    filled = [column for column, target in enumerate(run.mapping) if target and any(row.cells[column].strip() for row in rows if column < len(row.cells))]
    chosen = dict.fromkeys([*([] if place is None else [place]), *naming[:3], *wrong, *filled])
    return sorted(list(chosen)[:MOST_COLUMNS])
