"""What a product has to do with others: said and taken back."""

from typing import Any
from uuid import UUID

from flask import Blueprint, request
from wtforms import SelectField, StringField

from core.base.context import Context
from core.base.policy import may
from core.base.words import N_
from core.products import queries, relations
from core.products.models import Product
from core.products.relations import WAYS
from core.products.words import RELATION_HEADS, WAY_OF_RELATION
from infra import i18n
from web.forms import Form
from web.guard import needs
from web.pages import page, say, see_other
from web.products.prices import typed_product

bp = Blueprint("relations", __name__, url_prefix="/products")


class RelationForm(Form):
    """What this product is to another one."""

    way = SelectField(N_("This product"), validate_choice=False)
    other_id = StringField(N_("Product"))


@bp.get("/<uuid:id>/relations")
@needs("products.read")
def index(ctx: Context, id: UUID):
    """What the product has to do with others, and a form for more."""
    return _page(ctx, queries.one_product(ctx, id))


@bp.post("/<uuid:id>/relations")
@needs("products.edit")
def create(ctx: Context, id: UUID):
    """One more."""
    product, form = queries.one_product(ctx, id), RelationForm(request.form)
    with form.attempt(ctx):
        relations.relate(ctx, product, way=form.way.data, other_id=typed_product(ctx, "other_id"))
        say(ctx, N_("%(name)s saved"), name=product.name)
        return see_other("relations.index", id=id)
    return _page(ctx, product, form=form, status=422)


@bp.post("/<uuid:id>/relations/<uuid:relation>/deletion")
@needs("products.edit")
def delete(ctx: Context, id: UUID, relation: UUID):
    """Away with one of this product's."""
    product = queries.one_product(ctx, id)
    relations.unrelate(ctx, relation, product.id)
    say(ctx, N_("%(name)s saved"), name=product.name)
    return see_other("relations.index", id=id)


def _page(ctx: Context, product: Product, *, form: Any = None, status: int = 200):
    form = form or RelationForm()
    form.way.choices = [(way, i18n.gettext(ctx.locale, WAY_OF_RELATION[way])) for way in WAYS]
    found = relations.related(ctx, product.id)
    return page(
        "products/relations.html", status=status, product=product, form=form, found=[(way, [one for one in found if one.way == way]) for way in WAYS], heads=RELATION_HEADS,
        can_edit=may(ctx, "products.edit", product), product_text=request.form.get("other_id_text", ""),
    )
