"""Where a list that goes by time stands: "the moment~the key" of the last row shown, in the address of the next page."""

from datetime import datetime
from uuid import UUID


def write_mark(at: datetime, key: UUID) -> str:
    return f"{at.isoformat()}~{key}"


def read_mark(value: str | None) -> tuple[datetime, UUID] | None:
    """(moment, key) of the last row shown; a made-up one begins from the front."""
    at, _, key = (value or "").partition("~")
    try:
        moment = datetime.fromisoformat(at)
        return (moment, UUID(key)) if moment.tzinfo else None
    except ValueError:
        return None
