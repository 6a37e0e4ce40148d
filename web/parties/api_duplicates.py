"""What programs hear of duplicates: told with every creation, refused where they ask for that; and where a merged record has gone."""

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


class LikelyOut(shell.Out):
    """A record that may be the same. score: how likely, 0 to 1. Of somebody else's record, which may not be known, it is said that it
    is there, and nothing else."""

    id: UUID | None
    name: str | None
    score: float | None
    reasons: list[str]


LIKELY = "Records that may be the same as the new one, the likeliest first, three at most. GET /duplicates asks beforehand."


def likely_of(ctx: Context, kind: str, body: shell.Body, params: CreateParams) -> list[LikelyOut]:
    """What the new record may be already. Refuses (`likely_duplicate`) where there is any and the program asks for that."""
    if params.on_duplicate not in ON_DUPLICATE:
        raise Refused("unknown_value", field="on_duplicate")
    candidate: dict[str, Any] = body.given() | {"type": kind}
    found = queries.likely_duplicates(ctx, candidate)
    if found and params.on_duplicate == "refuse":
        raise Duplicate(found)
    return [_out(match) for match in found]


def _out(match: queries.Match) -> LikelyOut:
    if match.hidden:
        return LikelyOut(id=None, name=None, score=None, reasons=[])
    return LikelyOut(id=match.id, name=match.name, score=match.score, reasons=list(match.reasons))


def with_likely(record: Any, likely: list[LikelyOut]) -> Any:
    """The new record, to be answered with what it may be already."""
    record.duplicates = likely
    return record


def merged_into(ctx: Context, kind: str, id: UUID) -> Response:
    """308 to what the record became; NotFound where it was not merged. It may be taken back, so nobody keeps the answer."""
    key = survivor_of(ctx, kind, id)
    if key is None:
        raise NotFound()
    answer = redirect(url_for(f"parties_api.get_{kind}", id=key), code=308)
    answer.headers["Cache-Control"] = "no-store"
    return answer
