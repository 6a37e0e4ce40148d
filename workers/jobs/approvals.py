"""Jobs of approvals: a request that nobody answered goes on to others."""

from uuid import UUID

from core.approvals import actions
from core.base.context import Context
from workers.job import job
from workers.queues import DEFAULT


@job(actions.ESCALATE, queue=DEFAULT)
def escalate(ctx: Context, *, approval_id: str) -> dict[str, int]:
    """After so many working hours; nothing where it was decided meanwhile."""
    return {"told": actions.escalate(ctx, UUID(str(approval_id)))}
