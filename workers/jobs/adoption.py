"""Once a day: is a workspace used much less than before?"""

from sqlalchemy import func, update

from core.adoption import falling
from tenants import entry
from tenants.models import Tenant
from workers.job import job


@job("adoption.watch", steps=True)
def watch(door) -> dict:
    """Tell its admins, and mark it in the directory for the operator, for as long as it holds."""
    with door() as ctx:
        fall, tenant_id, now = falling.watch(ctx), ctx.tenant.id, ctx.now
    with entry.control() as session:
        session.execute(update(Tenant).where(Tenant.id == tenant_id).values(use_fell_at=func.coalesce(Tenant.use_fell_at, now) if fall else None))
    return {"fell": fall is not None}
