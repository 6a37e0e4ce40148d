"""What of the contact log keeps an account with its owner: the last entry, and a contact that is still planned."""

from typing import Any

from sqlalchemy import ColumnElement, func, select

from core.activities.models import Activity
from core.base.context import Context
from core.parties.models import Account


def last_entry(ctx: Context) -> Any:
    """The moment of the newest entry on an account."""
    return select(func.max(Activity.happened_at)).where(Activity.account_id == Account.id, Activity.deleted_at.is_(None)).correlate(Account).scalar_subquery()


def is_planned(ctx: Context) -> ColumnElement[bool]:
    """Is there a contact to come?"""
    coming = (Activity.next_contact_on >= ctx.today, Activity.done_at.is_(None), Activity.deleted_at.is_(None))
    return select(Activity.id).where(Activity.account_id == Account.id, *coming).correlate(Account).exists()


LAST, HELD = (last_entry,), (is_planned,)
