"""The merge itself: the records first, in one transaction under their locks; then what hangs on them, at once where it is
little, else in the background, chunk by chunk. A killed worker goes on behind the last committed chunk."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select, update
from sqlalchemy.orm.attributes import flag_modified

from core.base.context import Context
from core.base.errors import Conflict, Refused
from core.base.facts import plain, record
from core.base.hiding import unhidden
from core.base.outbox import defer
from core.base.policy import require, visible
from core.base.stepping import Door, begin_round, in_chunks
from core.custom_fields import unique
from core.custom_fields.values import write
from core.merging import apart, beside, choosing, moving, strictness
from core.merging.choosing import MODELS, room_of
from core.merging.models import KINDS, MOVING, Merge
from core.parties.beside_models import DuplicatePair
from core.parties.origins import OF
from core.parties.restricting import check_free
from core.parties.tree import above_all, hold_parents

MOST, AT_ONCE = 10, 500


def merge(ctx: Context, kind: str, survivor_id: UUID, loser_ids: Sequence[UUID], *, choices: Mapping[str, str] | None = None, versions: Mapping[UUID, int] | None = None) -> Merge:
    """Make the losers one with the survivor. choices: field -> key of the record whose value stays, or "all" (tags, notes);
    "custom.<key>" for values of one's own fields. versions: at which the preview saw the records. Refuses fewer than two
    and more than ten, what is gone or was changed since, and whoever may not change each of them."""
    require(ctx, "merges.run")
    records = held(ctx, kind, survivor_id, loser_ids)
    for one in records:
        allowed(ctx, kind, one)
        if versions is not None and versions.get(one.id, one.version) != one.version:
            raise Conflict("merge_changed", name=one.name)
    wanted = choosing.checked(ctx, kind, [one.id for one in records], choices or {})
    changes = choosing.chosen(ctx, kind, records, wanted)
    _off_circles(ctx, kind, records, changes)
    by = _referrer(ctx, kind, records, changes)
    run = Merge(kind=kind, owner_id=ctx.actor.id, survivor_id=survivor_id, loser_ids=[one.id for one in records[1:]], names=[one.name for one in records])
    run.fields = choosing.journal(records[0], changes) | choosing.known_from(ctx, kind, records, wanted, changes) | by
    run.strict = _tightened(ctx, records, changes) | strictness.tighten_records(ctx, kind, records[0], records[1:])
    _write(ctx, run, records, changes)
    beside.keep(ctx, run, records)
    apart.pass_on(ctx, run)
    ctx.session.add(run)
    ctx.session.flush()  # the journal names the run
    record(ctx, f"{kind}.merged", records[0], about=tuple(run.loser_ids), name=records[0].name, others=", ".join(run.names[1:]))
    settle_pairs(ctx, run.keys, "open", "merged")
    return _begin(ctx, run)


def held(ctx: Context, kind: str, survivor_id: UUID, loser_ids: Sequence[UUID]) -> list[Any]:
    """The records, the survivor first, locked in the order of their keys: two merges of overlapping sets come one after the
    other, and the second hears that a record is gone."""
    keys = list(dict.fromkeys([survivor_id, *loser_ids]))
    if kind not in KINDS:
        raise Refused("unknown_value", field="kind")
    if not 2 <= len(keys) <= MOST:
        raise Refused("merge_how_many", field="ids", most=MOST)
    if kind == "account":
        hold_parents(ctx)
    model = MODELS[kind]
    query = visible(ctx, model).where(moving.among(model.id, keys), model.deleted_at.is_(None)).order_by(model.id).with_for_update().execution_options(populate_existing=True)
    found = {one.id: one for one in ctx.session.execute(query).scalars()}
    if len(found) < len(keys):
        raise Refused("merge_gone", field="ids")
    if ctx.session.execute(select(exists().where(Merge.state.in_(MOVING), moving.among(Merge.survivor_id, keys)))).scalar_one():
        raise Refused("merge_under_way", field="ids")
    return [found[key] for key in keys]


def allowed(ctx: Context, kind: str, record: Any) -> None:
    """Refuse whoever may not merge it, or not change it, and a restricted person."""
    require(ctx, f"{room_of(kind)}.merge", record)
    require(ctx, f"{room_of(kind)}.edit", record)
    check_free(record)


def _off_circles(ctx: Context, kind: str, records: Sequence[Any], changes: dict[str, Any]) -> None:
    """The survivor stands under none of those that are made one with it, nor under what stands under them: then it goes
    up to the first that is above all of them."""
    if kind != "account":
        return
    keys, parent = {one.id for one in records}, changes.get("parent_id", records[0].parent_id)
    above = above_all(ctx, keys | ({parent} if parent else set()))
    chain, key = [], parent
    while key is not None and key not in chain:
        chain.append(key)
        key = above.get(key)
    last = max((n for n, key in enumerate(chain) if key in keys), default=None)
    if last is not None:
        changes["parent_id"] = chain[last + 1] if last + 1 < len(chain) else None
    if changes.get("parent_id", parent) == records[0].parent_id:
        changes.pop("parent_id", None)


def _tightened(ctx: Context, records: Sequence[Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """By the addresses as they are, also where the actor does not know them."""
    model = type(records[0])
    with unhidden(ctx.session):
        mails = dict(ctx.session.execute(select(model.id, model.mail).where(moving.among(model.id, [one.id for one in records]))).all())
    return strictness.tighten(ctx, list(mails.values()), changes.get("mail", mails[records[0].id]))


def _write(ctx: Context, run: Merge, records: Sequence[Any], changes: Mapping[str, Any]) -> None:
    """The losers into the bin first: what only one may have (a number elsewhere) is free then."""
    for one in records[1:]:
        one.deleted_at, one.merged_into = ctx.now, run.survivor_id
        if changes.get("external_id") and one.external_id == changes["external_id"]:
            run.losers = {str(one.id): {"external_id": one.external_id}}
            one.external_id = None
    ctx.session.flush()
    for name, value in write(records[0], dict(changes)).items():
        setattr(records[0], name, value)
    for name in (OF.keys() | {"referred_by_id"}) & run.fields.keys():
        setattr(records[0], name, choosing.read_back(run.kind, name, run.fields[name][1]))
        flag_modified(records[0], name)
    ctx.session.flush()
    unique.hand_over(ctx, room_of(run.kind), run.survivor_id, run.loser_ids)


def _referrer(ctx: Context, kind: str, records: Sequence[Any], changes: dict[str, Any]) -> dict[str, list[Any]]:
    """Nobody is brought by himself: a survivor whom one of the others referred has no referrer any more, whoever may read it.
    Gives its entry of the journal."""
    column = MODELS["contact"].__table__.c
    if kind != "contact":
        return {}
    with unhidden(ctx.session):
        stands = ctx.session.execute(select(column.referred_by_id).where(column.id == records[0].id)).scalar_one()
    if stands not in {one.id for one in records}:
        return {}
    changes.setdefault("referred_by_id", None)
    return {"referred_by_id": [plain(stands), plain(changes["referred_by_id"])]}


def settle_pairs(ctx: Context, keys: Sequence[UUID], was: str, state: str) -> None:
    """Pairs among these records: decided by the merge, open again after its undo."""
    mine = (moving.among(DuplicatePair.a_id, keys), moving.among(DuplicatePair.b_id, keys), DuplicatePair.state == was)
    ctx.session.execute(update(DuplicatePair).where(*mine).values(state=state, decided_by=ctx.actor.id, decided_at=ctx.now))


def _begin(ctx: Context, run: Merge) -> Merge:
    run.rows_todo = sum(sum(each) for each in moving.counted(ctx, run.kind, run.survivor_id, run.loser_ids).values())
    return begin_round(ctx, run, at_once=AT_ONCE, later=lambda: defer(ctx, "merging.move", run_id=run.id, round=run.round), step=step, finish=finish)


def move_rest(door: Door, run_id: UUID, round: int) -> None:
    """The order of a big merge."""
    in_chunks(door, Merge, run_id, round, "running", permission="merges.run", step=step, finish=finish)


def step(ctx: Context, run: Merge) -> bool:
    """The next chunk; False at the end."""
    number = moving.move(ctx, run)
    run.rows_done += number
    ctx.session.flush()
    ctx.session.expire_all()
    return number > 0


def finish(ctx: Context, run: Merge) -> Merge:
    """All of it hangs on the survivor."""
    run.state, run.finished_at, run.counts = "done", ctx.now, moving.tally(ctx, run)
    ctx.session.flush()
    return run

