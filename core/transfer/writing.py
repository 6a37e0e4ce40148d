"""Staged rows become records: set-based statements for the lines of one chunk, with facts as the use cases write them."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, case, cast, func, insert, literal, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.types import Uuid

from core.base.context import Context
from core.base.hiding import unhidden, written_over
from core.base.sets import record_all, typed
from core.identity.models import User
from core.parties.origins import ORIGINS, beside_new, beside_old, field_of
from core.transfer import kinds, own
from core.transfer.fields import FIELDS, MODELS, takes_extra
from core.transfer.matching import ROWS, in_lines
from core.transfer.models import ImportRow, ImportRun


def written_columns(run: ImportRun, *, mapped: bool = False) -> list[str]:
    """Columns of the record that an import may set; mapped: only those that this file has."""
    also = ({"custom": ("custom",)} if takes_extra(run) else {}) | kinds.of(run).also
    names = [name for name, field in FIELDS[run.kind].items() if field.column]
    names += [name for name in also if name not in names]
    if mapped:
        chosen = set(run.mapping) | ({"custom"} if own.maps_own(run) else set())
        names = [name for name in names if name in chosen or not chosen.isdisjoint(also.get(name, ()))]
    return names + (["mail_norm"] if "mail" in names else []) + _beside(run, names)


def _beside(run: ImportRun, names: list[str]) -> list[str]:
    """The columns that say where the written values are known from, without those that the file has anyway."""
    mine = ORIGINS.items() if run.kind == "contacts" else ()
    return [column for name, origin in mine if not {name, *origin}.isdisjoint(names) for column in origin if column not in names]


def create(ctx: Context, run: ImportRun, first: int, last: int) -> None:
    """Insert the rows planned as new, and write down that each was created."""
    room, chosen = kinds.of(run), and_(in_lines(run, first, last), ImportRow.plan == "create")
    own.reserve(ctx, run, chosen)
    ctx.session.execute(update(ROWS).where(chosen).values(outcome="created", left_version=1))
    table = room.model.__table__
    presets = room.presets(ctx, ImportRow.values)
    fixed = {
        "id": ImportRow.record_id, "created_at": literal(ctx.now), "created_by": literal(ctx.actor.id, Uuid()), "updated_at": literal(ctx.now),
    }
    columns = {name: _or_default(table.c[name], typed(ImportRow.values, table.c[name]), ctx, run, presets) for name in (*written_columns(run), *room.made)}
    for name in ORIGINS if run.kind == "contacts" else ():
        columns |= beside_new(ctx, name, *_told(table, name))
    given = fixed | columns
    rows = select(*given.values()).where(chosen).order_by(ImportRow.line)
    ctx.session.execute(insert(table).from_select(list(given), rows, include_defaults=False))
    _record_created(ctx, run, chosen)


def _told(table: Any, name: str) -> list[ColumnElement]:
    """What a row says of a field: its value, the source and the day."""
    return [typed(ImportRow.values, table.c[column]) for column in (name, *ORIGINS[name][:2])]


def _or_default(column: Any, value: ColumnElement, ctx: Context, run: ImportRun, presets: Mapping[str, Any]) -> ColumnElement:
    """What the use case would have put where nothing was given."""
    if column.name == "custom":
        return own.with_presets(ctx, run, value)
    if column.name in presets:
        return func.coalesce(value, presets[column.name])
    if column.name == "owner_id":
        return func.coalesce(value, literal(ctx.actor.owner_id, Uuid()))
    if column.server_default is None or column.nullable:
        return value
    default = column.server_default.arg
    return func.coalesce(value, default)


def _record_created(ctx: Context, run: ImportRun, chosen: ColumnElement[bool]) -> None:
    room = kinds.of(run)
    if room.tell:
        room.tell(ctx, list(ctx.session.execute(select(ImportRow.record_id).where(chosen)).scalars()))
        return
    table = room.model.__table__
    params = func.jsonb_build_object("name", table.c.name)
    rows = select(ImportRow.record_id.label("subject_id"), *told_beside(run, table.c), params.label("params")).join(table, table.c.id == ImportRow.record_id)
    record_all(ctx, f"{room.subject}.{room.created}", room.subject, rows.where(chosen))


def told_beside(run: ImportRun, columns: Any) -> list[ColumnElement]:
    """On whose timelines beside the record's own what happened stands."""
    room = kinds.of(run)
    return [(about(columns) if about else cast(None, Uuid())).label(name) for name, about in (("about_id", room.about), ("also_id", room.also_about))]


def change(ctx: Context, run: ImportRun, first: int, last: int) -> None:
    """Update the rows planned as known: only mapped columns, never emptied by an empty cell; what they were is kept."""
    table = MODELS[run.kind].__table__
    chosen = and_(in_lines(run, first, last), ImportRow.plan == "update", *_free(run))
    own.reserve(ctx, run, chosen)
    keys = select(ImportRow.record_id).where(chosen)
    locked = ctx.session.execute(select(table.c.id).where(table.c.id.in_(keys)).order_by(table.c.id).with_for_update()).scalars().all()
    if not locked:
        return
    mine = and_(chosen, ImportRow.record_id == table.c.id)
    names = written_columns(run, mapped=True)
    was = func.jsonb_build_object(*(part for name in names for part in (literal(name), _now(table, name))))
    with unhidden(ctx.session):  # where a value was known from is kept and goes with it, whoever may read it
        ctx.session.execute(update(ROWS).where(mine).values(before=was))
    new = {name: _merged(_now(table, name), typed(ImportRow.values, table.c[name])) for name in names}
    for name in ORIGINS if run.kind == "contacts" else ():
        new |= beside_old(ctx, table, name, *_told(table, name)) if ORIGINS[name].source in new else {}
    differs = or_(*(_now(table, name).is_distinct_from(value) for name, value in new.items()))
    with unhidden(ctx.session):
        ctx.session.execute(
            update(table).where(mine, differs).values(**new, version=table.c.version + 1, updated_at=ctx.now)
        )
        _keep_what_changed(ctx, mine, names, table)
    _record_edited(ctx, run, chosen)
    own.settle(ctx, run, chosen)
    ctx.session.expire_all()


def _free(run: ImportRun) -> list[ColumnElement[bool]]:
    """Whoever may not be changed, as a restricted person, is left as he is."""
    room = kinds.of(run)
    return [ImportRow.record_id.in_(select(room.model.id).where(room.free()))] if room.free else []


def _now(table: Any, name: str) -> Any:
    """A column as it stands; of own values the rest stays, whoever may read it."""
    return written_over(table) if name == "custom" else table.c[name]


def _merged(column: Any, value: ColumnElement) -> ColumnElement:
    if column.name == "custom":
        return column.op("||")(func.coalesce(value, cast({}, JSONB)))
    return func.coalesce(value, column)


def _keep_what_changed(ctx: Context, mine: ColumnElement[bool], names: list[str], table: Any) -> None:
    """before keeps only the columns that have another value now; rows without any were the same already."""
    now = func.jsonb_build_object(*(part for name in names for part in (literal(name), _now(table, name))))
    item = func.jsonb_each(ImportRow.before).table_valued("key", "value", joins_implicitly=True)
    kept = (
        select(func.jsonb_object_agg(item.c.key, item.c.value)).select_from(item)
        .where(item.c.value.is_distinct_from(now.op("->")(item.c.key))).correlate(ImportRow, table).scalar_subquery()
    )
    ctx.session.execute(update(ROWS).where(mine).values(before=kept, left_version=table.c.version))
    ctx.session.execute(update(ROWS).where(mine).values(outcome=case((ImportRow.before.is_(None), "skipped"), else_="updated")))


def _record_edited(ctx: Context, run: ImportRun, chosen: ColumnElement[bool]) -> None:
    """The facts of an edit: which fields, and by itself a new owner."""
    model, room = MODELS[run.kind], kinds.of(run)
    subject = room.subject
    if room.tell:
        room.tell(ctx, list(ctx.session.execute(select(ImportRow.record_id).where(chosen, ImportRow.before.is_not(None))).scalars()))
        return
    about = told_beside(run, model)
    key = func.jsonb_object_keys(ImportRow.before).column_valued("key")
    named = field_of(key)
    fields = select(func.jsonb_agg(aggregate_order_by(named.distinct(), named))).where(key.not_in(("mail_norm", "owner_id"))).correlate(ImportRow).scalar_subquery()
    rows = (
        select(model.id.label("subject_id"), *about, func.jsonb_build_object("fields", fields, "name", model.name).label("params"))
        .select_from(ImportRow).join(model, model.id == ImportRow.record_id).where(chosen, ImportRow.before.is_not(None))
    )
    record_all(ctx, f"{subject}.edited", subject, rows.where(fields.is_not(None)))
    if "owner_id" in run.mapping:
        owned = rows.with_only_columns(
            model.id.label("subject_id"), *about, func.jsonb_build_object("owner", User.name, "name", model.name).label("params")
        ).join(User, User.id == model.owner_id).where(ImportRow.before.has_key("owner_id"))
        record_all(ctx, f"{subject}.owner_changed", subject, owned)


def settle_others(ctx: Context, run: ImportRun, first: int, last: int) -> None:
    """Outcome of the rows that were not written."""
    words = case((ImportRow.plan == "problem", "failed"), (ImportRow.plan == "duplicate", "duplicate"), else_="skipped")
    ctx.session.execute(update(ROWS).where(in_lines(run, first, last), ImportRow.outcome.is_(None)).values(outcome=words))
