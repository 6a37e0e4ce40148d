"""Open quotes that become a colleague's."""

from collections.abc import Collection
from uuid import UUID

from core.approvals.actions import void_many
from core.base.context import Context
from core.quotes.approvable import APPROVAL

OPEN = ("draft", "sent")


def answered_anew(ctx: Context, keys: Collection[UUID]) -> None:
    """Quotes that others answer for from now on: what waited for a yes is void. A yes that was given is to the owner too (approvable.OF_QUOTE)."""
    void_many(ctx, APPROVAL, list(keys))
