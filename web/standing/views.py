"""How an account stands: its credit grade and loyalty tier with what follows, set by hand until a day; the rules of grades in the settings."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from wtforms.fields.choices import SelectChoice

from core.base.context import Context
from core.base.errors import Refused
from core.base.policy import has, may
from core.base.words import N_
from core.credit import actions as credit
from core.credit import queries as grades
from core.credit.models import GRADES
from core.credit.rules import Terms
from core.identity import people
from core.loyalty import actions as loyalty
from core.loyalty import queries as tiers
from core.parties import queries as parties
from core.parties.models import Account
from core.products import price_lists
from web.editing import typed_value, version_of_form
from web.forms import Form, keys_of
from web.guard import needs
from web.pages import page, say, see_other
from web.standing.forms import GradeForm, RuleForm, StandingTierForm
from web.standing.section import grade_pill

bp = Blueprint("standing", __name__)
USUALLY = timedelta(days=365)


@bp.get("/accounts/<uuid:id>/standing")
@needs("accounts.read")
def show(ctx: Context, id: UUID):
    """What holds today, what follows from it, how it came to that, and the forms that set it."""
    return _page(ctx, parties.one_account(ctx, id))


@bp.post("/credit-grades")
@needs("credit.set")
def create_grade(ctx: Context):
    """Set the grade of an account by hand. What was refused comes back with what was typed."""
    account, form = _account(ctx), GradeForm(request.form)
    with form.attempt(ctx):
        credit.set_grade(ctx, account, **_typed(form), limit_currency=_currency(ctx, account))
        say(ctx, N_("Credit grade set"))
        return see_other("standing.show", id=account.id, _anchor="credit")
    return _page(ctx, account, grade_form=form, status=422)


@bp.post("/credit-grades/<uuid:id>/deletion")
@needs("credit.set")
def end_grade(ctx: Context, id: UUID):
    ended = credit.take_back(ctx, id)
    say(ctx, N_("Credit grade taken back"), undo=url_for("standing.restore_grade", id=id))
    return see_other("standing.show", id=ended.account_id, _anchor="credit")


@bp.post("/credit-grades/<uuid:id>/restoration")
@needs("credit.set")
def restore_grade(ctx: Context, id: UUID):
    found = credit.bring_back(ctx, id)
    say(ctx, N_("It is back"))
    return see_other("standing.show", id=found.account_id, _anchor="credit")


@bp.post("/loyalty-tiers")
@needs("loyalty.set")
def create_tier(ctx: Context):
    """Put an account into a tier by hand."""
    account, form = _account(ctx), StandingTierForm(request.form)
    with form.attempt(ctx):
        loyalty.set_tier(ctx, account, **_typed(form))
        say(ctx, N_("Loyalty tier set"))
        return see_other("standing.show", id=account.id, _anchor="loyalty")
    return _page(ctx, account, tier_form=form, status=422)


@bp.post("/loyalty-tiers/<uuid:id>/deletion")
@needs("loyalty.set")
def end_tier(ctx: Context, id: UUID):
    ended = loyalty.take_back(ctx, id)
    say(ctx, N_("Loyalty tier taken back"), undo=url_for("standing.restore_tier", id=id))
    return see_other("standing.show", id=ended.account_id, _anchor="loyalty")


@bp.post("/loyalty-tiers/<uuid:id>/restoration")
@needs("loyalty.set")
def restore_tier(ctx: Context, id: UUID):
    found = loyalty.bring_back(ctx, id)
    say(ctx, N_("It is back"))
    return see_other("standing.show", id=found.account_id, _anchor="loyalty")


@bp.get("/settings/credit/")
@needs("credit_rules.manage")
def rules(ctx: Context):
    """What follows from each grade."""
    return _rules(ctx)


@bp.post("/settings/credit/")
@needs("credit_rules.manage")
def change_rule(ctx: Context):
    """Say what follows from one of them."""
    grade = request.form.get("grade", "")
    if grade not in GRADES:
        raise Refused("unknown_value", field="grade")
    form = RuleForm(request.form, grade=grade)
    with form.attempt(ctx):
        credit.change_rule(ctx, grade, version=version_of_form(), **_typed(form))
        say(ctx, N_("Saved"))
        return see_other("standing.rules", _anchor=grade)
    return _rules(ctx, grade, form, status=422)


def _account(ctx: Context) -> Account:
    """The one that the form is about."""
    keys = keys_of([request.form.get("account_id", "")])
    if not keys:
        raise Refused("required", field="account_id")
    return parties.one_account(ctx, keys[0])


def _currency(ctx: Context, account: Account) -> str:
    """In which the limit is: that of the one that holds, which the form shows."""
    now = grades.current(ctx, account) if has(ctx, "credit.read") else None
    return now.limit_currency if now is not None and now.limit_currency else ctx.tenant.currency


def _typed(form: Form) -> dict[str, Any]:
    return {field.name: typed_value(field) for field in form}


def _page(ctx: Context, account: Account, *, grade_form: GradeForm | None = None, tier_form: StandingTierForm | None = None, status: int = 200):
    shown = {"credit": _credit(ctx, account, grade_form), "loyalty": _loyalty(ctx, account, tier_form)}
    return page("standing/show.html", status=status, account=account, names=people.actor_names(ctx), **shown)


def _credit(ctx: Context, account: Account, form: GradeForm | None) -> dict[str, Any] | None:
    """The part about credit; None for whoever may not know of it."""
    if not has(ctx, "credit.read"):
        return None
    now = grades.current(ctx, account)
    form = form or GradeForm(data={"grade": now.grade if now else "small_good", "until_on": ctx.today + USUALLY, "limit_amount": now.limit_amount if now else None})
    rows = [(row, grade_pill(row.grade)) for row in grades.history(ctx, account)]
    terms = grades.terms(ctx)[now.grade] if now else None
    return _part(ctx, "credit.set", account, now, form, rows) | {"terms": terms, "pill": grade_pill(now.grade) if now else "", "currency": _currency(ctx, account)}


def _loyalty(ctx: Context, account: Account, form: StandingTierForm | None) -> dict[str, Any] | None:
    if not has(ctx, "loyalty.read"):
        return None
    now, known = tiers.current(ctx, account), price_lists.tiers(ctx) if has(ctx, "products.read") else []
    form = form or StandingTierForm(data={"tier": str(now.LoyaltyStanding.tier_id) if now else "", "until_on": ctx.today + USUALLY})
    form.tier.choices = [SelectChoice(str(one.id), one.tier) for one in known]
    part = _part(ctx, "loyalty.set", account, now.LoyaltyStanding if now else None, form, tiers.history(ctx, account))
    return part | {"tier": now.tier if now else "", "percent": now.percent if now else None, "any": bool(known)}


def _part(ctx: Context, permission: str, account: Account, now: Any, form: Form, rows: list) -> dict[str, Any]:
    return {"now": now, "form": form, "rows": rows, "can_set": may(ctx, permission, account), "by_hand": bool(now and now.source == "hand")}


def _rules(ctx: Context, wrong: str = "", form: RuleForm | None = None, status: int = 200):
    versions = grades.rule_versions(ctx)
    parts = [{"grade": grade, "pill": grade_pill(grade), "version": versions.get(grade, 0), "form": form if form and grade == wrong else _rule_form(one)} for grade, one in grades.terms(ctx).items()]
    return page("standing/rules.html", status=status, parts=parts)




def _rule_form(terms: Terms) -> RuleForm:
    given = {"discount": terms.discount.normalize(), "payment_days": terms.payment_days, "prepaid": terms.prepaid, "needs_release": terms.needs_release}
    return RuleForm(data=given, grade=terms.grade)
