"""Open quotes that become a colleague's."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import update

from core.approvals.actions import void_many
from core.base.context import Context
from core.quotes.approvable import APPROVAL
from core.quotes.models import QuoteVersion

OPEN = ("draft", "sent")


def answered_anew(ctx: Context, keys: Collection[UUID]) -> None:
    """Quotes that others answer for from now on: what waited for a yes is void, and a draft names no yes that was another's."""
    drafts = update(QuoteVersion).where(QuoteVersion.quote_id.in_(keys), QuoteVersion.state == "draft", QuoteVersion.approved_at.is_not(None))
    ctx.session.execute(drafts.values(approved_at=None, approved_by=None, version=QuoteVersion.version + 1, updated_at=ctx.now), execution_options={"synchronize_session": False})
    void_many(ctx, APPROVAL, list(keys))
