"""Use cases of credit: set a grade by hand with its reason and end, take it back, say what follows from grades."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.base import editing, standing
from core.base.cleaning import tick, whole_number
from core.base.context import Context
from core.base.errors import Conflict, Gathered, Refused
from core.base.facts import record
from core.base.money import parse_amount
from core.base.policy import require
from core.credit.models import GRADES, CreditRule, CreditStanding
from core.parties.models import Account
from core.parties.queries import one_account

MOST, MOST_LIMIT = Decimal(100), Decimal(10) ** 15


def set_grade(ctx: Context, account: Account, *, grade: Any, reason: Any, until_on: Any, limit_amount: Any = None, limit_currency: Any = None) -> CreditStanding:
    """Set it by hand: it holds until its day, before whatever is computed. Refuses an unknown grade, no reason, an end that has passed, a limit below zero."""
    require(ctx, "credit.set", account)
    values: dict[str, Any] = {}
    wrong = Gathered()
    for check in (lambda: {"grade": _grade(grade)}, lambda: standing.checked(ctx, reason=reason, until_on=until_on), lambda: _limit(ctx, limit_amount, limit_currency)):
        with wrong.taking():
            values |= check()
    wrong.settle()
    editing.hold(ctx, account)
    made = standing.replace(ctx, CreditStanding(account_id=account.id, source=standing.HAND, set_by=ctx.actor.id, **values))
    record(ctx, "credit.set", made, about=(account.id,), until=made.until_on)
    return made


def take_back(ctx: Context, row_id: UUID) -> CreditStanding:
    """End what was set by hand; what was computed holds again. NotFound where the actor does not see its account."""
    found, account = _held(ctx, row_id)
    standing.take_back(ctx, found)
    record(ctx, "credit.ended", found, about=(account.id,))
    return found


def bring_back(ctx: Context, row_id: UUID) -> CreditStanding:
    """Undo that it was taken back."""
    found, account = _held(ctx, row_id, ended=True)
    standing.bring_back(ctx, found)
    record(ctx, "credit.restored", found, about=(account.id,))
    return found


def _held(ctx: Context, row_id: UUID, *, ended: bool = False) -> tuple[CreditStanding, Account]:
    """The row and its account, which is held; refused for whoever may not set it."""
    account = one_account(ctx, standing.by_hand(ctx, CreditStanding, row_id, ended=ended).account_id)
    require(ctx, "credit.set", account)
    editing.hold(ctx, account)
    return standing.by_hand(ctx, CreditStanding, row_id, ended=ended, held=True), account


def change_rule(ctx: Context, grade: str, *, version: int | None = None, **given: Any) -> CreditRule:
    """Say what follows from a grade: discount, payment_days, prepaid, needs_release. version: of the workspace's own rule; 0: there was none."""
    require(ctx, "credit_rules.manage")
    values = _checked_rule(given)
    found = ctx.session.execute(select(CreditRule).where(CreditRule.grade == _grade(grade)).with_for_update()).scalar_one_or_none()
    if version is not None and version != (found.version if found else 0):
        raise Conflict("stale")
    if found is None:
        found = CreditRule(grade=grade, **values)
        ctx.session.add(found)
    for name, value in values.items():
        setattr(found, name, value)
    ctx.session.flush()
    record(ctx, "credit_rule.changed", found)
    return found


def _checked_rule(given: dict[str, Any]) -> dict[str, Any]:
    wrong, values = Gathered(), {}
    for name, clean in RULE_FIELDS.items():
        with wrong.taking():
            values[name] = clean(given.get(name), name)
    if values.get("prepaid") and values.get("payment_days"):
        with wrong.taking():
            raise Refused("prepaid_days", field="payment_days")
    wrong.settle()
    return values


def _grade(value: Any) -> str:
    if value not in GRADES:
        raise Refused("unknown_value", field="grade")
    return value


def _limit(ctx: Context, amount: Any, currency: Any) -> dict[str, Any]:
    if amount is None or not str(amount).strip():
        return {"limit_amount": None, "limit_currency": None}
    found = amount if isinstance(amount, Decimal) else parse_amount(str(amount), field="limit_amount")
    if not 0 <= found < MOST_LIMIT:
        raise Refused("limit_negative", field="limit_amount")
    return {"limit_amount": found, "limit_currency": currency or ctx.tenant.currency}


def _percent(value: Any, field: str) -> Decimal:
    found = value if isinstance(value, Decimal) else parse_amount(str(value or "0"), field=field)
    if not 0 <= found <= MOST:
        raise Refused("not_a_percent", field=field)
    return found


def _days(value: Any, field: str) -> int:
    found = whole_number(0, 365)(value, field)
    if found is None:
        raise Refused("required", field=field)
    return found


RULE_FIELDS: dict[str, Callable[[Any, str], Any]] = {"discount": _percent, "payment_days": _days, "prepaid": tick, "needs_release": tick}
