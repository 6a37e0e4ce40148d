"""What of the quotes keeps an account with its owner: one that was sent and waits for an answer."""

from typing import Any

from sqlalchemy import ColumnElement, select

from core.base.context import Context
from core.parties.models import Account
from core.quotes.models import Quote


def is_waiting(ctx: Context) -> ColumnElement[bool]:
    """Is there a quote that the customer has not answered?"""
    return select(Quote.id).where(Quote.account_id == Account.id, Quote.state == "sent", Quote.deleted_at.is_(None)).correlate(Account).exists()


LAST: tuple[Any, ...] = ()
HELD = (is_waiting,)
