"""Seal each tenant's audit entries into its chain, note the head in the control schema, verify at night."""

import logging
import time

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from core.audit import actions, queries
from core.audit.rules import Anchor
from core.base.context import make_context, system
from core.base.outbox import defer_row
from infra.config import settings
from tenants import entry
from tenants.models import AuditAnchor, ControlOrder, Tenant
from workers import relay
from workers.job import control_job, job
from workers.queues import BULK
from workers.run import scrub

log = logging.getLogger("tendero.audit")
# Seconds of sealing in one go.
MOMENT = 2.0


@control_job("audit.seal", steps=True)
def seal(door, *, after: str = "") -> dict:
    """Seal one tenant after the other, for a moment. What is left then goes on in an order of its own, behind those that
    wait meanwhile: nobody's reminder waits for all tenants. `after`: key of the tenant that was the last one."""
    with door() as ctl:
        if not after and _walking(ctl):
            return {"left_to": "the walk before"}
        tenants = [one for one in relay.active_tenants(ctl.session) if str(one.id) > after]
    until, sealed, problems = time.monotonic() + MOMENT, 0, {}
    for tenant in sorted(tenants, key=lambda one: str(one.id)):
        try:
            sealed += seal_tenant(tenant)
        except Exception as error:
            # One tenant's failure is one tenant's failure (HOUSE 25).
            problems[str(tenant.id)] = type(error).__name__
            log.error("audit not sealed: %s", scrub(error), extra={"tenant": str(tenant.id)})
        if time.monotonic() > until:
            _go_on(door, tenant)
            break
    return {"sealed": sealed, "problems": problems}


def _go_on(door, tenant: Tenant) -> None:
    """Leave the rest of the walk; once, however often this order is run."""
    with door() as ctl:
        args, key = {"after": str(tenant.id)}, f"after:{ctl.order_id}"
        defer_row(ctl.session, ControlOrder, "audit.seal", now=ctl.now, due_at=None, queue=None, dedupe=key, asked_by=None, args=args)


def _walking(ctl) -> bool:
    """Is an earlier walk over all tenants not through yet?"""
    open_ = (ControlOrder.name == "audit.seal", ControlOrder.state.in_(("waiting", "running")), ControlOrder.id < ctl.order_id)
    return ctl.session.execute(select(ControlOrder.id).where(*open_).limit(1)).first() is not None


def seal_tenant(tenant: Tenant) -> int:
    """Chain what is new and anchor the head; returns how many entries. Refuses (`ChainBroken`) a chain that no longer
    holds its anchor."""
    count, more = 0, True
    while more:
        anchor = anchor_of(tenant.id)
        with entry.enter(tenant) as session:
            if not queries.has_unsealed(session):
                return count
            ctx = make_context(session, system("audit.seal"), tenant.ref(), entry.utcnow(), locale=tenant.locale, timezone=tenant.timezone)
            sealed = actions.seal(ctx, key_of(tenant.id), anchor)
            head = actions.chain_head(ctx)
        if head is not None:
            keep_anchor(tenant.id, head)
        count, more = count + sealed, sealed == actions.BATCH
    return count


@job("audit.verify", queue=BULK, steps=True, always=True)
def verify(door) -> dict:
    """Walk the whole chain; what is found is logged as an error and stands in the order's result."""
    tenant_id = door.tenant_id
    # Read first: links that are sealed meanwhile lie behind it and are checked all the same.
    anchor = anchor_of(tenant_id)
    with door() as ctx:
        problems = actions.verify(ctx, key_of(tenant_id), anchor)
    for problem in problems[:100]:
        log.error("audit problem: %s", problem.kind, extra={"tenant": str(tenant_id), "seq": problem.seq, "entry": str(problem.entry_id)})
    return {"problems": len(problems), "first": [[p.kind, p.seq, p.entry_id] for p in problems[:20]]}


def key_of(tenant_id) -> bytes:
    """The chain's key: outside the database, one for each tenant."""
    return settings().data_key(f"audit:{tenant_id}")


def anchor_of(tenant_id) -> Anchor | None:
    with entry.control() as session:
        row = session.get(AuditAnchor, tenant_id)
        return Anchor(row.seq, bytes(row.hash)) if row else None


def keep_anchor(tenant_id, head: Anchor) -> None:
    """Note the head; it only ever moves forward."""
    values = {"tenant_id": tenant_id, "seq": head.seq, "hash": head.hash, "at": entry.utcnow()}
    statement = insert(AuditAnchor).values(values)
    newer = {"seq": statement.excluded.seq, "hash": statement.excluded.hash, "at": statement.excluded.at}
    with entry.control() as session:
        session.execute(statement.on_conflict_do_update(index_elements=["tenant_id"], set_=newer, where=AuditAnchor.seq < statement.excluded.seq))
