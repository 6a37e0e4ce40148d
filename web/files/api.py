"""Files on records for programs: list, upload, download, rename, delete."""

from io import BytesIO
from typing import Annotated
from uuid import UUID

from pydantic import Field

from core.base.context import Context
from core.base.errors import NotFound, Refused
from core.base.records import find, kinds
from core.base.words import N_
from core.files import actions, queries
from core.files.models import LONGEST_NAME, Attachment
from web.api import shell
from web.api.shell import Column
from web.files.handing import as_download

bp = shell.api_blueprint("files_api")
bp.room = "files"


class UploadParams(shell.Params):
    """On which record the file is put, and what it is called. What it is, is told from its content."""

    record_kind: Annotated[str, Field(max_length=60, json_schema_extra={"enum": list(kinds(discussed=True))})]
    record_id: UUID
    name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]


class FilePatch(shell.Body):
    """Another name."""

    name: Annotated[str, Field(max_length=LONGEST_NAME)] | None = None


class FileOut(shell.Out):
    """A file on a record; its bytes are at /files/{id}/content."""

    id: UUID
    version: int
    record_kind: str
    record_id: UUID
    name: str
    size: int
    sha256: str
    mimetype: str
    uploaded_by: UUID | None
    created_at: shell.Moment
    updated_at: shell.Moment


FILES = shell.Listing({
    "id": Column(Attachment.id), "record_kind": Column(Attachment.record_kind, ops=("eq",)), "record_id": Column(Attachment.record_id), "name": Column(Attachment.name),
    "mimetype": Column(Attachment.mimetype, ops=("eq", "in", "starts")), "uploaded_by": Column(Attachment.uploaded_by), "created_at": Column(Attachment.created_at, sort=True),
}, default="-created_at")


@shell.resource_route(bp, "GET", "/files", "home.read", listing=FILES, answer=FileOut, summary=N_("List files on records"))
def list_files(ctx: Context, asked):
    return asked.page(ctx, queries.files(ctx))


@shell.resource_route(
    bp, "POST", "/files", "files.write", upload=("application/octet-stream",), params=UploadParams, answer=FileOut, status=201, summary=N_("Put a file on a record"),
)
def upload_file(ctx: Context, data: bytes, mimetype: str, params):
    try:
        record = find(ctx, params.record_kind, params.record_id)
    except NotFound:
        raise Refused("not_found", field="record_id") from None
    return actions.add_file(ctx, record, source=BytesIO(data), name=params.name)


@shell.resource_route(bp, "GET", "/files/<uuid:id>", "home.read", answer=FileOut, summary=N_("Get what is known of a file"))
def get_file(ctx: Context, id: UUID):
    return queries.one_file(ctx, id)


@shell.resource_route(
    bp, "GET", "/files/<uuid:id>/content", "home.read", binary=True, summary=N_("Download a file"),
    description=N_("The bytes come with this answer, as an attachment. Pages lead to the host of files instead, where nobody is signed in; programs send their token by themselves, so nothing in a file could use it."),
)
def download_file(ctx: Context, id: UUID):
    return as_download(ctx, queries.one_file(ctx, id))


@shell.resource_route(bp, "PATCH", "/files/<uuid:id>", "files.write", body=FilePatch, answer=FileOut, versioned=True, summary=N_("Rename a file"))
def change_file(ctx: Context, id: UUID, version: int, body):
    attachment = shell.at_version(ctx, queries.one_file(ctx, id), version, "files.write")
    return attachment if body.name is None else actions.rename_file(ctx, attachment, body.name)


@shell.resource_route(bp, "DELETE", "/files/<uuid:id>", "files.write", status=204, versioned=True, summary=N_("Delete a file"))
def delete_file(ctx: Context, id: UUID, version: int):
    actions.delete_file(ctx, shell.at_version(ctx, queries.one_file(ctx, id), version, "files.write"))
