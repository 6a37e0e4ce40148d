"""Agreed terms in words: what was agreed, and what whoever agreed knew of the customer's credit then."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from core.base.context import Context
from core.base.words import N_
from core.credit.words import GRADE_LABELS
from core.terms.rules import Agreed
from infra import i18n
from web.filters import amount, day, number, price


def said(ctx: Context, one: Agreed) -> str:
    """What was agreed, in one line."""
    return " · ".join(parts(ctx, one))


def parts(ctx: Context, one: Agreed) -> list[str]:
    """Each thing that was agreed; the free words last."""
    found = []
    if one.payment_days is not None:
        found.append(_(ctx, N_("%(days)s days to pay"), days=number(one.payment_days)))
    if one.discount is not None:
        found.append(_(ctx, N_("%(percent)s %% off"), percent=number(one.discount.normalize())))
    if one.price is not None:
        found.append(_(ctx, N_("%(product)s for %(price)s"), product=one.product or "", price=price(one.price, one.currency)))
    return [*found, *([one.words] if one.words else [])]


def by(ctx: Context, one: Agreed) -> str:
    """Who agreed, when, until when."""
    return _(ctx, N_("agreed by %(who)s on %(day)s, until %(until)s"), who=one.who or "", day=day(one.at), until=day(one.until_on))


def facts(ctx: Context, kept: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(label, value) of what was shown of the credit."""
    found, grade = [], kept.get("credit")
    if grade:
        limit = grade.get("limit")
        follows = [
            _(ctx, N_("pays beforehand")) if grade["prepaid"] else _(ctx, N_("%(days)s days to pay"), days=number(grade["payment_days"])),
            _(ctx, N_("%(percent)s %% off"), percent=number(Decimal(grade["discount"]))) if Decimal(grade["discount"]) else "",
            _(ctx, N_("only with the owner's release")) if grade["needs_release"] else "",
        ]
        found += [
            (N_("Credit grade"), _(ctx, GRADE_LABELS[grade["grade"]])), (N_("What follows from it"), " · ".join(part for part in follows if part)),
            (N_("Credit limit"), amount(Decimal(limit["amount"]), limit["currency"]) if limit else ""), (N_("Holds until"), day(date.fromisoformat(grade["until_on"])) if grade["until_on"] else ""), (N_("Reason"), grade["reason"] or ""),
        ]
    elif "credit" in kept:
        found.append((N_("Credit grade"), _(ctx, N_("Nobody has said anything yet."))))
    found.append((N_("Loyalty tier"), kept.get("tier") or ""))
    return [(_(ctx, label), value) for label, value in found if value]


def agreed_of(row: Mapping[str, Any]) -> Agreed:
    """What stands beside an account (core.terms.beside) as plain terms."""
    number_of = lambda name: Decimal(row[name]) if row[name] is not None else None  # noqa: E731
    return Agreed(
        UUID(row["id"]), row["who"], datetime.fromisoformat(row["at"]), date.fromisoformat(row["until_on"]), row["payment_days"], number_of("discount"), None, row["product"], number_of("price"), row["currency"], row["words"],
    )


def _(ctx: Context, message: str, **params: Any) -> str:
    return i18n.gettext(ctx.locale, message, **params)
