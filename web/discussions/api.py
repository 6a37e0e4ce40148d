"""Comments for programs: what colleagues say about a record. Comments never leave the workspace."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from core.base.context import Context
from core.base.errors import NotFound, Refused
from core.base.records import find, kinds
from core.base.words import N_
from core.discussions import actions, queries
from core.discussions.models import LONGEST, Comment
from web.api import shell
from web.api.shell import Column

bp = shell.api_blueprint("discussions_api")
bp.room = "discussions"

Words = Annotated[str, Field(max_length=LONGEST)]


class CommentIn(shell.Body):
    """body: plain text; @ and the name (or mail address) of a colleague who sees the record mentions him."""

    record_kind: Annotated[str, Field(max_length=60, json_schema_extra={"enum": list(kinds(discussed=True))})]
    record_id: UUID
    body: Words


class CommentPatch(shell.Body):
    """Another text."""

    body: Words | None = None


class CommentOut(shell.Out):
    """A comment on a record."""

    id: UUID
    version: int
    record_kind: str
    record_id: UUID
    author_id: UUID
    body: str
    edited_at: shell.Moment | None
    created_at: shell.Moment
    updated_at: shell.Moment


COMMENTS = shell.Listing({
    "id": Column(Comment.id), "record_kind": Column(Comment.record_kind, ops=("eq",)), "record_id": Column(Comment.record_id), "author_id": Column(Comment.author_id),
    "created_at": Column(Comment.created_at, sort=True), "updated_at": Column(Comment.updated_at, sort=True),
}, default="-created_at")


@shell.resource_route(bp, "GET", "/comments", "home.read", listing=COMMENTS, answer=CommentOut, summary=N_("List comments"))
def list_comments(ctx: Context, asked):
    return asked.page(ctx, queries.comments(ctx))


@shell.resource_route(bp, "POST", "/comments", "comments.write", body=CommentIn, answer=CommentOut, status=201, summary=N_("Comment on a record"))
def create_comment(ctx: Context, body):
    try:
        record = find(ctx, body.record_kind, body.record_id)
    except NotFound:
        raise Refused("not_found", field="record_id") from None
    return actions.add_comment(ctx, record, body.body)


@shell.resource_route(bp, "GET", "/comments/<uuid:id>", "home.read", answer=CommentOut, summary=N_("Get a comment"))
def get_comment(ctx: Context, id: UUID):
    return queries.one_comment(ctx, id)


@shell.resource_route(bp, "PATCH", "/comments/<uuid:id>", "comments.write", body=CommentPatch, answer=CommentOut, versioned=True, summary=N_("Change one's own comment"))
def change_comment(ctx: Context, id: UUID, version: int, body):
    comment = shell.at_version(ctx, queries.one_comment(ctx, id), version, "comments.write")
    return comment if body.body is None else actions.edit_comment(ctx, comment, body.body)


@shell.resource_route(bp, "DELETE", "/comments/<uuid:id>", "comments.write", status=204, versioned=True, summary=N_("Delete a comment"))
def delete_comment(ctx: Context, id: UUID, version: int):
    comment = queries.one_comment(ctx, id)
    if comment.version != version:
        raise shell.Stale("version_stale", field="If-Match")
    actions.delete_comment(ctx, comment)
