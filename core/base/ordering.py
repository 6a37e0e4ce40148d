"""Things that people put into an order of their own: each keeps its place as a number."""

from collections.abc import Sequence
from typing import Any

from core.base.errors import NotFound


def one_step(ordered: Sequence[Any], record: Any, by: int, *, among: str | None = None) -> bool:
    """Change places with the one before (by < 0) or behind; False at the end, NotFound where it is gone. among: only past one that has the same in this attribute."""
    rows = list(ordered)
    at = next((place for place, one in enumerate(rows) if one.id == record.id), None)
    if at is None:
        raise NotFound()
    to = at + (1 if by > 0 else -1)
    if not 0 <= to < len(rows) or (among and getattr(rows[to], among) != getattr(rows[at], among)):
        return False
    rows[at], rows[to] = rows[to], rows[at]
    put_in_order(rows)
    return True


def put_in_order(rows: Sequence[Any]) -> None:
    """Each at the place where it stands."""
    for place, one in enumerate(rows):
        one.position = place
