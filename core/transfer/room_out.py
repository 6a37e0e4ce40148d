"""The list of a room with columns and own fields taken out, as CSV or XLSX: what products, deals, leads and quotes have alike."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any
from uuid import UUID

from sqlalchemy import Select, Uuid, and_, any_, literal
from sqlalchemy.dialects.postgresql import ARRAY

from core.base.context import Context
from core.base.errors import Refused
from core.base.field_rights import hidden
from core.base.policy import has, require, sees
from core.custom_fields.fields import Own, fields_of
from core.transfer.exporting import CHUNK, Filters, Shape, Watch, custom_names, own_says
from core.views.above import made_columns
from core.views.lists import LISTS, chosen_columns, columns_of
from infra import i18n
from infra.spreadsheets_out import write_rows
from infra.workbooks_out import write_workbook

FORMATS = ("csv", "xlsx")


@dataclass(frozen=True)
class RoomOut:
    """How a room's list becomes a file.

    names: the columns of the whole file in their order; labels: what stands above them. base: (ctx) -> the record and what is asked for
    beside it. sayer: (ctx) -> (record, *beside) -> what is written otherwise than it is kept. moments: columns shown as a clock of the
    reader's shows them. title: of the sheet.
    """

    model: Any
    title: str
    names: tuple[str, ...]
    labels: Mapping[str, str]
    base: Callable[[Context], Select]
    sayer: Callable[[Context], Callable[..., dict[str, Any]]]
    moments: tuple[str, ...] = ("created_at", "updated_at")
    said: Callable[[Context, str], str | None] = lambda ctx, name: None

    def rows_query(self, ctx: Context, filters: Filters, keys: Sequence[UUID] | None, shape: Shape) -> Select:
        """The rows of the list. Refuses whoever may not take it out, an unknown filter, form or column."""
        require(ctx, f"{self.model.ROOM}.export")
        if shape.format not in FORMATS:
            raise Refused("unknown_value", field="kind")
        return self.base(ctx).add_columns(*self._above(ctx, self.columns(ctx, shape)).values()).where(*self._where(ctx, filters, keys)).order_by(self.model.name_fold, self.model.id)

    def _where(self, ctx: Context, filters: Filters, keys: Sequence[UUID] | None) -> list:
        where = LISTS[self.model.ROOM].where(ctx, filters)
        return where if keys is None else [*where, self.model.id == any_(literal(list(keys), ARRAY(Uuid)))]

    def _above(self, ctx: Context, wanted: Sequence[str]) -> dict[str, Any]:
        """Those of the wanted columns that rooms above make: they stand last in the rows."""
        return {name: named for name, (_, named) in made_columns(ctx, self.model.ROOM).items() if name in wanted}

    def columns(self, ctx: Context, shape: Shape) -> list[str]:
        """The columns of the file: those of a view behind the name, or all; without what the actor must not know."""
        room = self.model.ROOM
        own = [one.name for one in fields_of(ctx, room)]
        known = {*self.names, *columns_of(ctx, room), *own}
        wanted = (*self.names, *own) if shape.columns is None else ("name", *(name for name in chosen_columns(ctx, room, shape.columns) if name in known))
        away = hidden(ctx, room)
        return [name for name in wanted if name not in away]

    def write(self, ctx: Context, filters: Filters, keys: Sequence[UUID] | None, shape: Shape, file: IO[Any], *, watch: Watch = iter, scratch: str | None = None) -> int:
        """Write it row by row; returns how many."""
        query, wanted = self.rows_query(ctx, filters, keys, shape).execution_options(yield_per=CHUNK), self.columns(ctx, shape)
        owns = {one.name: one for one in fields_of(ctx, self.model.ROOM) if one.name in wanted}
        heads = wanted if shape.names else [owns[name].called(ctx.locale) if name in owns else self._head(ctx, name) for name in wanted]
        extra = custom_names(ctx, self.model, self._where(ctx, filters, keys)) if shape.columns is None else []  # what imports kept beside the fields
        heads, rows = [*heads, *extra], watch(self._rows(ctx, query, wanted, owns, extra))
        if shape.format == "xlsx":
            return write_workbook(file, i18n.gettext(ctx.locale, self.title), heads, rows, scratch=scratch)
        return write_rows(file, heads, rows)

    def _head(self, ctx: Context, name: str) -> str:
        return self.said(ctx, name) or i18n.gettext(ctx.locale, self.labels[name] if name in self.labels else columns_of(ctx, self.model.ROOM)[name].label)

    def _rows(self, ctx: Context, query: Select, wanted: list[str], owns: Mapping[str, Own], extra: list[str]) -> Iterator[list[Any]]:
        says, of_record, above = own_says(ctx, list(owns.values())), self.sayer(ctx), list(self._above(ctx, wanted))
        for part in ctx.session.execute(query).partitions(CHUNK):
            for found, *beside in part:
                beside, made = beside[: len(beside) - len(above)], beside[len(beside) - len(above) :]
                given = of_record(found, *beside) | dict(zip(above, made, strict=True)) | {name: say(getattr(found, name)) for name, say in says.items()}
                given |= {name: value.astimezone(ctx.zone).replace(tzinfo=None, microsecond=0) for name in self.moments if name in wanted and (value := getattr(found, name)) is not None}
                if "tags" in wanted:
                    given["tags"] = ", ".join(found.tags or ())
                yield [*(given[name] if name in given else getattr(found, name) for name in wanted), *((found.custom or {}).get(name) for name in extra)]


def with_names(ctx: Context, query: Select, *links: tuple[Any, Any]) -> Select:
    """The query with a name for each (model, column that names its key): only where the reader may know of such records and sees this one."""
    for model, key in links:
        known = and_(model.id == key, model.deleted_at.is_(None), sees(ctx, model), literal(has(ctx, f"{model.ROOM}.read")))
        query = query.join(model, known, isouter=True).add_columns(model.name)
    return query


def word(ctx: Context, labels: Mapping[str, str], value: Any) -> Any:
    """A word of a list in the reader's language; others as they were written."""
    return i18n.gettext(ctx.locale, labels[value]) if value in labels else value
