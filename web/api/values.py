"""The shapes of the API's values: what a body may hold, what an answer holds (DECISIONS 2)."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer, StringConstraints, WithJsonSchema

from core.base.context import Context
from core.base.errors import Refused
from core.base.field_rights import hidden
from core.base.policy import room_of

Line = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Text = Annotated[str, StringConstraints(max_length=20_000)]


def _rfc3339(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


# A moment as RFC 3339 in UTC.
Moment = Annotated[datetime, PlainSerializer(_rfc3339, return_type=str), WithJsonSchema({"type": "string", "format": "date-time"})]


class Body(BaseModel):
    """What a client sends. JSON types are taken as they are (no "1" for 1), unknown members are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, str_strip_whitespace=True, hide_input_in_errors=True)

    def given(self) -> dict[str, Any]:
        """The members that were sent, as keyword arguments: an absent member stays unchanged, null empties."""
        return {name: getattr(self, name) for name in type(self).model_fields if name in self.model_fields_set}

    def all(self) -> dict[str, Any]:
        """Every member, with defaults for those that were not sent."""
        return {name: getattr(self, name) for name in type(self).model_fields}


class Step(Body):
    """by: one place up or down (it must be given); at the end nothing moves."""

    by: Literal["up", "down"] | None = None

    def places(self) -> int:
        """As the use cases count it."""
        if self.by is None:
            raise Refused("required", field="by")
        return -1 if self.by == "up" else 1


class Params(BaseModel):
    """Query parameters of a route, beyond those of lists."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class Out(BaseModel):
    """What a client gets, read from the attributes of a record."""

    model_config = ConfigDict(from_attributes=True, extra="ignore", hide_input_in_errors=True)

    @classmethod
    def of(cls, record: Any) -> "Out":
        """The value for one record; a model whose members are not simply attributes says here how they come about."""
        return cls.model_validate(record)

    @classmethod
    def look_beside(cls, ctx: Context, records: Sequence[Any], chosen: set[str] | None) -> None:
        """Read for all records of an answer at once what is no attribute of theirs; chosen: of the members those that are asked for."""

    @classmethod
    def away(cls, ctx: Context, record: Any) -> set[str]:
        """The members that the token's user must not know: they are left out."""
        return set(hidden(ctx, room_of(record)))


AMOUNT = re.compile(r"-?[0-9]{1,13}(\.[0-9]{1,4})?")


def _digits(value: Any) -> Decimal:
    """Digits as text: a float would round, an exponent could blow up."""
    if isinstance(value, Decimal):
        return value
    if not isinstance(value, str) or not AMOUNT.fullmatch(value):
        raise ValueError("not an amount")
    return Decimal(value)


# A number of zero or more as text, at most four decimals.
Digits = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,12}(\.[0-9]{1,4})?$")]


class Price(BaseModel):
    """An amount of money with its currency."""

    model_config = ConfigDict(extra="forbid", from_attributes=True, hide_input_in_errors=True)
    amount: Annotated[Decimal, BeforeValidator(_digits), PlainSerializer(str, return_type=str), WithJsonSchema({"type": "string", "pattern": f"^{AMOUNT.pattern}$"})]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
