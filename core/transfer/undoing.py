"""An import taken back: what it created goes into the recycle bin, what it changed gets its old values back.

Whatever somebody has touched since stays as it is and is named. Several rows that lead to one record are taken back together.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Subquery, and_, case, cast, delete, func, literal, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, aggregate_order_by
from sqlalchemy.orm import aliased
from sqlalchemy.types import Text, Uuid

from core.base.context import Context
from core.base.errors import Refused
from core.base.facts import record
from core.base.hiding import unhidden
from core.base.model import TenantBase
from core.base.outbox import defer
from core.base.policy import require
from core.base.registry import collect_children
from core.base.sets import among, record_all, typed
from core.base.stepping import Door, in_chunks, in_pages
from core.notifications.telling import notify
from core.parties.models import Account, Contact
from core.parties.origins import field_of
from core.transfer import companies, consents, further, kinds, own
from core.transfer.checking import turn_of
from core.transfer.fields import MODELS
from core.transfer.matching import ROWS, in_lines, plan_as_met
from core.transfer.models import ImportRow, ImportRun
from core.transfer.parents import tree_of
from core.transfer.running import next_lines
from core.transfer.writing import told_beside, written_columns

WRITTEN = ("created", "updated")
NOT_ITS_OWN = [further.ADDRESS, *(room.tree.column for room in kinds.IMPORTS.values() if room.tree)]  # what stands in `before` without a step of the record's version by the row


def start_undo(ctx: Context, run: ImportRun) -> None:
    """Take an import back, also one that broke off half-way. Refused before it ran and a second time."""
    require(ctx, "imports.run", run)
    may_undo(ctx, run)
    if not run.can_be_undone:
        raise Refused("import_not_now", state=run.state)
    run.state, run.position, run.rows_done, run.failure = "undoing", 0, 0, None
    run.round += 1
    ctx.session.flush()  # the order below is for this round
    defer(ctx, "transfer.undo", run_id=run.id, round=run.round)


def may_undo(ctx: Context, run: ImportRun) -> None:
    """Refuse an actor who could not delete or change such records one by one."""
    for kind in {run.kind, "accounts"} if "account" in run.mapping else {run.kind}:
        require(ctx, kinds.of(kind).needs("delete"))
        require(ctx, kinds.of(kind).needs("edit"))


def undo_import(door: Door, run_id: UUID, round: int) -> None:
    """Chunk by chunk, each with the position in one transaction; then the companies that only it needed."""
    in_chunks(door, ImportRun, run_id, round, "undoing", permission="imports.run", step=step)
    in_pages(door, ImportRun, run_id, round, "undoing", permission="imports.run", step=companies.empty_again, after=UUID(int=0))
    with door() as ctx:
        run = turn_of(ctx, run_id, round, "undoing")
        if run is None:
            return
        accounts = _remove_made_accounts(ctx, run)
        tally = select(ImportRow.outcome, func.count()).where(ImportRow.run_id == run.id, ImportRow.outcome.in_(("undone", "kept"))).group_by(ImportRow.outcome)
        run.counts = {**run.counts, "undone": 0, "kept": 0, **{outcome: number for outcome, number in ctx.session.execute(tally)}, "accounts_undone": accounts}
        run.state, run.finished_at = "undone", ctx.now
        record(ctx, "import.undone", run, name=run.file_name, undone=run.counts["undone"], kept=run.counts["kept"])
        notify(ctx, "finished", [run.owner_id], run, by_itself=True, dedupe=f"import:{run.id}:{run.round}", say="told.import_undone")


def step(ctx: Context, run: ImportRun) -> bool:
    """The next lines; False at the end."""
    lines = next_lines(ctx, run)
    if lines is None:
        return False
    first, last, number = lines
    plan_as_met(ctx)
    mine = _with_rows_elsewhere(ctx, run, first, last)
    _take_back_created(ctx, run, mine)
    _take_back_changed(ctx, run, mine)
    further.take_back(ctx, run, mine)
    consents.take_back(ctx, run, mine)
    ctx.session.execute(update(ROWS).where(mine, ImportRow.outcome.in_(WRITTEN)).values(outcome="kept"))
    run.position, run.rows_done = last, run.rows_done + number
    return True


def _with_rows_elsewhere(ctx: Context, run: ImportRun, first: int, last: int) -> ColumnElement[bool]:
    """The rows of these lines, and those elsewhere in the file that led to the same records."""
    here, there = aliased(ImportRow), aliased(ImportRow)
    query = select(there.line).join(here, there.record_id == here.record_id).where(in_lines(run, first, last, here), here.outcome.in_(WRITTEN))
    lines = list(ctx.session.execute(query.where(there.run_id == run.id, ~there.line.between(first, last), there.outcome.in_(WRITTEN))).scalars())
    mine = in_lines(run, first, last)
    return or_(mine, and_(ROWS.c.run_id == run.id, ROWS.c.line.in_(lines))) if lines else mine


def _journal(mine: ColumnElement[bool]) -> Subquery:
    """What the rows of each record did to it, as one. before: of each field what it was before the first of them; fields: those to be
    told of; left_version: as the last one left it; created: by one of them; whole: nobody has touched it between two of them."""
    own: Any = func.coalesce(ROWS.c.before, literal({}, JSONB)).op("-", return_type=JSONB)(literal(NOT_ITS_OWN, ARRAY(Text)))
    left_before = func.lag(ROWS.c.left_version).over(partition_by=ROWS.c.record_id, order_by=ROWS.c.line)
    step = ROWS.c.left_version - left_before <= case((own == literal({}, JSONB), 0), else_=1)
    rows = select(ROWS.c.record_id, ROWS.c.line, ROWS.c.outcome, ROWS.c.before, ROWS.c.left_version, func.coalesce(step, literal(True)).label("follows"))
    rows = rows.where(mine, ROWS.c.outcome.in_(WRITTEN)).cte("steps")
    item = func.jsonb_each(rows.c.before).table_valued("key", "value", joins_implicitly=True)
    firsts = func.jsonb_object_agg(item.c.key, aggregate_order_by(item.c.value, rows.c.line.desc()), type_=JSONB)  # of a key the last one counts
    fields = func.jsonb_agg(field_of(item.c.key).distinct()).filter(item.c.key.not_in(("mail_norm", further.ADDRESS)))
    before = select(rows.c.record_id, firsts.label("before"), fields.label("fields")).select_from(rows).join(item, literal(True)).group_by(rows.c.record_id).cte("firsts")
    said = (func.max(rows.c.left_version).label("left_version"), func.bool_or(rows.c.outcome == "created").label("created"), func.bool_and(rows.c.follows).label("whole"))
    heads = select(rows.c.record_id, *said).group_by(rows.c.record_id).cte("heads")
    return select(heads, before.c.fields, func.coalesce(before.c.before, literal({}, JSONB), type_=JSONB).label("before")).join(before, before.c.record_id == heads.c.record_id, isouter=True).subquery("journal")


def _untouched(journal: Subquery, table: Any) -> ColumnElement[bool]:
    return and_(journal.c.record_id == table.c.id, journal.c.whole, table.c.version == journal.c.left_version, _in_use(table))


def _in_use(table: Any) -> ColumnElement[bool]:
    return table.c.deleted_at.is_(None) if "deleted_at" in table.c else literal(True)


def _take_back_created(ctx: Context, run: ImportRun, mine: ColumnElement[bool]) -> None:
    table, subject, journal = MODELS[run.kind].__table__, kinds.of(run).subject, _journal(mine)
    untouched = and_(_untouched(journal, table), journal.c.created, ~_grown(run, subject, table))
    if kinds.of(run).tell:
        _take_away(ctx, run, mine, untouched)
        return
    keys = list(ctx.session.execute(
        update(table).where(untouched).values(deleted_at=ctx.now, updated_at=ctx.now, version=table.c.version + 1).returning(table.c.id)
    ).scalars())
    if not keys:
        return
    _mark_undone(ctx, mine, keys)
    params = func.jsonb_build_object("name", table.c.name)
    record_all(ctx, f"{subject}.deleted", subject, select(table.c.id.label("subject_id"), *told_beside(run, table.c), params.label("params")).where(table.c.id.in_(keys)))


def _take_away(ctx: Context, run: ImportRun, mine: ColumnElement[bool], untouched: ColumnElement[bool]) -> None:
    """Rows that hang on a record are gone for good; its timeline says so."""
    table = MODELS[run.kind].__table__
    keys = list(ctx.session.execute(select(table.c.id).where(untouched).with_for_update(of=table)).scalars())
    if keys:
        kinds.of(run).tell(ctx, keys)
        ctx.session.execute(delete(table).where(among(table.c.id, keys)))
        _mark_undone(ctx, mine, keys)


def _mark_undone(ctx: Context, mine: ColumnElement[bool], keys: list[UUID]) -> None:
    ctx.session.execute(update(ROWS).where(mine, ImportRow.record_id.in_(keys), ImportRow.outcome.in_(WRITTEN)).values(outcome="undone"))


def _grown(run: ImportRun, parent: str, table: Any) -> ColumnElement[bool]:
    """Does anything hang on the record that this run did not bring in itself?"""
    found = _named_elsewhere(run, table) if kinds.of(run).targets else []
    for child in collect_children():
        other = TenantBase.metadata.tables[child.table].alias()
        if child.parent in (parent, "*") and child.grows and child.verb != "keep" and child.column in other.c:
            mine = aliased(ImportRow)
            ours = select(literal(1)).where(mine.run_id == run.id, mine.record_id == other.c.id).exists()
            if child.table in ("contact_point", "postal_address", "affiliation", "lawful_basis"):
                ours = select(literal(1)).where(mine.record_id == table.c.id, further.ours(run, mine, other)).correlate(table, other).exists()
            alive = [other.c.deleted_at.is_(None)] if "deleted_at" in other.c else []
            alive += [other.c[child.kind] == parent] if child.kind else []
            found.append(select(literal(1)).select_from(other).where(other.c[child.column] == table.c.id, ~ours, *alive).correlate(table).exists())
    return or_(*found) if found else literal(False)


def _named_elsewhere(run: ImportRun, table: Any) -> list[ColumnElement[bool]]:
    """Is the record named by a row of whatever table, but for those that come with it and those that this run brought in itself and nobody
    has touched since?"""
    found, mine = [], aliased(ImportRow)
    for other in TenantBase.metadata.tables.values():
        for key in other.foreign_keys:
            if key.column is not table.c.id or other.name in kinds.of(run).alone:
                continue
            there = other.alias()
            alive = [there.c.deleted_at.is_(None)] if "deleted_at" in there.c else []
            ours = [~select(literal(1)).where(mine.run_id == run.id, mine.record_id == there.c.id, mine.left_version == there.c.version).exists()] if other is table else []
            found.append(select(literal(1)).select_from(there).where(there.c[key.parent.name] == table.c.id, *alive, *ours).correlate(table).exists())
    return found


def _take_back_changed(ctx: Context, run: ImportRun, mine: ColumnElement[bool]) -> None:
    table, subject, journal = MODELS[run.kind].__table__, kinds.of(run).subject, _journal(mine)
    names = [*written_columns(run, mapped=True), *([tree.column] if (tree := tree_of(run)) else [])]
    row = and_(_untouched(journal, table), ~journal.c.created, *own.still_free(ctx, run, journal.c.before, table), *_still_there(journal, table, names))
    old = {name: case((journal.c.before.has_key(name), typed(journal.c.before, table.c[name])), else_=table.c[name]) for name in names}
    change = update(table).where(row).values(**old, updated_at=ctx.now, version=table.c.version + 1).returning(table.c.id)
    with unhidden(ctx.session):  # puts back what stood there, whoever may read it
        keys = list(ctx.session.execute(change).scalars())
    if not keys:
        return
    if kinds.of(run).tell:
        kinds.of(run).tell(ctx, keys)
        _mark_undone(ctx, mine, keys)
        return
    rows = select(table.c.id.label("subject_id"), *told_beside(run, table.c), func.jsonb_build_object("fields", journal.c.fields, "name", table.c.name).label("params"))
    rows = rows.select_from(journal).join(table, table.c.id == journal.c.record_id).where(table.c.id.in_(keys))
    record_all(ctx, f"{subject}.edited", subject, rows.where(journal.c.fields.is_not(None)))  # nothing of its own changed where the row only hung something on it
    _mark_undone(ctx, mine, keys)
    own.settle(ctx, run, and_(mine, ImportRow.record_id.in_(keys)))
    if (follows := kinds.of(run).back_step) is not None:
        standing = select(ROWS.c.record_id).where(ROWS.c.run_id == run.id, ROWS.c.record_id.is_not(None), ROWS.c.outcome.in_(WRITTEN)).distinct()
        follows(ctx, keys, list(ctx.session.execute(standing).scalars()))


def _still_there(journal: Subquery, table: Any, names: Iterable[str]) -> list[ColumnElement[bool]]:
    """Is whatever the old values name by key still there? Else the row stays as it is."""
    found = []
    for name in names:
        for key in table.c[name].foreign_keys:
            there = key.column.table.alias()
            was = typed(journal.c.before, table.c[name])
            found.append(or_(was.is_(None), select(literal(1)).select_from(there).where(there.c[key.column.name] == was).correlate(journal).exists()))
    return found


def _remove_made_accounts(ctx: Context, run: ImportRun) -> int:
    """Companies that came in only because a contact named them, untouched and with nobody left at them."""
    if run.kind != "contacts" or "account" not in run.mapping:
        return 0
    table = Account.__table__
    made = select(ImportRow.made_account).where(ImportRow.run_id == run.id, ImportRow.made_account.is_not(None))
    staff = select(literal(1)).where(Contact.account_id == table.c.id, Contact.deleted_at.is_(None)).correlate(table).exists()
    as_made = table.c.version == 1
    if run.fills_accounts:
        as_made = or_(as_made, tuple_(table.c.id, table.c.version).in_(companies.emptied(run)))
    lone = and_(table.c.id.in_(made), as_made, table.c.deleted_at.is_(None), ~staff, ~_grown(run, "account", table))
    keys = list(ctx.session.execute(update(table).where(lone).values(deleted_at=ctx.now, updated_at=ctx.now, version=table.c.version + 1).returning(table.c.id)).scalars())
    params = func.jsonb_build_object("name", table.c.name)
    rows = select(table.c.id.label("subject_id"), cast(None, Uuid()).label("about_id"), params.label("params"))
    record_all(ctx, "account.deleted", "account", rows.where(table.c.id.in_(keys)))
    return len(keys)
