"""Jobs of the landlord: keep schemas ready, clear up, measure, go on with what a crash interrupted."""

import logging
from datetime import timedelta

from sqlalchemy import delete

from billing import leaving
from core.base.errors import Refused
from infra.config import settings
from infra.db import database
from tenants import backup, entry, lifecycle, measuring, provisioning, runs
from tenants.models import ControlOrder, LoginToken, OperatorSession
from workers.job import control_job
from workers.queues import BULK

log = logging.getLogger("tendero.tenants")
READY_LOCAL, READY = 3, 10
DONE_LIFE, CLOCK_LIFE, SESSION_LIFE = timedelta(days=30), timedelta(days=1), timedelta(days=30)


@control_job("pool.fill", steps=True)
def fill_pool(door) -> dict:
    """Keep schemas ready in every cluster, so that a sign-up only claims one."""
    size = READY if settings().production else READY_LOCAL
    return {"made": sum(provisioning.fill_pool(size, cluster) for cluster in database().names())}


@control_job("tenants.clear_leftovers", steps=True)
def clear_leftovers(door) -> dict:
    """Drop what a killed sign-up or provisioning left."""
    return {"cleared": sum(provisioning.clear_leftovers(cluster) for cluster in database().names())}


@control_job("tenants.measure", steps=True)
def measure(door) -> dict:
    """Sizes for the operator's list."""
    return {"measured": measuring.measure()}


@control_job("runs.resume", queue=BULK, steps=True)
def resume_runs(door) -> dict:
    """Go on with exports, restores and deletions: those asked for and those that a crash interrupted. One that
    fails, or kills its process, does not hold up the others; one that runs elsewhere is left alone."""
    due, went = set(lifecycle.due_deletions()), {}
    for run in runs.unfinished(entry.utcnow()):
        act = {"export": lambda run: backup.resume_export(run.id), "restore": lambda run: backup.resume_restore(run.id)}.get(run.kind)
        if run.kind == "delete" and run.id in due:
            act = leaving.erase
        if act is None:
            continue
        try:
            act(run)
            went[str(run.id)] = "done"
        except Refused as refusal:
            went[str(run.id)] = refusal.code
            if refusal.code == "run_broke_off":
                log.error("run given up", extra={"run": str(run.id), "kind": run.kind})
        except Exception as error:
            log.error("run failed: %s", type(error).__name__, extra={"run": str(run.id)})
            went[str(run.id)] = type(error).__name__
    return went


@control_job("control.prune")
def prune(ctl) -> dict:
    """Done orders, spent login tokens and ended operator sessions of the control schema."""
    of_clock = ControlOrder.dedupe_key.startswith("clock:").is_(True)
    done = ControlOrder.state == "done"
    rules = {
        "orders": delete(ControlOrder).where(done, ControlOrder.finished_at < ctl.now - DONE_LIFE, ~of_clock),
        "clock": delete(ControlOrder).where(done, ControlOrder.finished_at < ctl.now - CLOCK_LIFE, of_clock),
        "login_tokens": delete(LoginToken).where(LoginToken.expires_at < ctl.now),
        "sessions": delete(OperatorSession).where(OperatorSession.expires_at < ctl.now - SESSION_LIFE),
    }
    return {name: ctl.session.execute(statement).rowcount for name, statement in rules.items()}
