"""What each staged row will do: create, update, or nothing. Found for a chunk of lines at once.

The lookups are by array of keys, so that they use the records' own indexes whatever the statistics of a table that
grows by the minute say; only rows that differ from the rule are written one by one, in one statement.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Text,
    and_,
    cast,
    column,
    func,
    literal,
    null,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import aliased
from sqlalchemy.types import Uuid

from core.base.context import Context
from core.base.named import folded
from core.base.policy import changes, sees, sees_all
from core.parties.models import Account
from core.transfer import kinds, own, settling
from core.transfer.fields import MODELS
from core.transfer.models import LEFT_OUT, ImportRow, ImportRun

ROWS = ImportRow.__table__


def in_lines(run: ImportRun, first: int, last: int, row: Any = ROWS.c) -> ColumnElement[bool]:
    """The staged rows of a run from a line to a line, both included."""
    return and_(row.run_id == run.id, row.line.between(first, last))


def plan_as_met(ctx: Context) -> None:
    """Plan each statement for the tables as they are now: a plan made while they were empty reads them whole."""
    ctx.session.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))


def has_number(run: ImportRun) -> bool:
    """Does the file bring numbers while records are found by something else? They may still be taken."""
    number = kinds.of(run).number
    return number is not None and run.key_field != number and number in run.mapping


@dataclass(frozen=True, slots=True)
class Met:
    """A record that has the key. ours: the actor may change it. restricted: nobody may (GDPR 18)."""

    id: UUID
    ours: bool
    deleted: bool
    restricted: bool


def usual_plan(run: ImportRun) -> str:
    """What a row does that meets nothing."""
    return "skip" if run.mode == "update" else "create"


def plan(ctx: Context, run: ImportRun, first: int, last: int, lines: Sequence[int] | None = None) -> list[int]:
    """Set plan and record_id of these lines, or of some of them. Rows with problems keep out; of twins in the file the
    first counts; what a person said of a row comes before all. Returns the lines that have a problem since."""
    plan_as_met(ctx)
    usual = usual_plan(run)
    # Staged with this plan already; an earlier look may have said otherwise.
    other = and_(in_lines(run, first, last), among_lines(lines), ROWS.c.problems.is_(None), ROWS.c.plan != usual)
    ctx.session.execute(update(ROWS).where(other).values(plan=usual, record_id=func.uuidv7()))
    rows = _rows(ctx, run, first, last, lines)
    chosen = _chosen(ctx, run, [row.choice for row in rows if row.choice])
    met = _met(ctx, run, {row.key for row in rows if row.key})
    taken = _numbers(ctx, run, {row.number for row in rows if row.number})
    hidden = _hidden_accounts(ctx, run, {row.account for row in rows if row.account})
    special = []
    for row in rows:
        decided = _as_chosen(run, row, chosen.get(row.choice), met.get(row.key, ()), taken.get(row.number)) if row.choice else None
        decided = decided or _decide(run, row, met.get(row.key, ()), taken.get(row.number), row.account in hidden)
        if decided:
            special.append({"line": row.line} | decided)
    _write(ctx, run, special)
    return [*(one["line"] for one in special if one["plan"] == "problem"), *own.settle_plan(ctx, run, first, last, lines), *settling.check(ctx, run, first, last, lines)]


def _restricted(run: ImportRun) -> ColumnElement[bool]:
    free = kinds.of(run).free
    return ~free() if free else literal(False)


def among_lines(lines: Sequence[int] | None, row: Any = ROWS.c) -> ColumnElement[bool]:
    return literal(True) if lines is None else row.line == func.any(literal(list(lines), ARRAY(Integer)))


def each_once(ctx: Context, run: ImportRun, first: int, last: int, number: int) -> tuple[int, int]:
    """(last line, how many) of the planned lines up to the first that leads to a record to which one of them leads already: each row
    is written over what those before it left."""
    place = func.row_number().over(partition_by=ROWS.c.record_id, order_by=ROWS.c.line).label("place")
    among = select(ROWS.c.line, place).where(in_lines(run, first, last), ROWS.c.plan == "update").subquery()
    again = ctx.session.execute(select(func.min(among.c.line)).where(among.c.place > 1)).scalar_one()
    if again is None:
        return last, number
    return tuple(ctx.session.execute(select(func.max(ROWS.c.line), func.count()).where(in_lines(run, first, again - 1))).one())


def _chosen(ctx: Context, run: ImportRun, choices: list[str]) -> dict[str, dict[str, Any]]:
    """What a person said of rows: left out, or into a record that he may change."""
    found: dict[str, dict[str, Any]] = {"skip": {"plan": "skip", "record_id": None, "problem": None}}
    keys = [UUID(choice.removeprefix("update:")) for choice in choices if choice.startswith("update:")]
    if keys:
        model = MODELS[run.kind]
        mine = select(model.id, _restricted(run)).where(model.id.in_(keys), changes(ctx, model), ~kinds.of(run).in_bin())
        ours = {key: restricted for key, restricted in ctx.session.execute(mine)}
        for key in keys:
            found[f"update:{key}"] = {"plan": "update", "record_id": str(key), "problem": None} if key in ours else _problem("row_of_others")
            if ours.get(key):
                found[f"update:{key}"] = _problem("contact_restricted")
    return found


def _as_chosen(run: ImportRun, row: Any, decided: dict[str, Any] | None, met: Iterable[Met], number_of: UUID | None) -> dict[str, Any] | None:
    """What a person said, unless the row would bring its record a lasting key (an external id, a code) that another has, in the records or earlier
    in the file."""
    room = kinds.of(run)
    lasting = run.key_field if run.key_field in room.lasting else room.number
    if decided is None or decided["plan"] != "update" or lasting not in run.mapping:
        return decided
    twin, holders = (row.twin, {one.id for one in met}) if run.key_field == lasting else (row.number_twin, {number_of} - {None})
    if twin or holders - {UUID(decided["record_id"])}:
        return _problem("external_id_taken", run.mapping.index(lasting))
    return decided


def _rows(ctx: Context, run: ImportRun, first: int, last: int, lines: Sequence[int] | None) -> list[Any]:
    """(line, key, number, choice, account, twin, number_twin) of the rows without problems."""
    row, earlier = aliased(ImportRow), aliased(ImportRow)

    def twin(column: str) -> ColumnElement[bool]:
        same = getattr(earlier, column) == getattr(row, column)
        counts = and_(earlier.problems.is_(None), earlier.choice.is_distinct_from(LEFT_OUT))
        return select(1).where(earlier.run_id == row.run_id, same, earlier.line < row.line, counts).exists()

    account = folded(row.values["account"].astext) if "account" in run.mapping else cast(null(), Text)
    query = select(
        row.line, row.key, row.number, row.choice, account.label("account"), (twin("key") if run.key_field else literal(False)).label("twin"),
        (twin("number") if has_number(run) else literal(False)).label("number_twin"),
    )
    return list(ctx.session.execute(query.where(in_lines(run, first, last, row), among_lines(lines, row), row.problems.is_(None))))


def _among(column: Any, keys: Iterable[str]) -> ColumnElement[bool]:
    return column == func.any(literal(list(keys), ARRAY(Text)))


def _met(ctx: Context, run: ImportRun, keys: set[str]) -> dict[str, list[Met]]:
    """Records by key. An external id stays taken in the recycle bin; a name or an address there is free again."""
    if not keys:
        return {}
    room = kinds.of(run)
    model = room.model
    by = getattr(model, room.keys[run.key_field])
    query = select(by, model.id, changes(ctx, model), room.in_bin(), _restricted(run)).where(_among(by, keys)).order_by(model.id)
    if run.key_field not in room.lasting:
        query = query.where(~room.in_bin(), *room.met(run.key_field))
    found: dict[str, list[Met]] = {}
    for key, *rest in ctx.session.execute(query):
        found.setdefault(key, []).append(Met(*rest))
    return found


def _numbers(ctx: Context, run: ImportRun, numbers: set[str]) -> dict[str, UUID]:
    """Who has these external ids already, the recycle bin included."""
    if not numbers:
        return {}
    model = MODELS[run.kind]
    return {number: key for number, key in ctx.session.execute(select(model.external_id, model.id).where(_among(model.external_id, numbers)))}


def _hidden_accounts(ctx: Context, run: ImportRun, names: set[str]) -> set[str]:
    """Companies that exist, but only where this actor may not look: neither linked nor made a second time."""
    if not names or sees_all(ctx, Account):
        return set()
    query = select(Account.name_fold).where(_among(Account.name_fold, names), Account.deleted_at.is_(None))
    return set(ctx.session.execute(query.group_by(Account.name_fold).having(~func.bool_or(sees(ctx, Account)))).scalars())


def _decide(run: ImportRun, row: Any, met: Iterable[Met], number_of: UUID | None, account_hidden: bool) -> dict[str, Any] | None:
    """What is special about a row: None where it does as the mode says."""
    met = list(met)
    if row.twin:
        return {"plan": "duplicate", "record_id": None, "problem": None}
    if met and met[0].deleted:
        return _problem("row_in_bin")
    if any(not one.ours for one in met):
        return _problem("row_of_others")
    if run.mode != "create" and any(one.restricted for one in met):
        return _problem("contact_restricted")
    if len(met) > 1 and run.mode != "create":
        return _problem("row_ambiguous")
    if row.number_twin or (number_of and number_of not in {one.id for one in met}):
        return _problem("external_id_taken", run.mapping.index("external_id"))
    if account_hidden:
        return _problem("account_of_others", run.mapping.index("account"))
    if met:
        return {"plan": "duplicate" if run.mode == "create" else "update", "record_id": str(met[0].id), "problem": None}
    return None


def _problem(code: str, column: int | None = None) -> dict[str, Any]:
    return {"plan": "problem", "record_id": None, "problem": [{"column": column, "code": code, "params": {}}]}


def _write(ctx: Context, run: ImportRun, special: list[dict[str, Any]]) -> None:
    if not special:
        return
    given = func.jsonb_to_recordset(literal(special, JSONB)).table_valued(
        column("line", Integer), column("plan", Text), column("record_id", Uuid()), column("problem", JSONB(none_as_null=True)), name="given",
    ).render_derived(with_types=True)
    problem = func.nullif(given.c.problem, literal(None, JSONB))
    values = {"plan": given.c.plan, "record_id": given.c.record_id, "problems": problem}
    ctx.session.execute(update(ROWS).where(ROWS.c.run_id == run.id, ROWS.c.line == given.c.line).values(values))


def tally(ctx: Context, run: ImportRun, column: Any) -> dict[str, int]:
    """How many rows have which plan or outcome."""
    query = select(column, func.count()).where(ROWS.c.run_id == run.id, column.is_not(None)).group_by(column)
    return {name: number for name, number in ctx.session.execute(query)}


def noted(ctx: Context, run: ImportRun) -> int:
    """How many rows have a problem or a note."""
    query = select(func.count()).where(ROWS.c.run_id == run.id, or_(ROWS.c.problems.is_not(None), ROWS.c.notes.is_not(None)))
    return ctx.session.execute(query).scalar_one()
