"""Jobs of a customer's export of everything."""

import logging
from uuid import UUID

from core.base.errors import Refused
from core.notifications.telling import notify
from tenants import backup, entry, takeout
from workers.job import control_job, job
from workers.queues import BULK

log = logging.getLogger("tendero.takeout")


@job("takeout.run", queue=BULK, lease=600, steps=True, always=True)
def run(door, *, run_id: str, user_id: str | None = None) -> dict:
    """Take the steps of the export; a crash is resumed at the step it reached. Never withheld by the plan."""
    try:
        archive = backup.resume_export(UUID(run_id))
    except Refused as refusal:
        # Busy: the sweep of unfinished runs has it in hand. Cancelled: a person did, and knows. Failed: the page says so.
        log.warning("takeout: %s", refusal.code, extra={"run": run_id})
        if refusal.code not in ("run_busy", "run_cancelled"):
            _tell(door, run_id, user_id, "told.takeout_failed")
        return {"refused": refusal.code}
    _tell(door, run_id, user_id, "told.takeout_finished")
    return {"bytes": archive.stat().st_size}


def _tell(door, run_id: str, user_id: str | None, say: str) -> None:
    """Whoever asked for it need not look again and again."""
    if user_id:
        with door() as ctx:
            notify(ctx, "finished", [UUID(user_id)], by_itself=True, dedupe=f"takeout:{run_id}", say=say)


@control_job("takeout.clear_old", steps=True)
def clear_old(door) -> dict:
    """Archives of customers are kept for seven days."""
    return {"deleted": takeout.clear_old(entry.utcnow())}
