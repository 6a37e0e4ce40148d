"""Shares of single records for programs."""

from datetime import date
from typing import Annotated
from uuid import UUID

from pydantic import Field

from core.base.context import Context
from core.base.errors import NotFound, Refused
from core.base.records import find, kinds
from core.base.words import N_
from core.identity.models import SHARE_LEVELS, RecordShare
from core.sharing import actions
from web.api import shell
from web.api.shell import Column

bp = shell.api_blueprint("sharing_api")


class ShareIn(shell.Body):
    """One of user_id and team_id. until: the last day on which it holds, null for always."""

    record_kind: Annotated[str, Field(max_length=60, json_schema_extra={"enum": [name for name, kind in kinds(discussed=True).items() if kind.shared]})]
    record_id: UUID
    user_id: UUID | None = None
    team_id: UUID | None = None
    level: Annotated[str, Field(max_length=10, json_schema_extra={"enum": list(SHARE_LEVELS)})] = "read"
    until: date | None = None


class ShareOut(shell.Out):
    """A record that is shared with one person or team."""

    id: UUID
    version: int
    record_kind: str
    record_id: UUID
    user_id: UUID | None
    team_id: UUID | None
    level: str
    until: date | None
    created_by: UUID | None
    created_at: shell.Moment


SHARES = shell.Listing({
    "id": Column(RecordShare.id), "record_kind": Column(RecordShare.record_kind, ops=("eq",)), "record_id": Column(RecordShare.record_id),
    "user_id": Column(RecordShare.user_id), "team_id": Column(RecordShare.team_id), "level": Column(RecordShare.level, choices=SHARE_LEVELS),
    "created_at": Column(RecordShare.created_at, sort=True),
}, default="-created_at")


@shell.resource_route(bp, "GET", "/shares", "shares.manage", listing=SHARES, answer=ShareOut, summary=N_("List shares of records"))
def list_shares(ctx: Context, asked):
    return asked.page(ctx, actions.shares(ctx))


@shell.resource_route(bp, "POST", "/shares", "shares.manage", body=ShareIn, answer=ShareOut, status=201, summary=N_("Share a record with a person or team"))
def create_share(ctx: Context, body):
    try:
        record = find(ctx, body.record_kind, body.record_id)
    except NotFound:
        raise Refused("not_found", field="record_id") from None
    return actions.share(ctx, record, user_id=body.user_id, team_id=body.team_id, level=body.level, until=body.until)


@shell.resource_route(bp, "DELETE", "/shares/<uuid:id>", "shares.manage", status=204, versioned=True, summary=N_("Share a record no longer"))
def end_share(ctx: Context, id: UUID, version: int):
    row = actions.one_share(ctx, id)
    if row.version != version:
        raise shell.Stale("version_stale", field="If-Match")
    actions.end_share(ctx, row)
