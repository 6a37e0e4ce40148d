"""Two people who edit one record at once: their different fields never meet, the same field is asked about.

A use case that edits cleans what it was given, holds the record and writes what `changes` leaves:

    changes = editing.changes(ctx, account, mine, version=version, original=original)

`version` and `original` are what the form was loaded with; whoever gives neither (a job, the terminal) writes all.
"""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import func, inspect, select
from sqlalchemy.exc import InvalidRequestError

from core.base.context import Context
from core.base.errors import Conflict, Gathered, NotFound, Refused

Cleaner = Callable[[Any, str], Any]


def cleaned(fields: Mapping[str, Cleaner], given: Mapping[str, Any], wrong: Gathered | None = None) -> dict[str, Any]:
    """Only what was given, cleaned. A name that is no field is refused (`unknown_field`): nothing else is writable. All wrong
    values are refused together; whoever gathers more of them gives `wrong`, gets the good ones and settles later."""
    found, good = Gathered() if wrong is None else wrong, {}
    for name, value in given.items():
        with found.taking():
            good[name] = _field(fields, name)(value, name)
    if wrong is None:
        found.settle()
    return good


def _field(fields: Mapping[str, Cleaner], name: str) -> Cleaner:
    if name not in fields:
        raise Refused("unknown_field", name=name)
    return fields[name]


def cleaned_as_was(fields: Mapping[str, Cleaner], original: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Values as the form showed them. An import may have left what no form would take: it is compared as it is."""
    return None if original is None else {name: _as_was(fields[name], value, name) for name, value in original.items() if name in fields}


def _as_was(cleaner: Cleaner, value: Any, name: str) -> Any:
    try:
        return cleaner(value, name)
    except Refused:
        return value


def hold(ctx: Context, record: Any) -> None:
    """Take the record's lock and read it anew: from here to the commit nobody else changes it. Gone is NotFound."""
    ctx.session.flush()  # what this transaction changed before must not be lost by the refresh
    read_anew(ctx, record, {"key_share": True})  # others may still name it in their rows
    if getattr(record, "deleted_at", None) is not None:
        raise NotFound()


def read_anew(ctx: Context, record: Any, lock: Any = True) -> None:
    """The record under a row lock, as it stands now; NotFound where its row was deleted while one waited for the lock."""
    try:
        ctx.session.refresh(record, with_for_update=lock)
    except InvalidRequestError:
        if not inspect(record).persistent:  # it never was a row of this session: our own mistake
            raise
        raise NotFound() from None


def hold_place(ctx: Context, place: str) -> None:
    """Wait until nobody else of the workspace is at this place, and keep others from it until the commit: for what no row stands for yet."""
    ctx.session.execute(select(func.pg_advisory_xact_lock(_place(place))))


def take_place(ctx: Context, place: str) -> bool:
    """The same without waiting: False where somebody else is there."""
    return ctx.session.execute(select(func.pg_try_advisory_xact_lock(_place(place)))).scalar_one()


def _place(place: str) -> Any:
    return func.hashtextextended(func.current_schema().concat(f".{place}"), 0)


def changes(ctx: Context, record: Any, mine: Mapping[str, Any], *, version: int | None, original: Mapping[str, Any] | None) -> dict[str, Any]:
    """What is to be written to the record, which is held from now on; see `settle`."""
    hold(ctx, record)
    return settle(mine, {name: getattr(record, name) for name in mine}, stands=record.version, version=version, original=original)


def settle(mine: Mapping[str, Any], theirs: Mapping[str, Any], *, stands: int, version: int | None, original: Mapping[str, Any] | None) -> dict[str, Any]:
    """What of `mine` is to be written over `theirs`, which stands at that version. Saved meanwhile by somebody else:
    his other fields stay and mine are added; the same field raises Conflict with (mine, theirs, original)."""
    if version is None or version == stands:
        return {name: value for name, value in mine.items() if value != theirs[name]}
    if original is None:
        raise Conflict("stale")
    write, conflicts = merge(mine, theirs, original)
    if conflicts:
        raise Conflict(fields=conflicts, version=stands)
    return write


def merge(mine: Mapping[str, Any], theirs: Mapping[str, Any], original: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, tuple[Any, Any, Any]]]:
    """(what to write, what is in conflict) when I save `mine` over `theirs` and both began with `original`.

    What I left as it was keeps their value; what only I changed is written; what both changed to different values is
    in conflict, as (mine, theirs, original).
    """
    write: dict[str, Any] = {}
    conflicts: dict[str, tuple[Any, Any, Any]] = {}
    for name, value in mine.items():
        before = original.get(name, theirs[name])
        if value in (before, theirs[name]):
            continue
        if theirs[name] == before:
            write[name] = value
        else:
            conflicts[name] = (value, theirs[name], before)
    return write, conflicts
