"""Agreed terms as a part of an account's page; nothing for whoever may not know them."""

from typing import Any

from flask import url_for

from core.base.context import Context
from core.base.policy import may
from web.terms.saying import agreed_of, by, parts


def terms_section(ctx: Context, account: Any, found: list[dict[str, Any]] | None) -> dict[str, Any] | None:
    """What terms/_beside.html needs of what core.terms.beside told with the account."""
    if found is None:
        return None
    rows = [agreed_of(row) for row in found]
    return {"rows": [(parts(ctx, one), by(ctx, one)) for one in rows], "url": url_for("terms.show", id=account.id), "can_agree": may(ctx, "terms.agree", account)}
