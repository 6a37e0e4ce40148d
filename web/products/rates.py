"""Settings, currencies: those that the workspace deals in, and what they were worth on which day, by hand or from a file."""

from uuid import UUID

from flask import Blueprint, request
from wtforms.fields.choices import SelectChoice

from core.base.context import Context
from core.base.errors import Refused
from core.base.words import N_
from core.products import rating
from web.forms import Form
from web.guard import needs
from web.pages import page, say, see_other
from web.products.forms import CurrencyForm, RateForm, RatesFileForm

bp = Blueprint("rates", __name__, url_prefix="/settings/currencies")
LARGEST = 1_000_000


@bp.get("/")
@needs("catalogue.manage")
def index(ctx: Context):
    """The currencies, the newest rates, and the forms."""
    return _index(ctx)


@bp.post("/")
@needs("catalogue.manage")
def create(ctx: Context):
    """Deal in one more currency."""
    form = CurrencyForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            made = rating.add_currency(ctx, form.code.data)
            say(ctx, N_("%(name)s added"), name=made.code)
            return see_other("rates.index")
    return _index(ctx, currency=form, status=422)


@bp.post("/<uuid:id>/deletion")
@needs("catalogue.manage")
def delete(ctx: Context, id: UUID):
    """Deal in it no more; its rates stay."""
    say(ctx, N_("%(name)s deleted"), name=rating.remove_currency(ctx, id))
    return see_other("rates.index")


@bp.post("/rates")
@needs("catalogue.manage")
def create_rate(ctx: Context):
    """One rate of one day."""
    form = RateForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            rating.store_rate(ctx, currency=form.currency.data, rate=form.rate.data, day=form.day.data, source=form.source.data)
            say(ctx, N_("The rate is stored"))
            return see_other("rates.index", _anchor="rates")
    return _index(ctx, rate=form, status=422)


@bp.post("/rates/file")
@needs("catalogue.manage")
def create_rates(ctx: Context):
    """The rates of a CSV file, all or none."""
    form = RatesFileForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            number = rating.store_rates(ctx, rating.read_file(ctx, _content(), form.source.data))
            say(ctx, N_("%(count)s rates are stored"), count=number)
            return see_other("rates.index", _anchor="rates")
    return _index(ctx, file=form, status=422)


def _content() -> str:
    """The file as text; refuses none, one that is too large, and bytes that are no text."""
    given = request.files.get("file")
    if given is None or not given.filename:
        raise Refused("required", field="file")
    content = given.stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise Refused("too_long", field="file", max=LARGEST)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _index(ctx: Context, *, currency: Form | None = None, rate: Form | None = None, file: Form | None = None, status: int = 200):
    others = rating.other_currencies(ctx)
    rate = rate or RateForm(day=ctx.today)
    rate.currency.choices = [SelectChoice(one.code, one.code) for one in others]
    return page(
        "products/rates.html", status=status, own=ctx.tenant.currency, others=others, currency_form=currency or CurrencyForm(), rate_form=rate, file_form=file or RatesFileForm(),
        rates=rating.latest(ctx), number=rating.counted(ctx), holds=rating.HOLDS.days,
    )
