"""What a bundle consists of: shown, written line by line, and what it comes to. Enter saves and goes on in an empty line."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import Blueprint, request
from wtforms import SelectField, StringField
from wtforms.validators import Length

from core.base.context import Context
from core.base.errors import Conflict, Refused
from core.base.field_rights import hidden
from core.base.policy import may, require
from core.base.words import N_
from core.products import bundles, pricing, queries
from core.products.bundle_models import SUM
from core.products.bundle_queries import Part, bundles_with, parts_of
from core.products.bundles import MOST_PARTS
from core.products.costing import costs_of
from core.products.models import Product
from core.products.words import BUNDLE_PRICE_LABELS
from infra import i18n
from web.editing import shown, version_of_form
from web.forms import Form, small_int
from web.guard import needs
from web.line_forms import rearrange, take_by_line
from web.pages import page, say, see_other
from web.parties.cells import plain_number
from web.products.prices import typed_product

bp = Blueprint("bundles", __name__, url_prefix="/products")


class PartForm(Form):
    """So many of a product."""

    product_id = StringField(N_("Product"))
    quantity = StringField(N_("Quantity"), [Length(max=30)])


class BundlePriceForm(Form):
    """How the whole is priced."""

    bundle_price = SelectField(N_("Price of the bundle"), validate_choice=False)


@dataclass(frozen=True)
class Amounts:
    """What one bundle costs its customer and the workspace, where the actor may know it; both in one currency."""

    price: Decimal | None
    cost: Decimal | None
    currency: str


def amounts(ctx: Context, product: Product) -> Amounts | None:
    """Of a bundle; None of any other product."""
    if not product.bundle_price:
        return None
    cost = None if "cost" in hidden(ctx, "products") else costs_of(ctx, {product.id}).get(product.id)
    price = product.price
    if product.bundle_price == SUM and "price" not in hidden(ctx, "products"):
        [found] = pricing.known_prices(ctx, [(product, Decimal(1))], on=ctx.tenant_today, currency=product.currency)
        price = found.each.amount if found is not None else None
    return Amounts(price, cost.amount if cost is not None else None, product.currency)


@bp.get("/<uuid:id>/parts")
@needs("products.read")
def index(ctx: Context, id: UUID):
    """What it consists of, which bundles it is a part of, and the form. next=: the cursor stands in a new line."""
    return _page(ctx, queries.one_product(ctx, id))


@bp.post("/<uuid:id>/parts")
@needs("products.edit")
def update(ctx: Context, id: UUID):
    """Save them. up=, gone=: a part's place, to be moved up or taken away; back: to the product's page."""
    product, priced = queries.one_product(ctx, id), BundlePriceForm(request.form)
    require(ctx, "products.edit", product)
    forms = [PartForm(request.form, prefix=f"p{place}-") for place in range(min(small_int(request.form.get("rows")) or 0, MOST_PARTS + 1))]
    rows: list[tuple[Form, Any]] = [(form, form) for form in forms if form.product_id.data or request.form.get(f"{form.product_id.name}_text", "").strip()]
    rearrange(rows, forms)
    try:
        with ctx.session.begin_nested():
            given = [{"product_id": _chosen(ctx, form, place), "quantity": form.quantity.data} for place, (form, _) in enumerate(rows)]
            bundles.save_parts(ctx, product, given, bundle_price=priced.bundle_price.data or None, version=version_of_form())
        say(ctx, N_("%(name)s saved"), name=product.name)
        return see_other("products.show", id=id) if "back" in request.form else see_other("bundles.index", id=id, next=1)
    except Refused as refusal:
        if refusal.status != 422 and not isinstance(refusal, Conflict):
            raise
        return _page(ctx, product, forms=forms, priced=priced, problem=take_by_line(refusal, [form for form, _ in rows], rows="parts"), status=refusal.status)


def _chosen(ctx: Context, form: Form, place: int) -> str | None:
    try:
        return typed_product(ctx, form["product_id"].name)
    except Refused as refusal:
        raise Refused(refusal.code, field=f"parts.{place}.product_id") from None


def _loaded(parts: list[Part]) -> list[PartForm]:
    """A form for each part, and an empty one behind them."""
    found = [PartForm(prefix=f"p{place}-", data={"product_id": str(one.product.id), "quantity": shown(plain_number(one.quantity))}) for place, one in enumerate(parts)]
    return [*found, PartForm(prefix=f"p{len(parts)}-")] if len(parts) < MOST_PARTS else found


def _page(ctx: Context, product: Product, *, forms: list[PartForm] | None = None, priced: BundlePriceForm | None = None, problem: str = "", status: int = 200):
    parts = parts_of(ctx, [product.id]).get(product.id, [])
    priced = priced or BundlePriceForm(data={"bundle_price": product.bundle_price or "own"})
    priced.bundle_price.choices = [(key, i18n.gettext(ctx.locale, text)) for key, text in BUNDLE_PRICE_LABELS.items()]
    texts = [one.product.name for one in parts] if forms is None else [request.form.get(f"{form.product_id.name}_text", "") for form in forms]
    forms = _loaded(parts) if forms is None else forms
    rows = list(zip(forms, [*texts, ""], strict=False))
    return page(
        "products/parts.html", status=status, product=product, parts=parts, lines=rows, priced=priced, problem=problem, amounts=amounts(ctx, product), above=bundles_with(ctx, product.id),
        can_edit=not product.template_id and may(ctx, "products.edit", product), goes_on=bool(request.args.get("next")),
    )
