"""Refusals: what the middle says no with. Each carries a code and parameters; the doors turn it into words.

The words stand in the room's words.py (see core.base.words) as message ids, so that a job, an API answer
and a page in five languages all speak of the same thing.
"""

from typing import Any


class Refused(Exception):
    """A rule of the business says no. `code` names the rule, `field` the input it is about."""

    status = 422

    def __init__(self, code: str, *, field: str | None = None, **params: Any):
        super().__init__(code)
        self.code, self.field, self.params = code, field, params


class NotFound(Refused):
    """It is not there, or this actor may not know that it is."""

    status = 404

    def __init__(self, code: str = "not_found", **params: Any):
        super().__init__(code, **params)


class Gone(Refused):
    """It was there, for a time that is over."""

    status = 410


class Forbidden(Refused):
    """The actor sees the thing but may not do this to it."""

    status = 403

    def __init__(self, code: str = "forbidden", **params: Any):
        super().__init__(code, **params)


class Conflict(Refused):
    """Somebody else changed the same fields meanwhile. `fields`: name -> (mine, theirs, original)."""

    status = 409

    def __init__(self, code: str = "conflict", *, fields: dict[str, tuple[Any, Any, Any]] | None = None, **params: Any):
        super().__init__(code, **params)
        self.fields = fields or {}


class ReadOnly(Refused):
    """The subscription does not allow changes now (BILLING 4.2)."""

    status = 402

    def __init__(self, code: str = "billing_read_only", **params: Any):
        super().__init__(code, **params)


class TooMany(Refused):
    """Too often in too short a time; `retry_after` in seconds."""

    status = 429

    def __init__(self, code: str = "too_many", *, retry_after: int = 60, **params: Any):
        super().__init__(code, retry_after=retry_after, **params)
        self.retry_after = retry_after
