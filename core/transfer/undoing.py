"""An import taken back: what it created goes into the recycle bin, what it changed gets its old values back.

Whatever somebody has touched since stays as it is and is named.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, cast, func, literal, or_, select, update
from sqlalchemy.orm import aliased
from sqlalchemy.types import Uuid

from core.base.context import Context
from core.base.errors import Refused
from core.base.facts import record
from core.base.hiding import unhidden
from core.base.model import TenantBase
from core.base.outbox import defer
from core.base.policy import require
from core.base.registry import collect_children
from core.base.sets import record_all, typed
from core.base.stepping import Door
from core.notifications.telling import notify
from core.parties.models import Account, Contact
from core.parties.origins import field_of
from core.transfer import companies, consents, further, own
from core.transfer.checking import turn_of
from core.transfer.fields import MODELS
from core.transfer.matching import ROWS, in_lines, plan_as_met
from core.transfer.models import ImportRow, ImportRun
from core.transfer.running import next_lines
from core.transfer.writing import written_columns


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
        require(ctx, f"{kind}.delete")
        require(ctx, f"{kind}.edit")


def undo_import(door: Door, run_id: UUID, round: int) -> None:
    """Chunk by chunk, each with the position in one transaction; then the companies that only it needed."""
    while _one_chunk(door, run_id, round):
        pass
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


def _one_chunk(door: Door, run_id: UUID, round: int) -> bool:
    with door() as ctx:
        run = turn_of(ctx, run_id, round, "undoing")
        lines = next_lines(ctx, run) if run else None
        if lines is None:
            return False
        first, last, number = lines
        plan_as_met(ctx)
        mine = in_lines(run, first, last)
        _take_back_created(ctx, run, mine)
        _take_back_changed(ctx, run, mine)
        further.take_back(ctx, run, mine)
        consents.take_back(ctx, run, mine)
        companies.empty_again(ctx, run, mine)
        ctx.session.execute(update(ROWS).where(mine, ImportRow.outcome.in_(("created", "updated"))).values(outcome="kept"))
        run.position, run.rows_done = last, run.rows_done + number
    return True


def _take_back_created(ctx: Context, run: ImportRun, mine: ColumnElement[bool]) -> None:
    table, subject = MODELS[run.kind].__table__, run.kind.removesuffix("s")
    row = and_(mine, ImportRow.outcome == "created", ImportRow.record_id == table.c.id)
    untouched = and_(row, table.c.version == ImportRow.left_version, table.c.deleted_at.is_(None), ~_grown(run, subject, table))
    keys = list(ctx.session.execute(
        update(table).where(untouched).values(deleted_at=ctx.now, updated_at=ctx.now, version=table.c.version + 1).returning(table.c.id)
    ).scalars())
    if not keys:
        return
    ctx.session.execute(update(ROWS).where(mine, ImportRow.record_id.in_(keys)).values(outcome="undone"))
    about = table.c.account_id if run.kind == "contacts" else cast(None, Uuid())
    params = func.jsonb_build_object("name", table.c.name)
    record_all(ctx, f"{subject}.deleted", subject, select(table.c.id.label("subject_id"), about.label("about_id"), params.label("params")).where(table.c.id.in_(keys)))


def _grown(run: ImportRun, parent: str, table: Any) -> ColumnElement[bool]:
    """Does anything hang on the record that this run did not bring in itself?"""
    found = []
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


def _take_back_changed(ctx: Context, run: ImportRun, mine: ColumnElement[bool]) -> None:
    table, subject = MODELS[run.kind].__table__, run.kind.removesuffix("s")
    row = and_(mine, ImportRow.outcome == "updated", ImportRow.record_id == table.c.id, table.c.version == ImportRow.left_version, table.c.deleted_at.is_(None), *own.still_free(ctx, run, ImportRow.before, table))
    names = [*written_columns(run, mapped=True), *(["parent_id"] if "parent" in run.mapping else [])]
    old = {name: case((ImportRow.before.has_key(name), typed(ImportRow.before, table.c[name])), else_=table.c[name]) for name in names}
    change = update(table).where(row).values(**old, updated_at=ctx.now, version=table.c.version + 1).returning(table.c.id)
    with unhidden(ctx.session):  # puts back what stood there, whoever may read it
        keys = list(ctx.session.execute(change).scalars())
    if not keys:
        return
    ctx.session.execute(update(ROWS).where(mine, ImportRow.record_id.in_(keys)).values(outcome="undone"))
    own.settle(ctx, run, and_(mine, ImportRow.record_id.in_(keys)))
    about = table.c.account_id if run.kind == "contacts" else cast(None, Uuid())
    key = func.jsonb_object_keys(ImportRow.before).column_valued("key")
    fields = select(func.jsonb_agg(field_of(key).distinct())).where(key.not_in(("mail_norm", further.ADDRESS))).correlate(ImportRow).scalar_subquery()
    rows = select(table.c.id.label("subject_id"), about.label("about_id"), func.jsonb_build_object("fields", fields, "name", table.c.name).label("params"))
    rows = rows.select_from(ImportRow).join(table, table.c.id == ImportRow.record_id).where(mine, table.c.id.in_(keys))
    record_all(ctx, f"{subject}.edited", subject, rows.where(fields.is_not(None)))  # nothing of its own changed where the row only hung something on it


def _remove_made_accounts(ctx: Context, run: ImportRun) -> int:
    """Companies that came in only because a contact named them, untouched and with nobody left at them."""
    if run.kind != "contacts" or "account" not in run.mapping:
        return 0
    table = Account.__table__
    made = select(ImportRow.made_account).where(ImportRow.run_id == run.id, ImportRow.made_account.is_not(None))
    staff = select(literal(1)).where(Contact.account_id == table.c.id, Contact.deleted_at.is_(None)).correlate(table).exists()
    lone = and_(table.c.id.in_(made), table.c.version == 1, table.c.deleted_at.is_(None), ~staff, ~_grown(run, "account", table))
    keys = list(ctx.session.execute(update(table).where(lone).values(deleted_at=ctx.now, updated_at=ctx.now, version=table.c.version + 1).returning(table.c.id)).scalars())
    params = func.jsonb_build_object("name", table.c.name)
    rows = select(table.c.id.label("subject_id"), cast(None, Uuid()).label("about_id"), params.label("params"))
    record_all(ctx, "account.deleted", "account", rows.where(table.c.id.in_(keys)))
    return len(keys)
