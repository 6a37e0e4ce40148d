"""Open next contacts of somebody who leaves become a colleague's, and his again; what was done stays whose it was."""

from uuid import UUID

from sqlalchemy import ColumnElement, Select, update

from core.activities.models import Activity
from core.base.context import Context
from core.base.policy import changes, require


def hand_over_open(ctx: Context, from_id: UUID, to_id: UUID, *, only: Select | None = None) -> list[UUID]:
    """Give them to somebody else, as far as the actor changes them; returns their keys. Their reminders go to whoever has them.
    only: those among these keys. Then whose they are is not asked: what one handed over oneself, one can take back."""
    require(ctx, "activities.edit")
    mine = changes(ctx, Activity) if only is None else Activity.id.in_(only)
    moved = update(Activity).where(*_open(from_id), mine).values(owner_id=to_id, version=Activity.version + 1, updated_at=ctx.now)
    return list(ctx.session.execute(moved.returning(Activity.id), execution_options={"synchronize_session": False}).scalars())


def _open(user_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return Activity.owner_id == user_id, Activity.next_contact_on.is_not(None), Activity.done_at.is_(None), Activity.deleted_at.is_(None)
