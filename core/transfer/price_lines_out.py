"""The prices of a price list as a file, with the columns by which they come in again (core.products.price_lines_in)."""

from collections.abc import Iterator
from typing import IO, Any
from uuid import UUID

from sqlalchemy import Select, func

from core.base.context import Context
from core.base.errors import Refused
from core.base.policy import require, visible
from core.base.words import N_
from core.products import price_lists, queries
from core.products.lookup_models import Category
from core.products.models import Product
from core.products.price_models import PriceListLine
from core.products.words import LABELS, LINE_LABELS, WAY_LABELS, WHAT_LABELS
from core.transfer.exporting import CHUNK, Shape, Watch
from core.transfer.room_out import FORMATS, word
from infra import i18n
from infra.spreadsheets_out import write_rows
from infra.workbooks_out import write_workbook

PERMISSION, TITLE = "catalogue.manage", N_("Prices of price lists")
NAMES = ("price_list", "product", "product_name", "category", "what", "way", "value", "currency", "from_quantity", "starts_on", "ends_on")
HEADS = LINE_LABELS | {"category": LABELS["category_id"], "currency": LABELS["currency"]}


def rows_query(ctx: Context, list_id: UUID | None, shape: Shape) -> Select:
    """(line, code and name of its product) of a list. Refuses whoever may not manage price lists, and another form than CSV and XLSX."""
    require(ctx, PERMISSION)
    if shape.format not in FORMATS:
        raise Refused("unknown_value", field="format")
    query = visible(ctx, PriceListLine).add_columns(Product.code, Product.name)
    query = query.join(Product, Product.id == PriceListLine.product_id, isouter=True).join(Category, Category.id == PriceListLine.category_id, isouter=True)
    order = (func.lower(Product.name).asc().nulls_last(), func.lower(Category.name).asc().nulls_last(), PriceListLine.from_quantity, PriceListLine.starts_on.asc().nulls_first(), PriceListLine.id)
    return query.where(PriceListLine.price_list_id == list_id, Product.deleted_at.is_(None)).order_by(*order)


def write(ctx: Context, list_id: UUID | None, shape: Shape, file: IO[Any], *, watch: Watch = iter, scratch: str | None = None) -> int:
    """Write it row by row; returns how many."""
    query = rows_query(ctx, list_id, shape).execution_options(yield_per=CHUNK)
    heads = list(NAMES) if shape.names else [i18n.gettext(ctx.locale, HEADS[name]) for name in NAMES]
    rows = watch(_rows(ctx, list_id, query))
    if shape.format == "xlsx":
        return write_workbook(file, i18n.gettext(ctx.locale, TITLE), heads, rows, scratch=scratch)
    return write_rows(file, heads, rows)


def _rows(ctx: Context, list_id: UUID | None, query: Select) -> Iterator[list[Any]]:
    book = price_lists.one_list(ctx, list_id)
    paths = {key: name for field, key, name, _ in queries.catalogue_names(ctx) if field == "category_id"}
    for line, code, name in ctx.session.execute(query):
        currency = book.currency if line.way == "price" else None
        yield [
            book.name, code, name, paths.get(line.category_id), word(ctx, WHAT_LABELS, line.what), word(ctx, WAY_LABELS, line.way), line.value.normalize() + 0, currency, line.from_quantity.normalize() + 0, line.starts_on, line.ends_on,
        ]
