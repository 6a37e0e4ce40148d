"""With what a successor begins at an account, as a pure rule."""

from datetime import date, datetime
from typing import Any

SILENT = 30


def first_thing(today: date, next_on: date | None, next_note: str | None, last: datetime | None, deals: int, quotes: int) -> tuple[str, dict[str, Any]]:
    """(code, params): what is late comes before what is due, that before open business, that before a word of introduction."""
    if next_on is not None and next_on < today:
        return "first_overdue", {"day": next_on, "what": next_note or ""}
    if next_on is not None:
        return "first_due", {"day": next_on, "what": next_note or ""}
    if quotes:
        return "first_quotes", {"number": quotes}
    if deals:
        return "first_deals", {"number": deals}
    if last is None:
        return "first_never", {}
    return ("first_silent" if (today - last.date()).days >= SILENT else "first_hello"), {"days": (today - last.date()).days}
