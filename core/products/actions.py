"""Use cases about products in the order of their life: create, edit, choose a picture, delete, bring back."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import literal, select

from core.base import editing
from core.base.context import Context
from core.base.editing import cleaned, cleaned_as_was, hold_place
from core.base.errors import Refused
from core.base.facts import record
from core.base.field_rights import check_writes
from core.base.named import folded
from core.base.policy import require
from core.custom_fields import values as own
from core.files.models import Attachment
from core.products import bundles, following
from core.products.fields import FIELDS
from core.products.lookup_models import Category, TaxCode, Unit
from core.products.models import Product
from core.tagging.queries import as_spelled

LINKS = {"category_id": (Category, "category_unknown"), "unit_id": (Unit, "unknown_value"), "tax_code_id": (TaxCode, "unknown_value")}


def create_product(ctx: Context, **given: Any) -> Product:
    """A new product; `code` and `name` are needed. Its price and cost are in the workspace's own currency."""
    require(ctx, "products.create")
    check_writes(ctx, "products", given)
    values = as_spelled(ctx, cleaned(FIELDS | own.cleaners(ctx, "products"), given))
    for name in ("code", "name"):
        if name not in values:
            raise Refused("required", field=name)
    check_links(ctx, values)
    _check_code(ctx, values)
    check_successor(ctx, None, values)
    own.begin(ctx, Product, values)
    product = Product(currency=ctx.tenant.currency, **values)
    ctx.session.add(product)
    own.reserve(ctx, product, {f"custom.{key}": value for key, value in values.get("custom", {}).items()})
    record(ctx, "product.created", product, name=product.name)
    return product


def edit_product(ctx: Context, product: Product, *, version: int | None = None, original: Mapping[str, Any] | None = None, **given: Any) -> Product:
    """Change the given fields. version and original: what the form was loaded with; two people at once are merged, the same field
    changed by both raises Conflict with the three values."""
    require(ctx, "products.edit", product)
    check_writes(ctx, "products", given)
    if any(given.get(name) not in (None, getattr(product, name)) for name in ("code", "name")):  # its variants are called by its name
        hold_codes(ctx)  # before the row's own lock, as an import of products does: else the two would wait for one another
    if given.get("successor_id"):
        hold_successors(ctx)  # before the row's own lock: two that take each other's place would deadlock
    fields = {**FIELDS, **own.cleaners(ctx, "products")}
    changes = editing.changes(ctx, product, as_spelled(ctx, cleaned(fields, given)), version=version, original=cleaned_as_was(fields, original))
    bundles.check_amounts(product, [name for name, value in changes.items() if value is not None])
    check_links(ctx, changes)
    _check_code(ctx, changes, product)
    check_successor(ctx, product, changes)
    if "name" in changes and product.template_id:
        raise Refused("variant_name_kept", field="name")
    _write(ctx, product, changes)
    if "name" in changes:
        following.follow_names(ctx, product.id)
    return product


def _write(ctx: Context, product: Product, changes: dict[str, Any]) -> None:
    if changes:
        own.check(ctx, product, changes)
        own.reserve(ctx, product, changes)
        for name, value in own.write(product, changes).items():
            setattr(product, name, value)
        record(ctx, "product.edited", product, fields=sorted(changes), name=product.name)
    ctx.session.flush()  # the answer shows the new version


def choose_picture(ctx: Context, product: Product, file_id: UUID | None) -> None:
    """Show it by one of its files; None: by none. Refuses what is no picture on this product."""
    require(ctx, "products.edit", product)
    if file_id is not None:
        query = select(literal(1)).select_from(Attachment).where(
            Attachment.id == file_id, Attachment.record_kind == "product", Attachment.record_id == product.id, Attachment.deleted_at.is_(None), Attachment.mimetype.startswith("image/"),
        )
        if ctx.session.execute(query).first() is None:
            raise Refused("image_not_picture", field="file_id")
    editing.hold(ctx, product)
    if product.image_id != file_id:
        product.image_id = file_id
        record(ctx, "product.pictured", product)


def delete_product(ctx: Context, product: Product) -> None:
    """Put a product into the recycle bin, with its variants; its history stays with it and comes back with it."""
    require(ctx, "products.delete", product)
    product.deleted_at = ctx.now
    record(ctx, "product.deleted", product, name=product.name)
    following.delete_with(ctx, product)


def restore_product(ctx: Context, product: Product) -> None:
    """Bring a product back out of the recycle bin: the variants that went with it come too, a variant comes with its product and
    with those that went with that."""
    require(ctx, "products.delete", product)
    template = ctx.session.get(Product, product.template_id) if product.template_id else None
    ctx.session.flush()  # what was changed before must not be lost by reading anew
    for one in (template, product):  # its variants go and come under the lock of the product whose variants they are
        if one is not None:
            editing.read_anew(ctx, one, {"key_share": True})
    for one in (template, product):  # a variant that went with its product is back by then
        if one is not None and one.deleted_at is not None:
            since, one.deleted_at = one.deleted_at, None
            record(ctx, "product.restored", one, name=one.name)
            following.restore_with(ctx, one, since)


def check_links(ctx: Context, values: Mapping[str, Any]) -> None:
    """Refuses a category, unit or tax code that is not there; of the retired ones too those that are chosen anew."""
    for name, (model, code) in LINKS.items():
        if values.get(name) is None:
            continue
        found = ctx.session.execute(select(model).where(model.id == values[name])).scalar_one_or_none()
        if found is None or getattr(found, "retired", False):
            raise Refused(code, field=name)


def _check_code(ctx: Context, values: Mapping[str, Any], product: Product | None = None) -> None:
    """Refuses a code that another product has, whatever its case. Two who bring the same new one at once wait for one another."""
    if "code" not in values:
        return
    same = folded(literal(values["code"]))
    hold_codes(ctx)
    query = select(Product.id).where(Product.code_fold == same)
    if ctx.session.execute(query if product is None else query.where(Product.id != product.id)).first():
        raise Refused("product_code_taken", field="code")


def hold_codes(ctx: Context) -> None:
    """One at a time: two who bring the same new code at once wait for one another."""
    hold_place(ctx, "product.code")


def hold_successors(ctx: Context) -> None:
    """One at a time: two that take each other's place at once would each find no circle."""
    hold_place(ctx, "product.successors")


def check_successor(ctx: Context, product: Product | None, values: Mapping[str, Any]) -> None:
    """Refuses a successor that is not there, and one whose own successors lead back to the product."""
    key = values.get("successor_id")
    if key is None:
        return
    line = select(Product.id, Product.successor_id).where(Product.id == key, Product.deleted_at.is_(None)).cte("line", recursive=True)
    line = line.union(select(Product.id, Product.successor_id).where(Product.id == line.c.successor_id))
    found = set(ctx.session.execute(select(line.c.id)).scalars())
    if key not in found:
        raise Refused("product_unknown", field="successor_id")
    if product is not None and product.id in found:
        raise Refused("product_succeeds_itself", field="successor_id")


def successors_of(ctx: Context, keys: Collection[UUID]) -> dict[UUID, UUID]:
    """product -> successor for these products and all that follow them."""
    chain = select(Product.id, Product.successor_id).where(Product.id.in_(keys)).cte("chain", recursive=True)
    chain = chain.union(select(Product.id, Product.successor_id).join(chain, Product.id == chain.c.successor_id))
    return {row.id: row.successor_id for row in ctx.session.execute(select(chain)) if row.successor_id}
