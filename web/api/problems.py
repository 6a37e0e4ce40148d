"""What the API refuses by itself, and pydantic's complaints in our codes."""

from typing import Any

from pydantic import ValidationError

from core.base.errors import Invalid, Refused

# pydantic's error type, or its beginning -> our code.
CODES = {
    "missing": "required", "extra_forbidden": "unknown_field", "string_too_long": "too_long", "string_too_short": "required",
    "string_type": "not_text", "string": "bad_value", "uuid": "not_an_id", "int": "not_a_number", "float": "not_a_number", "decimal": "not_a_number",
    "bool": "not_true_or_false", "date_": "not_a_date", "datetime": "not_a_time", "timezone": "not_a_time", "time": "not_a_time",
    "enum": "unknown_value", "literal_error": "unknown_value", "list_type": "not_a_list", "set_type": "not_a_list", "tuple_type": "not_a_list",
    "model": "not_an_object", "dict": "not_an_object", "too_long": "too_many_items", "greater_than": "out_of_range",
    "less_than": "out_of_range", "finite_number": "out_of_range", "json": "bad_json",
}


class BadRequest(Refused):
    """The request itself can't be read."""

    status = 400


class TooLarge(Refused):
    """More bytes than are taken."""

    status = 413


class WrongType(Refused):
    """A content type that this address does not read."""

    status = 415


class Missing(Refused):
    """The request must say which version it changes."""

    status = 428


class Stale(Refused):
    """The version named by If-Match is not the record's any more."""

    status = 412


class InFlight(Refused):
    """The same Idempotency-Key is being worked on."""

    status = 409


def invalid(error: ValidationError) -> Invalid:
    """pydantic's complaints as one refusal; what was sent is not repeated."""
    return Invalid([_one(found) for found in error.errors(include_url=False, include_context=True, include_input=False)][:50])


def _one(found: dict[str, Any]) -> Refused:
    field = ".".join(str(part) for part in found["loc"]) or None
    kind, limits = found["type"], found.get("ctx") or {}
    code = code_of(kind)
    params = {"unknown_field": {"name": str(found["loc"][-1])[:60] if found["loc"] else ""}, "too_long": {"max": limits.get("max_length")}}
    return Refused(code, field=field, **(params.get(code) or ({"max": limits.get("max_length")} if code == "too_many_items" else {})))


def code_of(kind: str) -> str:
    """Our code for a type of pydantic's errors; the longest beginning that is listed."""
    for length in range(len(kind), 2, -1):
        if kind[:length] in CODES:
            return CODES[kind[:length]]
    return "bad_value"
