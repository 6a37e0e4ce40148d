"""Use cases about price lists, their lines, and what comes off for loyal customers."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, literal, select
from sqlalchemy.exc import IntegrityError

from core.base import editing
from core.base.cleaning import currency, day, key, line, tick, whole_number
from core.base.context import Context
from core.base.editing import cleaned, hold_place
from core.base.errors import NotFound, Refused
from core.base.facts import record
from core.base.policy import require, visible
from core.base.text import clean_needed
from core.products.fields import MOST_QUANTITY, number, percent, unit_price
from core.products.lookup_models import Category
from core.products.models import Product
from core.products.price_models import FORMULAS, WHAT, WHOM, PriceBook, PriceListLine, TierDiscount
from core.products.pricing import DEEPEST
from core.products.rating import currencies
from core.products.repricing import check_rounding
from core.products.rules import WAYS

Cleaner = Callable[[Any, str], Any]


def _of(known: tuple[str, ...]) -> Cleaner:
    def one(value: Any, field: str) -> str | None:
        if value and value not in known:
            raise Refused("unknown_value", field=field)
        return value or None

    return one


def _needed(most: int) -> Cleaner:
    return lambda value, field: clean_needed(None if value is None else str(value), field=field, max_length=most)


def _quantity(value: Any, field: str) -> Any:
    found = number(value, field, 3) or 0
    if not 0 <= found < MOST_QUANTITY:
        raise Refused("quantity_positive", field=field)
    return found


BOOK: dict[str, Cleaner] = {
    "name": _needed(100), "currency": currency, "whom": _of(WHOM), "account_id": key, "group_name": line, "priority": whole_number(-1000, 1000), "net": tick,
    "rounding_step": unit_price, "rounding_less": unit_price, "starts_on": day, "ends_on": day, "based_on_id": key, "based_way": _of(FORMULAS), "based_percent": lambda value, field: None if value in (None, "") else percent(value, field),
}
LINE: dict[str, Cleaner] = {
    "what": _of(WHAT), "product_id": key, "category_id": key, "way": _of(WAYS), "value": unit_price, "from_quantity": _quantity, "starts_on": day, "ends_on": day,
}


def lists(ctx: Context) -> list[Row]:
    """(PriceBook, lines: how many) by name."""
    many = select(func.count()).where(PriceListLine.price_list_id == PriceBook.id).correlate(PriceBook).scalar_subquery()
    return list(ctx.session.execute(visible(ctx, PriceBook).add_columns(many.label("lines")).order_by(func.lower(PriceBook.name), PriceBook.id)))


def one_list(ctx: Context, list_id: UUID) -> PriceBook:
    """A price list; NotFound where there is none."""
    return _one(ctx, PriceBook, list_id)


def lines(ctx: Context, book: PriceBook, *, limit: int = 500) -> list[Row]:
    """(PriceListLine, product, code, category) of a list: products by name, then categories, then what holds for all."""
    query = visible(ctx, PriceListLine).add_columns(Product.name.label("product"), Product.code.label("code"), Category.name.label("category"))
    query = query.join(Product, Product.id == PriceListLine.product_id, isouter=True).join(Category, Category.id == PriceListLine.category_id, isouter=True)
    order = (func.lower(Product.name).asc().nulls_last(), func.lower(Category.name).asc().nulls_last(), PriceListLine.from_quantity, PriceListLine.starts_on.asc().nulls_first())
    return list(ctx.session.execute(query.where(PriceListLine.price_list_id == book.id).order_by(*order).limit(limit)))


def add_list(ctx: Context, **given: Any) -> PriceBook:
    """A new list. Refuses a currency that the workspace does not deal in, a name that is taken, days that end before they begin."""
    require(ctx, "catalogue.manage")
    values = cleaned(BOOK, {"name": None} | given)
    values = {name: value for name, value in values.items() if value is not None}
    values = {"currency": ctx.tenant.currency, "whom": "everybody", "priority": 0} | values
    _check(ctx, values, None)
    made = PriceBook(**values)
    ctx.session.add(made)
    record(ctx, "catalogue.changed", made, name=made.name)
    return made


def change_list(ctx: Context, book: PriceBook, *, version: int | None = None, **given: Any) -> PriceBook:
    """Change it; its currency stays, since its lines are in it."""
    require(ctx, "catalogue.manage")
    if "currency" in given and given["currency"] != book.currency:
        raise Refused("unknown_field", name="currency")
    values = cleaned(BOOK, {name: value for name, value in given.items() if name != "currency"})
    values |= {name: none for name, none in (("whom", "everybody"), ("priority", 0), ("rounding_less", 0)) if name in values and values[name] is None}
    hold_lists(ctx)
    changes = editing.changes(ctx, book, values, version=version, original=None)
    _check(ctx, {name: changes.get(name, getattr(book, name)) for name in BOOK}, book)
    for name, value in changes.items():
        setattr(book, name, value)
    if changes:
        record(ctx, "catalogue.changed", book, name=book.name)
    ctx.session.flush()  # the answer shows the new version
    return book


def delete_list(ctx: Context, book: PriceBook) -> None:
    """Away with it and its lines. Refuses one that another list stands on."""
    require(ctx, "catalogue.manage")
    hold_lists(ctx)
    if ctx.session.execute(select(PriceBook.id).where(PriceBook.based_on_id == book.id).limit(1)).first():
        raise Refused("list_stood_on", name=book.name)
    record(ctx, "catalogue.changed", book, name=book.name)
    ctx.session.delete(book)
    ctx.session.flush()  # the page that follows reads them anew


def lines_of(ctx: Context, book: PriceBook) -> Select:
    """The lines of a list, for lists."""
    return visible(ctx, PriceListLine).where(PriceListLine.price_list_id == book.id)


def one_line(ctx: Context, line_id: UUID) -> tuple[PriceListLine, PriceBook]:
    """A line with the list that it stands in; NotFound where there is none."""
    found = _one(ctx, PriceListLine, line_id)
    return found, one_list(ctx, found.price_list_id)


def add_line(ctx: Context, book: PriceBook, **given: Any) -> PriceListLine:
    """One more line. Refuses one that says the same of the same, and what is no price, percentage or margin."""
    require(ctx, "catalogue.manage")
    values = {"what": "product", "way": "price", "from_quantity": 0} | {name: value for name, value in cleaned(LINE, {"value": None} | given).items() if value is not None}
    if "value" not in values:
        raise Refused("required", field="value")
    _check_line(ctx, values)
    _check_place(ctx, book, values)
    made = PriceListLine(price_list_id=book.id, **values)
    ctx.session.add(made)
    record(ctx, "catalogue.changed", book, name=book.name)
    return made


def change_line(ctx: Context, found: PriceListLine, *, version: int | None = None, **given: Any) -> PriceListLine:
    """Change what a line says, or of what. Refuses what a new line would be refused for; what must be there stays where nothing is given."""
    require(ctx, "catalogue.manage")
    values = {name: value for name, value in cleaned(LINE, given).items() if value is not None or name not in ("what", "way", "value")}
    book = one_list(ctx, found.price_list_id)
    hold_lists(ctx)
    changes = editing.changes(ctx, found, values, version=version, original=None)
    now = {name: changes.get(name, getattr(found, name)) for name in LINE}
    _check_line(ctx, now)
    _check_place(ctx, book, now, but=found.id)
    for name in LINE:
        setattr(found, name, now.get(name))
    if changes:
        record(ctx, "catalogue.changed", book, name=book.name)
    ctx.session.flush()  # the answer shows the new version
    return found


def remove_line(ctx: Context, line_id: UUID) -> PriceBook:
    """Away with a line; gives the list that it stood in."""
    require(ctx, "catalogue.manage")
    found = _one(ctx, PriceListLine, line_id)
    book = one_list(ctx, found.price_list_id)
    ctx.session.delete(found)
    record(ctx, "catalogue.changed", book, name=book.name)
    ctx.session.flush()  # the page that follows reads them anew
    return book


def tiers(ctx: Context) -> list[TierDiscount]:
    """What comes off by tier, the least first."""
    return list(ctx.session.execute(visible(ctx, TierDiscount).order_by(TierDiscount.percent, func.lower(TierDiscount.tier))).scalars())


def one_tier(ctx: Context, tier_id: UUID) -> TierDiscount:
    """What comes off for a tier; NotFound where nothing is said."""
    return _one(ctx, TierDiscount, tier_id)


def set_tier(ctx: Context, *, tier: Any, percent: Any) -> TierDiscount:
    """So much comes off for customers of that tier; what was said of it before is replaced."""
    require(ctx, "catalogue.manage")
    name, much = _needed(40)(tier, "tier"), _percent(percent)
    hold_lists(ctx)
    found = ctx.session.execute(select(TierDiscount).where(func.lower(TierDiscount.tier) == func.lower(literal(name)))).scalar_one_or_none()
    if found is None:
        found = TierDiscount(tier=name, percent=much)
        ctx.session.add(found)
    found.percent = much
    record(ctx, "catalogue.changed", found, name=name)
    return found


def remove_tier(ctx: Context, tier_id: UUID) -> str:
    """Nothing comes off for it any more; gives its name. Refuses one that accounts are in, or were: their history names it."""
    require(ctx, "catalogue.manage")
    found = _one(ctx, TierDiscount, tier_id)
    name = found.tier
    try:
        with ctx.session.begin_nested():  # whoever names it stands in rooms above: the foreign keys know
            ctx.session.delete(found)
            ctx.session.flush()
    except IntegrityError as error:
        raise Refused("tier_in_use", name=name) from error
    record(ctx, "catalogue.changed", found, name=name)
    return name


def _percent(value: Any) -> Any:
    return percent(value, "percent")


def _one(ctx: Context, model: Any, key: UUID) -> Any:
    found = ctx.session.execute(visible(ctx, model).where(model.id == key)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


def _check(ctx: Context, values: dict[str, Any], book: PriceBook | None) -> None:
    if values["currency"] not in currencies(ctx) and (book is None or values["currency"] != book.currency):
        raise Refused("currency_unknown", field="currency")
    for whom, field in (("customer", "account_id"), ("group", "group_name")):
        if (values["whom"] == whom) != (values.get(field) is not None):
            raise Refused("required" if values["whom"] == whom else "list_not_for_him", field=field)
    _check_days(values)
    check_rounding(values.get("rounding_step"), values.get("rounding_less"))
    if len({values.get(name) is None for name in ("based_on_id", "based_way", "based_percent")}) > 1:
        raise Refused("formula_half", field="based_percent")
    _check_name(ctx, values["name"], book)
    _check_base(ctx, values.get("based_on_id"), book)


def _check_days(values: dict[str, Any]) -> None:
    if values.get("starts_on") and values.get("ends_on") and values["ends_on"] < values["starts_on"]:
        raise Refused("days_turned", field="ends_on")


def _check_name(ctx: Context, name: str, book: PriceBook | None) -> None:
    hold_lists(ctx)
    same = select(PriceBook.id).where(func.lower(PriceBook.name) == func.lower(literal(name)))
    if ctx.session.execute(same if book is None else same.where(PriceBook.id != book.id)).first():
        raise Refused("name_taken", field="name")


def _check_base(ctx: Context, base_id: UUID | None, book: PriceBook | None) -> None:
    """Refuses a list that is not there, a circle of lists, and too many upon each other."""
    seen = {book.id} if book is not None else set()
    while base_id is not None:
        below = ctx.session.execute(select(PriceBook).where(PriceBook.id == base_id)).scalar_one_or_none()
        if below is None:
            raise Refused("list_unknown", field="based_on_id")
        if base_id in seen or len(seen) >= DEEPEST:
            raise Refused("list_stands_on_itself", field="based_on_id")
        seen.add(base_id)
        base_id = below.based_on_id


def _check_place(ctx: Context, book: PriceBook, values: dict[str, Any], but: UUID | None = None) -> None:
    """Refuses a second line that says something of the same; nobody else adds one meanwhile."""
    hold_lists(ctx)
    editing.hold(ctx, book)
    same = select(PriceListLine.id).where(PriceListLine.price_list_id == book.id, PriceListLine.id.is_distinct_from(but), *(
        getattr(PriceListLine, name).is_not_distinct_from(values.get(name)) for name in ("product_id", "category_id", "from_quantity", "starts_on")
    ))
    if ctx.session.execute(same).first():
        raise Refused("line_there", field="product_id")


def _check_line(ctx: Context, values: dict[str, Any]) -> None:
    for what, field, model, code in (("product", "product_id", Product, "product_unknown"), ("category", "category_id", Category, "category_unknown")):
        if values["what"] != what:
            values.pop(field, None)
        elif values.get(field) is None or ctx.session.execute(select(model.id).where(model.id == values[field])).first() is None:
            raise Refused(code, field=field)
    if values["way"] == "discount" and values["value"] > 100:
        raise Refused("not_a_percent", field="value")
    if values["way"] == "margin" and values["value"] >= 100:
        raise Refused("margin_too_high", field="value")
    _check_days(values)


def hold_lists(ctx: Context) -> None:
    """One at a time: two lists that take one name, or stand on each other, wait for one another, and so does an import of lines."""
    hold_place(ctx, "price_lists")
