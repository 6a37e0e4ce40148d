"""What rooms above say on the page of a record: read with the record, so that no page needs a statement for it.

A room's beside.py declares BESIDE = {"accounts": {"deals": make}, …}: make(ctx, model) gives a scalar subquery on the record
(mostly JSON), or None where the actor must not know. `columns` go into the record's own statement, `of` reads its row.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row

from core.base.context import Context
from core.base.registry import modules

Maker = Callable[[Context, Any], ColumnElement | None]
MARK = "beside:"


@lru_cache
def collect_beside() -> Mapping[str, Mapping[str, Maker]]:
    """Room of the record -> name -> maker, over all rooms; a name declared twice is a mistake."""
    found: dict[str, dict[str, Maker]] = {}
    for module in modules("beside"):
        for room, makers in getattr(module, "BESIDE", {}).items():
            taken = found.setdefault(room, {})
            if twice := taken.keys() & makers.keys():
                raise RuntimeError(f"declared twice beside {room}: {', '.join(twice)}")
            taken.update(makers)
    return found


def columns(ctx: Context, model: Any) -> list[ColumnElement]:
    """What stands beside a record of this model, as labelled columns of the statement that loads it."""
    made = ((name, make(ctx, model)) for name, make in collect_beside().get(model.ROOM, {}).items())
    return [column.label(MARK + name) for name, column in made if column is not None]


def of(row: Row) -> dict[str, Any]:
    """Name -> what its room says of the record in this row; a name that is absent is not the actor's to know."""
    return {name.removeprefix(MARK): value for name, value in row._mapping.items() if isinstance(name, str) and name.startswith(MARK)}
