"""What programs hear of duplicates: a creation refused where they ask for that, and where a merged record has gone."""

from typing import Annotated, Any
from uuid import UUID

from flask import Response, redirect, url_for
from pydantic import Field

from core.base.context import Context
from core.base.errors import Conflict, NotFound, Refused
from core.merging.queries import survivor_of
from core.parties import queries
from web.api import shell

ON_DUPLICATE = ("create", "refuse")


class CreateParams(shell.Params):
    """on_duplicate=refuse: 409 where a record is likely there already; GET /duplicates says which."""

    on_duplicate: Annotated[str, Field(json_schema_extra={"enum": list(ON_DUPLICATE)}, max_length=20)] = "create"


class Duplicate(Conflict):
    """Likely there already. errors: one for each record."""

    def __init__(self, matches: list[queries.Match]):
        super().__init__("likely_duplicate", name=matches[0].name or "")
        self.errors = [Refused("likely_duplicate_of" if match.id else "likely_duplicate_hidden", field=str(match.id or ""), name=match.name or "") for match in matches]


def refuse_duplicates(ctx: Context, kind: str, body: shell.Body, params: CreateParams) -> None:
    """Where the program asks for it."""
    if params.on_duplicate not in ON_DUPLICATE:
        raise Refused("unknown_value", field="on_duplicate")
    if params.on_duplicate == "create":
        return
    candidate: dict[str, Any] = body.given() | {"type": kind}
    found = queries.likely_duplicates(ctx, candidate)
    if found:
        raise Duplicate(found)


def merged_into(ctx: Context, kind: str, id: UUID) -> Response:
    """308 to what the record became; NotFound where it was not merged. It may be taken back, so nobody keeps the answer."""
    key = survivor_of(ctx, kind, id)
    if key is None:
        raise NotFound()
    answer = redirect(url_for(f"parties_api.get_{kind}", id=key), code=308)
    answer.headers["Cache-Control"] = "no-store"
    return answer
