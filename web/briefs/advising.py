"""Should I quote him? One line with its reasons and a price range for each product: a part of the account's page and of a quote's, and a page by itself."""

from typing import Any
from uuid import UUID

from flask import Blueprint, request

from core.base.context import Context
from core.base.money import Money
from core.base.words import N_
from core.briefs import advising
from core.briefs.advising import Answer
from core.briefs.found import Word
from core.briefs.words import ADVICE, BECAUSE
from core.credit.words import GRADE_LABELS
from core.quotes import queries as quotes
from core.quotes.words import VERSION_STATE_LABELS
from infra import i18n
from web.filters import amount, day, number, price
from web.forms import keys_of
from web.guard import needs
from web.pages import page
from web.terms import saying as terms

bp = Blueprint("advice", __name__)
HUES = {"yes": "green", "yes_with": "amber", "ask": "amber", "no": "red"}


@bp.get("/accounts/<uuid:id>/advice")
@needs("quotes.read")
def show_account(ctx: Context, id: UUID):
    """About the products that the account was quoted last, or those named by product=."""
    return _answer(ctx, advising.for_account(ctx, id, keys_of(request.args.getlist("product"))))


@bp.get("/quotes/<uuid:id>/advice")
@needs("quotes.read")
def show_quote(ctx: Context, id: UUID):
    """About the customer of a quote and the products in it."""
    quote = quotes.one_quote(ctx, id)
    return _answer(ctx, advising.for_quote(ctx, quote, quotes.newest(ctx, quote)), quote=quote)


def _answer(ctx: Context, found: Answer | None, **values: Any):
    return page("briefs/advice.html", block="advice", said=said(ctx, found) if found else None, account=found.account if found else None, **values)


def said(ctx: Context, found: Answer) -> dict[str, Any]:
    """The answer in the reader's words."""
    return {
        "line": _(ctx, ADVICE[found.advice.code]), "hue": HUES[found.advice.code], "because": [because(ctx, one) for one in found.advice.because],
        "agreed": [f"{terms.said(ctx, one)}: {terms.by(ctx, one)}" for one in found.agreed],
        "quotes": [(one, amount(one.total, one.currency), _(ctx, VERSION_STATE_LABELS[one.state]), one.sent_at) for one in found.quotes],
        "products": [_product(ctx, one) for one in found.products],
    }


def because(ctx: Context, word: Word, currency: str = "") -> str:
    """One reason as a sentence; prices in the currency given."""
    params = {name: _value(ctx, name, value, currency) for name, value in word.params.items()}
    code = "bought_unrated" if word.code == "bought" and not params["value"] else word.code  # a rate is missing
    return _(ctx, BECAUSE[code], **params)


def _value(ctx: Context, name: str, value: Any, currency: str) -> str:
    if isinstance(value, Money):
        return amount(value.amount, value.currency)
    if name == "grade":
        return _(ctx, GRADE_LABELS[value])
    return price(value, currency) if name == "price" else str(value) if isinstance(value, str) else number(value)


def _product(ctx: Context, one: Any) -> dict[str, Any]:
    found = one.range
    span = "" if found is None else price(found.low, one.currency) if found.low == found.high else _(ctx, N_("%(low)s to %(high)s"), low=price(found.low, None), high=price(found.high, one.currency))
    past = [(price(offer.each, offer.currency), day(offer.at), offer.who or "", _(ctx, VERSION_STATE_LABELS[offer.state])) for offer in one.offers[:3]]
    return {"name": one.product.name, "code": one.product.code, "span": span, "because": [because(ctx, word, one.currency) for word in found.because] if found else [], "past": past}


def _(ctx: Context, message: str, **params: Any) -> str:
    return i18n.gettext(ctx.locale, message, **params)
