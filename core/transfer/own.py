"""Own fields in imports: read by their kind, asked of new rows as a form asks, unique within the file and the workspace."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Text, Uuid, and_, cast, func, literal, select, update
from sqlalchemy.dialects.postgresql import JSONB, insert

from core.base.context import Context
from core.base.errors import Refused
from core.base.facts import plain
from core.base.field_rights import hidden, protected
from core.base.hiding import OWN
from core.base.policy import require
from core.base.text import clean as clean_text
from core.custom_fields import actions as defining
from core.custom_fields import unique
from core.custom_fields.fields import ROOMS, Own, alive, defined, fields_of, is_own
from core.custom_fields.models import CustomUnique
from core.custom_fields.rules import applies, cleaner, due
from core.identity import queries as people
from core.products.amounts_in import AROUND, meant
from core.transfer import cells
from core.transfer.cells import Reading
from core.transfer.headers import compact
from core.transfer.models import ImportRow, ImportRun
from infra.spreadsheets import Number

# What "make a field of this column" may make.
NEW = {"new.text": "text", "new.decimal": "decimal", "new.date": "date", "new.yes_no": "yes_no"}
NUMBERS, DAYS = frozenset({"whole", "decimal", "amount"}), frozenset({"date"})
ROWS = ImportRow.__table__


def importable(ctx: Context, room: str) -> dict[str, Own]:
    """The fields that a column may become: those that the actor may write."""
    beyond = protected(ctx, room)
    return {one.name: one for one in fields_of(ctx, room) if one.name not in beyond}


def key_of(name: str) -> str:
    """Under which a field's value stands in `custom`."""
    return name.removeprefix(OWN)


def reader(ctx: Context, own: Own) -> Any:
    """What reads a cell: by the habits of the file, then by the field's own cleaner."""
    if own.kind in ("account", "contact"):
        return lambda cell, reading: clean_text(cell, field=own.name)  # looked up with others (core.transfer.links)
    clean = cleaner(own, zone=ctx.zone, currency=ctx.tenant.currency)
    who = _people(ctx) if own.kind == "user" else {}
    return lambda cell, reading: clean(_plain(own, cell, reading, who), own.name)


def _plain(own: Own, cell: str, reading: Reading, who: Mapping[str, str]) -> Any:
    if own.kind in ("whole", "decimal"):
        found = cells.read_number(cell, reading.decimal_mark)
        return cell if found is None else found
    if own.kind == "amount":
        return read_amount(cell, reading)
    if own.kind == "date":
        return cells.read_day(cell, reading)
    if own.kind == "yes_no":
        return cells.read_yes(cell, reading)
    if own.kind == "user":
        found = who.get(cell.strip().casefold())
        if found is None:
            raise Refused("no_such_user", value=cells.shown(cell))
        return found
    return cell


def read_amount(cell: str, reading: Reading) -> str:
    """An amount and its currency, which may stand on either side of it or behind the minus in front. What can't be read goes on as it is."""
    before, number, behind = ("", cell, "") if isinstance(cell, Number) else cells.apart(cell)
    within = "".join(sign for sign in number if sign.isalpha())
    bare = number if isinstance(number, Number) else "".join(sign for sign in cells.signed(number, behind) if not sign.isalpha())
    found, beside = cells.read_number(bare, reading.decimal_mark), f"{before} {within} {behind}".strip(f"{AROUND} ")
    unit = meant(beside, None, ()) if beside else ""
    return cell if found is None or unit is None else f"{found:f} {unit}".strip()


def _people(ctx: Context) -> dict[str, str]:
    return {name.casefold(): str(user.id) for user in people.users(ctx) if user.state == "active" for name in (user.name, user.mail)}


def names(ctx: Context, kind: str) -> dict[str, str]:
    """Compact name of a column -> the field that is called so."""
    return {compact(name): own.name for own in importable(ctx, kind).values() for name in (own.key, own.name, own.label, *own.labels.values())}


def guess(ctx: Context, kind: str, header: list[str], targets: list[str]) -> list[str]:
    """The targets with columns that are called like an own field led there, and what is gone led nowhere."""
    owns, called = importable(ctx, kind), names(ctx, kind)
    found = ["custom" if is_own(target) and target not in owns else target for target in targets]
    for index, target in enumerate(found):
        name = called.get(compact(header[index])) if target == "custom" else None
        if name and name not in found:
            found[index] = name
    return found


def make_fields(ctx: Context, run: ImportRun, mapping: list[str]) -> list[str]:
    """The mapping with every "new.…" made a field of the column's name, for whoever may define fields."""
    made = []
    for index, target in enumerate(mapping):
        if target in NEW:
            require(ctx, "fields.configure")
            row = defining.create_field(ctx, room=run.kind, kind=NEW[target], label=(run.header[index] or "Column")[:60])
            target = OWN + row.key
        made.append(target)
    return made


def kept_key(ctx: Context, kind: str, key: str, taken: Collection[str] = ()) -> str:
    """Under which an extra value is kept: never under a field's key, nor under that of another column."""
    held = {one.key for one in defined(ctx, kind)}.union(taken)
    return key if key not in held else next(made for n in range(2, 10_000) if (made := f"{key[:55]}_{n}") not in held)


def maps_own(run: ImportRun) -> bool:
    """Does the file write into `custom`?"""
    return any(target == "custom" or is_own(target) for target in run.mapping)


def presets(ctx: Context, kind: str) -> dict[str, Any]:
    """What every new record begins with; what depends on other fields is left to people."""
    return {one.key: one.preset for one in alive(ctx, kind) if one.preset is not None and not one.shown_when}


def settle_plan(ctx: Context, run: ImportRun, first: int, last: int, lines: Sequence[int] | None = None) -> list[int]:
    """Rows out that would leave out what must be filled in, or bring a value that another record or row has. lines: only
    these of them. Returns the lines that are out since."""
    owns, out = alive(ctx, run.kind), []
    mine = and_(ROWS.c.run_id == run.id, ROWS.c.line.between(first, last), ROWS.c.problems.is_(None))
    if lines is not None:
        mine = and_(mine, ROWS.c.line.in_(lines))
    if any(one.is_required or (one.shown_when and (one.preset is not None or one.name in run.mapping)) for one in owns):
        out += _ask(ctx, run, mine, owns)
    if any(one.shown_when and {one.name, one.shown_when["field"]} & set(run.mapping) for one in owns):
        out += _ask_known(ctx, run, mine, owns)
    for one in owns:
        if one.is_unique and one.name in run.mapping:
            out += _look_for_twins(ctx, run, mine, one)
    return out


def _ask(ctx: Context, run: ImportRun, mine: ColumnElement[bool], owns: tuple[Own, ...]) -> list[int]:
    """Of new rows: what must be filled in, what does not apply; and into them the presets that hang on other fields."""
    beyond, preset, out, table = protected(ctx, run.kind), presets(ctx, run.kind), [], ROOMS[run.kind].model.__table__
    for line, values in ctx.session.execute(select(ROWS.c.line, ROWS.c["values"]).where(mine, ROWS.c.plan == "create")).all():
        given = values.get("custom") or {}
        own = preset | given
        value_of = lambda name, own=own, values=values: own.get(key_of(name)) if is_own(name) else values.get(name, _default(table, name))  # noqa: E731
        beside = [one for one in owns if one.name in run.mapping and own.get(one.key) is not None and not applies(one, value_of)]
        begun = {one.key: one.preset for one in owns if one.preset is not None and one.shown_when and one.key not in own and applies(one, value_of)}
        own |= begun
        missing = [one for one in due(owns, value_of) if one.name not in beyond]
        found = [_problem(run, one, "required") for one in missing] + [_problem(run, one, "custom_not_now") for one in beside]
        if found:
            out.append(_put_out(ctx, run, line, found))
        elif begun:
            ctx.session.execute(update(ROWS).where(ROWS.c.run_id == run.id, ROWS.c.line == line).values({ROWS.c["values"]: {**values, "custom": given | plain(begun)}}))
    return out


def _ask_known(ctx: Context, run: ImportRun, mine: ColumnElement[bool], owns: tuple[Own, ...]) -> list[int]:
    """Of rows that change a record: what this change makes due there, and what does not apply to it."""
    beyond, away, out, model = protected(ctx, run.kind), hidden(ctx, run.kind), [], ROOMS[run.kind].model
    asked = [one for one in owns if one.shown_when and one.shown_when["field"] not in away]
    rows = ctx.session.execute(select(ROWS.c.line, ROWS.c["values"], ROWS.c.record_id).where(mine, ROWS.c.plan == "update")).all()
    known = {one.id: one for one in ctx.session.execute(select(model).where(model.id.in_({row.record_id for row in rows}))).scalars()}
    for line, values, record_id in rows:
        given, record = values.get("custom") or {}, known.get(record_id)
        value_of = lambda name, given=given, values=values, record=record: given.get(key_of(name), getattr(record, name, None)) if is_own(name) else values.get(name, getattr(record, name, None))  # noqa: E731
        touched = lambda name, given=given, values=values: key_of(name) in given if is_own(name) else name in values  # noqa: E731
        missing = [one for one in due(tuple(one for one in asked if touched(one.shown_when["field"])), value_of) if one.name not in beyond]
        beside = [one for one in asked if given.get(one.key) is not None and not applies(one, value_of)]
        found = [_problem(run, one, "required") for one in missing] + [_problem(run, one, "custom_not_now") for one in beside]
        if found:
            out.append(_put_out(ctx, run, line, found))
    for record in known.values():
        ctx.session.expunge(record)
    return out


def _put_out(ctx: Context, run: ImportRun, line: int, found: list[dict[str, Any]]) -> int:
    ctx.session.execute(update(ROWS).where(ROWS.c.run_id == run.id, ROWS.c.line == line).values(plan="problem", record_id=None, problems=found))
    return line


def _default(table: Any, name: str) -> Any:
    """What a new record has in a field of its own that nobody fills in."""
    default = getattr(getattr(table.c.get(name), "default", None), "arg", None)
    return None if callable(default) else default


def _look_for_twins(ctx: Context, run: ImportRun, mine: ColumnElement[bool], own: Own) -> list[int]:
    value = func.jsonb_extract_path_text(ROWS.c["values"], "custom", own.key, type_=Text())
    among = select(ROWS.c.line, func.row_number().over(partition_by=func.lower(value), order_by=ROWS.c.line).label("place")).where(
        ROWS.c.run_id == run.id, ROWS.c.problems.is_(None), ROWS.c.plan.in_(("create", "update")), value.is_not(None),
    ).subquery()
    others = select(CustomUnique.record_id).where(CustomUnique.field_id == own.id, CustomUnique.value_hash == unique.hashed(value), CustomUnique.record_id.is_distinct_from(ROWS.c.record_id)).exists()
    taken = and_(mine, ROWS.c.plan.in_(("create", "update")), value.is_not(None), others | ROWS.c.line.in_(select(among.c.line).where(among.c.place > 1)))
    out = update(ROWS).where(taken).values(plan="problem", record_id=None, problems=[_problem(run, own, "custom_taken")])
    return list(ctx.session.execute(out.returning(ROWS.c.line)).scalars())


def _problem(run: ImportRun, own: Own, code: str) -> dict[str, Any]:
    return {"column": run.mapping.index(own.name) if own.name in run.mapping else None, "code": code, "params": {} if own.name in run.mapping else {"cell": own.label}}


def reserve(ctx: Context, run: ImportRun, chosen: ColumnElement[bool]) -> None:
    """Take the unique values of the rows that are about to be written; whoever was faster keeps his, and the row stays out."""
    for own in alive(ctx, run.kind):
        if own.is_unique and own.name in run.mapping:
            value = func.jsonb_extract_path_text(ROWS.c["values"], "custom", own.key, type_=Text())
            rows = select(cast(literal(str(own.id)), Uuid()), unique.hashed(value), ROWS.c.record_id).where(chosen, value.is_not(None)).order_by(ROWS.c.line)
            ctx.session.execute(insert(CustomUnique.__table__).from_select(["field_id", "value_hash", "record_id"], rows).on_conflict_do_nothing())
            held = select(CustomUnique.record_id).where(CustomUnique.field_id == own.id, CustomUnique.value_hash == unique.hashed(value), CustomUnique.record_id == ROWS.c.record_id).exists()
            ctx.session.execute(update(ROWS).where(chosen, value.is_not(None), ~held).values(plan="problem", record_id=None, problems=[_problem(run, own, "custom_taken")]))


def settle(ctx: Context, run: ImportRun, chosen: ColumnElement[bool]) -> None:
    """After writing: what the records no longer have is free again."""
    if any(one.is_unique and one.name in run.mapping for one in alive(ctx, run.kind)):
        unique.settle(ctx, run.kind, list(ctx.session.execute(select(ROWS.c.record_id).where(chosen, ROWS.c.record_id.is_not(None))).scalars()))


def still_free(ctx: Context, run: ImportRun, before: Any, table: Any) -> list[ColumnElement[bool]]:
    """Of an import taken back: the old values of unique fields that nobody has taken since."""
    found = []
    for own in alive(ctx, run.kind):
        if own.is_unique and own.name in run.mapping:
            value = func.jsonb_extract_path_text(before, "custom", own.key, type_=Text())
            found.append(~select(CustomUnique.record_id).where(CustomUnique.field_id == own.id, CustomUnique.value_hash == unique.hashed(value), CustomUnique.record_id != table.c.id).exists())
    return found


def with_presets(ctx: Context, run: ImportRun, value: ColumnElement) -> ColumnElement:
    """The own values of a new record."""
    return literal(plain(presets(ctx, run.kind)), JSONB).op("||", return_type=JSONB())(func.coalesce(value, literal({}, JSONB)))
