"""The quotes of an account, a person or a deal, as a part of the page; nothing for those who read no quotes."""

from decimal import Decimal
from typing import Any

from flask import url_for

from core.base.context import Context
from core.base.policy import may
from web.filters import amount
from web.quotes.showing import pill


def quotes_section(ctx: Context, record: Any, found: dict[str, Any] | None) -> dict[str, Any] | None:
    """What quotes/_beside.html needs, of what core.quotes.beside told with the record."""
    if found is None:
        return None
    which = record.__tablename__
    return {
        "number": found["number"], "rows": [{**row, "pill": pill(row["state"]), "said": amount(Decimal(row["total"]), row["currency"])} for row in found["rows"]],
        "all_url": url_for("quotes.index", **{"filter[account][eq]": record.id}) if which == "account" else "",
        "new_url": url_for("quotes.new", **{which: record.id}) if may(ctx, "quotes.create") else "",
    }
