"""What a run does to each of its records, and why not: for the preview, and again under the records' locks."""

from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Text,
    Uuid,
    and_,
    any_,
    case,
    cast,
    column,
    func,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from core.base.context import Context
from core.base.errors import Refused
from core.base.hiding import unhidden
from core.base.policy import changes, sees
from core.bulk import own, reckoning
from core.bulk.models import BulkEdit, BulkEditRow
from core.bulk.reckoning import recordset
from core.bulk.wishes import Wish

ROWS = BulkEditRow.__table__
NOTHING = literal({}, JSONB)


def decide(ctx: Context, wish: Wish, mine: ColumnElement[bool], *, again: bool = False) -> None:
    """Give the rows of `mine` their outcome, and write what stands in the fields. again: the records are locked now, and
    whoever changed what the wish is about since the preview keeps his value ("since")."""
    model = wish.model
    table, chosen = model.__table__, and_(mine, model.id == BulkEditRow.record_id)
    there = and_(model.deleted_at.is_(None), sees(ctx, model))
    reasons = [(~there, "gone"), (~changes(ctx, model), "not_yours"), *wish.room.left_out(ctx, wish.operation, wish.values), *_circle(ctx, wish)]
    if wish.operation == "delete":
        reasons += [(table.c.version != BulkEditRow.seen_version, "since")] if again else []
    elif wish.reckoning is not None:
        reasons += [(reckoning.moved(table, wish.reckoning), "since")] if again else []
    elif wish.operation != "tags":
        reasons += [(_clash(table, wish), "since")] if again else []
        reasons += [(_differing(table, wish) == NOTHING, "same")]
    outcome = case(*reasons, else_="due")
    seen = {} if again else {"seen_version": table.c.version}
    ctx.session.execute(update(ROWS).where(mine).values(outcome="gone", before=null()) if not again else update(ROWS).where(mine, ~_is_there(table)).values(outcome="gone"))
    with unhidden(ctx.session):  # where a value is known from is kept for the undo, whoever may read it
        ctx.session.execute(update(ROWS).where(chosen).values(outcome=outcome, before=_differing(table, wish), **seen))
    if wish.operation == "tags":
        _settle_tags(ctx, wish, mine)
    elif wish.reckoning is not None:
        reckoning.settle(ctx, wish.reckoning, wish.asked, mine)


def _is_there(table: Any) -> ColumnElement[bool]:
    return select(literal(1)).where(table.c.id == ROWS.c.record_id).correlate(ROWS).exists()


def _differing(table: Any, wish: Wish) -> ColumnElement:
    """The fields that would change, with what stands in them."""
    if wish.operation == "tags":
        return func.jsonb_build_object("tags", table.c.tags, type_=JSONB)
    if wish.reckoning is not None:
        return reckoning.now(table, wish.reckoning)
    found: ColumnElement = NOTHING
    for name, value in wish.values.items():
        now, then = own.now(table, name), own.then(table, name, value)
        beside = [one for column in wish.room.beside(name) for one in (literal(column), table.c[column])]
        part = case((now.is_distinct_from(then), func.jsonb_build_object(name, now, *beside, type_=JSONB)), else_=NOTHING)
        found = found.op("||", return_type=JSONB())(part)
    return found


def _clash(table: Any, wish: Wish) -> ColumnElement[bool]:
    """Has somebody given one of the fields another value than the preview saw, and than is wanted?"""
    found = []
    for name, value in wish.values.items():
        now, was, then = own.now(table, name), BulkEditRow.before, own.then(table, name, value)
        moved = or_(~was.has_key(name), was[name].is_distinct_from(func.jsonb_build_object(name, now, type_=JSONB)[name]))
        found.append(and_(now.is_distinct_from(then), moved))
    return or_(*found)


def _circle(ctx: Context, wish: Wish) -> list[tuple[ColumnElement[bool], str]]:
    """Records that the wanted one is, or leads to. Held until the commit: nobody else can close a circle."""
    found = []
    for name in wish.chains:
        wanted = wish.values[name]
        if wanted is None:
            continue
        chain = wish.room.chains[name]
        chain.hold(ctx)
        above = chain.above(ctx, {wanted})
        keys = sorted({wanted, *above, *above.values()})
        found.append((wish.model.id == any_(literal(keys, ARRAY(Uuid))), "circle"))
    return found


def pairs_of(ctx: Context, wish: Wish, mine: ColumnElement[bool]) -> list[dict[str, Any]]:
    """Each different set of tags among the rows that are due, with what it becomes (None where that is refused). Made by
    the room's own cleaner; the sets are few where the records are many."""
    sets = select(BulkEditRow.before["tags"]).where(mine, BulkEditRow.outcome == "due").distinct()
    found = []
    for old in ctx.session.execute(sets).scalars():
        try:
            new = wish.tags_of(old)
        except Refused:
            new = None
        found.append({"old": old, "new": new})
    return found


def _settle_tags(ctx: Context, wish: Wish, mine: ColumnElement[bool]) -> None:
    """Away with those that have the tags already, and with those that would have too many."""
    out = [{"old": pair["old"], "many": pair["new"] is None} for pair in pairs_of(ctx, wish, mine) if pair["new"] in (None, pair["old"])]
    if not out:
        return
    pairs = recordset(out, column("old", JSONB()), column("many", Boolean()))
    outcome = case((pairs.c.many, "too_many_tags"), else_="same")
    ctx.session.execute(update(ROWS).where(mine, ROWS.c.outcome == "due", ROWS.c.before["tags"] == pairs.c.old).values(outcome=cast(outcome, Text)))


def tally(ctx: Context, run: BulkEdit) -> dict[str, int]:
    """Outcome -> records, beside what was counted when they were chosen."""
    query = select(BulkEditRow.outcome, func.count()).where(BulkEditRow.run_id == run.id, BulkEditRow.outcome.is_not(None)).group_by(BulkEditRow.outcome)
    kept = {name: run.counts[name] for name in ("selected", "missing") if name in run.counts}
    return kept | {name: number for name, number in sorted(ctx.session.execute(query))}
