"""A tag changed in every record, chunk by chunk, each with its part of the journal in one transaction.

It reaches the records that whoever started it does not see, and those in the recycle bin: a word of the workspace is one word.
A restricted person's record is left as it is (GDPR 18), and keeps the old tag.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Text, Uuid, any_, case, func, insert, literal, or_, select, update
from sqlalchemy.exc import IntegrityError

from core.base.context import Context
from core.base.errors import Refused
from core.base.facts import record
from core.base.finding import plan_afresh
from core.base.outbox import defer
from core.base.sets import record_all
from core.base.stepping import Door, begin_round, in_chunks
from core.deals.models import Deal
from core.leads.models import Lead
from core.parties.models import Account, Contact
from core.parties.restricting import free
from core.products.models import Product
from core.tagging.models import Tag
from core.tags.models import TagChange, TagChangeRow
from core.tags.rights import check_manages

TABLES: dict[str, Any] = {one.__tablename__: one.__table__ for one in (Account, Contact, Deal, Lead, Product)}
ROWS = TagChangeRow.__table__
AT_ONCE, CHUNK = 200, 1000
# On whose timelines beside the record's own an edit of it stands.
ABOUT = {"contact": ("account_id",), "deal": ("account_id", "contact_id")}


def begin(ctx: Context, run: TagChange) -> TagChange:
    """Up to 200 records are changed here and now, more in the background. Refused while another change is under way: two that
    name each other's tags would never end."""
    alone(ctx, run, "running")
    run.rows_todo = sum(ctx.session.execute(select(func.count()).select_from(table).where(_due(room, run))).scalar_one() for room, table in TABLES.items())
    record(ctx, "tag_change.started", run, name=run.tag_name)
    return begin_round(ctx, run, at_once=AT_ONCE, later=lambda: defer(ctx, "tags.run", run_id=run.id, round=run.round), step=step, finish=finish)


def alone(ctx: Context, run: TagChange, state: str) -> None:
    """Write that it is under way in that state. Refused while another one is: two who begin at once meet in the database."""
    try:
        with ctx.session.begin_nested():
            run.state = state  # within the savepoint, so that the refusal leaves the rest as it was
            ctx.session.add(run)
            ctx.session.flush()  # the unique index says whether another one runs
    except IntegrityError as error:
        if "uq_tag_change_running" not in str(error.orig):
            raise
        raise Refused("tags_busy") from None


def run_change(door: Door, run_id: UUID, round: int) -> None:
    """Change what was begun."""
    in_chunks(door, TagChange, run_id, round, "running", permission="tags.manage", step=step, finish=finish)


def step(ctx: Context, run: TagChange) -> bool:
    """The next chunk; False at the end. A record that has been changed has the old tag no more, so the next ones are those that have."""
    check_manages(ctx)
    plan_afresh(ctx.session)
    for room, table in TABLES.items():
        few = select(table.c.id).where(_due(room, run)).order_by(table.c.id).limit(CHUNK).with_for_update(key_share=True)
        keys = list(ctx.session.execute(few).scalars())
        if keys:
            _change(ctx, run, room, keys)
            return True
    return False


def finish(ctx: Context, run: TagChange) -> TagChange:
    """Done: the old word goes, unless a record keeps it."""
    run.state, run.finished_at = "done", ctx.now
    let_go(ctx, run.tag_name)
    record(ctx, "tag_change.finished", run, name=run.tag_name, changed=run.changed)
    return run


def let_go(ctx: Context, name: str) -> None:
    """A leaving tag goes; one that a record still has (a restricted person's) stands again as what it was."""
    tag = ctx.session.execute(select(Tag).where(Tag.name == name, Tag.leaving)).scalar_one_or_none()
    if tag is None:
        return
    if is_used(ctx, name):
        tag.leaving, tag.becomes_id = False, None
    else:
        ctx.session.delete(tag)
    ctx.session.flush()  # the same name may be made anew right after


def is_used(ctx: Context, name: str) -> bool:
    """Has any record the tag, whoever sees it?"""
    return ctx.session.execute(select(or_(*(select(table.c.id).where(has_tag(table, name)).exists() for table in TABLES.values())))).scalar_one()


def has_tag(table: Any, name: str) -> ColumnElement[bool]:
    """Records of this table with the tag."""
    return table.c.tags.contains(literal([name], ARRAY(Text)))


def _due(room: str, run: TagChange) -> ColumnElement[bool]:
    has = has_tag(TABLES[room], run.tag_name)
    return has & free() if room == "contact" else has


def _change(ctx: Context, run: TagChange, room: str, keys: list[UUID]) -> None:
    table, mine = TABLES[room], TABLES[room].c.id == any_(literal(keys, ARRAY(Uuid)))
    had = has_tag(table, run.into_name) if run.into_name else literal(False)
    journal = select(literal(run.id, Uuid()), run.position + func.row_number().over(order_by=table.c.id), literal(room), table.c.id, func.array_position(table.c.tags, run.tag_name), had)
    ctx.session.execute(insert(ROWS).from_select(["run_id", "position", "room", "record_id", "place", "had"], journal.where(mine), include_defaults=False))
    gone = func.array_remove(table.c.tags, run.tag_name)
    tags = case((had, gone), else_=func.array_replace(table.c.tags, run.tag_name, run.into_name)) if run.into_name else gone
    ctx.session.execute(update(table).where(mine).values(tags=tags, version=table.c.version + 1, updated_at=ctx.now))
    tell(ctx, room, mine)
    run.position, run.rows_done, run.changed = run.position + len(keys), run.rows_done + len(keys), run.changed + len(keys)
    ctx.session.flush()  # the chunk's place belongs to its transaction
    ctx.session.expire_all()


def tell(ctx: Context, room: str, mine: ColumnElement[bool]) -> None:
    """The facts of these records, as an edit of each would leave them."""
    table = TABLES[room]
    about = [table.c[name] if name in ABOUT.get(room, ()) else literal(None, Uuid()) for name in ("account_id", "contact_id")]
    params = func.jsonb_build_object("fields", func.jsonb_build_array("tags"), "name", table.c.name)
    record_all(ctx, f"{room}.edited", room, select(table.c.id.label("subject_id"), about[0].label("about_id"), about[1].label("also_id"), params.label("params")).where(mine))
