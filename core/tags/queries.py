"""Reads about tags: which there are, how many records have them as far as the actor may know, and their changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Text, any_, cast, func, literal, select, union_all
from sqlalchemy.dialects.postgresql import ARRAY

from core.base.context import Context
from core.base.errors import Forbidden, NotFound
from core.base.policy import has, require, visible
from core.deals.models import Deal
from core.leads.models import Lead
from core.parties.models import Account, Contact
from core.products.models import Product
from core.tagging.models import Tag
from core.tagging.queries import may_know
from core.tags.models import MOVING, TagChange

MOST, FEW = 1000, 50
MODELS: dict[str, Any] = {one.ROOM: one for one in (Account, Contact, Deal, Lead, Product)}


@dataclass(frozen=True)
class Used:
    """How many records of each room that the actor sees have a tag; None where he sees none of the room at all."""

    accounts: int | None = None
    contacts: int | None = None
    deals: int | None = None
    leads: int | None = None
    products: int | None = None

    @property
    def total(self) -> int:
        return sum(number for number in vars(self).values() if number)


def known(ctx: Context) -> Select:
    """The tags that the actor may know of. Refuses from whom tags are hidden."""
    require(ctx, "tags.read")
    if not may_know(ctx):
        raise Forbidden(permission="tags.read")
    return visible(ctx, Tag).where(~Tag.leaving)


def tags(ctx: Context, *, limit: int = MOST) -> list[Tag]:
    """All of them by name."""
    return list(ctx.session.execute(known(ctx).order_by(Tag.name_fold, Tag.id).limit(limit)).scalars())


def one(ctx: Context, tag_id: UUID) -> Tag:
    """One of them; NotFound where there is none."""
    tag = ctx.session.execute(known(ctx).where(Tag.id == tag_id)).scalar_one_or_none()
    if tag is None:
        raise NotFound()
    return tag


def used(ctx: Context, names: Sequence[str]) -> dict[str, Used]:
    """Name -> how many records have it, in one statement."""
    rooms = [(room, model) for room, model in MODELS.items() if has(ctx, f"{room}.read")]
    if not rooms or not names or not may_know(ctx):
        return dict.fromkeys(names, Used())
    found: dict[str, dict[str, int]] = {}
    for name, room, number in ctx.session.execute(union_all(*(_counted(ctx, room, model, names) for room, model in rooms))):
        found.setdefault(name, {})[room] = number
    return {name: Used(**({room: 0 for room, _ in rooms} | found.get(name, {}))) for name in names}


def _counted(ctx: Context, room: str, model: Any, names: Sequence[str]) -> Select:
    wanted = literal(list(names), ARRAY(Text))
    narrowed: list[ColumnElement[bool]] = [model.deleted_at.is_(None), *([model.tags.overlap(wanted)] if len(names) <= FEW else [model.tags != cast([], ARRAY(Text))])]
    each = visible(ctx, model).with_only_columns(func.unnest(model.tags).label("name")).where(*narrowed).subquery(room)
    return select(each.c.name, literal(room).label("room"), func.count().label("number")).where(each.c.name == any_(wanted)).group_by(each.c.name)


def changes(ctx: Context, *, limit: int = 10) -> list[TagChange]:
    """The newest changes in records."""
    known(ctx)
    return list(ctx.session.execute(visible(ctx, TagChange).order_by(TagChange.created_at.desc(), TagChange.id.desc()).limit(limit)).scalars())


def one_change(ctx: Context, run_id: UUID) -> TagChange:
    """One of them; NotFound where there is none."""
    known(ctx)
    run = ctx.session.execute(visible(ctx, TagChange).where(TagChange.id == run_id)).scalar_one_or_none()
    if run is None:
        raise NotFound()
    return run


def under_way(ctx: Context) -> TagChange | None:
    """The change that is at work now."""
    return ctx.session.execute(visible(ctx, TagChange).where(TagChange.state.in_(MOVING))).scalar_one_or_none()
