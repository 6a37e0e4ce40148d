"""Who writes reports of his work, who reads those of others, and who says when they are asked for."""

from typing import Any

from core.base.context import Context
from core.base.policy import READ, WRITE, Rule


def is_own(ctx: Context, record: Any) -> bool:
    return record.owner_id == ctx.actor.id


PERMISSIONS = {
    "reports.read": Rule(READ),
    "reports.write": Rule(WRITE, is_own),
    # Of those whose records he sees: as far as his reach goes.
    "reports.read_others": Rule(READ),
    "reports.manage": Rule(WRITE),
}
