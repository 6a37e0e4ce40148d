"""Open next contacts of somebody who leaves become a colleague's; what was done stays his."""

from uuid import UUID

from sqlalchemy import ColumnElement, update

from core.activities.models import Activity
from core.base.context import Context
from core.base.policy import changes, require


def hand_over_open(ctx: Context, from_id: UUID, to_id: UUID) -> int:
    """Give them to somebody else, as far as the actor changes them; returns how many. Their reminders go to whoever has them."""
    require(ctx, "activities.edit")
    moved = update(Activity).where(*_open(from_id), changes(ctx, Activity)).values(owner_id=to_id, version=Activity.version + 1, updated_at=ctx.now)
    return ctx.session.execute(moved, execution_options={"synchronize_session": False}).rowcount


def _open(user_id: UUID) -> tuple[ColumnElement[bool], ...]:
    return Activity.owner_id == user_id, Activity.next_contact_on.is_not(None), Activity.done_at.is_(None), Activity.deleted_at.is_(None)
