"""The shell of the REST API: one declaration makes the route, its checks and its lines of the OpenAPI description.

    @resource_route(bp, "POST", "/accounts", "accounts.create", body=AccountIn, answer=AccountOut, status=201, summary=N_("…"))
    def create_account(ctx, body): return actions.create_account(ctx, **body.given())

What comes in has been checked (type, size, depth, shape, version, key), what goes out is a record or an `Out`.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Blueprint, Response, abort, current_app, g, request
from pydantic import BaseModel
from sqlalchemy.orm.exc import StaleDataError

from core.base.context import Context
from core.base.editing import read_anew
from core.base.errors import Conflict, Invalid, Refused, TooMany
from core.base.policy import require
from infra import limits
from infra.crypto import token_hash
from web import guard
from web.api.bodies import mimetype_among, of_right_shape, once, read_json, read_params, take_bytes
from web.api.idempotency import Reply, answer_once, key_of_request
from web.api.listing import Column, Listing, Page, asked_of_request
from web.api.problems import Missing, Stale
from web.api.values import Body, Digits, Line, Moment, Out, Params, Price, Step, Text

__all__ = [
    "Body", "Column", "Digits", "Line", "Listing", "Moment", "Operation", "Out", "Page", "Params", "Price", "Reply", "Step", "Text",
    "api_blueprint", "at_version", "resource_route",
]

PREFIX = "/api/v1"
RATE, BURST = 10, 50
VERSION = re.compile(r'"([0-9]{1,9})"')
OWN = "custom"  # the member of answers that holds the workspace's own fields


@dataclass(frozen=True)
class Operation:
    """One declared route; OpenAPI is drawn from these."""

    method: str
    permission: str
    summary: str
    tag: str
    status: int
    body: type[BaseModel] | None = None
    rest: tuple[type[BaseModel], Callable] | None = None
    upload: tuple[str, ...] = ()
    params: type[BaseModel] | None = None
    listing: Listing | None = None
    answer: type[Out] | None = None
    versioned: bool = False
    paged: bool = False
    binary: bool = False
    description: str = ""

    def __post_init__(self):
        object.__setattr__(self, "paged", self.paged or self.listing is not None)

    @property
    def writes(self) -> bool:
        return self.method not in ("GET", "HEAD")


def api_blueprint(name: str) -> Blueprint:
    """A blueprint under /api/v1 on tenant hosts."""
    return Blueprint(name, "web.api", url_prefix=PREFIX)


def resource_route(bp: Blueprint, method: str, path: str, permission: str, *, summary: str, status: int = 200, **declared: Any) -> Callable:
    """Declare a route. declared: body, rest, upload, params, listing, answer, versioned, paged, binary, description, tag (see
    Operation). rest: where some members have the wrong shape, (the body with every member optional, a function of ctx and of
    that body with the others) that gives what else is wrong, so that one answer names all. paged: the view returns a Page without a listing having made it; binary: it returns a file as a Response.

    The view gets `ctx`, the path's values, and of `body`, `data` and `mimetype` (upload), `params`, `asked`
    (listing), `version` (versioned) what it declared. It returns a record, an `Out`, a Page, or None for 204.
    """
    declared.setdefault("tag", path.strip("/").split("/")[0])
    operation = Operation(method=method, permission=permission, summary=summary, status=status, **declared)

    def declare(view: Callable) -> Callable:
        @guard.token(permission)
        @wraps(view)
        def inside(ctx: Context, **values: Any) -> Response:
            return respond(answer(ctx, operation, view, values))

        @wraps(inside)
        def outside(**values: Any) -> Response:
            check_rate()
            take_bytes(bool(operation.upload))
            try:
                return inside(**values)
            except (StaleDataError, Conflict):
                # Somebody was faster between our look at the version and our write.
                if operation.versioned:
                    raise Stale("version_stale", field="If-Match") from None
                raise

        outside.operation = operation
        bp.add_url_rule(path, endpoint=view.__name__, view_func=outside, methods=[method], provide_automatic_options=False)
        return outside

    return declare


def at_version(ctx: Context, record: Any, version: int, permission: str) -> Any:
    """The record, locked until the commit, if the actor may do that to it (403) and it still stands at the version that
    the client has seen (412)."""
    require(ctx, permission, record)
    read_anew(ctx, record)
    if record.version != version:
        raise Stale("version_stale", field="If-Match")
    return record


def check_rate() -> None:
    """10 a second with a burst of 50 for each token, before the database is asked; the answer's headers tell."""
    token = request.headers.get("Authorization", "").partition(" ")[2].strip()
    if not token:
        abort(401)
    verdict = limits.take("api", f"{g.place.tenant.id if g.place.tenant else '-'}:{token_hash(token).hex()[:32]}", rate=RATE, burst=BURST)
    g.rate = verdict
    if not verdict.allowed:
        raise TooMany(retry_after=verdict.retry_after)


def answer(ctx: Context, operation: Operation, view: Callable, values: dict[str, Any]) -> Reply | Response:
    """Check the request against the declaration, call the view, once for each Idempotency-Key."""
    arguments = {**values, **read(ctx, operation)}

    def act() -> Reply:
        found = view(ctx, **arguments)
        ctx.session.flush()  # the answer names keys and versions that the database gives
        return shape(operation, found)

    key = key_of_request() if operation.method == "POST" and not operation.binary else None  # a file is not kept to be sent again
    return answer_once(ctx, key, act) if key else act()


def read(ctx: Context, operation: Operation) -> dict[str, Any]:
    """The arguments that the declaration asks for, out of the request."""
    found: dict[str, Any] = {}
    if operation.listing:
        found["asked"] = asked_of_request(ctx, operation.listing)
    elsewhere = (*(("filter", "limit", "cursor", "sort") if operation.listing else ()), *(("fields",) if operation.answer and not operation.writes else ()))
    params = read_params(operation.params or Params, elsewhere)
    if operation.params:
        found["params"] = params
    if operation.body:
        found["body"] = _body(ctx, operation)
    if operation.upload:
        found |= {"mimetype": mimetype_among(operation.upload), "data": request.get_data(cache=True)}
    if operation.versioned and operation.writes:
        found["version"] = version_of_request()
    return found


def _body(ctx: Context, operation: Operation) -> BaseModel:
    try:
        return read_json(operation.body)
    except Invalid as refusal:
        if operation.rest is None:
            raise
        model, look = operation.rest
        for one in look(ctx, of_right_shape(model, refusal)):
            refusal.add(one)
        raise


def version_of_request() -> int:
    """The version of If-Match: "<version>"; 428 without one, and for a tag that no version of ours can be."""
    match = VERSION.fullmatch(request.headers.get("If-Match", "").strip())
    if not match:
        raise Missing("version_missing", field="If-Match")
    return int(match[1])


def shape(operation: Operation, found: Any) -> Reply | Response:
    """What the view gave as status, body and headers; `fields=` picks members. binary: a file goes out as it is."""
    if isinstance(found, Reply | Response):
        return found
    if found is None or operation.answer is None:
        return Reply(204, None)
    chosen = chosen_fields(operation)
    if "ctx" in g:
        operation.answer.look_beside(g.ctx, found.data if isinstance(found, Page) else [found], chosen)
    if isinstance(found, Page):
        return Reply(operation.status, {"data": [dump(operation.answer, row, chosen) for row in found.data], "next_cursor": found.next_cursor})
    whole = dump(operation.answer, found, None)
    headers = {"ETag": f'"{whole["version"]}"'} if "version" in whole else {}
    if operation.status == 201 and "id" in whole:
        headers["Location"] = f"{request.path}/{whole['id']}"
    return Reply(operation.status, _picked(whole, chosen), headers)


def dump(model: type[Out], record: Any, chosen: set[str] | None) -> dict[str, Any]:
    value = record if isinstance(record, model) else model.of(record)
    members = None if chosen is None else {name.partition(".")[0] for name in chosen}
    return _picked(value.model_dump(mode="json", include=members, exclude=_away(model, record)), chosen)


def _picked(whole: dict[str, Any], chosen: set[str] | None) -> dict[str, Any]:
    """The chosen members; of the workspace's own fields those that are named ("custom.size"), or all ("custom"). Refuses one that
    is none, or none that the token's user may know."""
    if chosen is None:
        return whole
    found = {name: value for name, value in whole.items() if name in chosen}
    keys = sorted(name.partition(".")[2] for name in chosen if "." in name)
    if not keys or OWN in chosen:
        return found
    unknown = next((key for key in keys if key not in whole.get(OWN, {})), None)
    if unknown is not None:
        raise Refused("unknown_field", field="fields", name=f"{OWN}.{unknown}"[:60])
    return found | {OWN: {key: whole[OWN][key] for key in keys}}


def _away(model: type[Out], record: Any) -> set[str] | None:
    """The members that the token's user must not know: they are left out of the answer."""
    ctx = g.get("ctx")
    return model.away(ctx, record) or None if ctx is not None else None


def chosen_fields(operation: Operation) -> set[str] | None:
    """The members named by `fields=`, own fields as "custom.size"; None for all. Unknown names are refused."""
    if operation.writes or "fields" not in request.args:
        return None
    names = set(once()["fields"].split(","))
    own = {name for name in names if name.startswith(f"{OWN}.")} if OWN in operation.answer.model_fields else set()
    unknown = sorted(names - own - set(operation.answer.model_fields))
    if unknown:
        raise Refused("unknown_field", field="fields", name=unknown[0][:60])
    return names


def respond(reply: Reply | Response) -> Response:
    """The answer written out."""
    if isinstance(reply, Response):
        return reply
    text = "" if reply.body is None else current_app.json.dumps(reply.body, ensure_ascii=False, separators=(",", ":"))
    response = Response(text, status=reply.status, mimetype="application/json")
    if reply.body is None:
        del response.headers["Content-Type"]
    response.headers.update(reply.headers)
    return response


def tell_rate(response: Response) -> Response:
    """How much of the rate is left, on every answer of the API that was counted."""
    verdict = g.get("rate")
    if verdict is not None:
        response.headers["RateLimit-Limit"] = str(verdict.limit)
        response.headers["RateLimit-Remaining"] = str(verdict.remaining)
        response.headers["RateLimit-Reset"] = str(max(1, round((verdict.limit - verdict.remaining) / RATE)))
    return response
