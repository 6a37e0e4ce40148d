"""The tree of an account on its page: crumbs above, branches below, figures over all of it."""

from typing import Any

from flask import g, url_for

from core.base.context import Context
from core.base.policy import has
from core.parties import family
from core.parties.models import Account
from infra import i18n
from web.filters import day, number


def family_of_page(ctx: Context, account: Account) -> dict[str, Any]:
    """What parties/_family.html and the crumbs need; no branches, no figures."""
    above = [(row.name, url_for("accounts.show", id=row.id)) for row in family.ancestors(ctx, account)]
    tree = family.tree(ctx, account)
    if tree.total < 2:
        return {"above": above, "rows": [], "total": tree.total, "figures": []}
    figures = [(i18n.gettext(g.get("lang", "en"), one.label), day(value) if one.shown == "date" else number(value)) for one, value in family.figures(ctx, account.id)]
    return {
        "above": above, "rows": tree.rows[1:], "total": tree.total - 1, "figures": figures, "all_url": url_for("accounts.index", under=account.id),
        "people_url": url_for("contacts.index", under=account.id) if has(ctx, "contacts.read") else "",
    }
