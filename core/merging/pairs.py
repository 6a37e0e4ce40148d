"""Pairs that may be the same, for people to decide on: only those of which both are seen."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Text, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from core.base.context import Context
from core.base.errors import NotFound, Refused
from core.base.field_rights import hidden
from core.base.policy import has, require, sees
from core.merging.choosing import MODELS, room_of
from core.parties.beside_models import DuplicatePair

SHOWN = 50
# Reason -> the fields that it tells of.
LIES_IN = {"mail": ("mail",), "phone": ("phone", "mobile"), "birthday": ("birthday",), "address": ("street",), "website": ("website",), "vat_id": ("vat_id",)}
DECISIONS = ("open", "later", "not_duplicates")


def pairs(ctx: Context, kind: str, *, state: str = "open", limit: int = SHOWN) -> list[Row]:
    """(id, score, reasons, a_id, a_name, b_id, b_name) of the pairs in that state, the surest first; without reasons that lie in a
    field which is hidden from the actor."""
    if not has(ctx, f"{room_of(kind)}.read"):
        return []
    query, a, b = _both(ctx, kind)
    shown = query.with_only_columns(DuplicatePair.id, DuplicatePair.score, _reasons(ctx, kind), DuplicatePair.a_id, a.name.label("a_name"), DuplicatePair.b_id, b.name.label("b_name"))
    return list(ctx.session.execute(shown.where(DuplicatePair.state == state).order_by(DuplicatePair.score.desc(), DuplicatePair.id).limit(limit)))


def _reasons(ctx: Context, kind: str) -> ColumnElement:
    """Whoever searched may have known more. A person's street is that of the account."""
    away, found = hidden(ctx, room_of(kind)) | hidden(ctx, "accounts").intersection(LIES_IN["address"]), DuplicatePair.reasons
    for reason, fields in LIES_IN.items():
        found = func.array_remove(found, reason, type_=ARRAY(Text)) if away.intersection(fields) else found
    return found.label("reasons")


def count(ctx: Context, kind: str, *, state: str = "open") -> int:
    """How many there are; 1,000 at most are counted."""
    if not has(ctx, f"{room_of(kind)}.read"):
        return 0
    query, _, _ = _both(ctx, kind)
    return ctx.session.execute(select(func.count()).select_from(query.with_only_columns(DuplicatePair.id).where(DuplicatePair.state == state).limit(1000).subquery())).scalar_one()


def decide(ctx: Context, pair_id: UUID, decision: str) -> DuplicatePair:
    """Not the same, later, or open again. NotFound where the actor does not see both."""
    require(ctx, "merges.run")
    pair = ctx.session.execute(select(DuplicatePair).where(DuplicatePair.id == pair_id).with_for_update()).scalar_one_or_none()
    if pair is None or not has(ctx, f"{room_of(pair.kind)}.read"):
        raise NotFound()
    query, _, _ = _both(ctx, pair.kind)
    if ctx.session.execute(query.with_only_columns(DuplicatePair.id).where(DuplicatePair.id == pair_id)).first() is None:
        raise NotFound()
    if decision not in DECISIONS:
        raise Refused("unknown_value", field="state")
    pair.state, pair.decided_by, pair.decided_at = decision, ctx.actor.id, ctx.now
    return pair


def _both(ctx: Context, kind: str) -> tuple[Any, Any, Any]:
    """Pairs of which both records are there and seen."""
    a, b = aliased(MODELS[kind]), aliased(MODELS[kind])
    query = select(DuplicatePair).join(a, a.id == DuplicatePair.a_id).join(b, b.id == DuplicatePair.b_id)
    return query.where(DuplicatePair.kind == kind, a.deleted_at.is_(None), b.deleted_at.is_(None), sees(ctx, a), sees(ctx, b)), a, b
