"""Tags for programs: list, make, change, merge, delete, and the changes in all records that come of it."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from core.base import policy
from core.base.context import Context
from core.base.errors import Refused
from core.base.words import N_
from core.tagging.models import COLOURS, Tag
from core.tags import actions, breaking, queries, undoing
from core.tags.models import KINDS, STATES, TagChange
from web.api import shell
from web.api.shell import Column

bp = shell.api_blueprint("tags_api")
Name = Annotated[str, Field(max_length=200)]


class TagIn(shell.Body):
    """A tag that no record has yet."""

    name: Name
    colour: Literal[COLOURS] = "grey"
    description: shell.Text | None = None


class TagPatch(shell.Body):
    """Another name goes into every record: see change_id of the answer."""

    name: Name | None = None
    colour: Literal[COLOURS] | None = None
    description: shell.Text | None = None


class TagMergeIn(shell.Body):
    """Every record with this tag gets that one instead."""

    into_id: UUID | None = None


class TagOut(shell.Out):
    """accounts, contacts, deals, leads, products: how many that you see have it; null where you see none of that kind. change_id: the change in records that this request began."""

    id: UUID
    version: int
    name: str
    colour: str
    description: str | None
    accounts: int | None
    contacts: int | None
    deals: int | None
    leads: int | None
    products: int | None
    change_id: UUID | None
    created_at: shell.Moment
    updated_at: shell.Moment


class TagChangeOut(shell.Out):
    """A tag renamed, merged or deleted in all records. finished_at + 30 days is the end of undo."""

    id: UUID
    version: int
    kind: str
    state: str
    tag_name: str
    into_name: str | None
    rows_todo: int
    rows_done: int
    changed: int
    undone: int
    failure: dict[str, Any] | None
    created_at: shell.Moment
    finished_at: shell.Moment | None


TAGS = shell.Listing({
    "id": Column(Tag.id), "name": Column(Tag.name, sort=True), "colour": Column(Tag.colour, choices=COLOURS), "created_at": Column(Tag.created_at, sort=True),
}, default="name")
CHANGES = shell.Listing({
    "id": Column(TagChange.id), "kind": Column(TagChange.kind, choices=KINDS), "state": Column(TagChange.state, choices=STATES), "created_at": Column(TagChange.created_at, sort=True),
}, default="-created_at")


@shell.resource_route(bp, "GET", "/tags", "tags.read", listing=TAGS, answer=TagOut, summary=N_("List tags with how often they are used"))
def list_tags(ctx: Context, asked):
    found = asked.page(ctx, queries.known(ctx))
    used = queries.used(ctx, [tag.name for tag in found.data])
    return shell.Page([_out(tag, used[tag.name]) for tag in found.data], found.next_cursor)


@shell.resource_route(bp, "POST", "/tags", "tags.manage", body=TagIn, answer=TagOut, status=201, summary=N_("Make a tag"))
def create_tag(ctx: Context, body):
    tag = actions.create_tag(ctx, **body.given())
    ctx.session.flush()
    return _told(ctx, tag)


@shell.resource_route(bp, "GET", "/tags/<uuid:id>", "tags.read", answer=TagOut, versioned=True, summary=N_("Look at a tag"))
def get_tag(ctx: Context, id: UUID):
    return _told(ctx, queries.one(ctx, id))


@shell.resource_route(bp, "PATCH", "/tags/<uuid:id>", "tags.manage", body=TagPatch, answer=TagOut, versioned=True, summary=N_("Change a tag, its name in all records"))
def update_tag(ctx: Context, id: UUID, body, version: int):
    tag = shell.at_version(ctx, queries.one(ctx, id), version, "tags.manage")
    given = body.given()
    missing = next((name for name in ("name", "colour") if name in given and given[name] is None), None)
    if missing:
        raise Refused("required", field=missing)
    run = actions.edit_tag(ctx, tag, **given)
    ctx.session.flush()
    return _told(ctx, tag, run)


@shell.resource_route(bp, "DELETE", "/tags/<uuid:id>", "tags.manage", answer=TagChangeOut, status=202, versioned=True, summary=N_("Take a tag out of all records"))
def delete_tag(ctx: Context, id: UUID, version: int):
    return actions.delete_tag(ctx, shell.at_version(ctx, queries.one(ctx, id), version, "tags.manage"))


@shell.resource_route(bp, "POST", "/tags/<uuid:id>/merge", "tags.manage", body=TagMergeIn, answer=TagChangeOut, status=202, summary=N_("Merge a tag into another in all records"))
def merge_tag(ctx: Context, id: UUID, body):
    tag = queries.one(ctx, id)
    if body.into_id is None:
        raise Refused("required", field="into_id")
    return actions.merge_tag(ctx, tag, body.into_id)


@shell.resource_route(bp, "GET", "/tag-changes", "tags.read", listing=CHANGES, answer=TagChangeOut, summary=N_("List changes of tags in all records"))
def list_tag_changes(ctx: Context, asked):
    queries.known(ctx)
    return asked.page(ctx, policy.visible(ctx, TagChange))


@shell.resource_route(bp, "GET", "/tag-changes/<uuid:id>", "tags.read", answer=TagChangeOut, summary=N_("Look at a change of a tag"))
def get_tag_change(ctx: Context, id: UUID):
    return queries.one_change(ctx, id)


@shell.resource_route(bp, "POST", "/tag-changes/<uuid:id>/undo", "tags.manage", answer=TagChangeOut, status=202, summary=N_("Take a change of a tag back"))
def create_tag_change_undo(ctx: Context, id: UUID):
    return undoing.start_undo(ctx, queries.one_change(ctx, id))


@shell.resource_route(bp, "POST", "/tag-changes/<uuid:id>/resumption", "tags.manage", answer=TagChangeOut, status=202, summary=N_("Go on with a change of a tag that broke off"))
def create_tag_change_resumption(ctx: Context, id: UUID):
    return breaking.go_on(ctx, queries.one_change(ctx, id))


def _told(ctx: Context, tag: Tag, run: TagChange | None = None) -> TagOut:
    return _out(tag, queries.used(ctx, [tag.name])[tag.name], run)


def _out(tag: Tag, used: queries.Used, run: TagChange | None = None) -> TagOut:
    return TagOut(
        **{name: getattr(tag, name) for name in ("id", "version", "name", "colour", "description", "created_at", "updated_at")},
        **vars(used), change_id=run.id if run else None,
    )
