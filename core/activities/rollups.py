"""What the contact log sums up over a tree of accounts: the last contact, the next one, how many are open."""

from typing import Any

from sqlalchemy import Date, Select, and_, cast, func, select

from core.activities.models import Activity
from core.activities.sight import person_seen
from core.base.context import Context
from core.base.policy import has
from core.base.words import N_
from core.parties.family import RollUp

OPEN = and_(Activity.next_contact_on.is_not(None), Activity.done_at.is_(None))


def _over(ctx: Context, keys: Select, value: Any) -> Any:
    """One value over the entries that the actor would find on those accounts' timelines."""
    if not has(ctx, "activities.read"):
        return None
    return select(value).where(Activity.account_id.in_(keys), Activity.deleted_at.is_(None), *person_seen(ctx)).scalar_subquery()


def last_contact(ctx: Context, keys: Select) -> Any:
    """The day of the newest entry that is no note."""
    return _over(ctx, keys, func.max(cast(func.timezone(ctx.timezone, Activity.happened_at), Date)).filter(Activity.kind != "note"))


def next_contact(ctx: Context, keys: Select) -> Any:
    """The day of the next planned contact, overdue ones too."""
    return _over(ctx, keys, func.min(Activity.next_contact_on).filter(OPEN))


def open_contacts(ctx: Context, keys: Select) -> Any:
    """How many planned contacts wait."""
    return _over(ctx, keys, func.count().filter(OPEN))


ROLL_UPS = (
    RollUp("last_contact", N_("Last contact"), "date", last_contact), RollUp("next_contact", N_("Next contact"), "date", next_contact),
    RollUp("open_contacts", N_("Open contacts"), "number", open_contacts),
)
