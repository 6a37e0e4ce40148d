"""A merge taken back, within 30 days and also after later edits: each child at its owner again, each record with its own
values. What somebody changed, moved or deleted since stays as it is and is named."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select, update

from core.base.context import Context
from core.base.errors import Conflict, Refused
from core.base.facts import plain, record
from core.base.hiding import OWN, unhidden
from core.base.outbox import defer
from core.base.policy import require, visible
from core.base.stepping import Door, begin_round, in_chunks
from core.base.stepping import held as held_run
from core.custom_fields import unique
from core.custom_fields.fields import is_own
from core.custom_fields.values import patched
from core.merging import apart, beside, moving, strictness
from core.merging.choosing import MODELS, read_back, room_of
from core.merging.models import Merge, MergeRow
from core.merging.running import AT_ONCE, allowed, settle_pairs
from core.parties.origins import OF
from core.parties.tree import above_all, hold_parents, stands_under

KEPT_FOR = timedelta(days=30)


def can_be_undone(ctx: Context, run: Merge) -> bool:
    """Is it done (or broken off), and younger than 30 days?"""
    return run.state in ("done", "failed") and run.erased_at is None and run.created_at >= ctx.now - KEPT_FOR


def undo(ctx: Context, run: Merge, *, version: int | None = None) -> Merge:
    """Take the merge back. Refused a second time, after 30 days, while its survivor is itself merged into another, and to
    whoever may not change the records."""
    require(ctx, "merges.run", run)
    run = held_run(ctx, Merge, run.id)
    if version not in (None, run.version):
        raise Conflict("stale")
    if run.state in ("done", "failed") and not can_be_undone(ctx, run):
        raise Refused("merge_too_late", days=KEPT_FOR.days)
    if not can_be_undone(ctx, run):
        raise Refused("merge_not_now")
    survivor, losers = _held(ctx, run)
    if run.failure is None or run.failure.get("while") == "running":
        _put_fields_back(ctx, run, survivor.id)
        _bring_back(ctx, run, losers)
        unique.settle(ctx, room_of(run.kind), run.keys)
        beside.take_back(ctx, run)
        apart.take_back(ctx, run)
        strictness.loosen(ctx, run)
        settle_pairs(ctx, run.keys, "merged", "open")
    return _begin(ctx, run)


def _held(ctx: Context, run: Merge) -> tuple[Any, list[Any]]:
    """Survivor and losers, locked in the order of their keys."""
    if run.kind == "account":
        hold_parents(ctx)
    model = MODELS[run.kind]
    query = visible(ctx, model).where(moving.among(model.id, run.keys)).order_by(model.id).with_for_update().execution_options(populate_existing=True)
    found = {one.id: one for one in ctx.session.execute(query).scalars()}
    if len(found) < len(run.keys):
        raise Refused("merge_gone")
    for one in found.values():
        allowed(ctx, run.kind, one)
    survivor, losers = found[run.survivor_id], [found[key] for key in run.loser_ids]
    if survivor.merged_into is not None:
        raise Refused("merge_survivor_merged")
    return survivor, losers


def _put_fields_back(ctx: Context, run: Merge, key: UUID) -> None:
    """The survivor's own values, where nobody changed them since; also those that the actor does not see."""
    table = MODELS[run.kind].__table__
    columns = [*{table.c["custom" if is_own(name) else name] for name in run.fields}]
    if not columns:
        return
    with unhidden(ctx.session):  # puts back what stood there, whoever may read it
        now = ctx.session.execute(select(*columns).where(table.c.id == key)).one()._mapping
        back = {name: read_back(run.kind, name, before) for name, (before, after) in run.fields.items() if _same(plain(_stands(now, name)), after)}
        # Where a value was known from goes back with it, and stays with one that somebody changed since.
        back = {name: value for name, value in back.items() if name not in OF} | {name: read_back(run.kind, name, run.fields[name][0]) for name in OF.keys() & run.fields.keys() if OF[name] in back}
        _without_circle(ctx, run, key, back)
        _without_taken(ctx, run, key, back)
        if back:
            own = {name.removeprefix(OWN): value for name, value in back.items() if is_own(name)}
            values = {name: value for name, value in back.items() if not is_own(name)} | ({"custom": patched(table.c.custom, own)} if own else {})
            ctx.session.execute(update(table).where(table.c.id == key).values(**values, version=table.c.version + 1, updated_at=ctx.now))
    run.kept = sorted({"mail" if name == "mail_norm" else name for name in run.fields.keys() - back.keys() - OF.keys()})


def _stands(now: Mapping[str, Any], name: str) -> Any:
    return (now["custom"] or {}).get(name.removeprefix(OWN)) if is_own(name) else now[name]


def _same(now: Any, after: Any) -> bool:
    """A number may have been written with more places."""
    return now == after or (now not in (None, "") and after not in (None, "") and not isinstance(now, list | dict | bool) and _number(now) is not None and _number(now) == _number(after))


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _without_circle(ctx: Context, run: Merge, key: UUID, back: dict[str, Any]) -> None:
    """Its old parent may stand below it by now."""
    parent = back.get("parent_id")
    if parent is not None and stands_under(parent, key, above_all(ctx, {parent})):
        back.pop("parent_id")


def _without_taken(ctx: Context, run: Merge, key: UUID, back: dict[str, Any]) -> None:
    """Its old number elsewhere may be another's by now."""
    number, table = back.get("external_id"), MODELS[run.kind].__table__
    if number is not None and ctx.session.execute(select(exists().where(table.c.external_id == number, table.c.id != key))).scalar_one():
        back.pop("external_id")


def _bring_back(ctx: Context, run: Merge, losers: list[Any]) -> None:
    """Out of the bin, each with what the survivor had taken from it, where that is free."""
    table = MODELS[run.kind].__table__
    for one in losers:
        own: Mapping[str, Any] = run.losers.get(str(one.id), {})
        number = own.get("external_id")
        with unhidden(ctx.session):
            taken = number is not None and ctx.session.execute(select(exists().where(table.c.external_id == number))).scalar_one()
            back = {} if taken or number is None else {"external_id": number}
            ctx.session.execute(update(table).where(table.c.id == one.id).values(deleted_at=None, merged_into=None, version=table.c.version + 1, updated_at=ctx.now, **back))
        run.kept = sorted({*run.kept, *(["external_id"] if taken else [])})
    ctx.session.flush()
    ctx.session.expire_all()


def _begin(ctx: Context, run: Merge) -> Merge:
    run.state, run.rows_done, run.failure = "undoing", 0, None
    run.rows_todo = moving.tally(ctx, run).get("moved", 0)
    return begin_round(ctx, run, at_once=AT_ONCE, later=lambda: defer(ctx, "merging.undo", run_id=run.id, round=run.round), step=step, finish=finish)


def undo_rest(door: Door, run_id: UUID, round: int) -> None:
    """The order of a big undo."""
    in_chunks(door, Merge, run_id, round, "undoing", permission="merges.run", step=step, finish=finish)


def step(ctx: Context, run: Merge) -> bool:
    """The next chunk; False at the end."""
    number = moving.put_back(ctx, run, _in_circles(ctx, run))
    run.rows_done += number
    ctx.session.flush()
    ctx.session.expire_all()
    return number > 0


def _in_circles(ctx: Context, run: Merge) -> dict[UUID, str]:
    """Branches above which their old parent stands no more, but below which it does."""
    if run.kind != "account":
        return {}
    hold_parents(ctx)
    mine = select(MergeRow.row_id, MergeRow.from_id).where(MergeRow.run_id == run.id, MergeRow.child == "account.parent_id", MergeRow.outcome == "moved")
    pairs = ctx.session.execute(mine).all()
    above = above_all(ctx, {from_id for _, from_id in pairs}) if pairs else {}
    return {row_id: "elsewhere" for row_id, from_id in pairs if stands_under(from_id, row_id, above)}


def finish(ctx: Context, run: Merge) -> Merge:
    """Each is itself again; both timelines say so."""
    run.state, run.finished_at, run.counts = "undone", ctx.now, moving.tally(ctx, run)
    survivor = ctx.session.get(MODELS[run.kind], run.survivor_id)
    if survivor is not None:
        record(ctx, f"{run.kind}.unmerged", survivor, about=tuple(run.loser_ids), name=survivor.name, others=", ".join(run.names[1:]))
    ctx.session.flush()
    return run
