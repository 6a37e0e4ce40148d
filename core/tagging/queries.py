"""Tags as records, lists and pickers use them: how they are spelled, their colours, which there are.

Whoever must not know the tags of some room's records is told nothing of the workspace's tags at all.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Text, any_, case, cast, func, literal, literal_column, null, select
from sqlalchemy.dialects.postgresql import ARRAY

from core.base.context import Context
from core.base.errors import Refused
from core.base.field_rights import hidden
from core.base.hiding import unhidden
from core.base.policy import has
from core.tagging.models import TAGGED, Tag


def may_know(ctx: Context) -> bool:
    """Is anything of the workspace's tags for this actor's eyes?"""
    return has(ctx, "tags.read") and not any("tags" in hidden(ctx, room) for room in TAGGED)


def folded(word: str) -> ColumnElement[str]:
    """A word as the database folds it."""
    return folding(literal(word, Text))


def folding(word: Any) -> ColumnElement[str]:
    """The same of a column or any other expression."""
    return func.casefold(func.normalize(word, literal_column("NFKC")), type_=Text)


def spelled(ctx: Context, words: list[str]) -> list[str]:
    """The same words as the workspace spells them, each once; what is new stays as it was typed. The database does the same
    to whatever is written: this is so that what is written, told and shown at once is one."""
    if not words:
        return words
    given = func.unnest(cast(words, ARRAY(Text))).table_valued("word", with_ordinality="place").render_derived()
    query = select(func.coalesce(Tag.name, given.c.word)).select_from(given).outerjoin(
        Tag, (Tag.name_fold == folding(given.c.word)) & ~Tag.leaving,
    ).order_by(given.c.place)
    with unhidden(ctx.session):  # says nothing that was not typed but for its case
        return list(dict.fromkeys(ctx.session.execute(query).scalars()))


def meant(ctx: Context, word: str) -> ColumnElement:
    """[tags] that a filter of a list means by a word, however it is typed: the one of that name; where there is none, those that
    differ from it by accents alone; else the word as it stands."""
    called = select(func.array_agg(Tag.name)).where(Tag.name_fold == folded(word), ~Tag.leaving)
    bare = func.ext.immutable_unaccent(Tag.name_fold, type_=Text) == func.ext.immutable_unaccent(folded(word), type_=Text)
    alike = select(func.array_agg(Tag.name)).where(bare, ~Tag.leaving)
    found = func.coalesce(called.scalar_subquery(), alike.scalar_subquery(), cast([word], ARRAY(Text)), type_=ARRAY(Text))
    if may_know(ctx):
        return found
    with unhidden(ctx.session):  # where the tags of one room are hidden, those of the other's records are found all the same
        return literal(list(ctx.session.execute(select(found)).scalar_one()), ARRAY(Text))


def tagged(ctx: Context, model: Any, word: str | None) -> list[ColumnElement[bool]]:
    """The condition that a record has a tag, as lists take it from their address; none without a word."""
    if not word:
        return []
    if not word.isprintable():
        raise Refused("unknown_value", field="tag")
    return [model.tags.overlap(meant(ctx, word[:200]))]


def as_spelled(ctx: Context, values: dict[str, Any]) -> dict[str, Any]:
    """The same values of a record, with tags as the workspace spells them."""
    return values | {"tags": spelled(ctx, values["tags"])} if values.get("tags") else values


def colours(ctx: Context, words: Iterable[str]) -> dict[str, str]:
    """Word -> colour of those that are not grey; nothing for whoever must not know."""
    wanted = sorted(set(words))
    if not wanted or not may_know(ctx):
        return {}
    query = select(Tag.name, Tag.colour).where(Tag.name == any_(literal(wanted, ARRAY(Text))), Tag.colour != "grey", ~Tag.leaving)
    return {name: colour for name, colour in ctx.session.execute(query)}


def colours_beside(ctx: Context, model: Any) -> ColumnElement:
    """{word: colour} of a record's tags as a column of the statement that loads it; nothing for whoever must not know."""
    if not may_know(ctx):
        return null().label("tag_colours")
    query = select(func.jsonb_object_agg(Tag.name, Tag.colour)).where(Tag.name == any_(model.tags), Tag.colour != "grey", ~Tag.leaving)
    return query.correlate(model).scalar_subquery().label("tag_colours")


def quick(ctx: Context, search: str, *, limit: int = 8) -> list[Select]:
    """(kind, id, name, note, name_fold, rank) of tags, as a part of a search over everything."""
    found = _holding(ctx, search)
    if found is None:
        return []
    rank = case((func.starts_with(Tag.name_fold, folded(search.strip()[:60])), 0), else_=1).label("rank")
    query = found.with_only_columns(literal("tag").label("kind"), Tag.id, Tag.name, Tag.description.label("note"), Tag.name_fold, rank)
    return [query.order_by(rank, Tag.name_fold).limit(limit)]


def _holding(ctx: Context, search: str) -> Select | None:
    """Tags with these letters; None where there is nothing to look for, or for whom."""
    asked = search.strip()[:60]
    if not asked or not asked.isprintable() or not may_know(ctx):
        return None
    return select(Tag).where(func.strpos(Tag.name_fold, folded(asked)) > 0, ~Tag.leaving)


def offered(ctx: Context, search: str = "", *, limit: int = 8) -> list[Row]:
    """(id, name, colour) of tags with these letters, those that begin with them first: for pickers and the palette."""
    found = _holding(ctx, search)
    if found is None:
        return []
    first = func.starts_with(Tag.name_fold, folded(search.strip()[:60]))
    return list(ctx.session.execute(found.with_only_columns(Tag.id, Tag.name, Tag.colour).order_by(~first, Tag.name_fold, Tag.id).limit(limit)))
