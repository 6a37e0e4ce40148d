"""Seal each tenant's audit entries into its chain, note the head in the control schema, verify at night."""

import logging

from sqlalchemy.dialects.postgresql import insert

from core.audit import actions
from core.audit.rules import Anchor
from infra.config import settings
from tenants import entry
from tenants.models import AuditAnchor
from workers.job import GaveUp, job
from workers.queues import BULK

log = logging.getLogger("tendero.audit")


@job("audit.seal", steps=True, always=True)
def seal(door) -> dict:
    """Chain what is new and anchor the head; stops and cries when the chain no longer holds its anchor."""
    count, more, tenant_id = 0, True, door.tenant_id
    while more:
        anchor = anchor_of(tenant_id)
        with door() as ctx:
            try:
                sealed = actions.seal(ctx, key_of(tenant_id), anchor)
            except actions.ChainBroken as error:
                log.error("audit chain broken: %s", error, extra={"tenant": str(tenant_id)})
                raise GaveUp(str(error)) from None
            head = actions.chain_head(ctx)
        if head is not None:
            keep_anchor(tenant_id, head)
        count, more = count + sealed, sealed == actions.BATCH
    return {"sealed": count}


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
