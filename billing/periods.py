"""Billing periods: months by an anchor day in the payer's time zone (BILLING case 33)."""

import calendar
from datetime import datetime
from zoneinfo import ZoneInfo

MONTHS = {"month": 1, "year": 12}


def next_end(start: datetime, interval: str, anchor_day: int, timezone: str) -> datetime:
    """When a period that begins at `start` ends: the anchor day of a later month, or its last day where it is shorter.
    The hour is the one on the payer's clock, so that summer time neither shortens nor doubles a day."""
    local = start.astimezone(ZoneInfo(timezone))
    month = local.month - 1 + MONTHS[interval]
    year, month = local.year + month // 12, month % 12 + 1
    day = min(anchor_day, calendar.monthrange(year, month)[1])
    return local.replace(year=year, month=month, day=day).astimezone(start.tzinfo)
