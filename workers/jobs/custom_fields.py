"""Own fields in the background: values erased for good."""

from uuid import UUID

from core.custom_fields import erasing
from workers.job import job
from workers.queues import BULK


@job("custom_fields.erase", queue=BULK, steps=True)
def erase(door, *, field_id: str) -> dict:
    """Take the values of a field out of every record."""
    return {"erased": erasing.erase(door, UUID(field_id))}
