"""Open quotes of somebody who leaves become a colleague's, and his again; what is over stays whose it was."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import update

from core.approvals.actions import void_many
from core.base.context import Context
from core.base.policy import changes, has
from core.quotes.approvable import APPROVAL
from core.quotes.models import Quote, QuoteVersion

OPEN = ("draft", "sent")


def hand_over_open(ctx: Context, from_id: UUID, to_id: UUID, *, only: Collection[UUID] | None = None) -> list[UUID]:
    """Give drafts and what waits for an answer to somebody else, as far as the actor changes them; returns their keys. only: those among
    these keys. Then whose they are is not asked: what one handed over oneself, one can take back. Papers that are out name whom they named."""
    if not has(ctx, "quotes.edit"):
        return []
    mine = changes(ctx, Quote) if only is None else Quote.id.in_(only)
    moved = update(Quote).where(Quote.owner_id == from_id, Quote.state.in_(OPEN), Quote.deleted_at.is_(None), mine).values(owner_id=to_id, version=Quote.version + 1, updated_at=ctx.now)
    keys = list(ctx.session.execute(moved.returning(Quote.id), execution_options={"synchronize_session": False}).scalars())
    answered_anew(ctx, keys)
    return keys


def answered_anew(ctx: Context, keys: Collection[UUID]) -> None:
    """Quotes that others answer for from now on: what waited for a yes is void, and a draft names no yes that was another's."""
    drafts = update(QuoteVersion).where(QuoteVersion.quote_id.in_(keys), QuoteVersion.state == "draft", QuoteVersion.approved_at.is_not(None))
    ctx.session.execute(drafts.values(approved_at=None, approved_by=None, version=QuoteVersion.version + 1, updated_at=ctx.now), execution_options={"synchronize_session": False})
    void_many(ctx, APPROVAL, list(keys))
