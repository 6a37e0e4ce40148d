"""Products from a file (core.transfer finds this by its name): matched by their code, categories named by their path, prices in a currency of
the workspace."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, Row, Select, select

from core.base.cleaning import currency, line
from core.base.context import Context
from core.base.errors import Refused
from core.base.importing import Importable, Incoming, Rows, Target, Tree
from core.base.named import folded
from core.base.words import N_
from core.products import actions, bundles, queries, variants_in
from core.products.amounts_in import priced, take_currency
from core.products.catalogue_in import NAMED, called, name_key
from core.products.fields import FIELDS, unit_price
from core.products.models import Product
from core.products.price_lines_in import PRICE_LINES
from core.products.rating import currencies
from core.products.words import LABELS, STATE_LABELS

PRICES = ("price", "cost")


TARGETS = {
    "code": Target(LABELS["code"], FIELDS["code"], names=(
        "product code|code|sku|product id|productid|product number|item number|item code|item no|article number|part number|number|no|id|código|código de producto|referencia|编号|产品编号|货号|商品编号|"
        "코드|제품 코드|상품코드|품번|код|код товара|артикул|номер"
    )),
    "name": Target(LABELS["name"], FIELDS["name"], names="name|product name|productname|product|item|item name|article|title|nombre|producto|artículo|名称|产品|产品名称|商品名称|이름|제품|제품명|상품명|품명|название|наименование|товар|продукт"),
    "description": Target(LABELS["description"], FIELDS["description"], names="description|details|notes|quantity per unit|descripción|描述|说明|설명|описание"),
    "category_id": Target(LABELS["category_id"], line, names="category|category name|category path|product category|product group|series|group|categoría|类别|分类|产品类别|분류|카테고리|категория|группа"),
    "unit_id": Target(LABELS["unit_id"], line, names="unit|unit of measure|uom|unidad|单位|단위|единица|ед изм"),
    "tax_code_id": Target(LABELS["tax_code_id"], line, names="tax code|tax|vat|vat code|tax rate|impuesto|iva|税码|税率|세금 코드|부가세|налог|ндс"),
    "price": Target(LABELS["price"], priced(unit_price), "price", names="sales price|price|unit price|unitprice|list price|net price|precio|precio de venta|价格|单价|销售价格|가격|단가|판매가|цена|цена продажи"),
    "currency": Target(LABELS["currency"], currency, names="currency|currency code|moneda|divisa|货币|币种|통화|валюта", of=("price",)),
    "cost": Target(LABELS["cost"], priced(unit_price), "price", names="cost|unit cost|purchase price|standard cost|buying price|coste|costo|成本|원가|себестоимость|закупочная цена"),
    "state": Target(LABELS["state"], FIELDS["state"], "word", names="state|status|estado|状态|상태|состояние|статус", words=STATE_LABELS),
    "tags": Target(LABELS["tags"], FIELDS["tags"], "tags", "tags|tag|labels|keywords|etiquetas|标签|태그|метки|теги"),
    "successor_id": Target(LABELS["successor_id"], line, names="successor|replaced by|sucesor|替代产品|후속 제품|преемник", column=False),
    "template": Target(LABELS["template"], line, names="variant of|parent|parent sku|parent code|template|template code|variante de|款式所属产品|원래 제품|вариант товара", column=False),
    "values": Target(LABELS["values"], variants_in.values, names="values|attributes|options|variant values|atributos|属性|속성|признаки", column=False),
}


def _settle(ctx: Context, rows: Rows) -> None:
    """Names of categories, units and tax codes become their keys; prices and their currency come apart."""
    dealt_in, names = set(currencies(ctx)), called(ctx)
    for row in rows:
        place, currency = take_currency(row, PRICES, dealt_in), row.values.get("currency")
        if currency and currency not in dealt_in:
            row.refuse(place, "currency_unknown", value=currency)
        for name, code in NAMED.items():
            if name in row.values:
                name_key(row, name, code, names[name])


def _check(ctx: Context, rows: Rows) -> None:
    """What the product's own form would refuse: something retired that it did not have before, another currency than its prices are in."""
    columns = (Product.id, Product.currency, Product.bundle_price, *(getattr(Product, name) for name in NAMED))
    known = {one.id: one for one in ctx.session.execute(select(*columns).where(Product.id.in_([row.record_id for row in rows if not row.creates])))}
    there = {(field, str(key)): retired for field, key, _, retired in queries.catalogue_names(ctx)}
    for row in rows:
        before = None if row.creates else known.get(row.record_id)
        for name, code in NAMED.items():
            key = row.values.get(name)
            if key and there.get((name, key), True) and not (before and str(getattr(before, name)) == key):
                row.refuse(name, code, value="")
        currency = row.values.get("currency")
        if before and currency and currency != before.currency:
            row.refuse("currency", "product_currency_kept", value=currency, currency=before.currency)
        if before:
            _refuse_amounts(row, before)
    variants_in.check(ctx, rows)


def _refuse_amounts(row: Incoming, before: Row) -> None:
    """What follows from the parts of a bundle comes from no file."""
    for name in PRICES:
        try:
            bundles.check_amounts(before, [name] if row.values.get(name) is not None else ())
        except Refused as refusal:
            row.refuse(name, refusal.code)


def _names(ctx: Context, target: str, keys: set[str]) -> Mapping[str, str]:
    return {str(key): name for field, key, name, _ in queries.catalogue_names(ctx) if field == target and str(key) in keys}


def _succeeded(ctx: Context, name: ColumnElement[str]) -> list[Select]:
    """By its code, else by its name."""
    same, alive = folded(name), Product.deleted_at.is_(None)
    return [select(Product.id).where(column == same, alive).order_by(Product.id).limit(1) for column in (Product.code_fold, Product.name_fold)]


IMPORTS = (
    Importable(
        "products", "product", N_("Products"), Product, TARGETS, {"code": "code_fold"},
        needed=((("code",), "import_needs_code"), (("name",), "import_needs_name")), lasting=frozenset({"code"}), folds=frozenset({"code"}), number=None, without_key=False, fallback="code",
        presets=lambda ctx, values: {"currency": ctx.tenant.currency}, settle=_settle, check=_check, hold=actions.hold_codes, names=_names, made_step=variants_in.link, back_step=variants_in.follow_back, alone=frozenset({"product_attribute"}),
        tree=Tree("successor_id", "successor_id", actions.hold_successors, actions.successors_of, _succeeded, "successor_not_found", "successor_in_circle"),
    ),
    PRICE_LINES,
)
