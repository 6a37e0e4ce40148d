"""The second pass of an import of accounts: who belongs to whom, once all of them are there."""

from typing import Any
from uuid import UUID

from sqlalchemy import and_, cast, func, literal, not_, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql import column
from sqlalchemy.types import Uuid

from core.base.context import Context
from core.base.field_rights import hidden
from core.base.policy import sees
from core.base.sets import record_all
from core.base.stepping import Door, in_pages
from core.parties.models import Account
from core.parties.tree import above_all, hold_parents, stands_under
from core.transfer.matching import ROWS, folded, plan_as_met
from core.transfer.models import ImportRow, ImportRun

CHUNK = 1000


def link_parents(door: Door, run_id: UUID, round: int) -> None:
    """Chunk by chunk; linking a pair again changes nothing, so a crash between chunks needs no position."""
    in_pages(door, ImportRun, run_id, round, "running", permission="imports.run", step=_link_some)


def _link_some(ctx: Context, run: ImportRun, after: int) -> int | None:
    """One chunk behind a line; the last line of it, or None at the end."""
    if run.kind != "accounts" or "parent" not in run.mapping:
        return None
    plan_as_met(ctx)
    hold_parents(ctx)
    pairs = _pairs(ctx, run, after)
    if not pairs:
        return None
    above = above_all(ctx, {pair.parent for pair in pairs if pair.parent})
    links: dict[UUID, tuple[UUID, UUID | None]] = {}
    for pair in pairs:
        if pair.parent is None:
            _note(ctx, run, pair.line, "parent_not_found", pair.name)
        elif stands_under(pair.parent, pair.id, above):
            _note(ctx, run, pair.line, "parent_in_circle", pair.name)
        elif pair.now != pair.parent:
            links[pair.id] = (pair.parent, pair.now)
            above[pair.id] = pair.parent
    if links:
        _write(ctx, run, links)
    return pairs[-1].line


def _pairs(ctx: Context, run: ImportRun, after: int) -> list[Any]:
    """(line, id, now, name, parent) of rows that name a parent: by its number elsewhere, else by its name."""
    name = ImportRow.values["parent"].astext
    seen = and_(Account.deleted_at.is_(None), sees(ctx, Account))
    ways = [] if "external_id" in hidden(ctx, "accounts") else [select(Account.id).where(Account.external_id == name, seen).correlate(ImportRow).scalar_subquery()]
    by_name = select(Account.id).where(Account.name_fold == folded(name), seen).order_by(Account.id).limit(1).correlate(ImportRow).scalar_subquery()
    child = Account.__table__.alias("child")
    query = (
        select(ImportRow.line, child.c.id, child.c.parent_id.label("now"), name.label("name"), func.coalesce(*ways, by_name).label("parent"))
        .join(child, child.c.id == ImportRow.record_id)
        .where(ImportRow.run_id == run.id, ImportRow.line > after, ImportRow.values.has_key("parent"))
        .where(or_(ImportRow.outcome.in_(("created", "updated")), and_(ImportRow.outcome == "skipped", ImportRow.plan == "update")))
        .order_by(ImportRow.line).limit(CHUNK)
    )
    return list(ctx.session.execute(query))


def _write(ctx: Context, run: ImportRun, links: dict[UUID, tuple[UUID, UUID | None]]) -> None:
    """Set the parents. For a new account that belongs to its creation; for a known one it is a change of its own."""
    table = Account.__table__
    given = [{"id": str(key), "parent_id": str(parent), "was": str(was) if was else None} for key, (parent, was) in links.items()]
    columns = (column("id", Uuid()), column("parent_id", Uuid()), column("was", Uuid()))
    pairs = func.jsonb_to_recordset(literal(given, JSONB)).table_valued(*columns, name="pairs").render_derived(with_types=True)
    ctx.session.execute(
        update(table).where(table.c.id == pairs.c.id).values(parent_id=pairs.c.parent_id, version=table.c.version + 1, updated_at=ctx.now)
    )
    mine = and_(ImportRow.run_id == run.id, ImportRow.record_id == table.c.id, table.c.id.in_(links))
    ctx.session.execute(update(ROWS).where(mine).values(left_version=ImportRow.left_version + 1))  # what somebody changed meanwhile stays a step beyond it
    known = and_(ImportRow.run_id == run.id, ImportRow.record_id == pairs.c.id, ImportRow.outcome != "created")
    was = func.jsonb_build_object("parent_id", pairs.c.was).op("||")(func.coalesce(ImportRow.before, literal({}, JSONB)))  # the first counts
    unchanged = select(func.count()).where(ImportRow.run_id == run.id, ImportRow.record_id.in_(links), ImportRow.outcome == "skipped")
    number = ctx.session.execute(unchanged).scalar_one()
    if number:
        counts = run.counts
        run.counts = counts | {"skipped": counts["skipped"] - number, "updated": counts.get("updated", 0) + number}
    ctx.session.execute(update(ROWS).where(known).values(before=was, outcome="updated"))
    params = func.jsonb_build_object("fields", func.jsonb_build_array("parent_id"), "name", table.c.name)
    rows = select(table.c.id.label("subject_id"), cast(None, Uuid()).label("about_id"), params.label("params")).join(ImportRow, ImportRow.record_id == table.c.id)
    record_all(ctx, "account.edited", "account", rows.where(ImportRow.run_id == run.id, table.c.id.in_(links), ImportRow.outcome != "created"))


def _note(ctx: Context, run: ImportRun, line: int, code: str, name: str) -> None:
    """Once, also when a crash brings us here again."""
    added = [{"column": run.mapping.index("parent"), "code": code, "params": {"value": name[:40]}}]
    already = func.coalesce(ImportRow.notes, literal([], JSONB))
    row = and_(ImportRow.run_id == run.id, ImportRow.line == line, not_(already.contains([{"code": code}])))
    ctx.session.execute(update(ROWS).where(row).values(notes=already.op("||")(literal(added, JSONB))))
