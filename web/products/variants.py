"""Variants of a product: what they differ in, which there are, and making them out of a preview."""

from typing import Any
from uuid import UUID

from flask import Blueprint, request
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from core.base.context import Context
from core.base.errors import Conflict, Refused, errors_of
from core.base.policy import may, require
from core.base.words import N_
from core.products import queries, variant_queries, variants
from core.products.models import Product
from core.products.variant_models import LONGEST_NAME, MOST_ATTRIBUTES
from core.products.variant_queries import Offered
from core.products.variants import MOST_AT_ONCE, Proposal
from web.editing import version_of_form
from web.forms import Form, keys_of, small_int
from web.guard import needs
from web.pages import page, say, see_other
from web.words import say_refusal

bp = Blueprint("variants", __name__, url_prefix="/products")


class AttributeForm(Form):
    """Something that variants differ in, with its values, one a line."""

    id = HiddenField()
    name = StringField(N_("Attribute"), [Length(max=LONGEST_NAME)])
    values = TextAreaField(N_("Values, one a line"), [Length(max=20_000)])


class ValueForm(Form):
    """One value by another name."""

    value_id = SelectField(N_("Value"), [InputRequired()], validate_choice=False, id="value")
    name = StringField(N_("New name"), [InputRequired(), Length(max=LONGEST_NAME)], id="value-name")


@bp.get("/<uuid:id>/variants")
@needs("products.read")
def index(ctx: Context, id: UUID):
    """What they differ in and which there are; with value= what could be made of the chosen values."""
    return _page(ctx, queries.one_product(ctx, id))


@bp.post("/<uuid:id>/attributes")
@needs("products.edit")
def update_attributes(ctx: Context, id: UUID):
    """Save what the variants differ in. A value that was there is found again by its name."""
    product = queries.one_product(ctx, id)
    require(ctx, "products.edit", product)
    forms = [AttributeForm(request.form, prefix=f"a{place}-") for place in range(min(small_int(request.form.get("rows")) or 0, MOST_ATTRIBUTES + 1))]
    there = {str(one.attribute.id): {value.name.lower(): value.id for value in one.values} for one in variant_queries.attributes_of(ctx, id)}
    rows = [(form, _row(form, there.get(form.id.data or "", {}))) for form in forms if (form.name.data or "").strip() or (form.values.data or "").strip()]
    try:
        with ctx.session.begin_nested():
            variants.save_attributes(ctx, product, [row for _, row in rows], version=version_of_form())
        say(ctx, N_("%(name)s saved"), name=product.name)
        return see_other("variants.index", id=id)
    except Refused as refusal:
        if refusal.status != 422 and not isinstance(refusal, Conflict):
            raise
        return _page(ctx, product, forms=forms, problem=_take(ctx, refusal, [form for form, _ in rows]), status=refusal.status)


@bp.post("/<uuid:id>/attributes/values")
@needs("products.edit")
def rename_value(ctx: Context, id: UUID):
    """Call one value otherwise; its variants are called so too."""
    product, form = queries.one_product(ctx, id), ValueForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            variants.rename_value(ctx, product, next(iter(keys_of([form.value_id.data or ""])), None), form.name.data)
            say(ctx, N_("%(name)s saved"), name=form.name.data)
            return see_other("variants.index", id=id)
    return _page(ctx, product, value_form=form, status=422)


@bp.post("/<uuid:id>/variants")
@needs("products.create")
def create(ctx: Context, id: UUID):
    """Make the variants that were left ticked in the preview, each with the code beside it."""
    product = queries.one_product(ctx, id)
    places = [place for place in range(min(small_int(request.form.get("rows")) or 0, MOST_AT_ONCE)) if request.form.get(f"make-{place}")]
    wanted = [{"values": keys_of(request.form[f"make-{place}"].split()), "code": request.form.get(f"code-{place}")} for place in places]
    try:
        with ctx.session.begin_nested():
            made = variants.make_variants(ctx, product, wanted)
        say(ctx, N_("%(count)s variants made"), count=len(made))
        return see_other("variants.index", id=id)
    except Refused as refusal:
        if refusal.status != 422:
            raise
        return _page(ctx, product, problem=" ".join(_said(ctx, one, wanted) for one in errors_of(refusal)), typed=True, status=422)


def _row(form: AttributeForm, values: dict[str, UUID]) -> dict[str, Any]:
    names = dict.fromkeys(" ".join(one.split()) for one in (form.values.data or "").splitlines() if one.strip())
    return {"id": form.id.data or None, "name": form.name.data, "values": [{"id": values.get(name.lower()), "name": name} for name in names]}


def _take(ctx: Context, refusal: Refused, forms: list[AttributeForm]) -> str:
    """Each wrong value ("attributes.1.values") under its field; all of them above."""
    said = []
    for one in errors_of(refusal):
        text, parts = say_refusal(one, ctx.locale), (one.field or "").split(".")
        if len(parts) == 3 and parts[0] == "attributes" and int(parts[1]) < len(forms):
            forms[int(parts[1])][parts[2]].errors = [text]
        said.append(text)
    return " ".join(dict.fromkeys(said))


def _said(ctx: Context, refusal: Refused, wanted: list[dict[str, Any]]) -> str:
    """A refused variant is named by the code that was typed for it."""
    parts, text = (refusal.field or "").split("."), say_refusal(refusal, ctx.locale)
    return f"{wanted[int(parts[1])]['code']}: {text}" if len(parts) == 3 and wanted[int(parts[1])]["code"] else text


def _forms(offered: list[Offered]) -> list[AttributeForm]:
    """A form for each attribute, and an empty one behind them."""
    found = [AttributeForm(prefix=f"a{place}-", data={"id": str(one.attribute.id), "name": one.attribute.name, "values": "\n".join(value.name for value in one.values)}) for place, one in enumerate(offered)]
    return [*found, AttributeForm(prefix=f"a{len(offered)}-")] if len(offered) < MOST_ATTRIBUTES else found


def _preview(ctx: Context, product: Product, chosen: list[UUID]) -> tuple[list[Proposal] | None, str]:
    """(what could be made of the chosen values, why nothing can be shown)."""
    if not chosen:
        return None, ""
    try:
        return variants.proposals(ctx, product, chosen), ""
    except Refused as refusal:
        return None, say_refusal(refusal, ctx.locale)


def _page(ctx: Context, product: Product, *, forms: list[AttributeForm] | None = None, value_form: ValueForm | None = None, problem: str = "", typed: bool = False, status: int = 200):
    offered = [] if product.template_id else variant_queries.attributes_of(ctx, product.id)
    chosen = keys_of(request.form.getlist("value") if typed else request.args.getlist("value"))
    preview, too_many = _preview(ctx, product, chosen)
    renamed = value_form or ValueForm()
    renamed.value_id.choices = [SelectChoice(str(value.id), f"{one.attribute.name}: {value.name}") for one in offered for value in one.values]
    there = variant_queries.variants(ctx, product.template_id or product.id)
    codes = {request.form[f"make-{place}"]: request.form.get(f"code-{place}", "") for place in range(MOST_AT_ONCE) if f"make-{place}" in request.form} if typed else {}
    return page(
        "products/variants.html", status=status, product=product, whole=queries.one_product(ctx, product.template_id) if product.template_id else product, offered=offered, there=there, forms=forms or _forms(offered), value_form=renamed,
        preview=preview, codes=codes, chosen=set(chosen), problem=problem or too_many, can_edit=not product.template_id and may(ctx, "products.edit", product), can_make=bool(offered) and may(ctx, "products.create"),
    )
