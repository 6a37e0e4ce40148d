"""Prices of price lists from a file (core.transfer finds them by core.products.importable): a row names its list and its product, category or "all
products"; with the quantity and the first day they find the line that is there."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, case, func, literal, select

from core.base.cleaning import currency, line, one_of
from core.base.context import Context
from core.base.importing import Importable, Incoming, Rows, Target
from core.base.named import folded
from core.base.policy import visible
from core.base.sets import among, record_all
from core.base.words import N_
from core.products.amounts_in import meant, priced
from core.products.catalogue_in import called, name_key
from core.products.fields import unit_price
from core.products.lookup_models import Category
from core.products.models import Product
from core.products.price_lists import LINE, hold_lists
from core.products.price_models import WHAT, PriceBook, PriceListLine, place
from core.products.rating import currencies
from core.products.rules import WAYS
from core.products.words import LABELS, LINE_LABELS, WAY_LABELS, WHAT_LABELS

TARGETS = {
    "price_list": Target(LINE_LABELS["price_list"], line, names="price list|pricelist|price list name|price book|price book name|list|lista de precios|tarifa|价格表|价目表|가격표|прайс лист|прайслист|прайс", column=False),
    "product": Target(LINE_LABELS["product"], line, names="product code|code|sku|product|item code|item number|item no|item|article number|part number|article|product name|código de producto|código|producto|产品编号|产品|货号|제품 코드|제품|код товара|артикул|товар", column=False),
    "category": Target(LABELS["category_id"], line, names="category|product category|category path|categoría|类别|分类|카테고리|분류|категория", column=False),
    "what": Target(LINE_LABELS["what"], one_of(WHAT), "word", names="of what|applied on|apply on", words=WHAT_LABELS, column=False),
    "way": Target(LINE_LABELS["way"], one_of(WAYS), "word", names="what it says|compute price|price type|kind of price", words=WAY_LABELS),
    "value": Target(LINE_LABELS["value"], priced(unit_price), "price", names="price or percent|price|unit price|list price|sales price|net price|fixed price|value|amount|precio|precio unitario|价格|单价|가격|단가|цена"),
    "currency": Target(LABELS["currency"], currency, names="currency|currency code|moneda|divisa|货币|币种|통화|валюта", column=False),
    "from_quantity": Target(LINE_LABELS["from_quantity"], lambda value, field: f"{LINE['from_quantity'](value, field):.3f}", "amount", names="from the quantity|from quantity|quantity|min quantity|minimum quantity|min qty|qty|moq|cantidad mínima|起订量|最小数量|최소 수량|минимальное количество|количество", column=False),
    "starts_on": Target(LINE_LABELS["starts_on"], LINE["starts_on"], "day", names="first day|from|starts on|start date|valid from|date start|desde|开始日期|시작일|с|действует с", column=False),
    "ends_on": Target(LINE_LABELS["ends_on"], LINE["ends_on"], "day", names="last day|until|ends on|end date|valid until|valid to|date end|hasta|结束日期|종료일|по|действует до"),
}
OF = {"product": "product_id", "category": "category_id"}


def _settle(ctx: Context, rows: Rows) -> None:
    """Names of lists, products and categories become their keys, a price and what stands beside it come apart; what the line is said of is its key."""
    books, products, categories, dealt_in = _books(ctx, rows), _products(ctx, rows), called(ctx)["category_id"], set(currencies(ctx))
    for row in rows:
        book = books.get(_fold(row.values.pop("price_list", None)))
        if book is None:
            row.refuse("price_list", "list_unknown")
        _say_of_what(row, products, categories)
        _take_amount(row, book, dealt_in)
        row.values.pop("currency", None)
        _check_days(row)
        if book is not None and not row.problems:
            row.values["price_list_id"] = str(book.id)
            row.values["place"] = _place(row)


def _fold(typed: Any) -> str:
    return " ".join(str(typed or "").casefold().split())


def _books(ctx: Context, rows: Rows) -> dict[str, PriceBook]:
    names = {_fold(row.values.get("price_list")) for row in rows}
    return {_fold(book.name): book for book in ctx.session.execute(visible(ctx, PriceBook).where(func.lower(PriceBook.name).in_(names | {name.lower() for name in names}))).scalars()}


def _products(ctx: Context, rows: Rows) -> dict[str, set[str]]:
    """What a row calls a product, in whatever case -> the keys that it may mean: that of the code alone, else those of the name."""
    typed = sorted({str(row.values["product"]) for row in rows if row.values.get("product")})
    given = select(func.unnest(literal(typed, ARRAY(Text))).label("typed")).subquery()
    found: dict[str, set[str]] = {}
    for column in (Product.name_fold, Product.code_fold):
        query = visible(ctx, Product).with_only_columns(given.c.typed, Product.id).join(given, folded(given.c.typed) == column).where(Product.deleted_at.is_(None))
        some: dict[str, set[str]] = {}
        for name, key in ctx.session.execute(query) if typed else ():
            some.setdefault(name, set()).add(str(key))
        found |= some
    return found


def _say_of_what(row: Incoming, products: Mapping[str, set[str]], categories: Mapping[str, set[str]]) -> None:
    """The one product or category that the row names, or all products where it says so and names none."""
    what = row.values.pop("what", None) or next((name for name in OF if row.values.get(name)), None)
    for name in OF:
        if row.values.get(name) and name != what:
            row.refuse(name, "line_of_two", cell=row.values[name])
    if what is None or (what in OF and not row.values.get(what)):
        row.refuse(what or "product", "required")
    elif what == "product":
        typed = str(row.values["product"])
        keys = products.get(typed, set())
        if len(keys) == 1:
            row.values["product_id"] = next(iter(keys))
        else:
            row.refuse("product", "product_not_one" if keys else "product_unknown", value=typed, cell=typed)
    elif what == "category":
        name_key(row, "category", "category_unknown", categories)
        row.values |= {"category_id": row.values["category"]} if row.values.get("category") else {}
    for name in OF:
        row.values.pop(name, None)
    row.values["what"] = what


def _take_amount(row: Incoming, book: PriceBook | None, dealt_in: set[str]) -> None:
    """A price in the currency of its list, or a percentage; a row that gives an amount and does not say what it is, gives a price."""
    amount, _, beside = str(row.values.get("value") or "").partition(" ")
    if not amount:
        if row.values.pop("way", None):
            row.refuse("value", "required")
        return
    way = row.values.setdefault("way", "price")
    row.values["value"] = amount
    if way != "price":
        _check_percent(row, way, amount, beside)
        return
    typed = row.values.get("currency")
    said = meant(beside, typed, dealt_in | ({book.currency} if book else set())) if beside else typed
    if beside and said is None:
        row.refuse("value", "amount_beside_unread", value=beside, cell=f"{amount} {beside}")
    elif typed not in (None, said):
        row.refuse("value", "price_currency_other", value=said)
    elif book is not None and said not in (None, book.currency):
        row.refuse("value" if beside else "currency", "list_in_currency", cell=said, name=book.name, currency=book.currency)


def _check_percent(row: Incoming, way: str, amount: str, beside: str) -> None:
    much = Decimal(amount)
    if beside not in ("", "%"):
        row.refuse("value", "amount_beside_unread", value=beside, cell=f"{amount} {beside}")
    elif way == "discount" and much > 100:
        row.refuse("value", "not_a_percent", cell=amount)
    elif way == "margin" and much >= 100:
        row.refuse("value", "margin_too_high", cell=amount)


def _check_days(row: Incoming) -> None:
    first, last = row.values.get("starts_on"), row.values.get("ends_on")
    if first and last and date.fromisoformat(last) < date.fromisoformat(first):
        row.refuse("ends_on", "days_turned", cell=last)


def _place(row: Incoming) -> str:
    first = row.values.get("starts_on")
    return place(row.values["price_list_id"], row.values.get("product_id") or row.values.get("category_id"), Decimal(row.values.get("from_quantity") or 0), date.fromisoformat(first) if first else None)


def _check(ctx: Context, rows: Rows) -> None:
    """What is gone since the file was read keeps its rows out."""
    for model, name, target, code in ((PriceBook, "price_list_id", "price_list", "list_unknown"), (Product, "product_id", "product", "product_unknown"), (Category, "category_id", "category", "category_unknown")):
        keys = {UUID(row.values[name]) for row in rows if row.values.get(name)}
        there = {str(key) for key in ctx.session.execute(select(model.id).where(among(model.id, keys))).scalars()} if keys else set()
        for row in rows:
            if row.values.get(name) and row.values[name] not in there:
                row.refuse(target, code, value="")


def _title() -> Any:
    """What the line is said of."""
    product = select(Product.code.concat(" ").concat(Product.name)).where(Product.id == PriceListLine.product_id).correlate(PriceListLine).scalar_subquery()
    category = select(Category.name).where(Category.id == PriceListLine.category_id).correlate(PriceListLine).scalar_subquery()
    book = select(PriceBook.name).where(PriceBook.id == PriceListLine.price_list_id).correlate(PriceListLine).scalar_subquery()
    return case((func.coalesce(product, category).is_(None), book), else_=func.concat(book, ": ", func.coalesce(product, category)))


def _tell(ctx: Context, keys: Sequence[UUID]) -> None:
    """On the timeline of each of their lists, once."""
    lists = select(PriceListLine.price_list_id).where(among(PriceListLine.id, keys))
    record_all(ctx, "catalogue.changed", "price_list", select(PriceBook.id.label("subject_id"), func.jsonb_build_object("name", PriceBook.name).label("params")).where(PriceBook.id.in_(lists)))


PRICE_LINES = Importable(
    "price_lines", "price_list_line", N_("Prices of price lists"), PriceListLine, TARGETS, {"place": "place"},
    needed=((("price_list",), "import_needs_price_list"), (("product", "category", "what"), "import_needs_product"), (("value",), "import_needs_price")), lasting=frozenset(), folds=frozenset(), number=None,
    without_key=False, fallback="place", also={"way": ("value",)}, made=("price_list_id", "what", "product_id", "category_id", "from_quantity", "starts_on"),
    settle=_settle, check=_check, hold=hold_lists, permission="catalogue.manage", stands={"place": ("price_list",)}, key_label=N_("Its list, product, quantity and first day"), title=_title, tell=_tell,
    page="settings/price-lists/",
)
