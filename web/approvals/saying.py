"""How pages and programs say what waits for a yes: reasons as sentences, facts as people read them."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from core.approvals.kinds import kinds, limit_kinds
from core.approvals.models import Approval
from core.approvals.queries import shown
from core.approvals.rules import Need
from core.base.context import Context
from core.base.policy import has
from infra import dates, i18n
from web.filters import amount, number
from web.words import MONEY, say_fact


def why(ctx: Context, need: Need) -> Any:
    """A reason as a sentence; without its figure for whoever may not know it."""
    limit = limit_kinds().get(need.code)
    if limit is not None and limit.behind and not has(ctx, limit.behind):
        return say_fact(f"{need.reason}_low", {}, ctx.locale)
    return say_fact(need.reason, {name: _plain(ctx, name, value) for name, value in need.params.items()}, ctx.locale)


def reasons(ctx: Context, approval: Approval) -> list[Any]:
    """Why it waits."""
    return [why(ctx, Need.of(one)) for one in approval.needs]


def facts(ctx: Context, approval: Approval) -> list[tuple[str, str]]:
    """(label, value) of what was shown when it was asked for, as far as the actor may know it."""
    labels = kinds()[approval.kind].labels
    return [(i18n.gettext(ctx.locale, labels[one["code"]]), _value(ctx, one)) for one in shown(ctx, approval.facts) if one["code"] in labels]


def _value(ctx: Context, fact: Mapping[str, Any]) -> str:
    if "amount" in fact:
        return money(fact["amount"])
    if "percent" in fact:
        return f"{_plain(ctx, 'percent', fact['percent'])} %"
    if "word" in fact:
        return i18n.gettext(ctx.locale, fact["word"])
    if "day" in fact:
        return dates.say_day(date.fromisoformat(fact["day"]), "medium", ctx.locale, ctx.formats.date_format)
    return fact.get("value", "")


def money(text: str) -> str:
    """"12.00 EUR" as people read it; what is none stays."""
    found = MONEY.fullmatch(text)
    return str(amount(Decimal(found[1]), found[2])) if found else text


def _plain(ctx: Context, name: str, value: Any) -> str:
    if name in ("price", "amount"):
        return money(str(value))
    try:
        return str(number(Decimal(str(value)))) if name == "percent" else str(value)
    except InvalidOperation:
        return str(value)
