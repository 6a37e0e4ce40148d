"""What a file's rows bring beside a record's own fields: further mails and numbers, a person's postal address, marks of what one
is reached by. They hang on the record; values and addresses go with the undo, marks stay (what somebody wants holds all the same).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Text,
    Uuid,
    and_,
    any_,
    case,
    cast,
    column,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from core.base.context import Context
from core.base.field_rights import protected
from core.base.hiding import unhidden
from core.base.policy import has
from core.base.sets import given_rows, record_all
from core.base.words import N_
from core.parties import reach, reach_many, reach_rules
from core.parties.reach_access import PARENTS, parent_of
from core.parties.reach_models import ADDRESS_FIELDS, FIELDS_OF, Affiliation, ContactPoint, PostalAddress
from core.parties.reach_words import INVALID_WORDS, LABEL_WORDS
from core.parties.words import LABELS
from core.transfer import cells, texts
from core.transfer.cells import Reading
from core.transfer.models import PARTIES, ImportRow, ImportRun

# Target -> (kind of the value, the record's own field with which it is hidden and protected, what the page calls it).
FURTHER = {
    "mail_2": ("mail", "mail", N_("Mail 2")), "mail_3": ("mail", "mail", N_("Mail 3")),
    "phone_2": ("phone", "phone", N_("Phone 2")), "phone_3": ("phone", "phone", N_("Phone 3")),
}
KINDS_SAID = {"mail_2": N_("Kind of mail 2"), "mail_3": N_("Kind of mail 3"), "phone_2": N_("Kind of phone 2"), "phone_3": N_("Kind of phone 3")}
KINDS_OUT = frozenset(f"{target}_kind" for target in KINDS_SAID)
# Target -> (the record's own field whose value is marked, is it what somebody wants?, what the page calls it).
MARKS = {
    "no_mailings": ("mail", True, N_("No advertising by mail")), "mail_invalid": ("mail", False, N_("Mail no longer good")),
    "phone_no_calls": ("phone", True, N_("Do not call: phone")), "phone_invalid": ("phone", False, N_("Phone no longer good")),
    "mobile_no_calls": ("mobile", True, N_("Do not call: mobile")), "mobile_invalid": ("mobile", False, N_("Mobile no longer good")),
}
MESSENGERS, OTHER_ROLES = "messengers", "other_roles"
IN_LINES = {MESSENGERS: N_("Messengers"), OTHER_ROLES: N_("Roles at other accounts")}  # one on each line of a cell (core.transfer.texts)
ADDRESS = "further_address"  # under which the journal keeps what an address was


def labels(kind: str) -> dict[str, str]:
    """Target -> what it is called, of all that may stand beside such a record, in the order of an export's columns."""
    if kind not in PARTIES:
        return {}
    places = {name: LABELS[name] for name in ADDRESS_FIELDS} if kind == "contacts" else {}
    values = {name: text for target, said in FURTHER.items() for name, text in ((target, said[2]), (f"{target}_kind", KINDS_SAID[target]))}
    lines = {target: text for target, text in IN_LINES.items() if kind == "contacts" or target == MESSENGERS}
    return places | values | lines | {target: text for target, (field, _, text) in MARKS.items() if kind == "contacts" or field != "mobile"}


def tells(kind: str, target: str) -> tuple[str, tuple[str, ...]]:
    """(room, fields of it) with which a target is hidden and protected."""
    if target in ADDRESS_FIELDS:
        return "accounts", (target,)
    if target in IN_LINES:
        return kind, ("account_id", "job_title") if target == OTHER_ROLES else tuple(name for name in FIELDS_OF["messenger"] if kind == "contacts" or name != "mobile")
    field = FURTHER[target.removesuffix("_kind")][1] if target not in MARKS else MARKS[target][0]
    return kind, ("mail",) if field == "mail" else ("phone", "mobile") if kind == "contacts" else ("phone",)


def reader(target: str) -> Any:
    """What reads a cell of that column, as a form would take it; refuses what is no address, number, mark or line of an address."""
    if target in FURTHER:
        return lambda cell, reading: reach_rules.point(FURTHER[target][0], cell)["value"]
    if target in IN_LINES:
        return texts.read_messengers if target == MESSENGERS else texts.read_roles
    if target in MARKS:
        return _read_wish if MARKS[target][1] else lambda cell, reading: reach_rules.among(tuple(INVALID_WORDS), _word(cell, INVALID_WORDS), target)
    if target in ADDRESS_FIELDS:
        return lambda cell, reading: reach_rules.ADDRESS_FIELDS[target](cell, target)
    return lambda cell, reading: reach_rules.label(_word(cell, LABEL_WORDS))


def _read_wish(cell: str, reading: Reading) -> bool | None:
    """Yes marks; no says nothing: a wish is taken back by hand."""
    return cells.read_yes(cell, reading) or None


def _word(cell: str, words: Mapping[str, str]) -> str:
    """The word of a list, as our own files write it or as a page shows it, in any of the languages; else what was typed."""
    return texts.word_in(cell, words) or cells.plain_spaces(cell)


def offered(ctx: Context, kind: str) -> set[str]:
    """The targets that the actor may fill: what hangs on records is added by whoever may edit them."""
    if not has(ctx, f"{kind}.edit"):
        return set()
    return {target for target in labels(kind) if not protected(ctx, tells(kind, target)[0]).intersection(tells(kind, target)[1])}


POINTS, PLACES, ROLES, ROWS = ContactPoint.__table__, PostalAddress.__table__, Affiliation.__table__, ImportRow.__table__


def written(ctx: Context, run: ImportRun, first: int, last: int, targets: Sequence[str]) -> list[Any]:
    """(line, record_id, values, outcome) of the rows of these lines that are in the records and say something in one of these columns."""
    mapped = [ImportRow.values.has_key(target) for target in targets if target in run.mapping]
    if not mapped:
        return []
    said = or_(*mapped)
    mine = and_(ImportRow.run_id == run.id, ImportRow.line.between(first, last), ImportRow.plan.in_(("create", "update")), ImportRow.outcome.is_not(None), ImportRow.record_id.is_not(None), said)
    return list(ctx.session.execute(select(ImportRow.line, ImportRow.record_id, ImportRow.values, ImportRow.outcome).where(mine).order_by(ImportRow.line)))


def give(ctx: Context, run: ImportRun, first: int, last: int) -> None:
    """Hang the values of these lines on their records; which ones are new is kept in the row."""
    rows = written(ctx, run, first, last, list(labels(run.kind)))
    if not rows:
        return
    added: dict[Any, list[str]] = {}
    for record_id, key in reach.add_many(ctx, run.kind, [value for row in rows for value in _points(row)]):
        added.setdefault(record_id, []).append(str(key))
    was: dict[Any, dict[str, Any]] = {}
    for record_id, (what, found) in reach_many.put_addresses(ctx, _places(run, rows)).items():
        if what == "added":
            added.setdefault(record_id, []).append(found)
        else:
            was[record_id] = found
    reach_many.mark_many(ctx, run.kind, [mark for row in rows for mark in _marks(row)])
    kept = [{"line": row.line, "further": added.get(row.record_id), "was": was.get(row.record_id)} for row in rows if row.record_id in added or row.record_id in was]
    if kept:
        keep(ctx, run, kept)
        _tell_added(ctx, run, {row.record_id for row in rows if row.outcome != "created"}, added, set(was))


def _tell_added(ctx: Context, run: ImportRun, known: set[Any], added: dict[Any, list[str]], changed: set[Any]) -> None:
    """On the timelines of records that were there: what was hung on them, never the values."""
    keys = [key for record_id in known for key in added.get(record_id, ())]
    kinds = dict(tuple(row) for row in ctx.session.execute(select(POINTS.c.id, POINTS.c.kind).where(POINTS.c.id == any_(literal(keys, ARRAY(Uuid(as_uuid=False))))))) if keys else {}
    kinds = {str(key): f"further_{kind}" for key, kind in kinds.items()}
    tell(ctx, run.kind, "reach.added", {record_id: {kinds.get(key, ADDRESS) for key in added[record_id]} for record_id in known.intersection(added)})
    tell(ctx, run.kind, "reach.edited", {record_id: {ADDRESS} for record_id in known & changed})


def tell(ctx: Context, room: str, kind: str, said: Mapping[Any, set[str]]) -> None:
    """The fact `kind` for each of these records, with what it is about."""
    if not said:
        return
    model, subject = PARENTS[room], room.removesuffix("s")
    given = given_rows([{"id": key, "fields": sorted(fields)} for key, fields in said.items()], (column("id", Uuid()), column("fields", JSONB)))
    about = model.account_id if room == "contacts" else cast(None, Uuid())
    params = func.jsonb_build_object("fields", given.c.fields, "name", model.name)
    record_all(ctx, kind, subject, select(model.id.label("subject_id"), about.label("about_id"), params.label("params")).join(given, given.c.id == model.id))


def _points(row: Any) -> list[dict[str, Any]]:
    return [
        {"record_id": row.record_id, "kind": kind, "value": row.values[target], "label": row.values.get(f"{target}_kind") or "other"}
        for target, (kind, *_) in FURTHER.items() if row.values.get(target)
    ] + [{"record_id": row.record_id, "kind": "messenger", "service": service, "label": label, "value": value} for service, label, value in row.values.get(MESSENGERS) or ()]


def _places(run: ImportRun, rows: Any) -> dict[Any, dict[str, Any]]:
    if run.kind != "contacts":
        return {}
    given = {row.record_id: {name: row.values[name] for name in ADDRESS_FIELDS if row.values.get(name)} for row in rows}
    return {key: place for key, place in given.items() if place}


def _marks(row: Any) -> list[tuple]:
    found: dict[str, dict[bool, Any]] = {}
    for target, (field, is_wish, _) in MARKS.items():
        if row.values.get(target):
            found.setdefault(field, {})[is_wish] = row.values[target]
    return [(row.record_id, field, bool(said.get(True)), said.get(False)) for field, said in found.items()]


def keep(ctx: Context, run: ImportRun, kept: list[dict[str, Any]]) -> None:
    """A row that changed nothing else has changed this. further: keys of what it brought, beside those that it has; was: what its address was."""
    json = JSONB(none_as_null=True)
    given = given_rows(kept, (column("line", Integer), column("further", json), column("was", json)))
    nothing: Any = literal({}, JSONB)
    before = case((ROWS.c.outcome == "skipped", nothing), else_=ROWS.c.before)
    with_address = func.coalesce(before, nothing).op("||", return_type=JSONB())(func.jsonb_build_object(ADDRESS, given.c.was))
    changed = {
        "further": func.coalesce(ROWS.c.further, literal([], JSONB)).op("||", return_type=JSONB())(func.coalesce(given.c.further, literal([], JSONB))), "outcome": case((ROWS.c.outcome == "skipped", "updated"), else_=ROWS.c.outcome),
        "before": case((given.c.was.is_(None), before), else_=with_address),
    }
    ctx.session.execute(update(ROWS).where(ROWS.c.run_id == run.id, ROWS.c.line == given.c.line).values(**changed))


def ours(run: ImportRun, row: Any, point: Any) -> ColumnElement[bool]:
    """Did that row bring this value?"""
    return and_(row.run_id == run.id, row.further.has_key(cast(point.c.id, Text)))


def take_back(ctx: Context, run: ImportRun, mine: ColumnElement[bool]) -> None:
    """What rows that are undone brought goes, and an address is as it was, unless somebody changed it since."""
    if not any(target in run.mapping for target in (*FURTHER, *ADDRESS_FIELDS, *IN_LINES)):
        return
    keys = brought(ctx, mine)
    with unhidden(ctx.session):  # takes away what it brought, whoever may read it
        gone = _remove(ctx, run, keys, _put_back_addresses(ctx, run, mine))
    _tell_gone(ctx, run, mine, gone)


def _put_back_addresses(ctx: Context, run: ImportRun, mine: ColumnElement[bool]) -> list[str]:
    """Each as it was before the first of these rows, where nobody has touched it since, nor between two of them. Gives the keys of
    those that are now as they were made."""
    if run.kind != "contacts":
        return []
    changed = select(ImportRow.before[ADDRESS]).where(mine, ImportRow.outcome == "undone", ImportRow.before.has_key(ADDRESS)).order_by(ImportRow.line)
    was: dict[str, dict[str, Any]] = {}
    versions: dict[str, list[int]] = {}
    for place in ctx.session.execute(changed).scalars():
        was[place["id"]] = place["was"] | was.get(place["id"], {})
        versions.setdefault(place["id"], []).append(place["version"])
    as_made = []
    for key, parts in was.items():
        first, last = versions[key][0], versions[key][-1]
        same = and_(PLACES.c.id == cast(key, Uuid()), PLACES.c.version == last, PLACES.c.deleted_at.is_(None), literal(last - first == len(versions[key]) - 1))
        done = ctx.session.execute(update(PLACES).where(same).values(**parts, updated_at=ctx.now, version=PLACES.c.version + 1)).rowcount
        as_made += [key] * (done and first == 2)
    return as_made


def _remove(ctx: Context, run: ImportRun, keys: Sequence[str], as_made: Sequence[str]) -> dict[Any, set[str]]:
    """Take away what nobody has touched since; says what went of which record."""
    gone: dict[Any, set[str]] = {}
    for table, said in ((POINTS, literal("further_").op("||")(POINTS.c.kind)), (PLACES, literal(ADDRESS)), (ROLES, literal(OTHER_ROLES))):
        as_it_came = or_(table.c.version == 1, table.c.id == any_(literal(as_made, ARRAY(Uuid(as_uuid=False)))))
        untouched = and_(table.c.id == any_(literal(keys, ARRAY(Uuid(as_uuid=False)))), as_it_came, table.c.deleted_at.is_(None))
        change = update(table).where(untouched).values(deleted_at=ctx.now, updated_at=ctx.now, version=table.c.version + 1)
        for record_id, what in ctx.session.execute(change.returning(parent_of(table.c, run.kind), said)):
            gone.setdefault(record_id, set()).add(what)
    return gone


def brought(ctx: Context, mine: ColumnElement[bool]) -> list[str]:
    """The keys of what the rows that are undone brought."""
    undone = select(func.jsonb_array_elements_text(ImportRow.further)).where(mine, ImportRow.outcome == "undone", func.jsonb_typeof(ImportRow.further) == "array")
    return list(ctx.session.execute(undone).scalars())


def _tell_gone(ctx: Context, run: ImportRun, mine: ColumnElement[bool], gone: dict[Any, set[str]]) -> None:
    """On the timelines of records that stay: what was taken from them. A role is told as such."""
    if not gone:
        return
    known = set(ctx.session.execute(select(ImportRow.record_id).where(mine, ImportRow.outcome == "undone", ImportRow.before.is_not(None))).scalars())
    said = {key: fields - {OTHER_ROLES} for key, fields in gone.items() if key in known and fields - {OTHER_ROLES}}
    tell(ctx, run.kind, "reach.removed", said)
    tell(ctx, run.kind, "affiliation.removed", {key: set() for key, fields in gone.items() if key in known and OTHER_ROLES in fields})
