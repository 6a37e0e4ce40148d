"""A change of a tag taken back: each record gets the old tag where it stood, unless it was given it since, or lost the new one."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    String,
    Uuid,
    and_,
    any_,
    case,
    cast,
    column,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from core.base.context import Context
from core.base.errors import Refused
from core.base.facts import record
from core.base.finding import plan_afresh
from core.base.outbox import defer
from core.base.stepping import Door, begin_round, held, in_chunks
from core.parties.models import Contact
from core.tagging.models import Tag
from core.tagging.queries import folded
from core.tagging.rules import MOST_TAGS
from core.tags.beside import take_back_beside
from core.tags.models import TagChange, TagChangeRow
from core.tags.rights import check_manages
from core.tags.running import AT_ONCE, CHUNK, ROWS, TABLES, alone, has_tag, is_used, let_go, tell

KEPT_FOR = timedelta(days=30)


def can_be_undone(ctx: Context, run: TagChange) -> bool:
    """Is it done, and young enough?"""
    return run.state == "done" and run.erased_at is None and not _too_late(ctx, run)


def start_undo(ctx: Context, run: TagChange) -> TagChange:
    """Take it back. Refused before it is done, a second time, after 30 days, and while another change is under way."""
    check_manages(ctx)
    run = held(ctx, TagChange, run.id)
    if run.erased_at is not None or _too_late(ctx, run):
        raise Refused("tag_change_too_late", days=KEPT_FOR.days)
    if not can_be_undone(ctx, run):
        raise Refused("tag_change_not_now")
    alone(ctx, run, "undoing")
    run.position, run.rows_done, run.rows_todo = 0, 0, run.changed
    _bring_back(ctx, run)
    return begin_round(ctx, run, at_once=AT_ONCE, later=lambda: defer(ctx, "tags.undo", run_id=run.id, round=run.round), step=step, finish=finish)


def undo_change(door: Door, run_id: UUID, round: int) -> None:
    """Take it back."""
    in_chunks(door, TagChange, run_id, round, "undoing", permission="tags.manage", step=step, finish=finish)


def step(ctx: Context, run: TagChange) -> bool:
    """The next chunk; False at the end."""
    check_manages(ctx)
    plan_afresh(ctx.session)
    rows = select(TagChangeRow.position).where(TagChangeRow.run_id == run.id, TagChangeRow.position > run.position).order_by(TagChangeRow.position).limit(CHUNK)
    places = list(ctx.session.execute(rows).scalars())
    if not places:
        return False
    mine = and_(ROWS.c.run_id == run.id, ROWS.c.position > run.position, ROWS.c.position <= places[-1])
    run.undone += sum(_put_back(ctx, run, room, and_(mine, ROWS.c.room == room)) for room in TABLES)
    ctx.session.execute(update(ROWS).where(mine, ROWS.c.outcome == "changed").values(outcome="kept"))
    run.position, run.rows_done = places[-1], run.rows_done + len(places)
    ctx.session.flush()  # the chunk's place belongs to its transaction
    ctx.session.expire_all()
    return True


def finish(ctx: Context, run: TagChange) -> TagChange:
    """Taken back. What a rename made goes, unless a record has it that was tagged since."""
    run.state, run.finished_at = "undone", ctx.now
    if run.kind == "rename" and not _same(ctx, run) and not is_used(ctx, run.into_name or ""):
        tag = ctx.session.execute(select(Tag).where(Tag.name == run.into_name).with_for_update()).scalar_one_or_none()
        if tag is not None:
            tag.leaving, tag.becomes_id = True, None
            let_go(ctx, tag.name)
    record(ctx, "tag_change.undone", run, name=run.tag_name, undone=run.undone)
    return run


def _too_late(ctx: Context, run: TagChange) -> bool:
    return run.finished_at is not None and run.finished_at < ctx.now - KEPT_FOR


def _same(ctx: Context, run: TagChange) -> bool:
    """Did the rename change the case alone? The row is one and the same then."""
    return run.into_name is not None and ctx.session.execute(select(folded(run.tag_name) == folded(run.into_name))).scalar_one()


def _bring_back(ctx: Context, run: TagChange) -> None:
    """The old word as a tag again, with its colour; drafts and views that named it name it again."""
    if _same(ctx, run):
        ctx.session.execute(update(Tag).where(Tag.name == run.into_name).values(name=run.tag_name, version=Tag.version + 1))
    else:
        made = insert(Tag).values(name=run.tag_name, colour=run.kept.get("colour", "grey"), description=run.kept.get("description"), created_by=ctx.actor.id)
        ctx.session.execute(made.on_conflict_do_nothing())
    if run.into_name:
        take_back_beside(ctx, run.tag_name, run.into_name, run.kept)


def _put_back(ctx: Context, run: TagChange, room: str, mine: ColumnElement[bool]) -> int:
    """How many records have the old tag again."""
    table = TABLES[room]
    keys = select(ROWS.c.record_id).where(mine, ROWS.c.outcome == "changed")
    ctx.session.execute(select(table.c.id).where(table.c.id.in_(keys)).order_by(table.c.id).with_for_update(key_share=True)).all()
    here = and_(mine, ROWS.c.outcome == "changed", table.c.id == ROWS.c.record_id, *_untouched(run, table))
    if room == "contact":
        here = and_(here, Contact.__table__.c.restricted_at.is_(None))
    values = {"tags": _as_before(run, table), "version": table.c.version + 1, "updated_at": ctx.now}
    done = list(ctx.session.execute(update(table).where(here).values(**values).returning(table.c.id)).scalars())
    those = any_(literal(done, ARRAY(Uuid)))
    tell(ctx, room, table.c.id == those)
    ctx.session.execute(update(ROWS).where(mine, ROWS.c.record_id == those).values(outcome="undone"))
    return len(done)


def _untouched(run: TagChange, table: Any) -> list[ColumnElement[bool]]:
    """Nobody gave it the old tag since, nor took the new one away; there is room for one more."""
    lacks = ~has_tag(table, run.tag_name)
    if run.into_name is None:
        return [lacks, func.cardinality(table.c.tags) < MOST_TAGS]
    return [lacks, has_tag(table, run.into_name), (~ROWS.c.had) | (func.cardinality(table.c.tags) < MOST_TAGS)]


def _as_before(run: TagChange, table: Any) -> ColumnElement:
    """The old tag in the other's place; or, where it stood beside it or alone, between its neighbours of then."""
    tags, place = table.c.tags, cast(ROWS.c.place, Integer)
    numbered = func.unnest(tags).table_valued(column("word", String), with_ordinality="n").render_derived("each")
    before = func.array(select(numbered.c.word).where(numbered.c.n < place).order_by(numbered.c.n).scalar_subquery(), type_=ARRAY(String))
    after = func.array(select(numbered.c.word).where(numbered.c.n >= place).order_by(numbered.c.n).scalar_subquery(), type_=ARRAY(String))
    between = func.array_cat(func.array_append(before, run.tag_name), after)
    if run.into_name is None:
        return between
    return case((ROWS.c.had, between), else_=func.array_replace(tags, run.into_name, run.tag_name))
