"""The columns of the list of products, and what narrows it."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, String, func, select

from core.base.columns import Column
from core.base.context import Context
from core.base.finding import characters_of, holds
from core.base.policy import sees
from core.custom_fields import columns as own
from core.products.lookup_models import Category, TaxCode, Unit
from core.products.models import STATES, Product
from core.products.variant_queries import COUNT, NAME_OF_TEMPLATE
from core.products.words import CHOICE_LABELS, LABELS
from core.tagging.queries import meant, tagged
from core.views.filtering import KNOWN_ABOVE, Filters, by_columns, key_of, without
from core.views.lists import ListColumn, Listed, declare
from core.views.paging import LAST_TEXT

NAMED = ("eq", "ne", "in", "null")


def _column(name: str, shown: str = "text", **how: Any) -> ListColumn:
    column = getattr(Product, name)
    needs = (column, Product.currency) if shown == "price" else (column,)
    return ListColumn(LABELS[name], Column(column, **how), shown, needs)


def _named(name: str, model: Any) -> ListColumn:
    """A column that names another thing: in the order of the names, empty ones last both ways."""
    column = getattr(Product, name)
    called = select(func.lower(func.ext.immutable_unaccent(model.name))).where(model.id == column).correlate(Product).scalar_subquery()
    return ListColumn(LABELS[name], Column(column, ops=NAMED), "named", (column,), None, lambda down: func.coalesce(called, "" if down else LAST_TEXT, type_=String()))


COLUMNS: dict[str, ListColumn] = {
    "code": _column("code"), "category_id": _named("category_id", Category), "unit_id": _named("unit_id", Unit),
    "price": _column("price", "price"), "cost": _column("cost", "price"), "tax_code_id": _named("tax_code_id", TaxCode),
    "variants": ListColumn(LABELS["variants"], Column(COUNT), "points", (COUNT.label("variants"),)), "template": ListColumn(LABELS["template"], Column(NAME_OF_TEMPLATE), "text", (NAME_OF_TEMPLATE.label("template"),)),
    "state": _column("state", "word", ops=("eq", "ne", "in"), choices=STATES, sort=Product.state), "tags": _column("tags", "tags", words=meant), "description": _column("description"),
    "created_at": _column("created_at", "moment", sort=True), "updated_at": _column("updated_at", "moment", sort=True),
}
USUAL = ("code", "price", "category_id", "unit_id", "variants", "state")
UNSORTED = frozenset({"description", "tags"})
GROUPED = ("category_id", "unit_id", "tax_code_id", "state", "tags", "created_at", "updated_at")


def sought_in(ctx: Context) -> tuple[Any, ...]:
    """What a search looks in beside the name."""
    return (Product.code_fold, *own.sought_in(ctx, Product))


def found_by(ctx: Context, typed: str | None) -> ColumnElement[bool] | None:
    """Products that have every word in their name, code or own texts; None for no words."""
    return holds(typed, (Product.name_fold, *sought_in(ctx)), characters_of(Product.__table__.c.name_fold))


def below(category_id: UUID) -> Any:
    """The keys of a category and of all below it."""
    tree = select(Category.id).where(Category.id == category_id).cte("category_tree", recursive=True)
    return select(tree.union(select(Category.id).where(Category.parent_id == tree.c.id)).c.id)


def products_where(ctx: Context, filters: Filters) -> list:
    """The conditions of the products that the actor sees under these filters; refuses those that only other lists have."""
    without(filters, "owner", "kind", "role")
    found = [Product.deleted_at.is_(None), sees(ctx, Product), *by_columns(ctx, "products", filters), *tagged(ctx, Product, filters.tag)]
    if filters.brought:
        found.append(KNOWN_ABOVE["brought"](ctx, Product, key_of(filters.brought, "import")))
    search = found_by(ctx, filters.search)
    if search is not None:
        found.append(search)
    if filters.under:
        found.append(Product.category_id.in_(below(key_of(filters.under, "under"))))
    return found


declare(Listed("products", Product, COLUMNS, USUAL, products_where, UNSORTED, GROUPED, CHOICE_LABELS))
