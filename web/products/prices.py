"""Price lists and discounts by tier in the settings; the price check: what a product costs somebody on a day, and why."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import Blueprint, request
from wtforms.fields.choices import SelectChoice

from core.base.context import Context
from core.base.errors import Refused
from core.base.policy import has
from core.base.words import N_
from core.credit import queries as credit
from core.credit.words import GRADE_LABELS
from core.loyalty import queries as loyalty
from core.parties import queries as parties
from core.products import price_lists, pricing, queries, rating
from core.products.fields import number
from core.products.models import Product
from core.products.price_models import PriceBook
from core.products.pricing import Customer
from core.products.rules import Price, rounded
from core.products.words import REASONS, WAY_LABELS, WHAT_LABELS, WHOM_LABELS
from infra import i18n
from web.editing import shown, typed_value, version_of_form
from web.filters import day as said_day
from web.filters import number as said_number
from web.filters import price as said_price
from web.forms import Form, keys_of
from web.guard import needs
from web.pages import page, say, see_other
from web.parties.cells import plain_number
from web.parties.picking import picked_account
from web.products.price_forms import CheckForm, LineForm, ListForm, TierForm

bp = Blueprint("prices", __name__)
LINE_FIELDS = ("what", "product_id", "category_id", "way", "value", "from_quantity", "starts_on", "ends_on")


@bp.get("/products/price-check")
@needs("products.read")
def check(ctx: Context):
    """The price of a product for a quantity, day, currency and customer, with its reasons sentence by sentence."""
    form = CheckForm(request.args) if request.args else CheckForm(on=ctx.today, product_id=request.args.get("product_id", ""))
    asked = bool(request.args.get("product_id") or request.args.get("product_id_text"))
    tiers = price_lists.tiers(ctx)
    form.currency.choices = [SelectChoice(code, code) for code in rating.currencies(ctx)]
    form.tier.choices = [SelectChoice("", _(ctx, N_("None"))), *(SelectChoice(one.tier, one.tier) for one in tiers)]
    product, priced = None, None
    if asked and form.validate():
        with form.attempt(ctx):
            product = _product(ctx)
            quantity = number(form.quantity.data, "quantity", 3) or Decimal(0)
            priced = pricing.price_of(ctx, product, quantity=quantity, on=form.on.data or ctx.today, currency=form.currency.data or ctx.tenant.currency, customer=_customer(ctx, form.tier.data))
    status = 422 if form.errors or form.problem else 200
    return page(
        "products/price_check.html", status=status, form=form, product=product, priced=priced, sentences=[sentence(ctx, one) for one in priced.reasons] if priced else [],
        total=rounded(priced.each * (number(form.quantity.data, "quantity", 3) or Decimal(0))) if priced else None,
        product_text=request.args.get("product_id_text") or (product.name if product else ""), account_text=request.args.get("account_id_text", ""), knows_accounts=has(ctx, "accounts.read"),
    )


def _product(ctx: Context) -> Product:
    """Chosen from the list by key, or by the name or code that was typed."""
    keys, text = keys_of([request.args.get("product_id", "")]), " ".join(request.args.get("product_id_text", "").split())
    if keys and (not text or queries.product_name(ctx, keys[0]) == text):
        return queries.one_product(ctx, keys[0])
    found = queries.products_named(ctx, text)
    if len(found) != 1:
        raise Refused("product_unknown", field="product_id")
    return queries.one_product(ctx, found[0])


def _customer(ctx: Context, tier: str | None) -> Customer:
    """The account that was chosen, as far as the actor sees it; its tags are the groups that it is in."""
    keys, text = keys_of([request.args.get("account_id", "")]), " ".join(request.args.get("account_id_text", "").split())
    if not has(ctx, "accounts.read") or not (keys or text):
        return Customer(tier=tier or None)
    if not keys or (text and parties.account_name(ctx, keys[0]) != text):
        keys = parties.accounts_named(ctx, text)
        if len(keys) != 1:
            raise Refused("account_unknown", field="account_id")
    return customer_of(ctx, keys[0], tier)


def customer_of(ctx: Context, account_id: UUID, tier: str | None) -> Customer:
    """An account as the prices know it; a tier that was chosen goes before its own."""
    account = parties.one_account(ctx, account_id)
    return Customer(account.id, tuple(account.tags or ()), tier or loyalty.tier_of(ctx, account.id), credit.discount_of(ctx, account.id))


def sentence(ctx: Context, reason: Any) -> str:
    """One reason in the reader's language."""
    params = dict(reason.params)
    says = {
        "amount": lambda money: said_price(money.amount, money.currency), "percent": said_number, "quantity": lambda value: said_number(value.normalize()), "step": lambda value: said_number(value.normalize()),
        "rate": lambda value: said_price(round(value, 6), None), "day": said_day,
        "grade": lambda grade: _(ctx, GRADE_LABELS[grade]),
    }
    return i18n.gettext(ctx.locale, REASONS[reason.code], **{name: says[name](value) if name in says else value for name, value in params.items()})


def as_answer(ctx: Context, priced: Price) -> list[dict[str, str]]:
    """The reasons for programs."""
    return [{"code": one.code, "text": sentence(ctx, one)} for one in priced.reasons]


@bp.get("/settings/price-lists/")
@needs("catalogue.manage")
def index(ctx: Context):
    """The lists, a form for one more, and what comes off by tier."""
    return _index(ctx)


@bp.post("/settings/price-lists/")
@needs("catalogue.manage")
def create(ctx: Context):
    form = ListForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            made = price_lists.add_list(ctx, **_given(ctx, form))
            say(ctx, N_("%(name)s added"), name=made.name)
            return see_other("prices.show", id=made.id)
    return _index(ctx, form=form, status=422)


@bp.get("/settings/price-lists/<uuid:id>")
@needs("catalogue.manage")
def show(ctx: Context, id: UUID):
    """One list: its lines, what it is."""
    return _show(ctx, price_lists.one_list(ctx, id))


@bp.post("/settings/price-lists/<uuid:id>")
@needs("catalogue.manage")
def update(ctx: Context, id: UUID):
    book, form = price_lists.one_list(ctx, id), ListForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            price_lists.change_list(ctx, book, version=version_of_form(), **{name: value for name, value in _given(ctx, form).items() if name != "currency"})
            say(ctx, N_("%(name)s saved"), name=book.name)
            return see_other("prices.show", id=id)
    return _show(ctx, price_lists.one_list(ctx, id), form=form, status=422)


@bp.post("/settings/price-lists/<uuid:id>/deletion")
@needs("catalogue.manage")
def delete(ctx: Context, id: UUID):
    """Away with it and its lines; one that another stands on stays, and says so."""
    book, form = price_lists.one_list(ctx, id), ListForm(request.form)
    name = book.name
    with form.attempt(ctx):
        price_lists.delete_list(ctx, book)
        say(ctx, N_("%(name)s deleted"), name=name)
        return see_other("prices.index")
    return _show(ctx, price_lists.one_list(ctx, id), problem=form.problem, status=422)


@bp.post("/settings/price-lists/<uuid:id>/lines")
@needs("catalogue.manage")
def create_line(ctx: Context, id: UUID):
    """One more line."""
    book, form = price_lists.one_list(ctx, id), LineForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            given = {name: typed_value(form[name]) for name in LINE_FIELDS} | ({"product_id": typed_product(ctx)} if form.what.data == "product" else {"product_id": None})
            price_lists.add_line(ctx, book, **given)
            say(ctx, N_("The line is added"))
            return see_other("prices.show", id=id, _anchor="lines")
    return _show(ctx, price_lists.one_list(ctx, id), line=form, status=422)


@bp.post("/settings/price-lists/lines/<uuid:id>/deletion")
@needs("catalogue.manage")
def delete_line(ctx: Context, id: UUID):
    """Away with a line."""
    book = price_lists.remove_line(ctx, id)
    say(ctx, N_("The line is deleted"))
    return see_other("prices.show", id=book.id, _anchor="lines")


@bp.post("/settings/price-lists/tiers")
@needs("catalogue.manage")
def create_tier(ctx: Context):
    """So much comes off for a tier."""
    form = TierForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            made = price_lists.set_tier(ctx, tier=form.tier.data, percent=form.percent.data)
            say(ctx, N_("%(name)s saved"), name=made.tier)
            return see_other("prices.index", _anchor="tiers")
    return _index(ctx, tier=form, status=422)


@bp.post("/settings/price-lists/tiers/<uuid:id>/deletion")
@needs("catalogue.manage")
def delete_tier(ctx: Context, id: UUID):
    """Nothing comes off for it any more."""
    say(ctx, N_("%(name)s deleted"), name=price_lists.remove_tier(ctx, id))
    return see_other("prices.index", _anchor="tiers")


def typed_product(ctx: Context, field: str = "product_id") -> str | None:
    """A product of a form: chosen from the list by key, or by the name or code that was typed."""
    keys, text = keys_of([request.form.get(field, "")]), " ".join(request.form.get(f"{field}_text", "").split())
    if keys and (not text or queries.product_name(ctx, keys[0]) == text):
        return str(keys[0])
    found = queries.products_named(ctx, text) if text else []
    if len(found) != 1:
        raise Refused("product_unknown", field=field)
    return str(found[0])


def _given(ctx: Context, form: Form) -> dict[str, Any]:
    """What was typed; what belongs to another kind of customer is left out."""
    given = {field.name: typed_value(field) for field in form}
    given["account_id"] = picked_account(ctx, "account_id") if given["whom"] == "customer" else None
    given["group_name"] = given["group_name"] if given["whom"] == "group" else None
    if not given["based_on_id"]:
        given |= {"based_on_id": None, "based_way": None, "based_percent": None}
    return given


def _offered(ctx: Context, form: Any, but: UUID | None = None) -> Any:
    form.currency.choices = [SelectChoice(code, code) for code in rating.currencies(ctx)]
    form.whom.choices = [SelectChoice(one, _(ctx, text)) for one, text in WHOM_LABELS.items()]
    form.based_on_id.choices = [SelectChoice("", _(ctx, N_("None"))), *(SelectChoice(str(row.PriceBook.id), row.PriceBook.name) for row in price_lists.lists(ctx) if row.PriceBook.id != but)]
    form.based_way.choices = [SelectChoice(one, _(ctx, WAY_LABELS[one])) for one in ("discount", "markup")]
    return form


def _line_form(ctx: Context, form: Any) -> Any:
    form.what.choices = [SelectChoice(one, _(ctx, text)) for one, text in WHAT_LABELS.items()]
    form.way.choices = [SelectChoice(one, _(ctx, text)) for one, text in WAY_LABELS.items()]
    form.category_id.choices = [SelectChoice("", ""), *(SelectChoice(str(key), name) for field, key, name, _retired in queries.catalogue_names(ctx) if field == "category_id")]
    return form


def _index(ctx: Context, *, form: Any = None, tier: Any = None, status: int = 200):
    return page(
        "products/price_lists.html", status=status, rows=price_lists.lists(ctx), form=_offered(ctx, form or ListForm(currency=ctx.tenant.currency)), tier_form=tier or TierForm(), tiers=price_lists.tiers(ctx),
        whom_words=WHOM_LABELS, account_text=request.form.get("account_id_text", ""),
    )


def _show(ctx: Context, book: PriceBook, *, form: Any = None, line: Any = None, problem: str | None = None, status: int = 200):
    data = {field.name: value if isinstance(value := getattr(book, field.name), bool | date) else shown(plain_number(value)) for field in ListForm()}
    return page(
        "products/price_list.html", status=status, book=book, form=_offered(ctx, form or ListForm(data=data), book.id), line_form=_line_form(ctx, line or LineForm()), problem=problem, rows=price_lists.lines(ctx, book),
        account_text=request.form.get("account_id_text") or parties.account_name(ctx, book.account_id) or "", way_words=WAY_LABELS, product_text=request.form.get("product_id_text", ""),
    )


def _(ctx: Context, text: str) -> str:
    return i18n.gettext(ctx.locale, text)
