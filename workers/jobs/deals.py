"""The forecast of each day is kept."""

from core.deals import snapshots
from workers.job import job


@job("deals.keep_forecast")
def keep_forecast(ctx) -> dict:
    """Once for each of the workspace's days; a second run on the same day changes nothing."""
    return {"kept": snapshots.keep_day(ctx)}
