"""Jobs of files on records: small pictures, made where a picture that eats memory hurts nobody; deleted bytes."""

from uuid import UUID

from core.base.errors import NotFound
from core.files import actions, queries
from core.files.models import Attachment
from infra import pictures
from workers.job import job
from workers.queues import BULK


@job("files.draw", queue=BULK, steps=True)
def draw(door, *, file_id: str) -> dict:
    """The small picture of a file, with no transaction held while it is drawn; none of what can't be decoded."""
    with door() as ctx:
        attachment = ctx.session.get(Attachment, UUID(file_id))
        try:
            path = queries.bytes_of(ctx, attachment.stored_key) if attachment is not None else None
        except NotFound:
            path = None
    picture = pictures.thumbnail(path) if path is not None else None
    if picture is None:
        return {"drawn": False}
    with door() as ctx:
        return {"drawn": actions.keep_thumbnail(ctx, UUID(file_id), picture)}


@job("files.tidy", queue=BULK, always=True)
def tidy(ctx) -> dict:
    """Files that were deleted 90 days ago."""
    return actions.tidy(ctx)
