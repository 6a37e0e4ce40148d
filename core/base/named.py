"""What texts of a file name: records among those that the actor sees, many at once and the surest way alone."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Text, Uuid, cast, column, func, literal, null, union_all
from sqlalchemy.dialects.postgresql import ARRAY

from core.base.context import Context
from core.base.field_rights import hidden
from core.base.policy import has, visible

# Text -> key of each record that it names -> the key of another record that was asked for with it.
Named = dict[str, dict[str, str | None]]
# A field by which a record is known, and how a text says it.
Way = tuple[str, Callable[[Any], ColumnElement[bool]]]


def folded(value: Any) -> ColumnElement[str]:
    """As the database folds names (core.base.finding.FOLDED)."""
    return func.lower(func.ext.immutable_unaccent(value))


def usual(model: Any) -> list[Way]:
    """By number elsewhere, mail address, name."""
    return [("external_id", lambda text: model.external_id == text), ("mail", lambda text: model.mail_norm == func.lower(text)), ("name", lambda text: model.name_fold == folded(text))]


def named(ctx: Context, model: Any, texts: Collection[str], ways: Sequence[Way], at: Any = None) -> Named:
    """The records that each text names, by the first of these ways that finds any; by none that is hidden from the actor. at: a column that is
    told with them."""
    if not texts or not has(ctx, f"{model.ROOM}.read"):
        return {}
    given = func.unnest(literal(sorted(texts), ARRAY(Text))).table_valued(column("text", Text), name="given").render_derived()
    alive, beside = visible(ctx, model).where(model.deleted_at.is_(None)), cast(null() if at is None else at, Uuid()).label("at")
    parts = [
        alive.with_only_columns(given.c.text, literal(rank).label("rank"), model.id.label("id"), beside).join(given, same(given.c.text))
        for rank, (field, same) in enumerate(ways) if field not in hidden(ctx, model.ROOM)
    ]
    found: dict[str, tuple[int, dict[str, str | None]]] = {}
    for text, rank, key, other in ctx.session.execute(union_all(*parts)) if parts else ():
        best, keys = found.get(text, (rank, {}))
        if rank < best:
            best, keys = rank, {}
        if rank == best:
            keys[str(key)] = str(other) if other else None
        found[text] = (best, keys)
    return {text: keys for text, (_, keys) in found.items()}
