"""Erase a person from all rooms: his own rows are emptied, elsewhere a pseudonym stands where he was named.

It goes by the declarations of the rooms alone (core.base.personal), in one transaction. First the data, then what was written down
about them: facts, and the audit, whose chain goes on holding (core.audit.redacting).
"""

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Table,
    Text,
    and_,
    any_,
    delete,
    func,
    literal,
    or_,
    select,
    text,
    true,
    union,
    update,
)
from sqlalchemy import Uuid as Key
from sqlalchemy.dialects.postgresql import ARRAY, array

from core.audit import redacting
from core.base.context import Context
from core.base.errors import Refused
from core.base.personal import Personal, personal
from core.base.words import N_
from core.parties.reach_rules import phone_key
from core.privacy import rows
from core.privacy.finding import OURS, known_as
from core.privacy.rows import Person, table_of
from core.tagging.models import TAGGED
from core.transfer.models import MOVING
from infra.storage import storage

WRITTEN_DOWN = ("audit_entry", "fact", "export_run", "consent")
NO_CALLS = N_("Shows that this number must not be called (GDPR 21.3), without name.")
KEPT_IN_FACTS = frozenset({"fields", "kind", "code", "count", "state"})
TAKE = text("SELECT ext.redact(:table, :id, CAST(:kept AS jsonb))")


@dataclass
class Erased:
    """counts: table -> rows that were changed or went. said: rows about something else in which he said something. files: keys of bytes that went. kept: table -> (rows, why the law keeps them)."""

    counts: dict[str, int] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    kept: dict[str, tuple[int, str]] = field(default_factory=dict)
    touched: set[UUID] = field(default_factory=set)
    mine: set[UUID] = field(default_factory=set)
    said: set[UUID] = field(default_factory=set)

    def add(self, table: str, count: int) -> None:
        if count:
            self.counts[table] = self.counts.get(table, 0) + count


def erase(ctx: Context, key: bytes, person: Person, *, stopped: bool = False) -> Erased:
    """Do it. person: whom, with the rows that were said to be about him; key: of the audit's chain. Safe to repeat. stopped: nothing
    else is at work here. Refuses (`erase_meets_import`) while an import is in which he stands."""
    person, done = known_as(ctx, person), Erased()
    done.mine |= former_rows(ctx, person)
    contact = table_of("contact")
    ctx.session.execute(update(contact).where(contact.c.id.in_(person.ids), contact.c.restricted_at.is_not(None)).values(restricted_at=None, restricted_why=None))
    ctx.session.execute(update(contact).where(contact.c.id.in_(person.ids), contact.c.erased_at.is_(None)).values(erased_at=ctx.now))
    _drop_imports(ctx, person, done, stopped)
    _stop_letters(ctx, person)
    tagged = _tags_of(ctx, person)
    ctx.session.execute(text("SET LOCAL tendero.redacting = 'on'"))  # what was sent loses his name too (ext.refuse_fixed)
    for one in personal().values():
        if one.table not in (*OURS, *WRITTEN_DOWN):
            _empty(ctx, one, person, done)
            _unsay(ctx, one, person, done)
            _swap(ctx, one, person, done)
    ctx.session.execute(text("SET LOCAL tendero.redacting = 'off'"))
    _drop_tags(ctx, tagged, done)
    _drop_marks(ctx, person, done)
    redact_facts(ctx, person, done)
    redact_ledger(ctx, person, done)
    _redact_exports(ctx, person, done)
    redact_audit(ctx, key, person, done)
    ctx.session.expire_all()
    for name in done.files:
        # Last, and harmless when this transaction should fail after all: it is done again.
        storage().remove(ctx.tenant.id, name)
    return done


def _drop_imports(ctx: Context, person: Person, done: Erased, stopped: bool) -> None:
    """Imports in whose file the person stands lose file and staged rows, as they do after 90 days: the file can't be read without him."""
    row, run, one = table_of("import_row"), table_of("import_run"), personal()["import_row"]
    found = select(row.c.run_id).where(or_(rows.own(one, person), rows.ticked(one, person), rows.names(row, one.told, person.sure))).distinct()
    runs = list(ctx.session.execute(select(run.c.id, run.c.file_key, run.c.table_key, run.c.state).where(run.c.id.in_(found)).with_for_update()))
    if not stopped and any(one.state in MOVING for one in runs):
        raise Refused("erase_meets_import")
    keys = [one.id for one in runs]
    done.add("import_row", ctx.session.execute(delete(row).where(row.c.run_id.in_(keys))).rowcount)
    fix = table_of("import_fix")
    done.add("import_fix", ctx.session.execute(delete(fix).where(fix.c.run_id.in_(keys))).rowcount)
    ctx.session.execute(update(run).where(run.c.id.in_(keys)).values(file_key="", table_key=None, **rows.stamped(run, ctx.now)))
    done.files += [name for one in runs for name in (one.file_key, one.table_key) if name]


def _stop_letters(ctx: Context, person: Person) -> None:
    """What waits to be sent to him is not sent."""
    for name, state in (("mailing_recipient", {"state": "suppressed", "reason": "erased"}), ("outgoing_mail", {"state": "suppressed"})):
        table, one = table_of(name), personal()[name]
        waiting = table.c.state.in_(("queued", "claimed"))
        ctx.session.execute(update(table).where(rows.own(one, person), waiting).values(**state, lease_until=None, lease_token=None))


def _empty(ctx: Context, one: Personal, person: Person, done: Erased) -> None:
    """His own rows: gone, or emptied. A row that was ticked is his own where whole rows go."""
    table = table_of(one.table)
    where = or_(rows.own(one, person), rows.ticked(one, person)) if one.gone else rows.own(one, person)
    back = [table.c[name] for name in (*(["id"] if "id" in table.c else []), *one.files)] or [literal(1)]
    if one.gone:
        changed = list(ctx.session.execute(delete(table).where(where).returning(*back)).mappings())
        done.files += [row[name] for row in changed for name in one.files if row[name]]
    elif one.cleared:
        values = {name: rows.blank(table.c[name], person.mark) for name in one.cleared}
        if one.signed:
            where &= table.c[one.signed].is_not(None)
            values[one.signed] = person.mark
        changed = list(ctx.session.execute(update(table).where(where).values(**values, **rows.stamped(table, ctx.now)).returning(*back)).mappings())
    else:
        return
    done.add(one.table, len(changed))
    done.mine |= {row["id"] for row in changed if "id" in row}
    _keep(one, done, len(changed))


def _keep(one: Personal, done: Erased, count: int) -> None:
    """What is left of these rows, and why the law keeps it."""
    if one.keeps and count:
        done.kept[one.table] = (done.kept.get(one.table, (0, ""))[0] + count, one.keeps)


def _unsay(ctx: Context, one: Personal, person: Person, done: Erased) -> None:
    """What he said under his own name in a row about something else goes, whatever its words are."""
    table, both = table_of(one.table), person.sure | person.names
    if not one.signed or rows.finder(both) is None:
        return
    known = or_(rows.ticked(one, person), rows.names(table, one.told, person.sure, words=False))
    values = {name: rows.blank(table.c[name], person.mark) for name in one.cleared} | {one.signed: person.mark}
    his = known & rows.names(table, (one.signed,), both)
    changed = set(ctx.session.execute(update(table).where(his).values(**values, **rows.stamped(table, ctx.now)).returning(table.c.id)).scalars())
    done.add(one.table, len(changed))
    done.touched |= changed
    done.said |= changed
    _keep(one, done, len(changed))


def former_rows(ctx: Context, person: Person) -> set[UUID]:
    """Rows of his own that were deleted for good before, such as files after their 90 days: the audit kept all that stood in them."""
    entry, keys = table_of("audit_entry"), literal([str(one) for one in sorted(person.ids)], ARRAY(Text))
    hung = [and_(entry.c.table_name == one.table, entry.c.changes[name].astext == any_(keys)) for one in personal().values() for name in one.by]
    return set(ctx.session.execute(select(entry.c.row_id).where(entry.c.action == "delete", or_(*hung))).scalars())


def _tags_of(ctx: Context, person: Person) -> list[str]:
    each = [select(func.unnest(table_of(name).c.tags)).where(rows.own(one, person)) for name, one in personal().items() if name in TAGGED.values()]
    return list(ctx.session.execute(union(*each)).scalars())


def _drop_tags(ctx: Context, words: list[str], done: Erased) -> None:
    """A tag that nobody else has goes with him: it may be what somebody wrote down about him."""
    tag, has = table_of("tag"), [select(literal(1)).where(table_of(name).c.tags.contains(array([table_of("tag").c.name]))).exists() for name in TAGGED.values()]
    gone = list(ctx.session.execute(delete(tag).where(tag.c.name == any_(literal(words, ARRAY(Text))), ~or_(*has)).returning(tag.c.id)).scalars())
    done.add("tag", len(gone))
    done.mine |= set(gone)


def _drop_marks(ctx: Context, person: Person, done: Erased) -> None:
    """What is known of a number that nobody else has goes with him. That it must not be called stays, with nothing else."""
    mark, contact, point = table_of("reach_mark"), table_of("contact"), table_of("contact_point")
    keys = [key for one in person.sure if "@" not in one and len(key := phone_key(one) or "") >= 6]
    has = (select(literal(1)).where(column == mark.c.key).exists() for column in (contact.c.phone_key, contact.c.mobile_key, table_of("account").c.phone_key, point.c.key))
    his = (mark.c.kind == "phone", mark.c.key == any_(literal(keys, ARRAY(Text))), ~or_(*has))
    gone = set(ctx.session.execute(delete(mark).where(*his, mark.c.opted_out_at.is_(None)).returning(mark.c.id)).scalars())
    kept = set(ctx.session.execute(update(mark).where(*his).values(note=None, **rows.stamped(mark, ctx.now)).returning(mark.c.id)).scalars())
    done.add("reach_mark", len(gone))
    done.mine |= gone | kept
    if kept:
        done.kept["reach_mark"] = (len(kept), NO_CALLS)


def _swap(ctx: Context, one: Personal, person: Person, done: Erased) -> None:
    """Rows about something else in which he is named: the pseudonym stands there. His name only where a person said that it is he."""
    if not one.told:
        return
    table, both = table_of(one.table), person.sure | person.names
    if rows.finder(both) is None:
        return
    sure = rows.names(table, one.told, person.sure | (person.names if one.passing else set()), words=False)
    free = table.c.restricted_at.is_(None) if "restricted_at" in table.c else true()  # what is restricted is changed by nobody
    where = or_(rows.ticked(one, person), sure) & rows.names(table, one.told, both) & free
    values = {name: rows.swapped(table.c[name], both, person.mark) for name in one.told}
    if one.original:
        where = table.c.id == any_(literal(_drop_originals(ctx, table, one.original, where, done), ARRAY(Key)))
        values[one.original] = None
    back = table.c.id if "id" in table.c else literal(1)
    changed = list(ctx.session.execute(update(table).where(where).values(**values, **rows.stamped(table, ctx.now)).returning(back)).scalars())
    done.add(one.table, len(changed))
    done.touched |= {key for key in changed if isinstance(key, UUID)}


def _drop_originals(ctx: Context, table: Table, original: str, where: ColumnElement[bool], done: Erased) -> list[UUID]:
    """The bytes as they came, which hold his name too: they go, and what of the row is read stays without them. Returns the rows, held: read once, so that
    none loses its key whose bytes were not seen here."""
    found = ctx.session.execute(select(table.c.id, table.c[original].label("original")).where(where).with_for_update()).all()
    done.files += [row.original for row in found if row.original]
    return [row.id for row in found]


def redact_facts(ctx: Context, person: Person, done: Erased) -> None:
    """What was told on his timelines loses every text; elsewhere only what names him."""
    fact, on, one = table_of("fact"), table_of("fact_subject"), personal()["fact"]
    keys = literal(sorted(person.ids | done.mine | done.touched), ARRAY(Key))
    about = fact.c.id.in_(select(on.c.fact_id).where(on.c.subject_id == any_(keys)))
    where = or_(about, rows.ticked(one, person), rows.names(fact, one.told, person.sure))
    whole, sought = person.ids | done.mine, _finder(person)
    for row in ctx.session.execute(select(fact.c.id, fact.c.subject_id, fact.c.params, about.label("about")).where(where)).all():
        kept = _without(row.params, sought, person.mark, whole=row.subject_id in whole)
        if kept != row.params:
            ctx.session.execute(TAKE, {"table": "fact", "id": row.id, "kept": json.dumps(kept)})
            done.add("fact", 1)


def _without(value: Any, sought: Any, mark: str, *, whole: bool, name: str = "") -> Any:
    if isinstance(value, dict):
        return {one: _without(each, sought, mark, whole=whole, name=one) for one, each in value.items()}
    if isinstance(value, list):
        return [_without(each, sought, mark, whole=whole, name=name) for each in value]
    if not isinstance(value, str) or name in KEPT_IN_FACTS:
        return value
    return mark if whole and value and not _is_key(value) else sought.sub(mark, value) if sought else value


def _is_key(value: str) -> bool:
    try:
        return bool(UUID(value))
    except ValueError:
        return False


def redact_ledger(ctx: Context, person: Person, done: Erased) -> None:
    """The ledger goes on saying that somebody agreed and withdrew, and no longer from where."""
    ledger, one = table_of("consent"), personal()["consent"]
    found = list(ctx.session.execute(select(ledger.c.id).where(rows.own(one, person))).scalars())
    for key in found:
        ctx.session.execute(TAKE, {"table": "consent", "id": key, "kept": "{}"})
    if found:
        done.kept["consent"] = (len(found), one.keeps)


def _redact_exports(ctx: Context, person: Person, done: Erased) -> None:
    """Lists that were taken out under a filter with his name."""
    export, one, sought = table_of("export_run"), personal()["export_run"], _finder(person)
    where = or_(rows.ticked(one, person), rows.names(export, one.told, person.sure))
    for row in ctx.session.execute(select(export.c.id, export.c.filters).where(where)).all():
        ctx.session.execute(TAKE, {"table": "export_run", "id": row.id, "kept": json.dumps(_without(row.filters, sought, person.mark, whole=False))})
        done.add("export_run", 1)


def redact_audit(ctx: Context, key: bytes, person: Person, done: Erased) -> None:
    """Old and new values of his own rows go, and every value elsewhere that names him. Last: emptying him was written down too."""
    entry, one = table_of("audit_entry"), personal()["audit_entry"]
    mine, others = person.ids | done.mine, literal(sorted(person.ids | done.mine | done.touched), ARRAY(Key))
    where = or_(entry.c.row_id == any_(others), rows.ticked(one, person), rows.names(entry, one.told, person.sure))
    found = ctx.session.execute(select(entry.c.id, entry.c.table_name, entry.c.row_id, entry.c.changes).where(where, entry.c.changes.is_not(None))).all()
    sought, wanted = _finder(person), {}
    for row in found:
        fields = _personal_fields(row.table_name) if row.row_id in mine else {personal()[row.table_name].signed, *personal()[row.table_name].cleared} if row.row_id in done.said else set()
        fields |= {name for name, both in row.changes.items() if sought and sought.search(json.dumps(both, ensure_ascii=False))}
        kept = redacting.without(row.changes, fields)
        if kept != row.changes:
            wanted[row.id] = kept
    done.add("audit_entry", redacting.redact(ctx, key, wanted))


def _personal_fields(table: str) -> set[str]:
    """With the columns that the database computes from them."""
    one = personal().get(table)
    made = {column.name for column in table_of(table).c if column.computed is not None} if one else set()
    return set(one.columns) | made if one else set()


def _finder(person: Person) -> Any:
    return rows.finder(person.sure | person.names)
