"""Imports for programs: a file in, its check and run, how far it is, what was wrong with which line."""

import json
from io import BytesIO
from itertools import islice
from typing import Annotated, Any
from uuid import UUID

from flask import request
from pydantic import Field

from core.base import policy
from core.base.context import Context
from core.base.errors import Refused
from core.base.words import N_
from core.transfer import breaking, queries, results, starting, undoing, uploading
from core.transfer.models import KINDS, MODES, ON_PROBLEM, STATES, ImportRun
from web.api import shell
from web.api.shell import Column
from web.words import say_refusal

bp = shell.api_blueprint("transfer_api")

TYPES = (
    "text/csv", "text/plain", "text/tab-separated-values", "application/octet-stream", "multipart/form-data", "text/vcard", "text/x-vcard", "text/directory",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "application/vnd.ms-excel", "application/vnd.oasis.opendocument.spreadsheet",
)


def one_of(values: tuple) -> Any:
    return Field(json_schema_extra={"enum": list(values)})


class UploadParams(shell.Params):
    """What to do with the file. mapping: a JSON object, column name -> field, "custom" (kept beside) or "" (left out);
    columns that it doesn't name stay as guessed. dry_run: wait for POST /imports/{id}/run after the check."""

    kind: Annotated[str, one_of(KINDS)] = "accounts"
    name: Annotated[str, Field(max_length=200)] = "upload.csv"
    mapping: Annotated[str, Field(max_length=100_000)] | None = None
    mode: Annotated[str, one_of(MODES)] | None = None
    key_field: Annotated[str, Field(max_length=40)] | None = None
    on_problem: Annotated[str, one_of(ON_PROBLEM)] | None = None
    sheet: Annotated[str, Field(max_length=100)] | None = None
    header_row: Annotated[int, Field(ge=0, le=30)] | None = None
    fills_accounts: bool = False
    encoding: Annotated[str, Field(max_length=40)] | None = None
    delimiter: Annotated[str, Field(max_length=1)] | None = None
    decimal_mark: Annotated[str, Field(max_length=1)] | None = None
    day_order: Annotated[str, Field(max_length=3)] | None = None
    scale: int | None = None
    dry_run: bool = True


class ImportOut(shell.Out):
    """An import. counts: while checking what would happen, afterwards what happened, in rows. failure: code, params and,
    where its work broke off for good, "while": the state it was in; POST resumption then goes on behind rows_done."""

    id: UUID
    version: int
    kind: str
    state: str
    file_name: str
    file_size: int
    format: str
    encoding: str
    delimiter: str
    sheets: list[str]
    sheet: str
    header_row: int
    header: list[str]
    mapping: list[str]
    mode: str
    key_field: str
    on_problem: str
    rows_done: int
    rows_total: int
    counts: dict[str, int]
    failure: dict[str, Any] | None
    created_at: shell.Moment
    started_at: shell.Moment | None
    finished_at: shell.Moment | None


class ProblemOut(shell.Out):
    """What is wrong with a cell. stops: the row stays out; otherwise it is only worth a look."""

    line: int
    column: str | None
    code: str
    detail: str
    params: dict[str, Any]
    stops: bool


class ProblemsOut(shell.Out):
    """Problems by line; `after` for the next page is next_after."""

    data: list[ProblemOut]
    next_after: int | None


class ImportRowOut(shell.Out):
    """What became of a row. cells: as they came in, in the order of the import's header, with what was corrected; a field that you may
    not see is empty. reason: in the language of the token's owner. record_id, url: of a record that you see."""

    line: int
    outcome: Annotated[str, one_of(tuple(results.NAMES))]
    reason: str
    cells: list[str]
    record_id: UUID | None
    url: str | None


class ImportRowsOut(shell.Out):
    """Rows in the order of the file; `after` for the next page is next_after."""

    data: list[ImportRowOut]
    next_after: int | None


class ImportRowParams(shell.Params):
    """only: "failed" for the rows that failed."""

    after: int = Field(0, ge=0, le=2_000_000_000)
    limit: int = Field(200, ge=1, le=1000)
    only: Annotated[str, one_of(results.ONLY)] = ""


class ProblemParams(shell.Params):
    after: int = Field(0, ge=0, le=2_000_000_000)
    limit: int = Field(200, ge=1, le=1000)


IMPORTS = shell.Listing({
    "id": Column(ImportRun.id), "kind": Column(ImportRun.kind, choices=KINDS), "state": Column(ImportRun.state, choices=STATES),
    "created_at": Column(ImportRun.created_at, sort=True),
}, default="-created_at")


@shell.resource_route(bp, "GET", "/imports", "imports.read", listing=IMPORTS, answer=ImportOut, summary=N_("List imports"))
def list_imports(ctx: Context, asked):
    return asked.page(ctx, policy.visible(ctx, ImportRun))


@shell.resource_route(
    bp, "POST", "/imports", "imports.run", upload=TYPES, params=UploadParams, answer=ImportOut, status=201, summary=N_("Import a file"),
    description=N_("Send the file as the body, or as the part `file` of a form. It is checked in the background; without dry_run it then runs by itself."),
)
def create_import(ctx: Context, params, data: bytes, mimetype: str):
    run = uploading.receive_file(ctx, kind=params.kind, source=BytesIO(_file(data, mimetype)), name=params.name)
    if params.encoding or params.delimiter or params.sheet or params.header_row is not None:
        chosen = {"encoding": params.encoding, "delimiter": params.delimiter, "sheet": params.sheet, "header_row": params.header_row}
        uploading.choose_form(ctx, run, version=run.version, **chosen)
        ctx.session.flush()  # the next step asks for the version it begins with
    uploading.choose_columns(
        ctx, run, version=run.version, mapping=_mapping(run, params.mapping), mode=params.mode or run.mode,
        key_field=run.key_field if params.key_field is None else params.key_field, on_problem=params.on_problem or run.on_problem,
        decimal_mark=params.decimal_mark, day_order=params.day_order, scale=params.scale,
        fills_accounts=params.fills_accounts,
    )
    ctx.session.flush()  # the check begins from the choices just made
    uploading.start_check(ctx, run, goes_on=not params.dry_run)
    return run


@shell.resource_route(bp, "GET", "/imports/<uuid:id>", "imports.read", answer=ImportOut, summary=N_("Look at an import"))
def get_import(ctx: Context, id: UUID):
    return queries.one(ctx, id)


@shell.resource_route(bp, "GET", "/imports/<uuid:id>/problems", "imports.read", params=ProblemParams, answer=ProblemsOut, summary=N_("List an import's problems by line"))
def list_problems(ctx: Context, id: UUID, params):
    run = queries.one(ctx, id)
    found = queries.troubles(ctx, run, after=params.after, limit=params.limit)
    rows = [
        ProblemOut(
            line=t.line, column=None if t.column is None else run.header[t.column], code=t.code, params=t.params, stops=t.stops,
            detail=say_refusal(Refused(t.code, **t.params), ctx.locale),
        )
        for t in found
    ]
    return ProblemsOut(data=rows, next_after=found[-1].line if len({t.line for t in found}) == params.limit else None)


@shell.resource_route(
    bp, "GET", "/imports/<uuid:id>/rows", "imports.read", params=ImportRowParams, answer=ImportRowsOut, summary=N_("List what became of each row of an import"),
    description=N_("Before the import has begun to write, all of them wait. What others brought in is only for whoever may take such lists out."),
)
def list_rows(ctx: Context, id: UUID, params):
    run = queries.one(ctx, id)
    found = list(islice(results.results(ctx, run, after=params.after, only=params.only), params.limit))
    rows = [
        ImportRowOut(
            line=one.line, outcome=one.outcome, cells=one.cells, record_id=one.record_id, url=results.link_to(ctx, run, one),
            reason=results.reasons_in_words(run, one, lambda code, params: say_refusal(Refused(code, **params), ctx.locale)),
        )
        for one in found
    ]
    return ImportRowsOut(data=rows, next_after=found[-1].line if len(found) == params.limit else None)


@shell.resource_route(bp, "POST", "/imports/<uuid:id>/run", "imports.run", answer=ImportOut, status=202, summary=N_("Run a checked import"))
def create_run(ctx: Context, id: UUID):
    run = queries.one(ctx, id)
    starting.start_run(ctx, run)
    return run


@shell.resource_route(bp, "POST", "/imports/<uuid:id>/cancellation", "imports.run", answer=ImportOut, summary=N_("Stop an import"))
def create_cancellation(ctx: Context, id: UUID):
    run = queries.one(ctx, id)
    starting.cancel(ctx, run)
    return run


@shell.resource_route(bp, "POST", "/imports/<uuid:id>/resumption", "imports.run", answer=ImportOut, status=202, summary=N_("Go on with an import that broke off"))
def create_resumption(ctx: Context, id: UUID):
    run = queries.one(ctx, id)
    breaking.go_on(ctx, run)
    return run


@shell.resource_route(bp, "POST", "/imports/<uuid:id>/undo", "imports.run", answer=ImportOut, status=202, summary=N_("Take an import back"))
def create_undo(ctx: Context, id: UUID):
    run = queries.one(ctx, id)
    undoing.start_undo(ctx, run)
    return run


def _file(data: bytes, mimetype: str) -> bytes:
    """The file itself: the body, or the part named `file`."""
    if mimetype != "multipart/form-data":
        return data
    part = request.files.get("file")
    if part is None:
        raise Refused("required", field="file")
    return part.read()


def _mapping(run: ImportRun, given: str | None) -> list[str]:
    """The guessed mapping with what was given put over it by the columns' names."""
    if given is None:
        return run.mapping
    try:
        chosen = json.loads(given)
    except (ValueError, RecursionError):
        raise Refused("bad_json", field="mapping") from None
    if not isinstance(chosen, dict) or not all(isinstance(value, str) for value in chosen.values()):
        raise Refused("unknown_value", field="mapping")
    unknown = next((name for name in chosen if name not in run.header), None)
    if unknown is not None:
        raise Refused("unknown_field", field="mapping", name=unknown[:60])
    return [chosen.get(name, target) for name, target in zip(run.header, run.mapping, strict=True)]
