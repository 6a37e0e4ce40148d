"""Use cases about variants: what a product's variants differ in, which of them could be made, and making them."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product as every
from math import prod
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, func, literal, select

from core.base.cleaning import key
from core.base.context import Context
from core.base.editing import hold
from core.base.errors import Conflict, Gathered, Refused, errors_of
from core.base.facts import record
from core.base.named import folded
from core.base.policy import require
from core.base.text import clean_needed
from core.custom_fields import values as own
from core.custom_fields.fields import fields_of
from core.products.actions import hold_codes
from core.products.fields import code
from core.products.following import called, follow_names
from core.products.models import LONGEST_CODE, Product
from core.products.queries import LAST_LETTER
from core.products.variant_models import LONGEST_NAME, MOST, MOST_ATTRIBUTES, MOST_VALUES, Attribute, AttributeValue
from core.products.variant_queries import Offered, attributes_of, in_order, taken

MOST_AT_ONCE = 200
# Of what stands behind a code that is taken: "-2" to "-9999".
LONGEST_NUMBER = 5
# What stands between them in a file.
SIGNS = ":;|"
COPIED = ("description", "category_id", "unit_id", "tax_code_id", "tags")


@dataclass(frozen=True)
class Proposal:
    """A variant that is not there yet: the keys of its values, in their order; what it would be called and ordered by."""

    combination: tuple[UUID, ...]
    name: str
    code: str


def save_attributes(ctx: Context, product: Product, rows: Sequence[Mapping[str, Any]], *, version: int | None = None) -> list[Offered]:
    """The variants of this product differ in these attributes and no others, each with these values, in this order.

    Rows are {"id", "name", "values": [{"id", "name"}]}; one with the `id` of what is there changes it, and variants are called anew. While there
    are variants attributes neither come nor go, and a value that one of them has stays. version: of the product as it was read."""
    require(ctx, "products.edit", product)
    hold_codes(ctx)  # before the row's own lock, as an import of products does, which has looked at what variants differ in by then
    hold(ctx, product)
    if version is not None and version != product.version:
        raise Conflict("stale")
    if product.template_id:
        raise Refused("variant_has_attributes")
    if product.bundle_price and rows:
        raise Refused("bundle_no_variants")
    given, there = _cleaned(rows), {one.attribute.id: one for one in attributes_of(ctx, product.id)}
    used = {one for row in taken(ctx, product.id) for one in row.combination}
    kept = {row["id"] for row in given}
    if used and (there.keys() - kept or None in kept or kept - there.keys()):
        raise Refused("attributes_kept")
    for gone in there.keys() - kept:
        ctx.session.delete(there[gone].attribute)
    ctx.session.flush()  # a name that goes is free
    for place, row in enumerate(given):
        _write_attribute(ctx, product, there.get(row["id"]), place, row, used)
    product.updated_at = ctx.now  # its version counts them too
    record(ctx, "product.attributes_changed", product, name=product.name)
    ctx.session.flush()  # variants are called by what stands there now
    follow_names(ctx, product.id, "attributes")
    return attributes_of(ctx, product.id)


def _cleaned(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    if len(rows) > MOST_ATTRIBUTES:
        raise Refused("too_many_attributes", max=MOST_ATTRIBUTES)
    wrong, found = Gathered(), []
    for place, row in enumerate(rows):
        field = f"attributes.{place}"
        with wrong.taking():
            values = row.get("values") or []
            if not 0 < len(values) <= MOST_VALUES:
                raise Refused("attribute_values", field=f"{field}.values", max=MOST_VALUES)
            cleaned = [{"id": key(one.get("id"), f"{field}.values"), "name": _name(one.get("name"), f"{field}.values")} for one in values]
            found.append({"id": key(row.get("id"), field), "name": _name(row.get("name"), f"{field}.name"), "values": cleaned})
            _check_apart(cleaned, f"{field}.values")
    wrong.settle()
    _check_apart(found, "attributes")
    return found


def _name(value: Any, field: str) -> str:
    found = " ".join(clean_needed(value, field=field, max_length=LONGEST_NAME).split())
    if any(sign in found for sign in SIGNS):
        raise Refused("attribute_sign", field=field, signs=" ".join(SIGNS))
    return found


def _check_apart(rows: Sequence[Mapping[str, Any]], field: str) -> None:
    names = [row["name"].lower() for row in rows]
    keys = [row["id"] for row in rows if row["id"]]
    if len(set(names)) < len(names) or len(set(keys)) < len(keys):
        raise Refused("name_taken", field=field)


def _write_attribute(ctx: Context, product: Product, there: Offered | None, place: int, row: Mapping[str, Any], used: Collection[UUID]) -> None:
    field = f"attributes.{place}"
    attribute = there.attribute if there is not None else Attribute(product_id=product.id)
    _check_free(ctx, Attribute, Attribute.product_id == product.id, attribute, row["name"], f"{field}.name")
    attribute.name, attribute.position = row["name"], place
    ctx.session.add(attribute)
    ctx.session.flush()  # its values name it by key
    values = {one.id: one for one in (there.values if there is not None else ())}
    gone = values.keys() - {one["id"] for one in row["values"]}
    if gone & set(used):
        raise Refused("value_used", field=f"{field}.values", name=next(values[key].name for key in values if key in gone & set(used)))
    for one in gone:
        ctx.session.delete(values[one])
    ctx.session.flush()  # a name that goes is free
    for at, one in enumerate(row["values"]):
        value = values.get(one["id"]) or AttributeValue(attribute_id=attribute.id)
        _check_free(ctx, AttributeValue, AttributeValue.attribute_id == attribute.id, value, one["name"], f"{field}.values")
        value.name, value.position = one["name"], at
        ctx.session.add(value)
    ctx.session.flush()  # the next attribute's check reads them


def _check_free(ctx: Context, model: Any, beside: Any, row: Any, name: str, field: str) -> None:
    """Refuses a name that another has, also one that is just being given away: the database looks at each row as it is written."""
    if row.name is not None and row.name.lower() == name.lower():
        return
    if ctx.session.execute(select(model.id).where(beside, func.lower(model.name) == func.lower(literal(name)), model.id != row.id if row.id else literal(True))).first():
        raise Refused("name_taken", field=field)


def proposals(ctx: Context, product: Product, chosen: Collection[UUID] | None = None) -> list[Proposal]:
    """Every combination of the chosen values (None: of all) that is no variant yet, with a code that is free. Refuses too many at once."""
    offered = attributes_of(ctx, product.id)
    choices = [[one for one in part.values if chosen is None or one.id in chosen] for part in offered]
    there = {tuple(row.combination) for row in taken(ctx, product.id)}
    if prod(len(one) for one in choices) - len(there) > MOST_AT_ONCE or prod(len(one) for one in choices) > MOST:
        raise Refused("too_many_variants", max=MOST_AT_ONCE)
    wanted = [values for values in every(*choices) if offered and tuple(sorted(one.id for one in values)) not in there]
    if len(wanted) > MOST_AT_ONCE:
        raise Refused("too_many_variants", max=MOST_AT_ONCE)
    codes = _free_codes(ctx, [_wish(product, values) for values in wanted])
    return [Proposal(tuple(sorted(one.id for one in values)), called(product.name, [one.name for one in values]), said) for values, said in zip(wanted, codes, strict=True)]


def _wish(product: Product, values: Iterable[AttributeValue]) -> str:
    """The code that a variant would like to have."""
    return "-".join((product.code, *(_short(one.name) for one in values)))


def _short(name: str) -> str:
    return "".join(sign for sign in name.upper() if sign.isalnum() or sign in ".,")[:8]


def _free_codes(ctx: Context, wanted: Sequence[str]) -> list[str]:
    """Each as it is wished, with a number behind it where another has it."""
    found: list[str] = []
    heads = [one[: LONGEST_CODE - LONGEST_NUMBER] for one in wanted]
    compared, there = _taken_codes(ctx, heads)
    for head in heads:
        behind = next(behind for behind in ("", *map("-{}".format, range(2, 10 ** (LONGEST_NUMBER - 1)))) if compared[head] + behind not in there)
        found.append(head + behind)
        there.add(compared[head] + behind)
    return found


def _taken_codes(ctx: Context, heads: Sequence[str]) -> tuple[dict[str, str], set[str]]:
    """(each as it is compared: without case and accents; the codes, so compared, that begin with one of them and are no longer than a number behind it)."""
    given = func.unnest(literal(list(dict.fromkeys(heads)), ARRAY(Text))).table_valued("head").render_derived()
    fold = folded(given.c.head)
    near = (Product.code_fold >= fold) & (Product.code_fold < fold.concat(LAST_LETTER)) & (func.char_length(Product.code_fold) <= func.char_length(fold) + LONGEST_NUMBER)
    rows = ctx.session.execute(select(given.c.head, fold, Product.code_fold).join(Product, near, isouter=True)).all() if heads else []
    return {head: compared for head, compared, _ in rows}, {code for _, _, code in rows if code is not None}


def make_variants(ctx: Context, product: Product, wanted: Sequence[Mapping[str, Any]]) -> list[Product]:
    """New variants: {"values": keys, one of each attribute, "code"}; without a code one is made of the product's and the values.

    They begin with what the product says of itself, and cost what it costs until they have a price, or a cost, of their own. All wrong ones are
    refused together, each by its place."""
    require(ctx, "products.create")
    hold_codes(ctx)  # before the row's own lock, as an import of products does: else the two would wait for one another
    hold(ctx, product)
    if product.template_id:
        raise Refused("variant_has_attributes")
    offered, there = attributes_of(ctx, product.id), {tuple(row.combination): row.deleted_at is not None for row in taken(ctx, product.id)}
    if not offered:
        raise Refused("attributes_needed")
    if not 0 < len(wanted) <= MOST_AT_ONCE or len(wanted) + len(there) > MOST:
        raise Refused("too_many_variants" if wanted else "variants_none", max=MOST_AT_ONCE)
    given = _checked(offered, wanted, there)
    codes = _codes(ctx, product, offered, given)
    made = [_made(ctx, product, offered, one["combination"], said) for one, said in zip(given, codes, strict=True)]
    ctx.session.flush()  # what follows names them by key
    record(ctx, "product.variants_made", product, name=product.name, count=len(made))
    return made


def _checked(offered: Sequence[Offered], wanted: Sequence[Mapping[str, Any]], there: Mapping[tuple[UUID, ...], bool]) -> list[dict[str, Any]]:
    wrong, found, seen = Gathered(), [], set()
    for place, one in enumerate(wanted):
        field = f"variants.{place}"
        with wrong.taking():
            keys = [key(value, f"{field}.values") for value in one.get("values") or ()]
            values = in_order(offered, [value for value in keys if value])
            if len({value.attribute_id for value in values}) != len(offered) or len(values) != len(offered) or len(keys) != len(offered):
                raise Refused("variant_values", field=f"{field}.values")
            combination = tuple(sorted(value.id for value in values))
            if combination in there or combination in seen:
                raise Refused("combination_deleted" if there.get(combination) else "combination_taken", field=f"{field}.values", name=", ".join(value.name for value in values))
            seen.add(combination)
            found.append({"combination": combination, "code": code(one["code"], f"{field}.code") if one.get("code") else None})
    wrong.settle()
    return found


def _codes(ctx: Context, product: Product, offered: Sequence[Offered], given: Sequence[Mapping[str, Any]]) -> list[str]:
    """A code for each; refuses those that another product has, or two of them."""
    made = iter(_free_codes(ctx, [_wish(product, in_order(offered, one["combination"])) for one in given if not one["code"]]))
    codes = [one["code"] or next(made) for one in given]
    wished = func.unnest(literal(codes, ARRAY(Text))).table_valued("said", with_ordinality="place").render_derived()
    same = folded(wished.c.said)
    query = select(wished.c.place, same.label("fold"), select(Product.id).where(Product.code_fold == same).exists().label("taken")).order_by(wished.c.place)
    wrong, seen = Gathered(), set()
    for place, fold, is_taken in ctx.session.execute(query):
        with wrong.taking():
            if is_taken or fold in seen:
                raise Refused("product_code_taken", field=f"variants.{place - 1}.code")
        seen.add(fold)
    wrong.settle()
    return codes


def _made(ctx: Context, product: Product, offered: Sequence[Offered], combination: Sequence[UUID], said: str) -> Product:
    values = {name: getattr(product, name) for name in COPIED}
    values |= {one.name: found for one in fields_of(ctx, "products") if not one.is_unique and not one.archived and (found := getattr(product, one.name)) is not None}
    values |= {"code": said, "name": called(product.name, [value.name for value in in_order(offered, combination)])}
    own.begin(ctx, Product, values)
    made = Product(currency=product.currency, template_id=product.id, combination=list(combination), **values)
    ctx.session.add(made)
    record(ctx, "product.created", made, name=made.name)
    return made


def rename_value(ctx: Context, product: Product, value_id: UUID | None, name: Any) -> None:
    """One value of an attribute by another name; the variants that have it are called so too."""
    offered = attributes_of(ctx, product.id)
    if value_id not in {value.id for one in offered for value in one.values}:
        raise Refused("unknown_value", field="value_id")
    rows = [
        {"id": one.attribute.id, "name": one.attribute.name, "values": [{"id": value.id, "name": name if value.id == value_id else value.name} for value in one.values]} for one in offered
    ]
    try:
        save_attributes(ctx, product, rows)
    except Refused as refusal:
        first = next(iter(errors_of(refusal)))
        raise Refused(first.code, field="name", **first.params) from None
