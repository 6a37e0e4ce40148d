"""Reading a request: bytes first and bounded, then JSON of bounded depth, then the declared shape."""

import json
from typing import Any

from flask import request
from pydantic import BaseModel, TypeAdapter, ValidationError
from werkzeug.exceptions import RequestEntityTooLarge

from core.base.errors import Invalid
from web.api.problems import BadRequest, TooLarge, WrongType, invalid

JSON_BYTES = 1024 * 1024
UPLOAD_BYTES = 25 * 1024 * 1024
JSON_DEPTH = 20


def take_bytes(upload: bool) -> bytes:
    """The whole body, read before a transaction is opened: a slow sender holds no connection."""
    request.max_content_length = most = UPLOAD_BYTES if upload else JSON_BYTES
    try:
        raw = request.get_data(cache=True)
    except RequestEntityTooLarge:
        raw = None
    # A chunked body is cut off silently at the limit (Werkzeug 3.1): half a file must not pass for a whole one.
    if raw is None or (request.content_length is None and len(raw) >= most):
        raise TooLarge("too_large_request", max=f"{most // 1024 // 1024} MB")
    return raw


def mimetype_among(types: tuple[str, ...]) -> str:
    """The body's media type; refused where the route does not read it."""
    if request.mimetype not in types or request.content_encoding not in (None, "", "identity"):
        raise WrongType("unsupported_type", types=", ".join(types))
    return request.mimetype


def read_json(model: type[BaseModel]) -> BaseModel:
    """The body as `model`. Refused: another type, broken or too deep JSON, members given twice, what the model refuses."""
    mimetype_among(("application/json",))
    raw = request.get_data(cache=True)
    check_json(raw)
    try:
        return TypeAdapter(model).validate_json(raw)
    except ValidationError as error:
        raise invalid(error) from None


def of_right_shape(model: type[BaseModel], refusal: Invalid) -> BaseModel:
    """The body without the members that were refused; `model` has every member optional."""
    wrong, body = {str(one.field).partition(".")[0] for one in refusal.errors}, json.loads(request.get_data(cache=True))
    kept = {name: value for name, value in body.items() if name not in wrong} if isinstance(body, dict) else {}
    try:
        return TypeAdapter(model).validate_json(json.dumps(kept))
    except ValidationError:  # refused as a whole: no member can be told apart
        return TypeAdapter(model).validate_python({})


def check_json(raw: bytes) -> None:
    """Refuse what is not plain JSON (RFC 8259, I-JSON): bad UTF-8, NaN, twice-named members, lone surrogates, NUL."""
    try:
        value = json.loads(raw.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant)
    except RecursionError:
        raise BadRequest("json_too_deep", max=JSON_DEPTH) from None
    except (ValueError, UnicodeDecodeError):
        raise BadRequest("bad_json") from None
    _check_depth(value)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member twice")
    return found


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _check_depth(value: Any) -> None:
    """Walks level by level, without recursion; also meets every text."""
    level = [value]
    for _ in range(JSON_DEPTH + 1):
        for text in level:
            if isinstance(text, str):
                check_text(text)
        boxes = [item for item in level if isinstance(item, dict | list)]
        if not boxes:
            return
        level = [inner for box in boxes for inner in ((*box.keys(), *box.values()) if isinstance(box, dict) else box)]
        # Below the last level allowed there may be values, yet no further box.
    raise BadRequest("json_too_deep", max=JSON_DEPTH)


def check_text(value: str, *, field: str | None = None) -> str:
    """Refuse text that PostgreSQL cannot store: NUL, and halves of surrogate pairs."""
    if "\x00" in value or any("\ud800" <= sign <= "\udfff" for sign in value):
        raise BadRequest("control_character", field=field)
    return value


def read_params(model: type[BaseModel], elsewhere: tuple[str, ...] = ()) -> BaseModel:
    """The query parameters as `model`, without those that others read: names, or the part before a bracket."""
    try:
        return model.model_validate({name: value for name, value in once().items() if name.partition("[")[0] not in elsewhere})
    except ValidationError as error:
        raise invalid(error) from None


def once() -> dict[str, str]:
    """The query parameters; refused where one is given twice."""
    for name, values in request.args.lists():
        if len(values) > 1:
            raise BadRequest("given_twice", field=name[:100])
    return {name: check_text(value, field=check_text(name)) for name, value in request.args.items()}
