"""The journal of a change is erased after 30 days, when it can't be taken back any more."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.base.context import Context
from core.tags.models import MOVING, TagChange, TagChangeRow
from core.tags.undoing import KEPT_FOR

AT_ONCE = 20


def tidy(ctx: Context) -> dict[str, int]:
    """Erase the oldest journals; who changed which tag in how many records stays. Says how many it was."""
    over = TagChange.finished_at < ctx.now - KEPT_FOR
    old = select(TagChange).where(TagChange.erased_at.is_(None), TagChange.state.not_in(MOVING), over).order_by(TagChange.finished_at).limit(AT_ONCE)
    runs = list(ctx.session.execute(old.with_for_update(skip_locked=True)).scalars())
    ctx.session.execute(delete(TagChangeRow).where(TagChangeRow.run_id.in_([run.id for run in runs])))
    for run in runs:
        run.erased_at, run.kept = ctx.now, {}
    return {"erased": len(runs)}


def has_journals(session: Session) -> bool:
    """Is there anything that could become old?"""
    return session.execute(select(TagChange.id).where(TagChange.erased_at.is_(None)).limit(1)).first() is not None
