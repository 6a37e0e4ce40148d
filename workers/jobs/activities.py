"""Reminders of next contacts."""

from uuid import UUID

from core.activities import actions
from workers.job import job


@job("activities.remind")
def remind(ctx, *, activity_id: str) -> None:
    """Write the reminder's letter where the contact is still to be made; the letter is delivered by its own order."""
    actions.remind(ctx, UUID(activity_id))
