"""The list of products taken out: the rows that the actor sees under the list's filters, as CSV or XLSX."""

from collections.abc import Iterator, Sequence
from typing import IO, Any
from uuid import UUID

from sqlalchemy import Select, Uuid, any_, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from core.base.context import Context
from core.base.errors import Refused
from core.base.field_rights import hidden
from core.base.policy import require
from core.base.words import N_
from core.custom_fields.fields import Own, fields_of
from core.products import queries as products
from core.products.models import Product
from core.products.words import LABELS, STATE_LABELS
from core.transfer.exporting import CHUNK, Filters, Shape, Watch, own_says
from core.views.lists import chosen_columns
from infra import i18n
from infra.spreadsheets_out import write_rows
from infra.workbooks_out import write_workbook

COLUMNS = ("code", "name", "category_id", "unit_id", "tax_code_id", "price", "currency", "cost", "state", "successor_id", "description")
NAMED = ("category_id", "unit_id", "tax_code_id")
SUCCESSOR = aliased(Product)


def rows_query(ctx: Context, filters: Filters, keys: Sequence[UUID] | None, shape: Shape) -> Select:
    """(Product, code of its successor) of the list. Refuses whoever may not take it out, an unknown filter, form or column."""
    require(ctx, "products.export")
    if shape.format not in ("csv", "xlsx"):
        raise Refused("unknown_value", field="kind")
    columns(ctx, shape)
    where = products.products_where(ctx, filters)
    if keys is not None:
        where.append(Product.id == any_(literal(list(keys), ARRAY(Uuid))))
    query = select(Product, SUCCESSOR.code).join(SUCCESSOR, SUCCESSOR.id == Product.successor_id, isouter=True)
    return query.where(*where).order_by(Product.name_fold, Product.id)


def columns(ctx: Context, shape: Shape) -> list[str]:
    """The columns of the file: those of a view behind the name, or all; without what the actor must not know."""
    away = hidden(ctx, "products")
    own = [one.name for one in fields_of(ctx, "products")]
    wanted = (*COLUMNS, *own) if shape.columns is None else ("name", *chosen_columns(ctx, "products", shape.columns))
    return [name for name in wanted if name not in away]


def write(ctx: Context, filters: Filters, keys: Sequence[UUID] | None, shape: Shape, file: IO[Any], *, watch: Watch = iter, scratch: str | None = None) -> int:
    """Write it row by row; returns how many."""
    query, wanted = rows_query(ctx, filters, keys, shape).execution_options(yield_per=CHUNK), columns(ctx, shape)
    owns = {one.name: one for one in fields_of(ctx, "products") if one.name in wanted}
    heads = wanted if shape.names else [owns[name].called(ctx.locale) if name in owns else i18n.gettext(ctx.locale, LABELS[name]) for name in wanted]
    rows = watch(_rows(ctx, query, wanted, owns))
    if shape.format == "xlsx":
        return write_workbook(file, i18n.gettext(ctx.locale, N_("Products")), heads, rows, scratch=scratch)
    return write_rows(file, heads, rows)


def _rows(ctx: Context, query: Select, wanted: list[str], owns: dict[str, Own]) -> Iterator[list[Any]]:
    names = {key: name for _field, key, name, _retired in products.catalogue_names(ctx)}
    says = own_says(ctx, list(owns.values()))
    for part in ctx.session.execute(query).partitions(CHUNK):
        for found, successor in part:
            given: dict[str, Any] = {name: names.get(getattr(found, name)) for name in NAMED}
            given |= {"successor_id": successor, "state": i18n.gettext(ctx.locale, STATE_LABELS[found.state])}
            given |= {name: getattr(found, name).astimezone(ctx.zone).replace(tzinfo=None, microsecond=0) for name in ("created_at", "updated_at") if name in wanted}
            given |= {name: say(getattr(found, name)) for name, say in says.items()}
            yield [given[name] if name in given else getattr(found, name) for name in wanted]
