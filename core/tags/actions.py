"""Use cases about a single tag: make it, give it a colour and a description, rename, merge, delete.

What changes records is begun here and done by `running`, few at once and more in the background.
"""

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from core.base import editing
from core.base.context import Context
from core.base.errors import Refused
from core.base.facts import record
from core.base.text import clean, clean_needed
from core.tagging.models import COLOURS, Tag
from core.tagging.queries import folded
from core.tagging.rules import LONGEST_TAG
from core.tags.beside import rename_beside
from core.tags.models import TagChange
from core.tags.rights import check_manages
from core.tags.running import begin


def create_tag(ctx: Context, *, name: str | None, colour: str = "grey", description: str | None = None) -> Tag:
    """A tag that no record has yet. Refuses a name that is there, whatever its case."""
    check_manages(ctx)
    tag = Tag(colour=_colour(colour), description=_description(description))
    _save_name(ctx, tag, _name(name))
    record(ctx, "tag.created", tag, name=tag.name)
    return tag


def edit_tag(ctx: Context, tag: Tag, *, version: int | None = None, **given: Any) -> TagChange | None:
    """Change colour, description and name; the name in every record, which is a change of its own (returned). Refuses a name
    that another tag has."""
    check_manages(ctx)
    _hold(ctx, tag, version)
    if "colour" in given:
        tag.colour = _colour(given["colour"])
    if "description" in given:
        tag.description = _description(given["description"])
    record(ctx, "tag.edited", tag, name=tag.name)
    name = _name(given["name"]) if "name" in given else tag.name
    return _rename(ctx, tag, name) if name != tag.name else None


def merge_tag(ctx: Context, tag: Tag, into_id: UUID) -> TagChange:
    """Every record with `tag` gets the other one instead; `tag` goes."""
    check_manages(ctx)
    into = ctx.session.execute(select(Tag).where(Tag.id == into_id, ~Tag.leaving)).scalar_one_or_none()
    if into is None:
        raise Refused("tag_unknown", field="into_id")
    if into.id == tag.id:
        raise Refused("tag_same", field="into_id")
    _hold(ctx, tag, None)
    tag.leaving, tag.becomes_id = True, into.id
    kept = {"colour": tag.colour, "description": tag.description, **rename_beside(ctx, tag.name, into.name)}
    return begin(ctx, TagChange(kind="merge", actor_id=ctx.actor.id, tag_name=tag.name, into_name=into.name, kept=kept))


def delete_tag(ctx: Context, tag: Tag) -> TagChange:
    """Out of every record."""
    check_manages(ctx)
    _hold(ctx, tag, None)
    tag.leaving, tag.becomes_id = True, None
    kept = {"colour": tag.colour, "description": tag.description}
    return begin(ctx, TagChange(kind="delete", actor_id=ctx.actor.id, tag_name=tag.name, kept=kept))


def _rename(ctx: Context, tag: Tag, name: str) -> TagChange:
    """The row keeps its key and takes the new name; until the records have it, whoever writes the old one gets the new."""
    old, same = tag.name, ctx.session.execute(select(folded(tag.name) == folded(name))).scalar_one()
    _save_name(ctx, tag, name)
    if not same:
        ctx.session.add(Tag(name=old, leaving=True, becomes_id=tag.id, colour=tag.colour, description=tag.description))
    kept = {"colour": tag.colour, "description": tag.description, **rename_beside(ctx, old, name)}
    return begin(ctx, TagChange(kind="rename", actor_id=ctx.actor.id, tag_name=old, into_name=name, kept=kept))


def _save_name(ctx: Context, tag: Tag, name: str) -> None:
    """The database says whether the name is free: two who choose it at once meet there."""
    try:
        with ctx.session.begin_nested():
            tag.name = name
            ctx.session.add(tag)
            ctx.session.flush()  # within the savepoint, so that the refusal leaves the rest as it was
    except IntegrityError as error:
        if "uq_tag_name_fold" not in str(error.orig):
            raise
        there = ctx.session.execute(select(Tag.leaving).where(Tag.name_fold == folded(name))).scalar_one_or_none()
        raise Refused("tag_leaving" if there else "tag_exists", field="name") from None


def _hold(ctx: Context, tag: Tag, version: int | None) -> None:
    editing.hold(ctx, tag)
    if tag.leaving:
        raise Refused("tags_busy")
    editing.settle({}, {}, stands=tag.version, version=version, original=None)


def _name(given: str | None) -> str:
    name = clean_needed(given, field="name", max_length=LONGEST_TAG)
    if "," in name or ";" in name:
        raise Refused("tag_no_comma", field="name")
    return name


def _colour(given: str | None) -> str:
    if given not in COLOURS:
        raise Refused("unknown_value", field="colour")
    return given


def _description(given: str | None) -> str | None:
    return clean(given, field="description", max_length=300, multiline=True)
