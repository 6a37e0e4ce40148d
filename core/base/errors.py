"""Refusals: what the middle says no with. Each carries a code and parameters; the doors turn it into words.

The words stand in the room's words.py (see core.base.words) as message ids, so that a job, an API answer
and a page in five languages all speak of the same thing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

Found = TypeVar("Found")


class Refused(Exception):
    """A rule of the business says no. `code` names the rule, `field` the input it is about."""

    status = 422

    def __init__(self, code: str, *, field: str | None = None, **params: Any):
        super().__init__(code)
        self.code, self.field, self.params = code, field, params


class Invalid(Refused):
    """Several values are wrong at once. It speaks as the first of them does; errors: every one as a refusal of its own."""

    def __init__(self, errors: list[Refused]):
        super().__init__(errors[0].code, field=errors[0].field, **errors[0].params)
        self.errors = errors

    def add(self, refusal: Refused) -> None:
        """One more; a field that is named already is not named again."""
        if refusal.field is None or refusal.field not in {one.field for one in self.errors}:
            self.errors.append(refusal)


class Gathered:
    """The refusals of one request, told together when it is settled: whoever repairs them does so once.

    wrong = Gathered()
    with wrong.taking():
        check_this(…)
    with wrong.taking():
        check_that(…)
    wrong.settle()
    """

    def __init__(self) -> None:
        self.errors: list[Refused] = []

    def __bool__(self) -> bool:
        return bool(self.errors)

    @property
    def fields(self) -> set[str | None]:
        """What is wrong already, so that nothing is concluded from it."""
        return {one.field for one in self.errors}

    def add(self, refusal: Refused) -> None:
        """Each field is told once, by what was found first."""
        for one in errors_of(refusal):
            if one.field is None or one.field not in self.fields:
                self.errors.append(one)

    @contextmanager
    def taking(self) -> Iterator[None]:
        """What is refused inside is kept and told later; what is no matter of values (not there, not allowed) goes on at once."""
        try:
            yield
        except Refused as refusal:
            if refusal.status != 422:
                raise
            self.add(refusal)

    def settle(self) -> None:
        """Refuse, if anything was wrong."""
        if len(self.errors) == 1:
            raise self.errors[0]
        if self.errors:
            raise Invalid(self.errors)


def errors_of(refusal: Refused) -> list[Refused]:
    """Every wrong value that a refusal tells of."""
    return refusal.errors if isinstance(refusal, Invalid) else [refusal]


class NotFound(Refused):
    """It is not there, or this actor may not know that it is."""

    status = 404

    def __init__(self, code: str = "not_found", **params: Any):
        super().__init__(code, **params)


def present(found: Found | None) -> Found:
    """What a statement found; NotFound where it found nothing."""
    if found is None:
        raise NotFound()
    return found


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
