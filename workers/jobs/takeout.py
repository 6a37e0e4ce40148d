"""Jobs of a customer's export of everything."""

import logging
from uuid import UUID

from core.base.errors import Refused
from tenants import backup, entry, takeout
from workers.job import control_job, job
from workers.queues import BULK

log = logging.getLogger("tendero.takeout")


@job("takeout.run", queue=BULK, lease=600, steps=True, always=True)
def run(door, *, run_id: str) -> dict:
    """Take the steps of the export; a crash is resumed at the step it reached. Never withheld by the plan."""
    try:
        archive = backup.resume_export(UUID(run_id))
    except Refused as refusal:
        # Busy: the sweep of unfinished runs has it in hand. Failed: the page says so.
        log.warning("takeout: %s", refusal.code, extra={"run": run_id})
        return {"refused": refusal.code}
    return {"bytes": archive.stat().st_size}


@control_job("takeout.clear_old", steps=True)
def clear_old(door) -> dict:
    """Archives of customers are kept for seven days."""
    return {"deleted": takeout.clear_old(entry.utcnow())}
