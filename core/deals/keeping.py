"""What of the deals keeps an account with its owner: one that is open."""

from typing import Any

from sqlalchemy import ColumnElement, select

from core.base.context import Context
from core.deals.models import Deal
from core.parties.models import Account


def is_open(ctx: Context) -> ColumnElement[bool]:
    """Is there a deal that is neither won nor lost?"""
    return select(Deal.id).where(Deal.account_id == Account.id, Deal.state == "open", Deal.deleted_at.is_(None)).correlate(Account).exists()


LAST: tuple[Any, ...] = ()
HELD = (is_open,)
