"""What an import leaves behind goes after ninety days, as the recycle bin does: its file and its staged rows."""

from datetime import timedelta

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from core.base.context import Context
from core.transfer.models import MOVING, ImportFix, ImportRow, ImportRun
from infra.storage import storage

KEPT = timedelta(days=90)
AT_ONCE = 20


def tidy(ctx: Context) -> dict[str, int]:
    """Remove files and rows of the oldest imports at rest; their counts and who did them stay. Says how many it was."""
    old = list(ctx.session.execute(_old(ctx).limit(AT_ONCE).with_for_update(skip_locked=True)))
    for run_id, *_ in old:
        ctx.session.execute(delete(ImportRow).where(ImportRow.run_id == run_id))
        ctx.session.execute(delete(ImportFix).where(ImportFix.run_id == run_id))
        ctx.session.execute(update(ImportRun).where(ImportRun.id == run_id).values(file_key="", table_key=None, version=ImportRun.version + 1))
    for _, *keys in old:
        # Last, and harmless when this transaction should fail after all: a file without a reader is only space.
        for key in filter(None, keys):
            storage().remove(ctx.tenant.id, key)
    return {"tidied": len(old)}


def _old(ctx: Context) -> Select:
    """(id, file, its rows) of imports at rest that nobody has touched for so long."""
    at_rest = (ImportRun.updated_at < ctx.now - KEPT, ImportRun.state.not_in(MOVING), ImportRun.file_key != "")
    return select(ImportRun.id, ImportRun.file_key, ImportRun.table_key).where(*at_rest).order_by(ImportRun.updated_at)


def has_files(session: Session) -> bool:
    """Is there anything that could become old? Tenants without imports get no order."""
    return session.execute(select(ImportRun.id).where(ImportRun.file_key != "").limit(1)).first() is not None
