"""The second half of a restore: what was loaded is brought up to date and held back, and takes the place of the present data."""

from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.audit import actions as audit
from core.base.context import make_context, system
from core.base.registry import modules
from infra.db import database
from tenants import entry, lifecycle, mail_index, maintenance, migration, operations, provisioning, tombstones
from tenants.models import AuditAnchor, Run, Tenant

KEEP_OLD_DAYS = 7


def spare_of(run: Run) -> Tenant:
    """The directory row of the schema that a restore loads into; after the swap it holds what was there before."""
    with entry.control() as session:
        row = session.get_one(Tenant, UUID(run.data["spare"]))
        session.expunge(row)
    return row


def upgrade_and_hold(run: Run, tenant: Tenant) -> dict[str, Any]:
    """To the head version; sessions end, and what was due or under way then waits for a person: a restored snapshot
    must not send old mail (listmonk #1801). What the rooms hold back they say in their holding.py."""
    spare = spare_of(run)
    migration.migrate_one(spare)
    with entry.enter(spare) as session:
        ctx = make_context(session, system("restore"), spare.ref(), entry.utcnow(), locale=tenant.locale)
        for room in modules("holding"):
            room.hold(ctx)
        # Under the tenant's own name: hashes of addresses are keyed by it.
        files = tombstones.replay(replace(ctx, tenant=replace(tenant.ref(), schema=spare.schema_name)), tenant)
        head = audit.chain_head(ctx)
    with database().owner(spare.cluster) as connection, connection.transaction():
        connection.execute(f"SET LOCAL search_path = {spare.schema_name}, ext")
        connection.execute("UPDATE session SET revoked_at = now() WHERE revoked_at IS NULL")
        held = connection.execute("UPDATE outbox SET state = 'parked', error = 'held after restore', lease_token = NULL WHERE state IN ('waiting', 'running')")
    return {"held_orders": held.rowcount, "erased_files": files, "chain_head": [head.seq, head.hash.hex()] if head else None}


def close(run: Run, tenant: Tenant) -> dict[str, Any]:
    """Nobody works there until the swap: what was saved by now lies in the old schema, and nothing is saved there any more."""
    return {"closed_at": maintenance.close(tenant).isoformat()}


def swap(run: Run, tenant: Tenant) -> dict[str, Any]:
    """One update of the directory: the tenant's row points to the new schema and opens, the spare row keeps the old one."""
    spare = spare_of(run)
    with entry.control() as session:
        ours = session.get_one(Tenant, tenant.id, with_for_update=True)
        other = session.get_one(Tenant, spare.id, with_for_update=True)
        if other.state != "restoring":  # swapped before a crash
            return _swapped(ours, other)
        new, old = (other.schema_name, other.role_name), (ours.schema_name, ours.role_name)
        aside = provisioning.opaque_name()
        for row, names in ((other, (aside, f"r_{aside}")), (ours, new), (other, old)):
            session.execute(update(Tenant).where(Tenant.id == row.id).values(schema_name=names[0], role_name=names[1]))
        session.execute(update(Tenant).where(Tenant.id == ours.id).values(schema_version=migration.head("tenant"), state=maintenance.state_when_open(ours)))
        until = entry.utcnow() + lifecycle.days(KEEP_OLD_DAYS)
        session.execute(update(Tenant).where(Tenant.id == other.id).values(state="deleting", delete_after=until))
        mail_index.order_refill(session, ours.id, entry.utcnow())
        detail = {"archive": Path(run.data["archive"]).name, "set_aside": old[0], "saved_until": run.data["closed_at"], "kept_until": until}
        detail["audit_chain"] = _set_anchor(session, ours, run.data["chain_head"])
        operations.note_act(session, run.asked_by, "tenant.restored", entry.utcnow(), tenant_id=ours.id, detail=detail)
        session.expire_all()
        return _swapped(ours, other)


def _swapped(ours: Tenant, aside: Tenant) -> dict[str, Any]:
    return {"swapped_to": ours.schema_name, "set_aside": aside.schema_name, "kept_until": aside.delete_after.isoformat()}


def _set_anchor(session: Session, tenant: Tenant, head: list | None) -> dict[str, list | None]:
    """The restored chain of the audit ends where it ended then: its anchor goes back too, or it would count as cut off and
    never be sealed again. Where the anchor was before stands in the operators' record, which takes no changes."""
    kept = session.get(AuditAnchor, tenant.id)
    before = [kept.seq, bytes(kept.hash).hex()] if kept else None
    session.execute(delete(AuditAnchor).where(AuditAnchor.tenant_id == tenant.id))
    if head is not None:
        values = {"tenant_id": tenant.id, "seq": head[0], "hash": bytes.fromhex(head[1]), "at": entry.utcnow()}
        session.execute(insert(AuditAnchor).values(values))
    return {"before": before, "now": head}
