"""Use cases about what products are described by: units, categories, tax codes and their rates."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, literal, select

from core.base import editing
from core.base.cleaning import day, tick
from core.base.context import Context
from core.base.editing import cleaned, hold_place
from core.base.errors import Refused
from core.base.facts import record
from core.base.policy import require
from core.products.fields import CATEGORY_FIELDS, TAX_FIELDS, UNIT_FIELDS, percent
from core.products.lookup_models import Category, TaxCode, TaxRate, Unit
from core.products.models import Product
from core.products.price_models import PriceListLine
from core.products.taxing import TAXED, Tax

FIELDS: dict[type, dict[str, Any]] = {
    Unit: UNIT_FIELDS | {"retired": tick}, Category: CATEGORY_FIELDS, TaxCode: TAX_FIELDS | {"included": tick, "retired": tick},
}
USED_BY = {Unit: (Product.unit_id,), Category: (Product.category_id, Category.parent_id, PriceListLine.category_id), TaxCode: (Product.tax_code_id,)}


def add_unit(ctx: Context, **given: Any) -> Unit:
    """Something more to count in."""
    return _added(ctx, Unit, given)


def add_category(ctx: Context, **given: Any) -> Category:
    """One more branch."""
    return _added(ctx, Category, given)


def add_tax_code(ctx: Context, *, percent: Any = None, starts_on: Any = None, **given: Any) -> TaxCode:
    """A way to tax products. A standard rate needs a percentage, which holds from `starts_on` (today); the others have none."""
    made = _added(ctx, TaxCode, {"category": TAXED} | given)
    if (made.category == TAXED) != (percent not in (None, "")):
        raise Refused("tax_rate_needed", field="percent")
    if made.category == TAXED:
        set_tax_rate(ctx, made, percent=percent, starts_on=starts_on)
    return made


def set_tax_rate(ctx: Context, tax_code: TaxCode, *, percent: Any, starts_on: Any = None) -> TaxRate:
    """From that day (today) on so much; what was said of the same day before is replaced."""
    require(ctx, "catalogue.manage")
    if tax_code.category != TAXED:
        raise Refused("tax_rate_needed", field="percent")
    much, since = _percent(percent), day(starts_on, "starts_on") or ctx.today
    editing.hold(ctx, tax_code)
    found = ctx.session.execute(select(TaxRate).where(TaxRate.tax_code_id == tax_code.id, TaxRate.starts_on == since)).scalar_one_or_none()
    if found is None:
        found = TaxRate(tax_code_id=tax_code.id, starts_on=since, percent=much)
        ctx.session.add(found)
    found.percent = much
    record(ctx, "catalogue.changed", tax_code, name=tax_code.name)
    return found


def _percent(value: Any) -> Decimal:
    return percent(value, "percent")


def change(ctx: Context, thing: Any, *, version: int | None = None, **given: Any) -> Any:
    """Rename or retire a unit, a category, a tax code; move a category. What a code is to the tax office stays."""
    require(ctx, "catalogue.manage")
    if "category" in given and isinstance(thing, TaxCode):
        raise Refused("unknown_field", name="category")
    if given.get("parent_id"):
        _hold(ctx, Category)
    values = editing.changes(ctx, thing, cleaned(FIELDS[type(thing)], given), version=version, original=None)
    _check(ctx, type(thing), values, thing)
    for name, value in values.items():
        setattr(thing, name, value)
    if values:
        record(ctx, "catalogue.changed", thing, name=thing.name)
    ctx.session.flush()  # the answer shows the new version
    return thing


def remove(ctx: Context, thing: Any) -> None:
    """Away with what nothing uses; refuses the rest, which can be retired."""
    require(ctx, "catalogue.manage")
    editing.hold(ctx, thing)
    used = sum(ctx.session.execute(select(func.count()).where(column == thing.id)).scalar_one() for column in USED_BY[type(thing)])
    if used:
        raise Refused("still_used", count=used)
    record(ctx, "catalogue.changed", thing, name=thing.name)
    ctx.session.delete(thing)
    ctx.session.flush()  # the page that follows reads them anew


def tax_of(ctx: Context, tax_code: TaxCode, on: date) -> Tax:
    """What a product under this code is taxed with on a day. Refuses a day before its first rate."""
    if tax_code.category != TAXED:
        return Tax(tax_code.name, Decimal(0), tax_code.category)
    query = select(TaxRate.percent).where(TaxRate.tax_code_id == tax_code.id, TaxRate.starts_on <= on).order_by(TaxRate.starts_on.desc()).limit(1)
    much = ctx.session.execute(query).scalar_one_or_none()
    if much is None:
        raise Refused("no_tax_rate", name=tax_code.name, day=on)
    return Tax(tax_code.name, much, tax_code.category)


def _added(ctx: Context, model: Any, given: dict[str, Any]) -> Any:
    require(ctx, "catalogue.manage")
    values = cleaned(FIELDS[model], {"name": None} | given)
    _check(ctx, model, values)
    made = model(**values)
    ctx.session.add(made)
    record(ctx, "catalogue.changed", made, name=made.name)
    return made


def _check(ctx: Context, model: Any, values: dict[str, Any], thing: Any = None) -> None:
    """Refuses a name that another has in the same place, a parent that is not there, and a circle of parents."""
    if values.get("parent_id"):
        _check_parent(ctx, thing, values["parent_id"])
    if not {"name", "parent_id"} & values.keys():
        return
    _hold(ctx, model)
    now = lambda name: values.get(name, getattr(thing, name, None)) if name not in values else values[name]  # noqa: E731
    query = select(model.id).where(func.lower(model.name) == func.lower(literal(now("name"))))
    if model is Category:
        query = query.where(Category.parent_id.is_not_distinct_from(now("parent_id")))
    if ctx.session.execute(query if thing is None else query.where(model.id != thing.id)).first():
        raise Refused("name_taken", field="name")


def _check_parent(ctx: Context, thing: Category | None, parent_id: UUID) -> None:
    above = select(Category.id, Category.parent_id).where(Category.id == parent_id).cte("above", recursive=True)
    above = above.union(select(Category.id, Category.parent_id).where(Category.id == above.c.parent_id))
    found = set(ctx.session.execute(select(above.c.id)).scalars())
    if not found:
        raise Refused("category_unknown", field="parent_id")
    if thing is not None and thing.id in found:
        raise Refused("category_cycle", field="parent_id")


def _hold(ctx: Context, model: Any) -> None:
    """One at a time: two that take the same name, or hang each under the other, wait for one another."""
    hold_place(ctx, f"{model.__tablename__}.names")
