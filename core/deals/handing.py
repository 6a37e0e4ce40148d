"""Open deals of somebody who leaves become a colleague's, and his again; what is closed stays whose it was."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import update

from core.base.context import Context
from core.base.policy import changes, has
from core.deals.models import Deal


def hand_over_open(ctx: Context, from_id: UUID, to_id: UUID, *, only: Collection[UUID] | None = None) -> list[UUID]:
    """Give them to somebody else, as far as the actor changes them; returns their keys. only: those among these keys. Then whose
    they are is not asked: what one handed over oneself, one can take back."""
    if not has(ctx, "deals.edit"):
        return []
    mine = changes(ctx, Deal) if only is None else Deal.id.in_(only)
    moved = update(Deal).where(Deal.owner_id == from_id, Deal.state == "open", Deal.deleted_at.is_(None), mine).values(owner_id=to_id, version=Deal.version + 1, updated_at=ctx.now)
    return list(ctx.session.execute(moved.returning(Deal.id), execution_options={"synchronize_session": False}).scalars())
