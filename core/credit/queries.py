"""Reads of credit: an account's grade that holds, its history, what follows from grades."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Select, literal, select

from core.base import standing
from core.base.context import Context
from core.base.errors import NotFound
from core.base.policy import has, require, sees
from core.credit.models import CreditRule, CreditStanding
from core.credit.rules import USUAL, Terms
from core.parties.models import Account

NO_DISCOUNT = Decimal(0)


@dataclass(frozen=True)
class Grade:
    """The grade that holds for an account today, with what follows from it."""

    terms: Terms
    source: str
    reason: str | None
    until_on: date | None


def terms(ctx: Context) -> Mapping[str, Terms]:
    """Grade -> what follows from it, the best first."""
    said = {row.grade: Terms(row.grade, row.discount, row.payment_days, row.prepaid, row.needs_release) for row in ctx.session.execute(select(CreditRule)).scalars()}
    return {grade: said.get(grade, usual) for grade, usual in USUAL.items()}


def rule_versions(ctx: Context) -> Mapping[str, int]:
    """Grade -> version of the workspace's own rule; absent where the usual one holds."""
    return dict(ctx.session.execute(select(CreditRule.grade, CreditRule.version)).all())


def grade_of(ctx: Context, account_id: UUID | None) -> Grade | None:
    """What holds for an account, for rooms that quote and deliver: whoever may read the grade or not, its consequences are the same."""
    if account_id is None:
        return None
    row = ctx.session.execute(standing.in_force(ctx, CreditStanding, (CreditStanding,), account_id)).scalar_one_or_none()
    return Grade(terms(ctx)[row.grade], row.source, row.reason, row.until_on) if row else None


def discount_of(ctx: Context, account_id: UUID | None) -> tuple[str, Decimal]:
    """(grade, percent) that comes off for an account; ("", 0) where it has none. The grade is not told to whoever may not know it."""
    found = grade_of(ctx, account_id)
    return (found.terms.grade if has(ctx, "credit.read") else "", found.terms.discount) if found else ("", NO_DISCOUNT)


def history(ctx: Context, account: Account) -> list[CreditStanding]:
    """Everything that was ever said of an account's grade, the newest first."""
    require(ctx, "credit.read", account)
    return standing.history(ctx, CreditStanding, account.id)


def current(ctx: Context, account: Account) -> CreditStanding | None:
    """The row that holds today."""
    require(ctx, "credit.read", account)
    return ctx.session.execute(standing.in_force(ctx, CreditStanding, (CreditStanding,), account.id)).scalar_one_or_none()


def rows(ctx: Context) -> Select:
    """Where lists of programs start: every row, also of earlier times, of accounts that the actor sees."""
    require(ctx, "credit.read")
    seen = select(literal(1)).select_from(Account).where(Account.id == CreditStanding.account_id, Account.deleted_at.is_(None), sees(ctx, Account))
    return select(CreditStanding).where(seen.exists())


def one(ctx: Context, row_id: UUID) -> CreditStanding:
    """A row of an account that the actor sees; NotFound otherwise."""
    found = ctx.session.execute(rows(ctx).where(CreditStanding.id == row_id)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found
