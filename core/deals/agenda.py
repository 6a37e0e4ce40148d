"""Next steps of open deals on days."""

from collections.abc import Iterable

from sqlalchemy import literal, select

from core.base import planned
from core.base.context import Context
from core.base.planned import Asked, Entry
from core.base.policy import changes_of, has, sees
from core.deals.models import Deal
from core.parties.models import Account


def next_steps(ctx: Context, asked: Asked) -> Iterable[Entry]:
    """Of the open deals that the actor sees; an account is named to whom it is shown."""
    if not has(ctx, "deals.read"):
        return
    seen = (Account.id == Deal.account_id) & Account.deleted_at.is_(None) & sees(ctx, Account) & literal(has(ctx, "accounts.read"))
    query = select(Deal.id, Deal.version, Deal.name, Deal.next_step, Deal.next_step_on, Deal.owner_id, Account.name.label("account_name")).join(Account, seen, isouter=True)
    query = query.where(Deal.state == "open", Deal.deleted_at.is_(None), Deal.next_step_on >= asked.first, Deal.next_step_on < asked.after, sees(ctx, Deal))
    if asked.people is not None:
        query = query.where(Deal.owner_id.in_(asked.people))
    if asked.only is not None:
        query = query.where(Deal.id == asked.only)
    editable = has(ctx, "deals.edit")
    for row in ctx.session.execute(query.order_by(Deal.next_step_on, Deal.id).limit(planned.MOST + 1)):
        about = " · ".join(name for name in (row.name, row.account_name) if name)
        yield Entry("deal", row.id, "step", row.next_step or "", about, row.next_step_on, f"/deals/{row.id}", row.owner_id, row.version, moves=editable and changes_of(ctx, "deals", row.owner_id))


AGENDA = (next_steps,)
