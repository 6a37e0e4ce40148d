"""Products: list, record page, form, edit in place, picture, delete and bring back. What they are described by: catalogue.py, rates.py."""

from typing import Any
from uuid import UUID

from flask import Blueprint, request
from wtforms.fields.choices import SelectChoice

from core.base.context import Context
from core.base.errors import Refused
from core.base.field_rights import hidden
from core.base.policy import may, require
from core.base.words import N_
from core.custom_fields.fields import fields_of
from core.products import actions, queries, relations
from core.products.bundle_queries import parts_of
from core.products.bundles import of_parts
from core.products.fields import FIELDS
from core.products.words import LABELS, RELATION_HEADS
from infra import i18n
from web.custom_fields.forms import OWN_FIELDS, own_picked, presets, sections, with_own
from web.custom_fields.saying import label
from web.forms import keys_of
from web.guard import needs
from web.nav import NavItem
from web.pages import page, say, see_other
from web.parties.chips import know
from web.parties.edited import form_of, save_edited
from web.parties.forms import typed
from web.parties.list_page import answer_list
from web.parties.record import answer_record, beside, properties
from web.parties.record_routes import add_record_routes
from web.products import (
    bundles,
    catalogue,
    catalogue_api,
    parts_api,
    prices,
    prices_api,
    rates,
    relations_api,
    showing,
    variants,
    variants_api,
)
from web.products import relations as related
from web.products.forms import ProductForm
from web.products.picking import picked_product
from web.words import say_fact, say_refusal

bp = Blueprint("products", __name__, url_prefix="/products")
catalogue_bp, catalogue_api_bp, rates_bp, prices_bp, prices_api_bp, variants_bp, variants_api_bp, relations_bp, relations_api_bp, bundles_bp, parts_api_bp = catalogue.bp, catalogue_api.bp, rates.bp, prices.bp, prices_api.bp, variants.bp, variants_api.bp, related.bp, relations_api.bp, bundles.bp, parts_api.bp
NAV = [NavItem("products.index", "package", N_("Products"), "products.read", key="g p", group="Sales", order=60)]


@bp.get("")
@needs("products.read")
def index(ctx: Context):
    """The list: filters, columns, views, sums."""
    return answer_list(ctx, "products", queries.products)


@bp.get("/new")
@needs("products.create")
def new(ctx: Context):
    """An empty form; code and name are needed."""
    return _form(ctx, with_own(ctx, ProductForm)(data=presets(ctx, "products") | {"name": request.args.get("name", ""), "category_id": request.args.get("under", "")}))


@bp.post("")
@needs("products.create")
def create(ctx: Context):
    form = with_own(ctx, ProductForm)(request.form)
    if form.validate():
        with form.attempt(ctx):
            product = actions.create_product(ctx, **(typed(form) | _picked(ctx) | own_picked(ctx, "products")))
            say(ctx, N_("%(name)s added"), name=product.name)
            return see_other("products.show", id=product.id)
    return _form(ctx, form, status=422)


@bp.get("/<uuid:id>")
@needs("products.read")
def show(ctx: Context, id: UUID):
    """The record page; for the drawer only its preview."""
    product, successor, picture, template, many, in_bundles, colours = queries.product_page(ctx, id)
    know(product.tags, colours)
    amounts = bundles.amounts(ctx, product)
    return answer_record(
        "products", product.name, product=product, successor_name=successor, picture=picture, related=relations.related(ctx, id, succeeds=True), heads=RELATION_HEADS, lines=[one for one in properties(ctx, product, showing.names(ctx)) if one["name"] not in of_parts(product)],
        events=[_event(ctx, fact) for fact in queries.timeline(ctx, product)], margin=_margin(ctx, amounts or product, template), amounts=amounts, consists=parts_of(ctx, [id] if product.bundle_price else []).get(id, []), in_bundles=in_bundles, variant_of=template, variants=many, can_choose=may(ctx, "products.edit", product), **beside(ctx, product),
    )


add_record_routes(bp, queries.one_product, fields=FIELDS, edit=actions.edit_product, delete=actions.delete_product, restore=actions.restore_product, owned=False)


@bp.get("/<uuid:id>/edit")
@needs("products.edit")
def edit(ctx: Context, id: UUID):
    product = queries.one_product(ctx, id)
    require(ctx, "products.edit", product)
    form, was = form_of(ctx, ProductForm, product)
    return _form(ctx, form, product, was)


@bp.post("/<uuid:id>")
@needs("products.edit")
def update(ctx: Context, id: UUID):
    """Save what was changed. Somebody else's change of other fields stays; of the same field it is asked about."""
    return save_edited(ctx, queries.one_product(ctx, id), ProductForm, actions.edit_product, picked=_picked, done=lambda: see_other("products.show", id=id), again=_form)


@bp.post("/<uuid:id>/picture")
@needs("products.edit")
def update_picture(ctx: Context, id: UUID):
    """Show it by one of its files (file_id), or by none."""
    try:
        with ctx.session.begin_nested():
            actions.choose_picture(ctx, queries.one_product(ctx, id), next(iter(keys_of([request.form.get("file_id", "")])), None))
    except Refused as refusal:
        if refusal.status != 422:
            raise
        say(ctx, say_refusal(refusal, ctx.locale), kind="error")
    return see_other("products.show", id=id)


@bp.get("/options")
@needs("products.read")
def options(ctx: Context):
    """Options of a field that names a product. sold=: without those that are only sold as one of their variants."""
    return page("parties/options.html", found=queries.quick_products(ctx, request.args.get("q", ""), sold="sold" in request.args))


def _margin(ctx: Context, product: Any, template: Any) -> Any:
    """What is earned of the price in percent, for whoever knows the cost. A variant without a price or cost of its own has its product's."""
    (price, priced_in), (cost, bought_in) = (next(((value, one.currency) for one in (product, template) if one is not None and (value := getattr(one, name)) is not None), (None, "")) for name in ("price", "cost"))
    if {"cost", "price"} & hidden(ctx, "products") or not price or cost is None or priced_in != bought_in:
        return None
    return round((price - cost) / price * 100, 1)


def _event(ctx: Context, fact: Any) -> dict[str, Any]:
    """One line of the timeline."""
    owns = {own.name for own in fields_of(ctx, "products")}
    told = [name for name in fact.params.get("fields", ()) if (name in LABELS or name in owns) and name not in hidden(ctx, "products")]
    fields = ", ".join(dict.fromkeys(label(ctx, "products", name, LABELS | {"custom": OWN_FIELDS}) for name in told))
    actor = fact.actor_name if fact.actor_name not in (None, "system") else i18n.gettext(ctx.locale, N_("Tendero"))
    return {"at": fact.at, "text": say_fact(fact.kind, dict(fact.params), ctx.locale, actor=actor, **({"fields": fields or i18n.gettext(ctx.locale, N_("other fields"))} if "fields" in fact.params else {}))}


def _picked(ctx: Context, was: dict[str, str] | None = None) -> dict[str, str]:
    """The successor, where the form names another one than it was loaded with."""
    key = picked_product(ctx, "successor_id")
    return {} if "successor_id" in hidden(ctx, "products") or key == (was or {}).get("successor_id", "") else {"successor_id": key}


def _form(ctx: Context, form: ProductForm, product: Any = None, was: dict[str, str] | None = None, *, status: int = 200, version: int | None = None):
    for name in showing.NAMED:
        held = [(str(key), text) for field, key, text, retired in showing.catalogue(ctx) if field == name and retired and product is not None and getattr(product, name) == key]
        form[name].choices = [SelectChoice(value, text) for value, text in (*showing.choices(ctx, name), *held)]
    successor = request.form.get("successor_id_text") if request.method == "POST" else queries.product_name(ctx, product.successor_id if product else None)
    return page(
        "products/form.html", status=status, form=form, product=product, was=was or {}, own=sections(ctx, form), successor_name=successor or "",
        currency=product.currency if product else ctx.tenant.currency, version=version or (product.version if product else None),
    )
