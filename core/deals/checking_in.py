"""Planned rows of deals looked at once more, as the use cases would look at them; again before they are written."""

from collections.abc import Collection, Mapping
from decimal import ROUND_HALF_UP, Decimal
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from babel.numbers import get_currency_precision
from sqlalchemy import select

from core.base.context import Context
from core.base.importing import Incoming, Rows
from core.base.policy import has, sees, visible
from core.base.steps import check_step_of_row
from core.custom_fields.fields import alive
from core.deals import rules
from core.deals.lines import MOST_AMOUNT
from core.deals.models import Deal, DealLine
from core.deals.moving import criterion_label
from core.deals.pipelines import called
from core.deals.standing_in import STANDING, Steps, forget_usual, new_stage, refuse, steps_of
from core.parties.models import Account, Contact
from core.products.models import Product

LINKS = {"account_id": (Account, "link_not_found"), "contact_id": (Contact, "link_not_found"), "product": (Product, "product_not_named")}


def check(ctx: Context, rows: Rows) -> None:
    """What the use cases would refuse: a link out of sight by now, a move, an amount of a deal that has lines, a stage that asks for more."""
    _check_links(ctx, rows)
    known, steps = _known(ctx, [row.record_id for row in rows if not row.creates]), steps_of(ctx)
    presets, accounts = _presets(ctx), _accounts_of(ctx, rows)
    for row in rows:
        if row.creates:
            _check_new(ctx, steps, row, presets, accounts)
        elif row.record_id in known:
            _check_known(steps, row, known[row.record_id])


def _check_links(ctx: Context, rows: Rows) -> None:
    for target, (model, code) in LINKS.items():
        named = [row for row in rows if row.values.get(target)]
        there = _there(ctx, model, {UUID(row.values[target]) for row in named}) if named else set()
        for row in named:
            if row.values[target] not in there:
                row.refuse(target, code, value=_said(row).get(target, ""))


def _there(ctx: Context, model: Any, keys: Collection[UUID]) -> set[str]:
    if not has(ctx, f"{model.ROOM}.read"):
        return set()
    query = visible(ctx, model).with_only_columns(model.id).where(model.id.in_(keys), model.deleted_at.is_(None))
    return {str(key) for key in ctx.session.execute(query).scalars()}


def _known(ctx: Context, keys: list[UUID | None]) -> dict[UUID, Any]:
    lined = select(DealLine.id).where(DealLine.deal_id == Deal.id).exists().label("lined")
    columns = (Deal.id, Deal.stage_id, Deal.amount, Deal.currency, Deal.probability, Deal.forecast, Deal.next_step_on)
    return {one.id: one for one in ctx.session.execute(select(*columns, lined).where(Deal.id.in_(keys)))} if keys else {}


def _check_known(steps: Steps, row: Incoming, before: Any) -> None:
    values, said = row.values, _said(row)
    wrong = steps.wrong(before.stage_id, {name: said[name] for name in STANDING if name in said})
    if wrong:
        row.refuse(wrong, "deal_moves_elsewhere")
    if values.get("currency") not in (None, before.currency):
        row.refuse(said.get("currency_in", "currency"), "deal_currency_kept", value=values["currency"], currency=before.currency)
    elif before.lined and values.get("amount") is not None and before.amount != Decimal(values["amount"]):
        row.refuse("amount", "amount_of_lines")
    check_step_of_row(row, before)
    forget_usual(row, steps.every[before.stage_id][1], before)


def _check_new(ctx: Context, steps: Steps, row: Incoming, presets: Mapping[str, Any], accounts: Mapping[str, Any]) -> None:
    check_step_of_row(row)
    _line(ctx, row)
    if not steps.ways:
        return row.refuse("stage_id", "no_pipeline")
    if row.values.get("stage_id"):
        return _ask(ctx, steps, row, presets, accounts)
    typed = {name: value for name, value in _said(row).items() if name in STANDING}
    found = new_stage(steps.ways, typed)
    if typed and isinstance(found, tuple):
        refuse(row, found)


def _line(ctx: Context, row: Incoming) -> None:
    """An amount that becomes a line's is one that a line may have, in whole coins."""
    said = _said(row).get("amount")
    if not row.values.get("product") or said is None:
        return
    coin = Decimal(1).scaleb(-min(get_currency_precision(row.values.get("currency") or ctx.tenant.currency), 2))
    amount = Decimal(said).quantize(coin, ROUND_HALF_UP)
    row.values["amount"] = said if amount == Decimal(said) else f"{amount:f}"
    if amount >= MOST_AMOUNT:
        row.refuse("amount", "deal_lines_too_large", line=row.line)


def _ask(ctx: Context, steps: Steps, row: Incoming, presets: Mapping[str, Any], accounts: Mapping[str, Any]) -> None:
    """Has the deal, with what it is given of itself, what the stages before its own ask for?"""
    way, stage = steps.of(row)
    if way is None or stage is None:
        return row.refuse("stage_id", "stage_not_named", value=_said(row).get("stage_id", ""))
    forget_usual(row, stage)
    values = {name: value for name, value in row.values.items() if value is not None}
    if "account_id" not in values:
        values["account_id"] = accounts.get(values.get("contact_id", ""))
    own = presets | {f"custom.{key}": value for key, value in (row.values.get("custom") or {}).items()}
    lacking = rules.missing(SimpleNamespace(**(values | own)), way.stages, way.first(), stage)
    if lacking is not None:
        asking, names = lacking
        row.refuse("stage_id", "stage_asks", stage=called(asking, ctx.locale), missing=", ".join(criterion_label(ctx, name) for name in names))


def _presets(ctx: Context) -> dict[str, Any]:
    """What every new deal says of the workspace's own fields."""
    return {one.name: one.preset for one in alive(ctx, "deals") if one.preset is not None and not one.shown_when}


def _accounts_of(ctx: Context, rows: Rows) -> dict[str, Any]:
    """Contact -> his account, for new deals that name none."""
    keys = {UUID(row.values["contact_id"]) for row in rows if row.creates and row.values.get("contact_id") and not row.values.get("account_id")}
    query = select(Contact.id, Contact.account_id).join(Account, Account.id == Contact.account_id).where(Contact.id.in_(keys), sees(ctx, Contact), sees(ctx, Account), Account.deleted_at.is_(None))
    return {str(key): account for key, account in ctx.session.execute(query)} if keys else {}


def _said(row: Incoming) -> dict[str, Any]:
    """What the cells said, where something else was made of it (core.deals.importable)."""
    return row.values.get("said") or {}
