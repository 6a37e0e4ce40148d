"""Which records: named by their keys, or all that a list's filter matches; kept as they were chosen."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, any_, func, insert, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from core.base.batches import batches
from core.base.context import Context
from core.base.errors import Refused
from core.base.finding import plan_afresh
from core.base.policy import require
from core.bulk.models import KINDS, BulkEdit, BulkEditRow
from core.views.filtering import Filters

MOST_KEYS, MOST = 10_000, 100_000


def select_records(ctx: Context, kind: str, *, keys: Iterable[UUID] | None = None, filters: Filters | None = None, back: str | None = None) -> BulkEdit:
    """A new run over these records, as far as the actor sees them; nothing is changed yet. A key that names nothing for
    him is counted and left out. Refuses neither or both of keys and filters, none that is there, and too many."""
    require(ctx, "bulk_edits.run")
    if kind not in KINDS:
        raise Refused("unknown_value", field="kind")
    require(ctx, f"{kind}.read")
    if (keys is None) == (filters is None):
        raise Refused("bulk_keys_or_filter", field="ids")
    named = None if keys is None else list(dict.fromkeys(keys))
    if named is not None and len(named) > MOST_KEYS:
        raise Refused("bulk_too_many_keys", field="ids", max=MOST_KEYS)
    run = BulkEdit(kind=kind, owner_id=ctx.actor.id, back=(back or "")[:2000] or None)
    ctx.session.add(run)
    ctx.session.flush()  # the rows below name the run
    room = batches()[kind]
    found = _stage(ctx, run, [*room.where(ctx, filters or Filters()), *([] if named is None else [_among(room.model, named)])])
    if not found:
        raise Refused("bulk_nothing_selected", field="ids")
    if found > MOST:
        raise Refused("bulk_too_many", max=MOST)
    run.counts = {"selected": found} | ({"missing": len(named) - found} if named and len(named) > found else {})
    return run


def _among(model: Any, keys: list[UUID]) -> Any:
    return model.id == any_(literal(keys, ARRAY(Uuid)))


def _stage(ctx: Context, run: BulkEdit, where: list) -> int:
    """The rows in the order of the list; one more than may be is enough to say so."""
    model = batches()[run.kind].model
    plan_afresh(ctx.session)
    few = select(model.id, model.version, model.name_fold).where(*where).limit(MOST + 1).subquery("few")
    number = func.row_number().over(order_by=(few.c.name_fold, few.c.id))
    rows = select(literal(run.id, Uuid()), number, few.c.id, few.c.version)
    staged = insert(BulkEditRow.__table__).from_select(["run_id", "position", "record_id", "seen_version"], rows, include_defaults=False)
    return ctx.session.execute(staged, execution_options={"preserve_rowcount": True}).rowcount
