"""Reads of agreed terms: those in force, all that was ever agreed, and what is shown of the credit of whom one agrees with."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, Select, literal, select
from sqlalchemy.orm import aliased

from core.base.context import Context
from core.base.errors import NotFound
from core.base.policy import has, require, sees
from core.credit import queries as credit
from core.identity.models import User
from core.loyalty import queries as loyalty
from core.parties.models import Account
from core.products.models import Product
from core.terms.models import AgreedTerms, TermsWithdrawal
from core.terms.rules import Agreed

MOST = 100
# What is kept of a credit when terms are agreed -> the permission by which one knows it, then and now.
FACTS = {"credit": "credit.read", "tier": "loyalty.read"}


def holds(ctx: Context, at: datetime | None = None) -> ColumnElement[bool]:
    """Of AgreedTerms: is it (was it, at that moment) an agreement, not taken back, whose last day has not passed?"""
    moment = at or ctx.now
    back = select(literal(1)).select_from(TermsWithdrawal).where(TermsWithdrawal.terms_id == AgreedTerms.id, TermsWithdrawal.created_at <= moment)
    return (AgreedTerms.created_at <= moment) & (AgreedTerms.until_on >= moment.astimezone(ZoneInfo(ctx.tenant.timezone)).date()) & ~back.exists()


def in_force(ctx: Context, account_id: UUID | None, *, at: datetime | None = None) -> list[Agreed]:
    """Those of an account that the caller has found for the actor, the newest first; none for whoever may not know them. at: that were in force then."""
    if account_id is None or not has(ctx, "terms.read"):
        return []
    rows = ctx.session.execute(_named().where(AgreedTerms.account_id == account_id, holds(ctx, at)).order_by(AgreedTerms.created_at.desc(), AgreedTerms.id.desc()).limit(MOST))
    return [_agreed(ctx, row) for row in rows]


@dataclass(frozen=True)
class Past:
    """Terms with what became of them. by, why, back_at: who took them back, why and when."""

    terms: Agreed
    over: bool
    by: str | None = None
    why: str | None = None
    back_at: Any = None


def history(ctx: Context, account: Account) -> list[Past]:
    """All that was ever agreed with an account, the newest first."""
    require(ctx, "terms.read", account)
    taker, back = aliased(User), aliased(TermsWithdrawal)
    query = _named().add_columns(taker.name.label("taker"), back.reason.label("why"), back.created_at.label("back_at")).join(back, back.terms_id == AgreedTerms.id, isouter=True).join(taker, taker.id == back.withdrawn_by, isouter=True)
    query = query.where(AgreedTerms.account_id == account.id).order_by(AgreedTerms.created_at.desc(), AgreedTerms.id.desc())
    return [Past(_agreed(ctx, row), row.AgreedTerms.until_on < ctx.tenant_today, row.taker, row.why, row.back_at) for row in ctx.session.execute(query.limit(MOST))]


def rows(ctx: Context) -> Select:
    """Where lists of programs start: all that was agreed, taken back or not, with accounts that the actor sees."""
    require(ctx, "terms.read")
    seen = select(literal(1)).select_from(Account).where(Account.id == AgreedTerms.account_id, Account.deleted_at.is_(None), sees(ctx, Account))
    return select(AgreedTerms).where(seen.exists())


def one(ctx: Context, key: UUID) -> AgreedTerms:
    """A row about an account that the actor sees; NotFound otherwise."""
    found = ctx.session.execute(rows(ctx).where(AgreedTerms.id == key)).scalar_one_or_none() if has(ctx, "terms.read") else None
    if found is None:
        raise NotFound()
    return found


def facts_of(ctx: Context, account: Account) -> dict[str, Any]:
    """What is shown of the account's credit to whoever agrees, as plain values: as much as he may know."""
    found: dict[str, Any] = {}
    if has(ctx, FACTS["credit"]):
        row = credit.current(ctx, account)
        found["credit"] = None if row is None else _grade(row, credit.terms(ctx)[row.grade])
    if has(ctx, FACTS["tier"]):
        found["tier"] = loyalty.tier_of(ctx, account.id)
    return found


def known_facts(ctx: Context, kept: Mapping[str, Any]) -> dict[str, Any]:
    """Of what was shown to whoever agreed, as much as the actor may know."""
    return {name: value for name, value in kept.items() if name in FACTS and has(ctx, FACTS[name])}


def mark_of(facts: Mapping[str, Any]) -> str:
    """The same while the facts are."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:24]


def _grade(row: Any, terms: Any) -> dict[str, Any]:
    limit = {"amount": f"{row.limit_amount.normalize():f}", "currency": row.limit_currency} if row.limit_amount is not None else None
    return {
        "grade": row.grade, "until_on": row.until_on.isoformat() if row.until_on else None, "reason": row.reason, "limit": limit, "discount": f"{terms.discount.normalize():f}",
        "payment_days": terms.payment_days, "prepaid": terms.prepaid, "needs_release": terms.needs_release,
    }


def _named() -> Select:
    return select(AgreedTerms, User.name.label("who"), Product.name.label("product")).join(User, User.id == AgreedTerms.agreed_by, isouter=True).join(Product, Product.id == AgreedTerms.product_id, isouter=True)


def _agreed(ctx: Context, row: Row) -> Agreed:
    it = row.AgreedTerms
    return Agreed(it.id, row.who, it.created_at, it.until_on, it.payment_days, it.discount, it.product_id, row.product, it.price, it.currency, it.words, known_facts(ctx, it.facts))
