"""Jobs of web forms: what nobody took up goes in the night."""

from core.base.stepping import Door
from core.intake import tidying
from workers.job import job
from workers.queues import BULK


@job("enquiries.tidy", queue=BULK, steps=True, always=True)
def tidy(door: Door) -> dict[str, int]:
    """Enquiries that are held back, wait or were thrown away for too long."""
    return {"deleted": tidying.tidy(door)}
