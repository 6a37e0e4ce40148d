"""Next steps of open deals on days."""

from collections.abc import Iterable

from sqlalchemy import literal, select

from core.base.context import Context
from core.base.planned import Asked, Entry
from core.base.policy import has, sees
from core.base.steps import steps_on
from core.deals.models import Deal
from core.parties.models import Account


def next_steps(ctx: Context, asked: Asked) -> Iterable[Entry]:
    """Of the open deals that the actor sees; an account is named to whom it is shown."""
    if has(ctx, "deals.read"):
        seen = (Account.id == Deal.account_id) & Account.deleted_at.is_(None) & sees(ctx, Account) & literal(has(ctx, "accounts.read"))
        query = select(Deal.name, Account.name.label("account_name")).join(Account, seen, isouter=True).where(Deal.state == "open", Deal.deleted_at.is_(None), sees(ctx, Deal))
        yield from steps_on(ctx, asked, Deal, query, lambda row: (row.name, row.account_name))


AGENDA = (next_steps,)
