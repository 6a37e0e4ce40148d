"""Use cases of agreed terms: agree in one's own name, and take back by another row."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.base import editing
from core.base.cleaning import currency, day, key, paragraphs, whole_number
from core.base.context import Context
from core.base.errors import Conflict, Gathered, NotFound, Refused
from core.base.facts import record
from core.base.policy import has, require, visible
from core.parties.models import Account
from core.parties.queries import one_account
from core.products.fields import number, unit_price
from core.products.models import Product
from core.terms import queries
from core.terms.models import LONGEST, AgreedTerms, TermsWithdrawal


def agree(ctx: Context, account: Account, *, until_on: Any, seen: str | None = None, **given: Any) -> AgreedTerms:
    """Agree in the actor's name: payment_days, discount, product_id with price (and currency, else the workspace's), words, until a day.
    What was known of the account's credit is kept beside it; seen: the mark of the facts that were shown, refused where they are others by now.
    Refuses nothing agreed, an end that has passed, a price without its product."""
    require(ctx, "terms.agree", account)
    if ctx.actor.id is None:
        raise Refused("user_unknown")
    values = _checked(ctx, given, until_on)
    editing.hold(ctx, account)
    facts = queries.facts_of(ctx, account)
    if seen and seen != queries.mark_of(facts):
        raise Conflict("terms_facts_changed")
    made = AgreedTerms(account_id=account.id, agreed_by=ctx.actor.id, facts=facts, **values)
    ctx.session.add(made)
    ctx.session.flush()  # the fact names it by key
    record(ctx, "terms.agreed", made, about=(account.id,), until=made.until_on)
    return made


def withdraw(ctx: Context, terms_id: UUID, reason: Any) -> AgreedTerms:
    """Take terms back, in the actor's name and with a reason; gives the terms. NotFound where the actor does not see the account; refuses a second time."""
    found = queries.one(ctx, terms_id)
    if found.account_id is None:
        raise NotFound()
    account = one_account(ctx, found.account_id)
    require(ctx, "terms.agree", account)
    why = _words(reason, "reason")
    if why is None:
        raise Refused("terms_reason", field="reason")
    editing.hold(ctx, account)
    if ctx.session.execute(select(TermsWithdrawal.id).where(TermsWithdrawal.terms_id == found.id)).first():
        raise Conflict("terms_withdrawn")
    made = TermsWithdrawal(terms_id=found.id, withdrawn_by=ctx.actor.id, reason=why, facts=queries.facts_of(ctx, account))
    ctx.session.add(made)
    ctx.session.flush()  # the fact names it by key
    record(ctx, "terms.withdrawn", made, about=(account.id,))
    ctx.session.refresh(found, ("back",))
    return found


def _checked(ctx: Context, given: dict[str, Any], until_on: Any) -> dict[str, Any]:
    wrong, values = Gathered(), {}
    for name in given:
        if name not in FIELDS:
            raise Refused("unknown_field", field=name, name=name)
    for name, clean in FIELDS.items():
        with wrong.taking():
            values[name] = clean(given.get(name), name)
    with wrong.taking():
        values["until_on"] = _until(ctx, until_on)
    wrong.settle()
    if (values["product_id"] is None) != (values["price"] is None):
        raise Refused("terms_price", field="price")
    if all(values[name] is None for name in ("payment_days", "discount", "price", "words")):
        raise Refused("terms_empty", field="words")
    values["currency"] = (values["currency"] or ctx.tenant.currency) if values["price"] is not None else None
    if values["product_id"] is not None:
        _check_product(ctx, values["product_id"])
    return values


def _check_product(ctx: Context, key: UUID) -> None:
    query = visible(ctx, Product).with_only_columns(Product.id).where(Product.id == key, Product.deleted_at.is_(None))
    if not has(ctx, "products.read") or ctx.session.execute(query).first() is None:
        raise Refused("product_unknown", field="product_id")


def _until(ctx: Context, value: Any) -> date:
    found = day(value, "until_on")
    if found is None:
        raise Refused("terms_until", field="until_on")
    if found < ctx.tenant_today:
        raise Refused("terms_past", field="until_on")
    return found


def _percent(value: Any, field: str) -> Any:
    found = number(value, field)
    if found is not None and not 0 <= found <= 100:
        raise Refused("not_a_percent", field=field)
    return found


def _words(value: Any, field: str) -> str | None:
    found = paragraphs(value, field)
    if found is not None and len(found) > LONGEST:
        raise Refused("too_long", field=field, max=LONGEST)
    return found


FIELDS: dict[str, Callable[[Any, str], Any]] = {
    "payment_days": whole_number(0, 365), "discount": _percent, "product_id": key, "price": unit_price, "currency": currency, "words": _words,
}
