"""Jobs of web forms: what nobody took up goes in the night."""

from core.base.context import Context
from core.intake import tidying
from workers.job import job
from workers.queues import BULK


@job("enquiries.tidy", queue=BULK, always=True)
def tidy(ctx: Context) -> dict[str, int]:
    """Enquiries that are held back, wait or were thrown away for too long."""
    return {"deleted": tidying.tidy(ctx)}
