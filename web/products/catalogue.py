"""Settings, catalogue: units, categories and tax codes."""

from typing import Any
from uuid import UUID

from flask import Blueprint, request
from wtforms.fields.choices import SelectChoice

from core.base.context import Context
from core.base.errors import Refused
from core.base.words import N_
from core.products import arranging, queries
from core.products.lookup_models import Category, TaxCode, Unit
from core.products.words import TAX_LABELS
from infra import i18n
from web.editing import typed_value, version_of_form
from web.forms import Form
from web.guard import needs
from web.pages import page, say, see_other
from web.products.forms import CategoryForm, TaxCodeForm, UnitForm
from web.words import say_refusal

bp = Blueprint("catalogue", __name__, url_prefix="/settings/catalogue")
# Kind -> (model, form, what adds one).
KINDS: dict[str, tuple[Any, type[Form], Any]] = {
    "units": (Unit, UnitForm, arranging.add_unit), "categories": (Category, CategoryForm, arranging.add_category), "tax-codes": (TaxCode, TaxCodeForm, arranging.add_tax_code),
}
ONLY_NEW, ONLY_LATER = ("category", "percent", "starts_on"), ("retired",)


@bp.get("/")
@needs("catalogue.manage")
def index(ctx: Context):
    """All three, each with a form for one more."""
    return _index(ctx)


@bp.post("/units")
@needs("catalogue.manage")
def create_unit(ctx: Context):
    """Something more to count in."""
    return _create(ctx, "units")


@bp.post("/categories")
@needs("catalogue.manage")
def create_category(ctx: Context):
    """One more branch."""
    return _create(ctx, "categories")


@bp.post("/tax-codes")
@needs("catalogue.manage")
def create_tax_code(ctx: Context):
    """One more way to tax products."""
    return _create(ctx, "tax-codes")


def _create(ctx: Context, kind: str):
    _model, made, act = KINDS[kind]
    form = _offered(ctx, made(request.form))
    if form.validate():
        with form.attempt(ctx):
            thing = act(ctx, **_given(form, ONLY_LATER))
            say(ctx, N_("%(name)s added"), name=thing.name)
            return see_other("catalogue.index", _anchor=kind)
    return _index(ctx, {kind: form}, 422)


@bp.get("/units/<uuid:id>", defaults={"kind": "units"})
@bp.get("/categories/<uuid:id>", defaults={"kind": "categories"})
@bp.get("/tax-codes/<uuid:id>", defaults={"kind": "tax-codes"})
@needs("catalogue.manage")
def show(ctx: Context, kind: str, id: UUID):
    """One of them, to be renamed, retired or taken away."""
    thing = queries.one_of(ctx, KINDS[kind][0], id)
    return _show(ctx, kind, thing, KINDS[kind][1](data={name: getattr(thing, name, None) for name in KINDS[kind][1]()._fields}))


@bp.post("/units/<uuid:id>", defaults={"kind": "units"})
@bp.post("/categories/<uuid:id>", defaults={"kind": "categories"})
@bp.post("/tax-codes/<uuid:id>", defaults={"kind": "tax-codes"})
@needs("catalogue.manage")
def update(ctx: Context, kind: str, id: UUID):
    """Save it; of a tax code a new rate too, where one was typed."""
    thing, form = queries.one_of(ctx, KINDS[kind][0], id), KINDS[kind][1](request.form)
    if form.validate():
        with form.attempt(ctx):
            arranging.change(ctx, thing, version=version_of_form(), **_given(form, ONLY_NEW))
            if kind == "tax-codes" and form["percent"].data:
                arranging.set_tax_rate(ctx, thing, percent=form["percent"].data, starts_on=form["starts_on"].data)
            say(ctx, N_("%(name)s saved"), name=thing.name)
            return see_other("catalogue.index", _anchor=kind)
    return _show(ctx, kind, queries.one_of(ctx, KINDS[kind][0], id), form, 422)


@bp.post("/units/<uuid:id>/deletion", defaults={"kind": "units"})
@bp.post("/categories/<uuid:id>/deletion", defaults={"kind": "categories"})
@bp.post("/tax-codes/<uuid:id>/deletion", defaults={"kind": "tax-codes"})
@needs("catalogue.manage")
def delete(ctx: Context, kind: str, id: UUID):
    """Away with what nothing uses; what is used says so."""
    thing = queries.one_of(ctx, KINDS[kind][0], id)
    name = thing.name
    try:
        with ctx.session.begin_nested():
            arranging.remove(ctx, thing)
        say(ctx, N_("%(name)s deleted"), name=name)
    except Refused as refusal:
        if refusal.status != 422:
            raise
        say(ctx, N_("%(name)s was not deleted: %(why)s"), kind="error", name=name, why=say_refusal(refusal, ctx.locale))
    return see_other("catalogue.index", _anchor=kind)


def _given(form: Form, without: tuple[str, ...]) -> dict[str, Any]:
    return {field.name: typed_value(field) for field in form if field.name not in without}


def _offered(ctx: Context, form: Any, but: UUID | None = None) -> Any:
    """What its lists hold."""
    if isinstance(form, CategoryForm):
        tree = [(str(key), name) for field, key, name, _ in queries.catalogue_names(ctx) if field == "category_id" and key != but]
        form.parent_id.choices = [SelectChoice("", i18n.gettext(ctx.locale, N_("Nothing: a branch of its own"))), *(SelectChoice(key, name) for key, name in tree)]
    if isinstance(form, TaxCodeForm):
        form.category.choices = [SelectChoice(key, i18n.gettext(ctx.locale, text)) for key, text in TAX_LABELS.items()]
    return form


def _index(ctx: Context, forms: dict[str, Form] | None = None, status: int = 200):
    made = {kind: (forms or {}).get(kind) or _offered(ctx, form()) for kind, (_model, form, _act) in KINDS.items()}
    rates = queries.tax_rates(ctx)
    return page(
        "products/catalogue.html", status=status, forms=made, units=queries.units(ctx), categories=queries.categories(ctx),
        tax_codes=[(code, rates.get(code.id, [])) for code in queries.tax_codes(ctx)], tax_words=TAX_LABELS,
    )


def _show(ctx: Context, kind: str, thing: Any, form: Any, status: int = 200):
    rates = queries.tax_rates(ctx).get(thing.id, []) if kind == "tax-codes" else []
    return page("products/thing.html", status=status, kind=kind, thing=thing, form=_offered(ctx, form, thing.id), rates=rates, tax_words=TAX_LABELS)
