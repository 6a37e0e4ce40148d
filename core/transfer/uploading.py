"""A file comes in: kept, looked at, its columns matched; nothing of it is written into the tenant's records yet."""

from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from core.base.context import Context
from core.base.errors import Conflict, Refused
from core.base.outbox import defer
from core.base.outcome import if_undone
from core.base.policy import require
from core.base.rooms import is_off
from core.transfer import cells, consents, headers, kinds, opening, own, queries
from core.transfer.fields import AMOUNTS, COMPANY, DAYS, FIELDS, KEYS, TO_NOTES, fields_of, takes_extra, writable
from core.transfer.models import KINDS, MODES, ON_PROBLEM, ImportFix, ImportMapping, ImportRun
from core.transfer.opening import file_of, form_of, refused
from core.transfer.starting import may_bring, may_write
from core.transfer.texts import word_in
from infra.spreadsheets import DELIMITERS, ENCODINGS, Form, Row, Unreadable, has_strange_bytes, read_rows
from infra.storage import FileRefused, storage

MAX_FILE = 25 * 1024 * 1024
PREVIEW = 20
SAMPLE = 200
SCALES = (1, 1000, 1_000_000)
EDITABLE = ("draft", "checked", "failed", "cancelled")


def receive_file(ctx: Context, *, kind: str, source: BinaryIO, name: str) -> ImportRun:
    """Keep an uploaded file and guess all about it. Refuses what isn't a table of at most 25 MB; then nothing is kept."""
    require(ctx, "imports.run")
    if kind not in KINDS or is_off(ctx, kind):
        raise Refused("unknown_value", field="kind")
    may_bring(ctx, kind)
    try:
        stored = storage().save(ctx.tenant.id, source, limit=MAX_FILE)
    except FileRefused as refusal:
        raise refused(refusal) from None
    # A refusal further on undoes the row; the file goes with it.
    if_undone(ctx.session, lambda: storage().remove(ctx.tenant.id, stored.key))
    run = ImportRun(kind=kind, owner_id=ctx.actor.id, file_key=stored.key, file_size=stored.size, file_name=file_title(name), encoding="", delimiter="", header_row=1)
    try:
        _read_as(ctx, run, opening.open_first(ctx, run))
    except BaseException:
        for key in filter(None, (stored.key, run.table_key)):
            storage().remove(ctx.tenant.id, key)
        raise
    ctx.session.add(run)
    ctx.session.flush()  # the page needs its key
    return run


def file_title(name: str) -> str:
    """A name to show: the last part of the path, without anything invisible."""
    last = (name or "").replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(c for c in last if c.isprintable())[:120].strip() or "file.csv"


def choose_form(
    ctx: Context, run: ImportRun, *, version: int, encoding: str | None = None, delimiter: str | None = None, sheet: str | None = None, header_row: int | None = None,
) -> ImportRun:
    """Read the same file in another encoding, with another delimiter, another sheet of it, with another row as its
    header; columns are matched anew. What was corrected in it before is forgotten."""
    _editable(ctx, run, version)
    form, before = _form_chosen(run, encoding or run.encoding, delimiter or run.delimiter, run.header_row if header_row is None else header_row), run.table_key
    if sheet is not None and sheet not in ("", run.sheet):
        if sheet not in run.sheets:
            raise Refused("unknown_value", field="sheet")
        try:
            form = opening.make_table(ctx, run, sheet)
        except Unreadable as refusal:
            raise opening.refused(refusal) from None
    elif form == opening.form_of(run):
        return run
    _read_as(ctx, run, form)
    if before and before != run.table_key:
        opening.let_go(ctx, before)
    run.state = "draft"
    ctx.session.execute(delete(ImportFix).where(ImportFix.run_id == run.id))
    return run


def _form_chosen(run: ImportRun, encoding: str, delimiter: str, header_row: int) -> Form:
    if run.format == "csv" and (encoding not in ENCODINGS or delimiter not in DELIMITERS):
        raise Refused("unknown_value", field="encoding" if encoding not in ENCODINGS else "delimiter")
    if not 0 <= header_row <= opening.LOOKED_AT or (header_row != 1 and run.format in ("vcard", "ldif", "rows")):
        raise Refused("unknown_value", field="header_row")
    return Form(encoding, delimiter, header_row) if run.format == "csv" else Form(run.encoding, run.delimiter, header_row)


def choose_columns(
    ctx: Context, run: ImportRun, *, version: int, mapping: list[str], mode: str, key_field: str, on_problem: str = "skip",
    decimal_mark: str | None = None, day_order: str | None = None, scale: int | None = None, fills_accounts: bool = False,
) -> ImportRun:
    """What each column becomes and what happens to what exists; refuses a field twice, a missing name, a key not in the file."""
    _editable(ctx, run, version)
    mapping = own.make_fields(ctx, run, mapping) if set(own.NEW) & set(mapping) else mapping
    _check_mapping(ctx, run, mapping)
    for field, value, allowed in (
        ("mode", mode, MODES), ("on_problem", on_problem, ON_PROBLEM), ("key_field", key_field, (*([""] if kinds.of(run).without_key else []), *KEYS[run.kind])),
        ("decimal_mark", decimal_mark or run.decimal_mark, (".", ",")), ("day_order", day_order or run.day_order, ("dmy", "mdy")),
        ("scale", scale or run.scale, SCALES),
    ):
        if value not in allowed:
            raise Refused("unknown_value", field=field)
    if mode != "update":
        _check_needed(run, mapping)
    if mode != "create" and not key_field:
        raise Refused("import_needs_key", field="key_field")
    if key_field and set(mapping).isdisjoint(kinds.of(run).stands_for(key_field)):
        raise Refused("import_key_not_mapped", field="key_field")
    run.mapping, run.mode, run.key_field, run.on_problem = mapping, mode, key_field, on_problem
    run.decimal_mark, run.day_order, run.scale = decimal_mark or run.decimal_mark, day_order or run.day_order, scale or run.scale
    run.fills_accounts = fills_accounts
    _remember(ctx, run)
    return run


def start_check(ctx: Context, run: ImportRun, *, goes_on: bool = False) -> None:
    """Read the whole file in the background and say what would happen; nothing is written into the records before the
    person says so, unless `goes_on` said it beforehand: then whoever could not write it is refused now, for the job
    acts with the person's whole role, whatever the token at hand was narrowed to."""
    _editable(ctx, run, run.version)
    may_bring(ctx, run.kind)
    if goes_on:
        may_write(ctx, run)
    if run.mode != "update":
        _check_needed(run, run.mapping)
    run.state, run.position, run.rows_done, run.rows_total, run.counts, run.failure = "checking", 0, 0, 0, {}, None
    run.round, run.goes_on = run.round + 1, goes_on
    ctx.session.flush()  # the order below is for this round
    defer(ctx, "transfer.check", run_id=run.id, round=run.round)


# ---- looking at the file ----


def preview(ctx: Context, run: ImportRun, limit: int = PREVIEW) -> list[Row]:
    """The first rows as they stand in the file."""
    return _first_rows(file_of(ctx, run), form_of(run), limit)[1]


def _first_rows(path: Path, form: Form, limit: int) -> tuple[list[str], list[Row]]:
    try:
        header, rows = read_rows(path, form)
        found = [row for row, _ in zip(rows, range(limit), strict=False)]
    except Unreadable as refusal:
        raise refused(refusal) from None
    return header, found


def _read_as(ctx: Context, run: ImportRun, form: Form) -> None:
    """Header, mapping and habits of the file, guessed from its first rows or remembered from the last such file."""
    header, rows = _first_rows(file_of(ctx, run), form, SAMPLE)
    if not rows or not any(header):
        raise Refused("file_empty", field="file")
    if any(has_strange_bytes(name) or not name.isprintable() for name in header):
        raise Refused("file_header_unreadable", field="file")
    run.encoding, run.delimiter, run.header_row, run.header = form.encoding, form.delimiter, form.header_row, header
    remembered = queries.remembered(ctx, run.kind, header)
    beside = headers.number_beside(header)
    guessed = [""] * beside + remembered.mapping if remembered else headers.guess_mapping(run.kind, header, own.names(ctx, run.kind), lambda index, field: _fits(run.kind, header, index, field, _column_of(rows, index)))
    guessed = consents.guess(ctx, run.kind, header, own.guess(ctx, run.kind, header, guessed))
    beyond = {*(fields_of(ctx, run.kind).keys() - writable(ctx, run.kind).keys()), *([] if takes_extra(run) else ["custom"])}
    run.mapping = ["" if target in beyond else target for target in guessed]
    for name, value in (remembered.choices if remembered else {}).items():
        setattr(run, name, value)
    _guess_habits(ctx, run, rows, known=remembered is not None)
    if run.key_field not in ("", _last_key(run)) and run.key_field not in run.mapping:
        run.key_field = _last_key(run)


def _fits(kind: str, header: list[str], index: int, field: str, said: list[str]) -> bool:
    """Where a name has two meanings, one of which are words of a list: does any cell say such a word?"""
    if not said or not headers.is_doubtful(kind, header, index, field):
        return True
    words = kinds.of(kind).targets[field].words
    return any(word_in(cell, words) for cell in said)


def _column_of(rows: list[Row], index: int) -> list[str]:
    """What the rows say in a column, where they say anything."""
    return [row.cells[index] for row in rows if index < len(row.cells) and row.cells[index].strip()]


def _guess_habits(ctx: Context, run: ImportRun, rows: list[Row], *, known: bool) -> None:
    def column(wanted: frozenset[str]) -> list[str]:
        return [cell for index, target in enumerate(run.mapping) if target in wanted for cell in _column_of(rows, index)]

    owns = own.importable(ctx, run.kind).values()
    run.decimal_mark = cells.guess_decimal_mark(column(AMOUNTS | {one.name for one in owns if one.kind in own.NUMBERS}))
    days = column(DAYS | {one.name for one in owns if one.kind in own.DAYS}) + column(frozenset({"custom"}))  # one of these may be chosen as a day later
    run.day_order = cells.guess_day_order(days, ctx.locale, ctx.formats.date_format, headers.is_english(run.kind, run.header))
    if not known:
        scaled = {name for name, field in FIELDS[run.kind].items() if field.scaled and not field.of_company}
        amounts = [name for name, target in zip(run.header, run.mapping, strict=True) if target in scaled]
        run.scale = cells.guess_scale(amounts[0]) if amounts else 1
        run.key_field = next((key for key in KEYS[run.kind] if key in run.mapping and (key != "name" or _last_key(run) == "name")), _last_key(run))


# ---- rules about choices ----


def _editable(ctx: Context, run: ImportRun, version: int) -> None:
    require(ctx, "imports.run", run)
    if run.version != version:
        raise Conflict("stale")
    if run.state not in EDITABLE or run.has_written or run.is_tidied:
        raise Refused("import_not_now", state=run.state)


def _last_key(run: ImportRun) -> str:
    """By what records are found where the file brings nothing surer."""
    return kinds.of(run).fallback


def _check_needed(run: ImportRun, mapping: list[str]) -> None:
    """Refuses new records without what none can be without."""
    missing = next((code for group, code in kinds.of(run).needed if set(mapping).isdisjoint(group)), None)
    if missing:
        raise Refused(missing, field="mapping")


def _check_mapping(ctx: Context, run: ImportRun, mapping: list[Any]) -> None:
    fields = writable(ctx, run.kind)
    allowed = {"", *(["custom"] if takes_extra(run) else []), *fields, *([TO_NOTES] if "notes" in fields else [])}
    if len(mapping) != len(run.header) or not all(isinstance(target, str) and target in allowed for target in mapping):
        raise Refused("unknown_value", field="mapping")
    chosen = [target for target in mapping if target not in ("", "custom", TO_NOTES)]
    if COMPANY.keys() & set(chosen) and "account" not in chosen:
        raise Refused("import_company_not_named", field="mapping")
    twice = next((target for target in chosen if chosen.count(target) > 1), None)
    if twice:
        raise Refused("import_field_twice", field="mapping", name=twice)


def _remember(ctx: Context, run: ImportRun) -> None:
    """The next file with these columns starts like this one."""
    choices = {"mode": run.mode, "key_field": run.key_field, "on_problem": run.on_problem, "scale": run.scale}
    values = {"mapping": run.mapping[headers.number_beside(run.header) :], "choices": choices, "updated_at": ctx.now}
    statement = insert(ImportMapping).values(signature=headers.signature(run.kind, run.header), created_at=ctx.now, created_by=ctx.actor.id, **values)
    ctx.session.execute(statement.on_conflict_do_update(index_elements=[ImportMapping.signature], set_=values))


