"""Further mail addresses and numbers in a file's rows: they hang on the record beside its main ones, and go with the undo."""

from typing import Any

from sqlalchemy import ColumnElement, Text, Uuid, and_, any_, case, cast, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from core.base.context import Context
from core.base.hiding import unhidden
from core.base.policy import has
from core.base.words import N_
from core.parties import reach, reach_rules
from core.parties.reach_models import ContactPoint
from core.transfer.models import ImportRow, ImportRun

# Target -> (kind of the value, its label, the record's own field with which it is hidden and protected, what the page calls it).
FURTHER = {
    "mail_2": ("mail", "other", "mail", N_("Mail 2")), "mail_3": ("mail", "other", "mail", N_("Mail 3")),
    "phone_2": ("phone", "other", "phone", N_("Phone 2")), "phone_3": ("phone", "other", "phone", N_("Phone 3")),
}
POINTS, ROWS = ContactPoint.__table__, ImportRow.__table__


def read(target: str, cell: str) -> str:
    """The cell as a form would take it; refuses what is no address or number."""
    return reach_rules.point(FURTHER[target][0], cell)["value"]


def offered(ctx: Context, kind: str, beyond: Any) -> set[str]:
    """The targets that the actor may fill: what hangs on records is added by whoever may edit them."""
    return {target for target, (_, _, field, _) in FURTHER.items() if has(ctx, f"{kind}.edit") and field not in beyond}


def give(ctx: Context, run: ImportRun, first: int, last: int) -> None:
    """Hang the values of these lines on their records; which ones are new is kept in the row."""
    targets = [target for target in FURTHER if target in run.mapping]
    if not targets:
        return
    said = or_(*(ImportRow.values.has_key(target) for target in targets))
    written = and_(ImportRow.run_id == run.id, ImportRow.line.between(first, last), ImportRow.plan.in_(("create", "update")), ImportRow.outcome.is_not(None), ImportRow.record_id.is_not(None), said)
    rows = ctx.session.execute(select(ImportRow.line, ImportRow.record_id, ImportRow.values).where(written).order_by(ImportRow.line)).all()
    values = [
        {"record_id": row.record_id, "kind": FURTHER[target][0], "value": row.values[target], "label": FURTHER[target][1]}
        for row in rows for target in targets if row.values.get(target)
    ]
    added: dict[Any, list[str]] = {}
    for record_id, key in reach.add_many(ctx, run.kind, values):
        added.setdefault(record_id, []).append(str(key))
    for row in rows:
        if row.record_id in added:
            _keep(ctx, run, row.line, added[row.record_id])


def _keep(ctx: Context, run: ImportRun, line: int, keys: list[str]) -> None:
    """A row that changed nothing else has changed this."""
    changed = {
        "further": keys, "outcome": case((ROWS.c.outcome == "skipped", "updated"), else_=ROWS.c.outcome),
        "before": case((ROWS.c.outcome == "skipped", literal({}, JSONB)), else_=ROWS.c.before),
    }
    ctx.session.execute(update(ROWS).where(ROWS.c.run_id == run.id, ROWS.c.line == line).values(**changed))


def ours(run: ImportRun, row: Any, point: Any) -> ColumnElement[bool]:
    """Did that row bring this value?"""
    return and_(row.run_id == run.id, row.further.has_key(cast(point.c.id, Text)))


def take_back(ctx: Context, run: ImportRun, mine: ColumnElement[bool]) -> None:
    """What rows that are undone brought goes, unless somebody changed it since."""
    if not any(target in run.mapping for target in FURTHER):
        return
    undone = select(func.jsonb_array_elements_text(ImportRow.further)).where(mine, ImportRow.outcome == "undone", ImportRow.further.is_not(None))
    keys = list(ctx.session.execute(undone).scalars())
    with unhidden(ctx.session):  # takes away what it brought, whoever may read it
        gone = and_(POINTS.c.id == any_(literal(keys, ARRAY(Uuid(as_uuid=False)))), POINTS.c.version == 1, POINTS.c.deleted_at.is_(None))
        ctx.session.execute(update(POINTS).where(gone).values(deleted_at=ctx.now, updated_at=ctx.now, version=POINTS.c.version + 1))

