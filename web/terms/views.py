"""Terms agreed with an account: what holds, what was shown to whoever agreed, how it came to that, and the forms to agree and to take back."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, request

from core.base.context import Context
from core.base.errors import Conflict, Refused
from core.base.policy import may, require
from core.base.words import N_
from core.parties import queries as parties
from core.parties.models import Account
from core.products import queries as products
from core.terms import actions, queries
from infra import i18n
from web.editing import typed_value
from web.forms import keys_of
from web.guard import needs
from web.pages import page, say, see_other
from web.terms import saying
from web.terms.forms import BackForm, TermsForm
from web.words import say_refusal

bp = Blueprint("terms", __name__)
USUALLY = timedelta(days=365)


@bp.get("/accounts/<uuid:id>/terms")
@needs("terms.read")
def show(ctx: Context, id: UUID):
    """What was agreed with the account, by whom, knowing what."""
    return _page(ctx, parties.one_account(ctx, id))


@bp.post("/agreed-terms")
@needs("terms.agree")
def create(ctx: Context):
    """Agree in one's own name. What was refused comes back with what was typed; where the facts changed meanwhile, they are shown anew."""
    keys = keys_of([request.form.get("account_id", "")])
    if not keys:
        raise Refused("required", field="account_id")
    account, form = parties.one_account(ctx, keys[0]), TermsForm(request.form)
    try:
        with form.attempt(ctx):
            given = {field.name: typed_value(field) for field in form}
            actions.agree(ctx, account, **given | {"product_id": _product(ctx)})
            say(ctx, N_("Agreed in your name"))
            return see_other("terms.show", id=account.id)
    except Conflict as conflict:
        return _page(ctx, account, form, problem=say_refusal(conflict, ctx.locale), status=409)
    return _page(ctx, account, form, status=422)


@bp.get("/agreed-terms/<uuid:id>/withdrawal")
@needs("terms.agree")
def ask_back(ctx: Context, id: UUID):
    """Why they are taken back is asked."""
    return _back(ctx, id, BackForm())


@bp.post("/agreed-terms/<uuid:id>/withdrawal")
@needs("terms.agree")
def withdraw(ctx: Context, id: UUID):
    form = BackForm(request.form)
    with form.attempt(ctx):
        taken = actions.withdraw(ctx, id, form.reason.data)
        say(ctx, N_("Taken back in your name"))
        return see_other("terms.show", id=taken.account_id)
    return _back(ctx, id, form, status=422)


def _back(ctx: Context, id: UUID, form: BackForm, status: int = 200):
    row = queries.one(ctx, id)
    account = parties.one_account(ctx, row.account_id)
    require(ctx, "terms.agree", account)
    found = next((one.terms for one in queries.history(ctx, account) if one.terms.id == id and one.back_at is None), None)
    if found is None:
        raise Conflict("terms_withdrawn")
    return page("terms/back.html", status=status, account=account, form=form, terms=found, said=saying.parts(ctx, found), by=saying.by(ctx, found))


def _product(ctx: Context) -> str:
    """The product that was chosen from the list, or (without script) typed by its name or code; "" for none."""
    key, text = request.form.get("product_id", ""), " ".join(request.form.get("product_id_text", "").split())
    if not text:
        return ""
    found = keys_of([key]) or products.products_named(ctx, text)
    if len(found) != 1:
        raise Refused("product_unknown", field="product_id")
    return str(found[0])


def _page(ctx: Context, account: Account, form: TermsForm | None = None, *, problem: str = "", status: int = 200):
    facts = queries.facts_of(ctx, account)
    form = form or TermsForm(data={"until_on": ctx.tenant_today + USUALLY})
    form.seen.data = queries.mark_of(facts)
    past: list[Any] = [{"it": one, "said": saying.parts(ctx, one.terms), "by": saying.by(ctx, one.terms), "facts": saying.facts(ctx, one.terms.facts)} for one in queries.history(ctx, account)]
    return page(
        "terms/show.html", status=status, account=account, form=form, problem=problem, facts=saying.facts(ctx, facts), now=[one for one in past if not one["it"].over and one["it"].back_at is None],
        past=[one for one in past if one["it"].over or one["it"].back_at is not None], can_agree=may(ctx, "terms.agree", account), product=request.form.get("product_id_text", ""), me_name=ctx.actor.name,
        currency=ctx.tenant.currency, knows_products=may(ctx, "products.read"), title=i18n.gettext(ctx.locale, N_("Terms agreed with %(name)s"), name=account.name),
    )
