"""The journal is erased after 30 days, when nothing can be taken back any more; previews that nobody said yes to after a day."""

from datetime import timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from core.base.context import Context
from core.bulk.models import MOVING, BulkEdit, BulkEditRow
from core.bulk.undoing import KEPT_FOR

UNDECIDED, UNDECIDED_FOR = ("selected", "previewed"), timedelta(days=1)
AT_ONCE = 20


def tidy(ctx: Context) -> dict[str, int]:
    """Erase the oldest journals at rest; who did what to how many stays. Says how many it was."""
    stale = BulkEdit.state.in_(UNDECIDED) & (BulkEdit.updated_at < ctx.now - UNDECIDED_FOR)
    over = BulkEdit.state.not_in((*MOVING, *UNDECIDED)) & (BulkEdit.finished_at < ctx.now - KEPT_FOR)
    old = select(BulkEdit.id).where(BulkEdit.erased_at.is_(None), or_(stale, over)).order_by(BulkEdit.updated_at).limit(AT_ONCE)
    keys = list(ctx.session.execute(old.with_for_update(skip_locked=True)).scalars())
    ctx.session.execute(delete(BulkEditRow).where(BulkEditRow.run_id.in_(keys)))
    erased = {"erased_at": ctx.now, "wanted": {}, "back": None, "version": BulkEdit.version + 1}
    ctx.session.execute(update(BulkEdit).where(BulkEdit.id.in_(keys), BulkEdit.state.not_in(UNDECIDED)).values(erased))
    ctx.session.execute(delete(BulkEdit).where(BulkEdit.id.in_(keys), BulkEdit.state.in_(UNDECIDED)))
    return {"erased": len(keys)}


def has_journals(session: Session) -> bool:
    """Is there anything that could become old? Tenants without bulk edits get no order."""
    return session.execute(select(BulkEdit.id).where(BulkEdit.erased_at.is_(None)).limit(1)).first() is not None
