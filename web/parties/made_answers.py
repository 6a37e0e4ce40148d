"""Members of the API's answers that are columns of lists which rooms above make (core.views.above)."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from core.base.context import Context
from core.views.above import collect_made, made_columns
from web.api import shell


class MadeOut(shell.Out):
    """An answer whose members may be such columns, by their names. One statement reads those of all records of a page; whoever may not know a
    column is not told its member."""

    @classmethod
    def look_beside(cls, ctx: Context, records: Sequence[Any], chosen: set[str] | None) -> None:
        model = type(records[0]) if records else None
        members = cls._made(model) if model is not None and hasattr(model, "ROOM") else frozenset()
        known = made_columns(ctx, model.ROOM) if members else {}
        asked = [name for name in known if name in members and (chosen is None or name in chosen)]
        found: dict[Any, Any] = {}
        if asked:
            rows = ctx.session.execute(select(model.id, *(known[name][1] for name in asked)).where(model.id.in_([one.id for one in records])))
            found = {row.id: row for row in rows}
        for record in records:
            for name in members:
                setattr(record, name, getattr(found.get(record.id), name, None))

    @classmethod
    def away(cls, ctx: Context, record: Any) -> set[str]:
        members = cls._made(type(record))
        return super().away(ctx, record) | (members - made_columns(ctx, record.ROOM).keys() if members else set())

    @classmethod
    def _made(cls, model: Any) -> frozenset[str]:
        return frozenset(one.name for one in collect_made().get(getattr(model, "ROOM", ""), ()) if one.name in cls.model_fields)
