"""Open leads of somebody who leaves become a colleague's, and his again; what has ended stays whose it was."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import update

from core.base.context import Context
from core.base.policy import changes, has
from core.leads.models import OPEN, Lead


def hand_over_open(ctx: Context, from_id: UUID, to_id: UUID, *, only: Collection[UUID] | None = None) -> list[UUID]:
    """Give them to somebody else, as far as the actor changes them; returns their keys. only: those among these keys. Then whose
    they are is not asked: what one handed over oneself, one can take back."""
    if not has(ctx, "leads.edit"):
        return []
    mine = changes(ctx, Lead) if only is None else Lead.id.in_(only)
    moved = update(Lead).where(Lead.owner_id == from_id, Lead.state.in_(OPEN), Lead.deleted_at.is_(None), mine).values(owner_id=to_id, version=Lead.version + 1, updated_at=ctx.now)
    return list(ctx.session.execute(moved.returning(Lead.id), execution_options={"synchronize_session": False}).scalars())
