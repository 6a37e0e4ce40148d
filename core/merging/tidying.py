"""The journal of a merge is erased after 30 days, when it can't be taken back any more."""

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from core.base.context import Context
from core.merging.models import MOVING, Merge, MergeRow
from core.merging.undoing import KEPT_FOR

AT_ONCE = 50


def tidy(ctx: Context) -> dict[str, int]:
    """Erase the oldest journals at rest; who merged what stays. Says how many it was."""
    old = select(Merge.id).where(Merge.erased_at.is_(None), Merge.state.not_in(MOVING), Merge.created_at < ctx.now - KEPT_FOR).order_by(Merge.created_at).limit(AT_ONCE)
    keys = list(ctx.session.execute(old.with_for_update(skip_locked=True)).scalars())
    ctx.session.execute(delete(MergeRow).where(MergeRow.run_id.in_(keys)))
    ctx.session.execute(update(Merge).where(Merge.id.in_(keys)).values(erased_at=ctx.now, fields={}, losers={}, strict={}, version=Merge.version + 1))
    return {"erased": len(keys)}


def has_journals(session: Session) -> bool:
    """Is there anything that could become old?"""
    return session.execute(select(Merge.id).where(Merge.erased_at.is_(None)).limit(1)).first() is not None
