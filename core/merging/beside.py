"""Mails and phones of the losers that the survivor has not: they become further ones of his, and go again with the undo."""

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import and_, update

from core.base.context import Context
from core.base.errors import Refused
from core.base.hiding import unhidden
from core.base.sets import among
from core.merging.choosing import room_of
from core.merging.models import Merge
from core.parties import reach, reach_rules
from core.parties.reach_access import kinds_shown
from core.parties.reach_models import ContactPoint

# Field of a record -> (kind of the further value, its label).
FIELDS = {"mail": ("mail", "work"), "phone": ("phone", "work"), "mobile": ("phone", "mobile")}
KEPT = "further"
POINTS = ContactPoint.__table__


def keep(ctx: Context, run: Merge, records: Sequence[Any]) -> None:
    """Nothing that somebody could be reached by is out of sight; which values were new is kept for the undo."""
    new = reach.add_many(ctx, room_of(run.kind), list(_values(ctx, run, records)))
    if new:
        run.losers = {**(run.losers or {}), KEPT: [str(key) for _, key in new]}


def _values(ctx: Context, run: Merge, records: Sequence[Any]) -> Iterator[dict[str, Any]]:
    known = kinds_shown(ctx, room_of(run.kind))
    said = [(field, run.fields[field][0]) for field in FIELDS if field in run.fields]  # what the survivor had before
    said += [(field, getattr(loser, field, None)) for loser in records[1:] for field in FIELDS]
    for field, value in said:
        kind, label = FIELDS[field]
        if value and kind in known and _fits(kind, value):
            yield {"record_id": run.survivor_id, "kind": kind, "value": value, "label": label}


def _fits(kind: str, value: str) -> bool:
    """An import may have left what no form would take."""
    try:
        return bool(reach_rules.point(kind, value))
    except Refused:
        return False


def take_back(ctx: Context, run: Merge) -> None:
    """They go again, but for those that somebody changed since."""
    keys = run.losers.get(KEPT)
    if keys:
        mine = and_(among(POINTS.c.id, [UUID(key) for key in keys]), POINTS.c.version == 1, POINTS.c.deleted_at.is_(None))
        with unhidden(ctx.session):  # takes away what it brought, whoever may read it
            ctx.session.execute(update(POINTS).where(mine).values(deleted_at=ctx.now, updated_at=ctx.now, version=POINTS.c.version + 1))
