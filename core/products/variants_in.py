"""Variants out of a file: a row names its product by code and says its values ("Colour: Red; Size: M"); a product's own row may say all of
them ("Colour: Red | Blue; Size: M | L")."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Text, case, func, literal, select, update
from sqlalchemy.dialects.postgresql import aggregate_order_by

from core.base.context import Context
from core.base.errors import Refused
from core.base.ids import new_id
from core.base.importing import Incoming, Rows
from core.base.named import folded
from core.base.sets import among, given_rows, insert_many
from core.base.text import clean, fold
from core.products.following import name_anew
from core.products.models import Product
from core.products.variant_models import LONGEST_NAME, MOST, MOST_ATTRIBUTES, MOST_VALUES, Attribute, AttributeValue
from core.products.variant_queries import TEMPLATE, Offered, attributes_of_each, said

Parts = list[tuple[str, list[str]]]
TABLE = Product.__table__
_VALUES = select(func.string_agg(AttributeValue.name, aggregate_order_by(literal(" | ", Text), AttributeValue.position, AttributeValue.id))).where(AttributeValue.attribute_id == Attribute.id).correlate(Attribute)


def _told(value: ColumnElement[str], *where: Any, joined: bool) -> Any:
    query = select(func.string_agg(Attribute.name + literal(": ", Text) + value, aggregate_order_by(literal("; ", Text), Attribute.position, Attribute.id))).where(*where)
    return (query.join_from(Attribute, AttributeValue, AttributeValue.attribute_id == Attribute.id) if joined else query).correlate(Product).scalar_subquery()


# What a file says of a product: of a variant its values, of another what its variants may be.
SAID: ColumnElement[str] = case(
    (Product.template_id.is_not(None), _told(AttributeValue.name, AttributeValue.id == func.any(Product.combination), joined=True)),
    else_=_told(_VALUES.scalar_subquery(), Attribute.product_id == Product.id, joined=False),
)
CODE: ColumnElement[str] = select(TEMPLATE.code).where(TEMPLATE.id == Product.template_id).correlate(Product).scalar_subquery()


def values(value: Any, field: str) -> str | None:
    """"Colour: Red; Size: M", as it is kept; refuses what does not say each value's attribute."""
    text = clean(None if value is None else str(value), field=field, max_length=20_000)
    if not text:
        return None
    found = parts_of(text)
    names = [name.lower() for name, _ in found]
    if not 0 < len(found) <= MOST_ATTRIBUTES or len(set(names)) < len(names) or any(not _fits(one) for one in found):
        raise Refused("values_unread", field=field)
    return "; ".join(f"{name}: {' | '.join(many)}" for name, many in found)


def _fits(part: tuple[str, list[str]]) -> bool:
    name, many = part
    lowered = [one.lower() for one in many]
    return 0 < len(name) <= LONGEST_NAME and 0 < len(many) <= MOST_VALUES and len(set(lowered)) == len(lowered) and all(0 < len(one) <= LONGEST_NAME and ":" not in one for one in many)


def parts_of(text: str) -> Parts:
    """(attribute, values) of a text."""
    found = []
    for part in text.split(";"):
        name, _, many = part.partition(":")
        if part.strip():
            found.append((" ".join(name.split()), [" ".join(one.split()) for one in many.split("|")]))
    return found


def check(ctx: Context, rows: Rows) -> None:
    """Rows that can be no variant, or that would make a known product another one, stay out."""
    named = [row for row in rows if (row.values.get("template") or row.values.get("values")) and not row.problems]
    if not named:
        return
    templates = _templates(ctx, {str(row.values["template"]) for row in named if row.values.get("template")} | {str(row.values["code"]) for row in named if not row.creates and row.values.get("code")})
    known = _known(ctx, [row.record_id for row in named if not row.creates])
    in_file = {fold(str(row.values.get("code") or "")): _differing(row.values.get("values")) for row in rows if not row.values.get("template") and not row.problems}
    seen: set[tuple[Any, ...]] = set()
    growing = {code: Growing(one.offered, len(one.combinations)) for code, one in templates.items()}
    for row in named:
        if row.values.get("template"):
            _check_variant(row, templates, known, in_file, seen)
        elif not row.creates and _other(known[row.record_id], row.values["values"]):
            row.refuse("values", "attributes_kept")
        if not row.problems:
            _check_room(row, growing)


class Growing:
    """What the variants of a product differ in, and how many there are, as rows are added."""

    def __init__(self, offered: Sequence[Offered] = (), number: int = 0):
        self.values, self.number = {one.attribute.name.lower(): {value.name.lower() for value in one.values} for one in offered}, number

    def takes(self, parts: Parts, variant: bool) -> tuple[str, int] | None:
        """The limit that these would pass, and its number; else they are counted."""
        grown = {name.lower(): self.values.get(name.lower(), set()) | {one.lower() for one in many} for name, many in parts}
        number = self.number + variant
        for code, passed, limit in (
            ("too_many_attributes", len(self.values | grown), MOST_ATTRIBUTES), ("attribute_values", max(map(len, grown.values()), default=0), MOST_VALUES), ("too_many_of_one", number, MOST),
        ):
            if passed > limit:
                return code, limit
        self.values, self.number = self.values | grown, number
        return None


def _check_room(row: Incoming, growing: dict[str, Growing]) -> None:
    """What the product's own pages would refuse as too many; counted over all rows of one look."""
    code = fold(str(row.values.get("template") or row.values.get("code") or ""))
    found = growing.setdefault(code, Growing()).takes(parts_of(row.values.get("values") or ""), bool(row.values.get("template")) and row.creates)
    if found is not None:
        row.refuse("values", found[0], max=found[1])


def _check_variant(row: Incoming, templates: Mapping[str, "Template"], known: Mapping[UUID, "Known"], in_file: dict[str, frozenset[str]], seen: set[tuple[Any, ...]]) -> None:
    code, text = fold(str(row.values["template"])), row.values.get("values")
    there, given = templates.get(code), parts_of(text) if text else []
    if not row.creates:
        before = known[row.record_id]
        if before.template != code or (given and _as_set(given) != before.values):
            row.refuse("template", "variant_kept")
        return
    if there is None:
        if code not in in_file and row.values.get("template_awaited"):  # looked at before: what comes in ahead of it is there by now
            row.refuse("template", "template_not_found", value=row.values["template"])
        row.values["template_awaited"] = True
        if code not in in_file:
            return
    differing = (there.differing if there is not None else frozenset()) | (frozenset() if there is not None and there.combinations else in_file.get(code, frozenset())) or _differing(text)
    if not given or any(len(many) != 1 for _, many in given) or _differing(text) != differing:
        row.refuse("values", "variant_values")
    elif (there is not None and there.is_variant) or code == fold(str(row.values.get("code") or "")):
        row.refuse("template", "variant_has_attributes")
    elif (code, _as_set(given)) in seen or (there is not None and _as_set(given) in there.combinations):
        row.refuse("values", "combination_taken", name=", ".join(many[0] for _, many in given))
    else:
        in_file[code] = differing
        seen.add((code, _as_set(given)))


class Template:
    """A product that rows name as theirs: what its variants differ in, which there are."""

    def __init__(self, product: Product, offered: Sequence[Offered], combinations: Collection[frozenset[tuple[str, str]]]):
        self.product, self.offered, self.combinations, self.is_variant = product, offered, combinations, product.template_id is not None
        self.differing = frozenset(one.attribute.name.lower() for one in offered)


class Known:
    """A product that a row changes: of a variant its product's code and its values, of another what its variants differ in."""

    def __init__(self, template: str | None, values: frozenset[tuple[str, str]], differing: frozenset[str], has_some: bool):
        self.template, self.values, self.differing, self.has_some = template, values, differing, has_some


def _templates(ctx: Context, codes: Collection[str]) -> dict[str, Template]:
    if not codes:
        return {}
    found = _called(ctx, codes)
    keys = [product.id for product in found.values()]
    variants: dict[UUID, list[UUID]] = {key: [] for key in keys}
    for key, template_id in ctx.session.execute(select(Product.id, Product.template_id).where(among(Product.template_id, keys))):
        variants[template_id].append(key)
    told, offered = said(ctx, [key for some in variants.values() for key in some]), attributes_of_each(ctx, keys)
    combined = {key: {frozenset((name.lower(), value.lower()) for name, value in told[one]) for one in some} for key, some in variants.items()}
    return {code: Template(product, offered[product.id], combined[product.id]) for code, product in found.items()}


def _called(ctx: Context, codes: Collection[str]) -> dict[str, Product]:
    """Folded code -> the product that has it."""
    given = func.unnest(literal(sorted(codes), ARRAY(Text))).table_valued("said").render_derived()
    query = select(given.c.said, Product).join(given, Product.code_fold == folded(given.c.said)).where(Product.deleted_at.is_(None))
    return {fold(code): product for code, product in ctx.session.execute(query)} if codes else {}


def _known(ctx: Context, keys: Collection[UUID | None]) -> dict[UUID, Known]:
    if not keys:
        return {}
    query = select(Product.id, CODE, SAID, _some()).where(among(Product.id, keys))
    return {key: Known(fold(code) if code else None, _as_set(parts_of(text or "")) if code else frozenset(), _differing(text), some) for key, code, text, some in ctx.session.execute(query)}


def _some() -> Any:
    variant = TABLE.alias("variant")
    return select(variant.c.id).where(variant.c.template_id == Product.id).correlate(Product).exists()


def _other(before: Known, text: str) -> bool:
    """Does a row without a product of its own make a variant another, or change what variants differ in?"""
    if before.template is not None:
        return _as_set(parts_of(text)) != before.values
    return before.has_some and _differing(text) != before.differing


def _differing(text: Any) -> frozenset[str]:
    return frozenset(name.lower() for name, _ in parts_of(str(text or "")))


def _as_set(parts: Parts) -> frozenset[tuple[str, str]]:
    return frozenset((name.lower(), many[0].lower()) for name, many in parts)


def link(ctx: Context, rows: Rows) -> None:
    """After they were written: products learn what their variants differ in, new variants become theirs, and all are called so."""
    own, templates = _own(ctx, rows), _called(ctx, {row.values["template"] for row in rows if row.creates and row.values.get("template")})
    new = [row for row in rows if row.creates and fold(str(row.values.get("template") or "")) in templates]  # the product's own row may have been left out
    parts = {row.line: parts_of(row.values["values"]) for row in (*own, *new)}
    product_of = {row.line: templates[fold(row.values["template"])] for row in new}
    held = [*(row.record_id for row in own if row.record_id), *(one.id for one in templates.values())]
    _hold(ctx, held)
    offered = attributes_of_each(ctx, held)
    _learn(ctx, [(row.record_id, parts[row.line]) for row in own if row.record_id] + [(product_of[row.line].id, parts[row.line]) for row in new], offered)
    _become(ctx, [(row.record_id, product_of[row.line], _as_set(parts[row.line])) for row in new], offered)
    told = [row.record_id for row in rows if row.record_id]
    touched = select(func.coalesce(TABLE.c.template_id, TABLE.c.id)).where(among(TABLE.c.id, told)).distinct()
    if told:
        name_anew(ctx, list(ctx.session.execute(touched).scalars()), told)


def follow_back(ctx: Context, keys: Sequence[UUID], ours: Sequence[UUID]) -> None:
    """Variants of products that are called again as they were are called so, too; those that the import brought count no change by it."""
    name_anew(ctx, keys, ours)


def _own(ctx: Context, rows: Rows) -> list[Incoming]:
    """The rows of products that say what their variants differ in; a variant's says which one it is."""
    some = [row for row in rows if row.values.get("values") and not row.values.get("template")]
    variants = set(ctx.session.execute(select(Product.id).where(among(Product.id, [row.record_id for row in some if row.record_id]), Product.template_id.is_not(None))).scalars()) if some else set()
    return [row for row in some if row.record_id not in variants]


def _hold(ctx: Context, templates: Collection[UUID]) -> None:
    """Nobody else changes what their variants differ in, nor their names, from here to the commit."""
    if templates:
        ctx.session.execute(select(Product).where(among(Product.id, templates)).order_by(Product.id).with_for_update(key_share=True).execution_options(populate_existing=True)).all()


def _become(ctx: Context, new: Sequence[tuple[UUID | None, Product, frozenset[tuple[str, str]]]], offered: Mapping[UUID, Sequence[Offered]]) -> None:
    """New rows become variants of their products, and are called so by whoever follows; one without amounts of its own is in its product's currency."""
    rows = []
    for key, product, wanted in new:
        values = [value for one in offered[product.id] for value in one.values if (one.attribute.name.lower(), value.name.lower()) in wanted]
        rows.append({"id": key, "template_id": product.id, "combination": sorted(value.id for value in values), "currency": product.currency})
    if rows:
        given = given_rows(rows, (TABLE.c.id, TABLE.c.template_id, TABLE.c.combination, TABLE.c.currency))
        currency = case((TABLE.c.price.is_(None) & TABLE.c.cost.is_(None), given.c.currency), else_=TABLE.c.currency)
        written = {name: given.c[name] for name in ("template_id", "combination")}
        ctx.session.execute(update(TABLE).where(TABLE.c.id == given.c.id).values(**written, currency=currency))


def _learn(ctx: Context, said: Sequence[tuple[UUID, Parts]], offered: Mapping[UUID, list[Offered]]) -> None:
    """Attributes and values that are not there yet, behind those that are; offered has them too then."""
    there = {(key, one.attribute.name.lower()): one for key, some in offered.items() for one in some}
    attributes, values = [], []
    for key, name, many in ((key, name, many) for key, parts in said for name, many in parts):
        if (key, name.lower()) not in there:
            attributes.append({"id": new_id(), "product_id": key, "name": name, "position": len(offered[key])})
            there[key, name.lower()] = Offered(Attribute(**attributes[-1]))
            offered[key].append(there[key, name.lower()])
        one = there[key, name.lower()]
        known = {value.name.lower() for value in one.values}
        for new in (new for new in many if new.lower() not in known):
            values.append({"id": new_id(), "attribute_id": one.attribute.id, "name": new, "position": len(one.values)})
            one.values.append(AttributeValue(**values[-1]))
    for model, rows in ((Attribute, attributes), (AttributeValue, values)):
        if rows:
            stamp = {"created_at": ctx.now, "created_by": ctx.actor.id, "updated_at": ctx.now}
            ctx.session.execute(insert_many(model.__table__, [row | stamp for row in rows]))
