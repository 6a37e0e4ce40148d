"""A place in a list that is walked by time: "moment~key" of the last row shown. It comes back from outside, so it is
read strictly and grants nothing."""

from datetime import datetime
from typing import Any
from uuid import UUID

from core.base.errors import Refused

Place = tuple[datetime, UUID]


def write_place(at: datetime, key: Any) -> str:
    """The place of a row, as text for an address."""
    return f"{at.isoformat()}~{key}"


def read_place(given: str | None, field: str = "before") -> Place | None:
    """(moment, key), None for nothing; `bad_cursor` for whatever `write_place` could not have made."""
    if not given:
        return None
    try:
        at, key = given.replace(" ", "+").split("~")  # an unescaped + of an address came as a space
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise ValueError
        return moment, UUID(key)
    except ValueError:
        raise Refused("bad_cursor", field=field) from None
