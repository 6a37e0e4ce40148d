"""Imports: a file, its columns, the check, the run, the result. And the lists taken out as CSV."""

from uuid import UUID

from flask import Blueprint, Response, request

from core.base.context import Context
from core.base.errors import Refused
from core.base.policy import may
from core.base.words import N_
from core.parties import queries as parties
from core.transfer import again, breaking, queries, reporting, results, starting, undoing, uploading
from core.transfer.exporting import Shape
from core.transfer.headers import LEFT_OUT_TITLES
from core.transfer.models import MOVING, ImportRun
from core.transfer.wanted import Wanted
from infra import i18n
from web import long_work
from web.forms import small_int
from web.guard import needs
from web.nav import NavItem
from web.pages import page, say, see_other
from web.parties.listing import NAMED, filters_of
from web.transfer import exports, problems, wording
from web.transfer.files import TYPES, csv_answer, file_answer, list_answer, wanted_answer
from web.transfer.forms import ColumnsForm, FormatForm, UploadForm, columns_form, format_form, in_words, upload_form
from web.transfer.wording import said_changes, say_code, words
from web.words import say_refusal

bp = Blueprint("transfer", __name__)
exports_bp = exports.bp
problems_bp = problems.bp
NAV = [NavItem("transfer.index", "upload", N_("Import"), "imports.read", key="g i", group="Data", order=10)]
SHOWN = 50
long_work.add_pages(bp, "/imports/<uuid:id>", reads="imports.read", runs="imports.run", one=queries.one, go_on=breaking.go_on, moving=MOVING, template="transfer/progress.html", words=words)


@bp.get("/imports")
@needs("imports.read")
def index(ctx: Context):
    """The imports that one may know of, the newest first."""
    return page("transfer/index.html", runs=queries.runs(ctx), **words(ctx))


@bp.get("/imports/new")
@needs("imports.run")
def new(ctx: Context):
    return _upload(ctx, upload_form(ctx, data={"kind": request.args.get("kind", "accounts")}))


@bp.post("/imports")
@needs("imports.run")
def create(ctx: Context):
    """Take a file in; what isn't one comes back with the reason under the field."""
    form = upload_form(ctx, request.form)
    file = request.files.get("file")
    if file is None or not file.filename:
        form.take(Refused("required", field="file"))
    elif form.validate():
        with form.attempt(ctx):
            run = uploading.receive_file(ctx, kind=form.kind.data, source=file.stream, name=file.filename)
            return see_other("transfer.show", id=run.id)
    return _upload(ctx, form, status=422)


@bp.get("/imports/<uuid:id>")
@needs("imports.read")
def show(ctx: Context, id: UUID):
    """The step at which the import is; `?step=columns` goes back to the columns."""
    return _show(ctx, queries.one(ctx, id))


@bp.post("/imports/<uuid:id>/format")
@needs("imports.run")
def update_format(ctx: Context, id: UUID):
    """Read the file in another encoding or with another separator."""
    run = queries.one(ctx, id)
    form = format_form(ctx, run, _translator(ctx), request.form)
    if form.validate():
        with form.attempt(ctx):
            uploading.choose_form(ctx, run, version=_version(form.version.data), **form.chosen())
            return see_other("transfer.show", id=id, step="columns")
    return _show(ctx, run, reading=form, status=422)


@bp.post("/imports/<uuid:id>/check")
@needs("imports.run")
def create_check(ctx: Context, id: UUID):
    """Keep the choices and check the file in the background."""
    run = queries.one(ctx, id)
    form = columns_form(ctx, run, _translator(ctx), request.form)
    if form.validate():
        with form.attempt(ctx):
            uploading.choose_columns(
                ctx, run, version=_version(form.version.data), mapping=form.mapping(run), mode=form.mode.data, key_field=form.key_field.data,
                on_problem=form.on_problem.data, decimal_mark=form.decimal_mark.data, day_order=form.day_order.data, scale=form.scale.data,
                fills_accounts=form.fills_accounts.data,
            )
            ctx.session.flush()  # the check begins from the choices just made
            uploading.start_check(ctx, run)
            return see_other("transfer.show", id=id)
    return _show(ctx, run, form=form, status=422)


@bp.post("/imports/<uuid:id>/run")
@needs("imports.run")
def create_run(ctx: Context, id: UUID):
    """The yes: write what was checked."""
    run = queries.one(ctx, id)
    try:
        with ctx.session.begin_nested():
            starting.start_run(ctx, run, version=_version(request.form["version"]) if request.form.get("version") else None)
    except Refused as refusal:
        if refusal.status != 422:
            raise
        return _show(ctx, run, problem=say_refusal(refusal, ctx.locale), status=422)
    return see_other("transfer.show", id=id)


@bp.post("/imports/<uuid:id>/cancellation")
@needs("imports.run")
def create_cancellation(ctx: Context, id: UUID):
    starting.cancel(ctx, queries.one(ctx, id))
    say(ctx, N_("Import stopped"))
    return see_other("transfer.show", id=id)


@bp.post("/imports/<uuid:id>/undo")
@needs("imports.run")
def create_undo(ctx: Context, id: UUID):
    """Take the import back in the background."""
    undoing.start_undo(ctx, queries.one(ctx, id))
    return see_other("transfer.show", id=id)


@bp.post("/imports/<uuid:id>/further")
@needs("imports.run")
def create_further(ctx: Context, id: UUID):
    """The rows that failed, in an import of their own, to be put right there."""
    return see_other("transfer.show", id=again.put_right(ctx, queries.one(ctx, id)).id)


@bp.get("/imports/<uuid:id>/left-out.csv")
@needs("imports.read")
def left_out(ctx: Context, id: UUID):
    """The rows that stay out, with the reason, to be corrected and brought again."""
    run = queries.one(ctx, id)
    translate = _translator(ctx)
    line, problem = map(translate, LEFT_OUT_TITLES)
    return csv_answer("left-out.csv", lambda file: reporting.write_left_out(ctx, run, file, lambda code, params: say_code(ctx, code, params), (line, problem)))


@bp.post("/imports/<uuid:id>/exports")
@needs("profile.edit", fresh=True, file=True)
def export_results(ctx: Context, id: UUID):
    """What became of each row, as a file; who took it stands in the record (so it is no GET)."""
    run, format = queries.one(ctx, id), request.form.get("format") or "csv"
    ending, mimetype = TYPES.get(format, TYPES["csv"])
    name = f"import-{ctx.today.isoformat()}.{ending}"
    return file_answer(name, mimetype, lambda file: results.write_results(ctx, run, file, lambda code, params: say_code(ctx, code, params), format=format, only=request.form.get("only", "")), text=format == "csv")


def _add_export(room: str) -> None:
    @bp.post(f"/{room}/exports", endpoint=f"export_{room}")
    @needs(f"{room}.export", fresh=True, file=True)
    def export(ctx: Context):
        """The list, filters and all; who took it stands in the record (so it is no GET)."""
        return list_answer(ctx, room, filters_of(request.form))

    @bp.get(f"/{room}/exports/new", endpoint=f"new_{room}_export")
    @needs(f"{room}.export")
    def new_export(ctx: Context):
        """As what the list is taken out."""
        return _new_export(room)


for _room in ("accounts", "contacts", "products", "deals", "leads", "quotes"):
    _add_export(_room)


@bp.post("/contacts/<uuid:id>/exports")
@needs("contacts.export", fresh=True, file=True)
def export_contact(ctx: Context, id: UUID):
    """One person as a business card; who took it stands in the record."""
    contact = parties.one_contact(ctx, id)
    return wanted_answer(ctx, Wanted("contacts", keys=[contact.id], shape=Shape("vcard")), "contact")


# ---- parts of answers ----


def _translator(ctx: Context):
    return lambda text: i18n.gettext(ctx.locale, text)


def _version(given: str | None) -> int:
    """What the form says it was made from; 0, which none is, where that can't be read."""
    return small_int(given) or 0


def _upload(ctx: Context, form: UploadForm, status: int = 200) -> Response:
    return page("transfer/new.html", form=in_words(form, _translator(ctx)), status=status)


def _show(ctx: Context, run: ImportRun, *, form: ColumnsForm | None = None, reading: FormatForm | None = None, problem: str = "", status: int = 200) -> Response:
    """One page for all steps. The columns are shown while nothing has been written, when asked for or not yet checked,
    to whom may choose: a read-only workspace looks on."""
    choosing = may(ctx, "imports.run", run) and run.state in uploading.EDITABLE and not run.has_written and not run.is_tidied and (run.state != "checked" or form or reading or request.args.get("step") == "columns")
    values = {"run": run, "problem": problem, "choosing": choosing, "step": _step(run, choosing), **words(ctx)}
    translate = _translator(ctx)
    if choosing:
        values["form"] = form or columns_form(ctx, run, translate)
        values["reading"] = reading or format_form(ctx, run, translate)
        values["origin"], values["format_names"] = wording.origin_name(run), {kind: translate(text) for kind, text in wording.FORMAT_NAMES.items()}
        values["samples"] = _samples(uploading.preview(ctx, run), len(run.header))
    elif run.state not in MOVING:
        after = small_int(request.args.get("after")) or 0
        found = queries.troubles(ctx, run, after=after, limit=SHOWN)
        values["beside"] = queries.number_beside(ctx, run)
        values["said_before"] = queries.said_before(ctx, run, limit=SHOWN) if values["beside"].get("twin") and not after else {}
        values["takes_results"] = results.may_take(ctx, run)
        values["puts_right"] = again.can_be_put_right(run) and results.may_take(ctx, run)
        values["kept"] = queries.kept(ctx, run) if run.state == "undone" else []
        values["changes"] = [] if after else said_changes(ctx, run)
        values |= {"troubles": found, "repeated": queries.repeated_words(ctx, run), "next_after": found[-1].line if len({t.line for t in found}) == SHOWN else None}
    return page("transfer/show.html", status=status, **values)


def _step(run: ImportRun, choosing: bool) -> int:
    """Which of the steps file, columns, check, import, result is at hand."""
    if choosing:
        return 1
    return {"draft": 1, "checking": 2, "checked": 2, "running": 3}.get(run.broke_off_while or run.state, 4)


def _samples(rows: list, width: int) -> list[list[str]]:
    """Up to three different values of each column."""
    found = []
    for index in range(width):
        cells = (row.cells[index].strip() for row in rows if index < len(row.cells))
        found.append(list(dict.fromkeys(cell[:40] for cell in cells if cell))[:3])
    return found


def _new_export(kind: str) -> Response:
    kept = {name: value for name, value in request.args.items() if value and (name in (*NAMED, "columns") or name.startswith("filter["))}
    return page("transfer/export.html", kind=kind, kept=kept, cards=kind == "contacts")
