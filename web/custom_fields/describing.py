"""The API's description with a tenant's own fields in it: for whoever shows a token, as far as his user may know them."""

import json
from typing import Any

from flask import Flask, Response, current_app

from core.base.context import Context
from core.base.hiding import CUSTOM
from core.custom_fields.columns import own_columns
from core.custom_fields.fields import ROOMS
from web.api import openapi
from web.api.shell import Operation
from web.custom_fields.answers import parameters_of, schema_of


def document(ctx: Context) -> Response:
    """The description for this user; nobody else may keep it."""
    found = json.loads(openapi.document().get_data())
    for rule, operation in openapi.operations(current_app):
        room = operation.tag
        if room in ROOMS and openapi.path_of(rule) in found["paths"]:  # not of a room that is off
            _fill(ctx, current_app, found, room, openapi.path_of(rule), operation)
    response = Response(current_app.json.dumps(found, sort_keys=False), mimetype="application/json")
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _fill(ctx: Context, app: Flask, found: dict[str, Any], room: str, path: str, operation: Operation) -> None:
    for model in (operation.body, operation.answer):
        if model is not None and CUSTOM in model.model_fields:
            schema = schema_of(ctx, room)
            properties = found["components"]["schemas"][model.__name__]["properties"]
            properties[CUSTOM] = schema if model is operation.answer else {"anyOf": [schema, {"type": "null"}]}
    if operation.listing is not None and operation.listing.own is not None:
        columns = {name: one.column for name, one in own_columns(ctx, ROOMS[room].model).items()}
        parameters = found["paths"][path]["get"]["parameters"]
        parameters += parameters_of(columns, openapi.filter_schema)
        sorts = "|".join(name.replace(".", r"\.") for name, column in columns.items() if column.sort is not False)
        sort = next(one for one in parameters if one["name"] == "sort")
        sort["schema"] = {"type": "string", "description": f"Also by: {sorts}"} if sorts else sort["schema"]
