"""OpenAPI 3.1 out of the declarations: what the description says is what the shell checks."""

import re
from typing import Any

from flask import Flask, Response, current_app, g
from pydantic.json_schema import models_json_schema
from werkzeug.routing import Rule

from core.base.columns import DAYS, MOST_DAYS, SEVERAL
from core.base.conditions import MOST_ALTERNATIVES, MOST_CONDITIONS
from core.base.rooms import switches
from infra.config import settings
from web.api.bodies import JSON_BYTES, JSON_DEPTH
from web.api.listing import LIMIT, MOST, Column, Listing
from web.api.shell import BURST, RATE, Operation

REFERENCE = "#/components/schemas/{model}"
ARGUMENT = re.compile(r"<(?:(\w+):)?(\w+)>")
TYPES = {"uuid": {"type": "string", "format": "uuid"}, "int": {"type": "integer"}}
KINDS = {
    "str": {"type": "string"}, "UUID": {"type": "string", "format": "uuid"}, "bool": {"type": "boolean"}, "int": {"type": "integer"},
    "Decimal": {"type": "string"}, "date": {"type": "string", "format": "date"}, "datetime": {"type": "string", "format": "date-time"},
}
TEXT = {"type": "string"}
PROBLEM = {
    "type": "object",
    "description": "RFC 9457. `code` names the rule, `field` the member it is about, `errors` every member that is wrong.",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": TEXT, "title": TEXT, "detail": TEXT, "status": {"type": "integer"}, "code": TEXT, "field": TEXT,
        "errors": {"type": "array", "items": {"type": "object", "properties": {"field": {"type": ["string", "null"]}, "code": TEXT, "detail": TEXT}}},
    },
    "examples": [{"type": "about:blank", "status": 422, "code": "required", "title": "Fill in this field.", "detail": "Fill in this field.", "field": "name",
                  "errors": [{"field": "name", "code": "required", "detail": "Fill in this field."}]}],
}
MEANINGS = {
    "400": "The request could not be read.", "401": "No token, or one that is not valid any more.", "402": "The workspace is read-only.",
    "403": "The token's user or the token itself may not do this.", "404": "There is no such record, or none that the user may see.",
    "409": "It clashes with what is there, or the Idempotency-Key is in use right now.", "412": "The record was changed meanwhile.",
    "413": "Too large.", "415": "A type of body that is not read here.", "422": "A value is wrong, or a rule of the business says no.",
    "428": "If-Match is missing.", "429": "Too many requests; wait as Retry-After says.", "503": "Busy; try again in a moment.",
}


def operations(app: Flask, away: frozenset[str] = frozenset()) -> list[tuple[Rule, Operation]]:
    """Every declared route with its declaration, by path and method; without those of rooms that are off."""
    found = [(rule, app.view_functions[rule.endpoint].operation) for rule in app.url_map.iter_rules()
             if hasattr(app.view_functions[rule.endpoint], "operation") and not app.is_away(rule.endpoint, away)]
    return sorted(found, key=lambda pair: (pair[0].rule, pair[1].method))


def description(app: Flask, away: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The whole document, as it is where these rooms are off."""
    declared = operations(app, away)
    models = {model for _, operation in declared for model in (operation.body, operation.answer) if model is not None}
    modes = [(model, "validation") for _, operation in declared if (model := operation.body)]
    modes += [(model, "serialization") for _, operation in declared if (model := operation.answer)]
    keys, schemas = models_json_schema(sorted(set(modes), key=lambda pair: (pair[0].__name__, pair[1])), ref_template=REFERENCE)
    assert len({model.__name__ for model in models}) == len(models), "two models of the API share a name"
    paths: dict[str, Any] = {}
    for rule, operation in declared:
        paths.setdefault(path_of(rule), {})[operation.method.lower()] = _operation(rule, operation, keys, away)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Tendero", "version": "1", "description": INTRODUCTION},
        "servers": [{"url": settings().tenant_url("{workspace}").replace("%7B", "{").replace("%7D", "}"),
                     "variables": {"workspace": {"default": "demo", "description": "Your workspace's address"}}}],
        "security": [{"token": []}],
        "tags": [{"name": tag} for tag in sorted({operation.tag for _, operation in declared})],
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {**schemas.get("$defs", {}), "Problem": PROBLEM},
        },
    }


ALTERNATIVES = (
    f"Alternatives carry a number from 1 to {MOST_ALTERNATIVES}: `filter[1][name][contains]=north&filter[1][created_at][past]=30&filter[2][name][starts]=A` is what has "
    f"both of the first or the second. One alternative must hold whole, together with every filter without a number; {MOST_CONDITIONS} conditions at most then."
)
INTRODUCTION = (
    "Send `Authorization: Bearer <token>`; the host names the workspace. Ids are UUIDs, moments RFC 3339 in UTC, amounts text. "
    f"At most {RATE} requests a second for each token, {BURST} in a burst; bodies up to {JSON_BYTES // 1024} KB and {JSON_DEPTH} levels. "
    "A POST may carry an `Idempotency-Key`: for 24 hours the same key gives the same answer and happens once. "
    "A change of a record needs `If-Match` with the version that was read. "
    "Filters of a list must all hold. " + ALTERNATIVES
)


def path_of(rule: Rule) -> str:
    return ARGUMENT.sub(r"{\2}", rule.rule)


def _operation(rule: Rule, operation: Operation, keys: dict, away: frozenset[str]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": rule.endpoint.rsplit(".", 1)[-1], "summary": operation.summary, "tags": [operation.tag],
        "description": (operation.description + (f"\n\n{ALTERNATIVES}" if operation.listing else "") + f"\n\nPermission: `{operation.permission}`").strip(),
        "parameters": [*_path_arguments(rule), *_query(operation, away), *_headers(operation)],
        "responses": _responses(rule, operation, keys),
    }
    if operation.body:
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": keys[(operation.body, "validation")]}}}
    if operation.upload:
        found["requestBody"] = {"required": True, "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in operation.upload}}
    return found


def _path_arguments(rule: Rule) -> list[dict[str, Any]]:
    return [{"name": name, "in": "path", "required": True, "schema": TYPES.get(kind, TEXT)} for kind, name in ARGUMENT.findall(rule.rule)]


def _query(operation: Operation, away: frozenset[str]) -> list[dict[str, Any]]:
    found = []
    if operation.params:
        schema = operation.params.model_json_schema()
        found = [{"name": name, "in": "query", "required": name in schema.get("required", ()), "schema": of} for name, of in schema["properties"].items()]
    if operation.listing:
        found += _of_listing(operation.listing, {kind for name in away for kind in switches()[name].told})
    if operation.answer and not operation.writes:
        own = "custom" in operation.answer.model_fields
        members = "|".join((*operation.answer.model_fields, *([r"custom\.[a-z0-9_]{1,60}"] if own else [])))
        found.append({"name": "fields", "in": "query", "schema": {"type": "string", "pattern": several(members)},
                      "description": "Members of the answer, with commas between" + ("; single own fields as custom.<key>" if own else "")})
    return found


def _of_listing(listing: Listing, away: set[str]) -> list[dict[str, Any]]:
    """The parameters of a list. away: values that a choice does not have here."""
    sorts = sorted({"id", *(name for name, column in listing.columns.items() if column.sort is not False)})
    one = "-?(" + "|".join(sorts) + ")"
    return [
        {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": MOST, "default": LIMIT}},
        {"name": "cursor", "in": "query", "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]+$"}, "description": "`next_cursor` of the page before, with the same sort and filters"},
        {"name": "sort", "in": "query", "schema": {"type": "string", "pattern": f"^{one}(,{one}){{0,2}}$", "default": listing.default}},
        *({"name": f"filter[{name}][{op}]", "in": "query", "schema": filter_schema(column, op, tuple(one for one in column.choices if one not in away))}
          for name, column in listing.columns.items() for op in column.ops),
    ]


IN_LISTS = {
    "UUID": "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "int": "-?[0-9]{1,9}", "Decimal": r"-?[0-9]{1,15}(\.[0-9]{1,4})?", "date": "[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "datetime": "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z",
}


def several(one: str) -> str:
    """The pattern of one or more of these with commas between."""
    return f"^({one})(,({one}))*$"


def filter_schema(column: Column, op: str, choices: tuple[str, ...] | None = None) -> dict[str, Any]:
    choices = column.choices if choices is None else choices
    if op == "null":
        return {"type": "boolean"}
    if op in DAYS:
        return {"type": "integer", "minimum": 0, "maximum": MOST_DAYS, "description": "Days, counted from the token's user's own midnight"}
    if op in ("has", "lacks"):
        return {"type": "string", "minLength": 1, "maxLength": 200}
    if op in SEVERAL:
        return {"type": "string", "minLength": 1, "maxLength": 2000, "description": "Values with commas between"}
    if op == "in":
        one = "|".join(choices) or IN_LISTS.get(column.kind.__name__)
        return {"type": "string", "description": "Values with commas between", **({"pattern": several(one)} if one else {})}
    return {"type": "string", "enum": list(choices)} if choices else KINDS[column.kind.__name__]


def _headers(operation: Operation) -> list[dict[str, Any]]:
    if operation.method == "POST":
        return [{"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "pattern": r"^[\x21-\x7e]{1,255}$"}}]
    if operation.versioned and operation.writes:
        return [{"name": "If-Match", "in": "header", "required": True, "schema": {"type": "string", "pattern": r'^"[0-9]{1,9}"$'}}]
    return []


def _responses(rule: Rule, operation: Operation, keys: dict) -> dict[str, Any]:
    if operation.binary:
        good = {"200": {"description": "The file.", "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}}
    elif operation.answer is None:
        good = {"204": {"description": "Done."}}
    else:
        schema: dict[str, Any] = dict(keys[(operation.answer, "serialization")])
        if not operation.writes:
            # With `fields=` an answer may hold fewer members than the schema demands.
            schema = {"anyOf": [schema, {"type": "object"}]}
        if operation.paged:
            schema = {"type": "object", "required": ["data", "next_cursor"],
                      "properties": {"data": {"type": "array", "items": schema}, "next_cursor": {"type": ["string", "null"]}}}
        content = {"application/json": {"schema": schema}}
        good = {str(operation.status): {"description": "One page." if operation.paged else "The record.", "content": content}}
    codes = ["400", "401", "402", "403", "422", "429", "503"]
    codes += ["404"] if ARGUMENT.search(rule.rule) else []
    codes += ["409", "413"] if operation.writes else []
    codes += ["415"] if operation.body or operation.upload else []
    codes += ["412", "428"] if operation.versioned and operation.writes else []
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return good | {code: {"description": MEANINGS[code], "content": problem} for code in sorted(codes)}


def rooms_off_here() -> frozenset[str]:
    """The rooms that are off on this host; none where no tenant lives."""
    tenant = g.place.tenant
    return frozenset(set(tenant.rooms_off) & switches().keys()) if tenant is not None else frozenset()


def document() -> Response:
    """The description as an answer that may be cached for a while: it is the same for everybody on this host."""
    app, away = current_app, rooms_off_here()
    kept = app.extensions.setdefault("openapi", {})
    if away not in kept:
        kept[away] = app.json.dumps(description(app, away), sort_keys=False)
    response = Response(kept[away], mimetype="application/json")
    response.headers["Cache-Control"] = "no-cache" if g.place.tenant is not None else "public, max-age=300"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response
