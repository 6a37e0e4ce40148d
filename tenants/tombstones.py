"""Erasures remembered outside the tenant's schema: a restore brings persons back, and erases them again before anybody sees them.

A tombstone holds keys, keyed hashes of addresses and the pseudonym; what the person was called, an archive says itself.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from core.base.context import Context
from core.privacy import erasing
from core.privacy.tombstones import person_of
from infra.config import settings
from tenants import entry
from tenants.models import Tenant, Tombstone


def keep(tenant_id: UUID, request_id: UUID, what: dict[str, Any]) -> None:
    """Write one down, before the erasure: should that break off, it is known to be wanted. Twice is as good as once."""
    with entry.control() as session:
        values = {"tenant_id": tenant_id, "request_id": request_id, "what": what}
        session.execute(insert(Tombstone).values(values).on_conflict_do_nothing(index_elements=["request_id"]))


def of(tenant_id: UUID) -> list[dict[str, Any]]:
    """What was erased from a tenant, the oldest first."""
    with entry.control() as session:
        return list(session.execute(select(Tombstone.what).where(Tombstone.tenant_id == tenant_id).order_by(Tombstone.at, Tombstone.id)).scalars())


def replay(ctx: Context, tenant: Tenant) -> list[str]:
    """Erase again what an archive still knows; returns the keys of files that must not come back. ctx: in the schema that was loaded."""
    files: list[str] = []
    for what in of(tenant.id):
        files += erasing.erase(ctx, chain_key(tenant.id), person_of(ctx, what), stopped=True).files
    return files


def chain_key(tenant_id: UUID) -> bytes:
    """The key of a tenant's audit chain: outside the database."""
    return settings().data_key(f"audit:{tenant_id}")
