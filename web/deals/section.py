"""The open deals of an account or a person, as a part of the page; nothing for those who read no deals."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import url_for

from core.base.context import Context
from core.base.policy import may
from core.deals.pipelines import stages
from core.parties.models import Account
from web.deals.saying import money, stage_pill, step_state


def deals_section(ctx: Context, record: Any, found: dict[str, Any] | None) -> dict[str, Any] | None:
    """What deals/_beside.html needs, of what core.deals.beside told with the record."""
    if found is None:
        return None
    known = stages(ctx) if found["rows"] else {}
    which = "account" if isinstance(record, Account) else "contact"
    # The list's filter on accounts; a person's deals have no column of their own there.
    return {
        "number": found["number"], "rows": [_row(ctx, row, known) for row in found["rows"]],
        "all_url": url_for("deals.index", **{"filter[account][eq]": record.id, "filter[state][eq]": "open"}) if which == "account" else "",
        "new_url": url_for("deals.new", **{which: record.id}) if may(ctx, "deals.create") else "",
    }


def _row(ctx: Context, row: dict[str, Any], known: dict[UUID, Any]) -> dict[str, Any]:
    """One line: name, stage, money, and its next step where that is due."""
    on = date.fromisoformat(row["next_step_on"]) if row["next_step_on"] else None
    hue, said = step_state(ctx, on)
    return {
        "id": row["id"], "name": row["name"], "pill": stage_pill(ctx, known.get(UUID(row["stage_id"]))),
        "money": money(Decimal(row["amount"]) if row["amount"] is not None else None, row["currency"]), "hue": hue, "said": said if hue in ("red", "green", "amber") else "",
    }
