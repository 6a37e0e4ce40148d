"""The second pass of an import: which record leads to which of the same kind (an account to its parent), once all of them are there."""

from typing import Any
from uuid import UUID

from sqlalchemy import and_, cast, func, literal, not_, null, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql import column
from sqlalchemy.types import Uuid

from core.base.context import Context
from core.base.importing import Tree
from core.base.sets import record_all
from core.base.stepping import Door, in_pages
from core.parties.tree import stands_under
from core.transfer import kinds
from core.transfer.matching import ROWS, plan_as_met
from core.transfer.models import ImportRow, ImportRun

CHUNK = 1000


def tree_of(run: ImportRun) -> Tree | None:
    """How its rows name other records of the same kind, where they do."""
    tree = kinds.of(run).tree
    return tree if tree is not None and tree.target in run.mapping else None


def link_parents(door: Door, run_id: UUID, round: int) -> None:
    """Chunk by chunk; linking a pair again changes nothing, so a crash between chunks needs no position."""
    in_pages(door, ImportRun, run_id, round, "running", permission="imports.run", step=_link_some)


def _link_some(ctx: Context, run: ImportRun, after: int) -> int | None:
    """One chunk behind a line; the last line of it, or None at the end."""
    tree = tree_of(run)
    if tree is None:
        return None
    plan_as_met(ctx)
    tree.hold(ctx)
    pairs = _pairs(ctx, run, tree, after)
    if not pairs:
        return None
    above = tree.above(ctx, {pair.parent for pair in pairs if pair.parent})
    links: dict[UUID, tuple[UUID, UUID | None]] = {}
    for pair in pairs:
        if pair.parent is None:
            _note(ctx, run, pair.line, tree.missing, pair.name)
        elif stands_under(pair.parent, pair.id, above):
            _note(ctx, run, pair.line, tree.circle, pair.name)
        elif pair.now != pair.parent:
            links[pair.id] = (pair.parent, pair.now)
            above[pair.id] = pair.parent
    if links:
        _write(ctx, run, tree, links)
    return pairs[-1].line


def _pairs(ctx: Context, run: ImportRun, tree: Tree, after: int) -> list[Any]:
    """(line, id, now, name, parent) of rows that name another record."""
    name = ImportRow.values[tree.target].astext
    ways = [way.correlate(ImportRow).scalar_subquery() for way in tree.ways(ctx, name)]
    child = kinds.of(run).model.__table__.alias("child")
    query = (
        select(ImportRow.line, child.c.id, child.c[tree.column].label("now"), name.label("name"), func.coalesce(*ways, null()).label("parent"))
        .join(child, child.c.id == ImportRow.record_id)
        .where(ImportRow.run_id == run.id, ImportRow.line > after, ImportRow.values.has_key(tree.target))
        .where(or_(ImportRow.outcome.in_(("created", "updated")), and_(ImportRow.outcome == "skipped", ImportRow.plan == "update")))
        .order_by(ImportRow.line).limit(CHUNK)
    )
    return list(ctx.session.execute(query))


def _write(ctx: Context, run: ImportRun, tree: Tree, links: dict[UUID, tuple[UUID, UUID | None]]) -> None:
    """Set the links. For a new record that belongs to its creation; for a known one it is a change of its own."""
    room = kinds.of(run)
    table = room.model.__table__
    given = [{"id": str(key), "leads_to": str(parent), "was": str(was) if was else None} for key, (parent, was) in links.items()]
    columns = (column("id", Uuid()), column("leads_to", Uuid()), column("was", Uuid()))
    pairs = func.jsonb_to_recordset(literal(given, JSONB)).table_valued(*columns, name="pairs").render_derived(with_types=True)
    ctx.session.execute(
        update(table).where(table.c.id == pairs.c.id).values({tree.column: pairs.c.leads_to, "version": table.c.version + 1, "updated_at": ctx.now})
    )
    mine = and_(ImportRow.run_id == run.id, ImportRow.record_id == table.c.id, table.c.id.in_(links))
    ctx.session.execute(update(ROWS).where(mine).values(left_version=ImportRow.left_version + 1))  # what somebody changed meanwhile stays a step beyond it
    known = and_(ImportRow.run_id == run.id, ImportRow.record_id == pairs.c.id, ImportRow.outcome != "created")
    was = func.jsonb_build_object(tree.column, pairs.c.was).op("||")(func.coalesce(ImportRow.before, literal({}, JSONB)))  # the first counts
    unchanged = select(func.count()).where(ImportRow.run_id == run.id, ImportRow.record_id.in_(links), ImportRow.outcome == "skipped")
    number = ctx.session.execute(unchanged).scalar_one()
    if number:
        counts = run.counts
        run.counts = counts | {"skipped": counts["skipped"] - number, "updated": counts.get("updated", 0) + number}
    ctx.session.execute(update(ROWS).where(known).values(before=was, outcome="updated"))
    params = func.jsonb_build_object("fields", func.jsonb_build_array(tree.column), "name", table.c.name)
    rows = select(table.c.id.label("subject_id"), cast(None, Uuid()).label("about_id"), params.label("params")).join(ImportRow, ImportRow.record_id == table.c.id)
    record_all(ctx, f"{room.subject}.edited", room.subject, rows.where(ImportRow.run_id == run.id, table.c.id.in_(links), ImportRow.outcome != "created"))


def _note(ctx: Context, run: ImportRun, line: int, code: str, name: str) -> None:
    """Once, also when a crash brings us here again."""
    added = [{"column": run.mapping.index(kinds.of(run).tree.target), "code": code, "params": {"value": name[:40]}}]
    already = func.coalesce(ImportRow.notes, literal([], JSONB))
    row = and_(ImportRow.run_id == run.id, ImportRow.line == line, not_(already.contains([{"code": code}])))
    ctx.session.execute(update(ROWS).where(row).values(notes=already.op("||")(literal(added, JSONB))))
