"""Fields that a role hides or protects: what a transaction must not read for its actor, it can not read.

A room says which of its records' fields roles may hide or protect (`guard`, where its models stand). From then on, in
every transaction of an actor from whom one is hidden:

- a record that is loaded has nothing in that field, however it was loaded;
- a statement that names the field's column (to show, filter, sort, count or join by it) is refused (`field_hidden`).

The tenant's own fields ("accounts.custom.size") are keys of one column: a record is loaded without the hidden ones, and
a statement names the column by `part` (one key), `rest` (without the hidden ones) or not at all.

So an exit that forgets to ask fails instead of showing. What goes on without the field asks `core.base.field_rights`.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from sqlalchemy import ARRAY, JSON, ColumnElement, Engine, Text, event, literal
from sqlalchemy.orm import ORMExecuteState, Session
from sqlalchemy.orm.attributes import set_committed_value

from core.base.errors import Forbidden
from core.base.reading import CUSTOM, FIND, read_by

KEY, NAMES, OPTION = "hidden", "hidden names", "tendero_hidden"
OWN = f"{CUSTOM}."
NONE: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Guarded:
    """A room's records. fields: name -> the columns that tell it, its own first. visible: fields that may be protected
    but not hidden, because records can't be worked with otherwise. beside: name of what is told beside a field -> the fields
    with which it is hidden and protected."""

    room: str
    model: Any
    fields: Mapping[str, tuple[str, ...]]
    visible: frozenset[str] = frozenset()
    beside: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def hideable(self) -> tuple[str, ...]:
        return tuple(name for name in self.fields if name not in self.visible)


@dataclass(frozen=True)
class Hidden:
    """What one actor must not read. fields: (table, column) -> field. blanks: class -> (attribute, how to make its empty
    value). keys: table -> keys of the tenant's own fields."""

    fields: Mapping[tuple[str, str], str] = field(default_factory=dict)
    blanks: Mapping[type, tuple[tuple[str, Any], ...]] = field(default_factory=dict)
    keys: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Mirror:
    """Columns of another table that tell a field of the room's records: a letter's address is a contact's."""

    room: str
    field: str
    model: Any
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Behind:
    """What a permission of its own is needed for, beside that to read the records: read to know it, write to change it."""

    name: str
    read: str
    write: str


GUARDED: dict[str, Guarded] = {}
MIRRORS: list[Mirror] = []
BEHIND: list[Behind] = []
IMPLIED: dict[str, tuple[str, ...]] = {}  # field -> those of other rooms that are hidden with it
FACTS: dict[str, tuple[tuple[str, str], ...]] = {}  # kind of a fact -> (its value, the field that it tells)
UNSAID = "…"


def guard(guarded: Guarded) -> None:
    """Let roles hide and protect the fields of a room's records."""
    GUARDED[guarded.room] = guarded
    _watch(guarded.model)


def mirror(room: str, field: str, model: Any, *columns: str) -> None:
    """Hide columns of another room's records with a field."""
    if not any(one.model is model for one in MIRRORS):
        _watch(model)
    MIRRORS.append(Mirror(room, field, model, columns))


def behind(room: str, field: str, model: Any, columns: tuple[str, ...], *, read: str, write: str) -> None:
    """Hide columns of a room's own records, under a name, from whoever lacks a permission. `guard` has been called for them."""
    MIRRORS.append(Mirror(room, field, model, columns))
    BEHIND.append(Behind(f"{room}.{field}", read, write))


def implies(name: str, *others: str) -> None:
    """Whoever does not know one field does not know these: a lead's mail address is that of the contact who he becomes."""
    IMPLIED[name] = (*IMPLIED.get(name, ()), *others)


def closed(names: frozenset[str]) -> frozenset[str]:
    """The hidden fields with those that are hidden with them."""
    return names.union(*(IMPLIED.get(name, ()) for name in names)) if names else names


def fact_tells(kind: str, value: str, name: str) -> None:
    """A value of facts of that kind tells a field ("deals.loss_reason"): whoever may not know it reads a gap there."""
    FACTS[kind] = (*FACTS.get(kind, ()), (value, name))


def unsaid(session: Any) -> dict[str, dict[str, str]]:
    """Kind of a fact -> its values that this transaction must not read, each with what stands in its place."""
    names = session.info.get(NAMES) if session is not None else None
    found = {kind: {value: UNSAID for value, name in told if name in names} for kind, told in FACTS.items()} if names else {}
    return {kind: gaps for kind, gaps in found.items() if gaps}


def withheld(held: frozenset[str], permissions: frozenset[str], *, writing: bool = False) -> frozenset[str]:
    """The names that an actor must not read (write): those that his roles withhold, and what he lacks a permission for."""
    if "*" in permissions:
        return held
    lacks = {one.name for one in BEHIND if one.read not in permissions or (writing and one.write not in permissions)}
    return held | lacks if lacks else held


def _watch(model: Any) -> None:
    for name in ("load", "refresh", "refresh_flush"):
        event.listen(model, name, _blank)


def known(name: str) -> bool:
    """Is "accounts.phone" a field that a role may protect?"""
    room, _, one = name.partition(".")
    return room in GUARDED and (one in GUARDED[room].fields or _is_own(room, one))


def _is_own(room: str, one: str) -> bool:
    return one.startswith(OWN) and hasattr(GUARDED[room].model, CUSTOM)


def may_be_hidden(name: str) -> bool:
    """May a role hide it also?"""
    room, _, one = name.partition(".")
    return known(name) and (one in GUARDED[room].hideable or _is_own(room, one))


def apply(session: Session, names: frozenset[str], permissions: frozenset[str] = frozenset({"*"})) -> None:
    """From now on the transaction reads for an actor from whom these fields ("accounts.phone") are hidden, and who holds these
    permissions."""
    away = withheld(names, permissions)
    session.info[KEY] = columns_of(away) if away else None
    session.info[NAMES] = away


@contextmanager
def unhidden(session: Session) -> Iterator[None]:
    """For statements that act on fields without telling them to the actor: a mailing goes to addresses that its sender
    does not see. Load no records inside: they would stay readable."""
    kept = session.info.get(KEY)
    session.info[KEY] = None
    try:
        yield
    finally:
        session.info[KEY] = kept


@lru_cache(maxsize=256)
def of_room(names: frozenset[str], room: str) -> frozenset[str]:
    """The fields of one room among "accounts.phone", …, with what is told beside them."""
    found = frozenset(name.partition(".")[2] for name in names if name.startswith(f"{room}."))
    beside = GUARDED[room].beside if room in GUARDED else {}
    return found | {name for name, fields in beside.items() if not found.isdisjoint(fields)}


@lru_cache(maxsize=256)
def columns_of(names: frozenset[str]) -> Hidden:
    """Made once for each set of names that roles give: it says nothing of a tenant."""
    columns: dict[tuple[str, str], str] = {}
    blanks: dict[type, list[tuple[str, Any]]] = {}
    telling = [(one.model, f"{one.room}.{name}", one.fields[name]) for one in GUARDED.values() for name in one.fields]
    telling += [(one.model, f"{one.room}.{one.field}", one.columns) for one in MIRRORS]
    for model, name, each in telling:
        for column in each if name in names else ():
            columns[model.__tablename__, column] = name.partition(".")[2]
            blanks.setdefault(model, []).append((column, _empty(model.__table__.c[column])))
    return Hidden(columns, {model: tuple(each) for model, each in blanks.items()}, _own_keys(names))


def _own_keys(names: frozenset[str]) -> dict[str, frozenset[str]]:
    """Table -> the keys of the tenant's own fields among the names."""
    found: dict[str, set[str]] = {}
    for room, _, one in (name.partition(".") for name in names):
        if room in GUARDED and _is_own(room, one):
            found.setdefault(GUARDED[room].model.__tablename__, set()).add(one.removeprefix(OWN))
    return {table: frozenset(keys) for table, keys in found.items()}


def _empty(column: Any) -> Any:
    """What stands in place of a hidden value; a new one for each record."""
    return next((make for kind, make in ((ARRAY, list), (JSON, dict)) if isinstance(column.type, kind)), None)


def _blank(record: Any, context: Any, *_: Any) -> None:
    """A loaded record without what its reader must not know. What is set so is no change: nothing of it is saved."""
    session = getattr(context, "session", None)
    found = session.info.get(KEY) if session is not None else None
    for name, value in found.blanks.get(type(record), ()) if found else ():
        set_committed_value(record, name, value() if value else None)
    away = found.keys.get(record.__tablename__) if found else None
    if away and isinstance(record.__dict__.get(CUSTOM), dict):
        set_committed_value(record, CUSTOM, {key: value for key, value in record.custom.items() if key not in away})
    if away and FIND in record.__dict__:
        set_committed_value(record, FIND, None)


def in_table(session: Any, table: str) -> frozenset[str]:
    """The columns of a table that this transaction must not read."""
    found = session.info.get(KEY) if session is not None else None
    return frozenset(column for of, column in found.fields if of == table) if found else frozenset()


def hidden_keys(session: Any, table: str) -> frozenset[str]:
    """The keys of the tenant's own fields that this transaction must not read."""
    found = session.info.get(KEY) if session is not None else None
    return found.keys.get(table, NONE) if found else NONE


def part(model: Any, key: str) -> ColumnElement:
    """The column of own values in a statement that reads one key of it."""
    return model.__table__.c[CUSTOM]._annotate({CUSTOM: (key,)})


def rest(session: Session, model: Any) -> ColumnElement:
    """The own values without those that are hidden."""
    away = tuple(sorted(hidden_keys(session, model.__tablename__)))
    column = model.__table__.c[CUSTOM]
    return column._annotate({CUSTOM: ("", *away)}).op("-")(literal(list(away), ARRAY(Text))) if away else column


def written_over(table: Any) -> ColumnElement:
    """The own values as what a statement that writes some of them keeps of the rest: nothing of them is told."""
    return table.c[CUSTOM]._annotate({CUSTOM: (f"{CUSTOM}.",)})  # no key is called so


def searched(model: Any) -> ColumnElement:
    """What a search finds own values by. Whoever uses it compares the values of the keys that may be read as well."""
    return model.__table__.c[FIND]._annotate({CUSTOM: ("",)})


def _is_told(found: Hidden, table: str, name: str, said: tuple[str, ...] | None) -> bool:
    """Does a statement tell a hidden key by this column of own values, of which it says that?"""
    away = found.keys.get(table)
    if not away:
        return False
    if said is None:
        return True
    if said[0]:
        return said[0] in away
    return name == CUSTOM and not away <= set(said[1:])


@event.listens_for(Session, "do_orm_execute")
def _ask(state: ORMExecuteState) -> None:
    """Let the statement be looked at where it is sent. What a loaded record brings later is blanked in place of being refused."""
    found = state.session.info.get(KEY)
    if found is not None:
        state.update_execution_options(**{OPTION: None if state.is_column_load or state.is_relationship_load else found})


@event.listens_for(Engine, "before_cursor_execute")
def _refuse(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
    found = context.execution_options.get(OPTION) if context is not None else None
    if found is None or context.compiled is None:
        return
    read = read_by(context.compiled)
    told = next((key for key in found.fields if key in read.columns), None) or next((one[:2] for one in read.own if _is_told(found, *one)), None)
    if told is not None:
        raise Forbidden("field_hidden", field=found.fields.get(told, CUSTOM))
