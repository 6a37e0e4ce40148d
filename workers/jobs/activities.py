"""Reminders of next contacts, and of promises."""

from uuid import UUID

from core.activities import promises, reminding
from workers.job import job


@job("activities.remind")
def remind(ctx, *, activity_id: str) -> None:
    """Write the reminder's letter where the contact is still to be made; the letter is delivered by its own order."""
    reminding.remind(ctx, UUID(activity_id))


@job("activities.promise_soon")
def promise_soon(ctx, *, activity_id: str) -> None:
    """Remind of a promise the day before."""
    promises.remind_soon(ctx, UUID(activity_id))


@job("activities.promise_broken")
def promise_broken(ctx, *, activity_id: str) -> None:
    """The day of a promise is over: was it kept?"""
    promises.report_broken(ctx, UUID(activity_id))


@job("activities.follow_zone")
def follow_zone(ctx, *, user_id: str) -> None:
    """Somebody lives by another clock now: his reminders follow him."""
    reminding.follow_zone(ctx, UUID(user_id))
