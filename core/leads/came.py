"""Leads as they came. What was written later, by whoever works on a lead, would tell a model how it ended: it is taken back by what the
database kept of every change. Somebody who came again within his first day counts as that."""

from typing import Any

from sqlalchemy import ARRAY, Text, any_, case, cast, column, func, literal, select
from sqlalchemy.dialects.postgresql import INTERVAL, JSONB
from sqlalchemy.orm import aliased
from sqlalchemy.sql.util import ClauseAdapter

from core.audit.models import AuditEntry
from core.base.sets import words_of
from core.leads.models import Lead

# What stands there at once, in the transaction or the minute in which it came, is how it came.
AT_ONCE, FIRST_DAY = "1 minute", "1 day"
GROWING = ("touches", "last_touch")
KEPT = ("id", "created_at", "created_by", "updated_at", "version", "deleted_at", "name_fold", "sought", "custom_find", "converted_at")
ERASED = "***"


def as_they_came(*conditions: Any) -> Any:
    """A subquery with every column of the leads under these conditions, as each was when the lead came; `ended`: the state that it has now."""
    back = _back(*conditions)
    columns = [_was(back, one) if one.key not in KEPT else one for one in Lead.__table__.columns]
    return select(*columns, Lead.state.label("ended")).select_from(Lead.__table__.join(back, back.c.row_id == Lead.id, isouter=True)).where(*conditions).subquery("came")


def told_by(came: Any, expression: Any) -> Any:
    """What an expression on leads comes to on leads as they came."""
    return ClauseAdapter(came, adapt_on_names=True).traverse(expression)


def _back(*conditions: Any) -> Any:
    """(row_id, was): of each lead that was changed later, the first old value of each column."""
    lead = aliased(Lead)
    chosen = select(Lead.id).where(*conditions)
    change = func.jsonb_each(AuditEntry.changes).table_valued(column("key", Text), column("value", JSONB)).render_derived("change").lateral()
    names = [one.key for one in Lead.__table__.columns if one.key not in KEPT]
    late = case((change.c.key.in_(GROWING), cast(literal(FIRST_DAY, Text), INTERVAL)), else_=cast(literal(AT_ONCE, Text), INTERVAL))
    query = select(AuditEntry.row_id, change.c.key, change.c.value.op("->")(0).label("was")).distinct(AuditEntry.row_id, change.c.key)
    query = query.select_from(AuditEntry).join(lead, lead.id == AuditEntry.row_id).join(change, literal(True))
    query = query.where(AuditEntry.row_id.in_(chosen), AuditEntry.table_name == "lead", AuditEntry.action == "update", change.c.key == any_(literal(names, ARRAY(Text))), AuditEntry.at > lead.created_at + late)
    first = query.order_by(AuditEntry.row_id, change.c.key, AuditEntry.at, AuditEntry.id).subquery("first_change")
    return select(first.c.row_id, func.jsonb_object_agg(first.c.key, first.c.was).label("was")).group_by(first.c.row_id).subquery("back")


def _was(back: Any, one: Any) -> Any:
    """A column as it was: its first old value where it was changed later. A value that was erased is none."""
    name = literal(one.key, Text)
    text = func.nullif(back.c.was.op("->>")(name), ERASED)
    kept = cast(back.c.was.op("->")(name), JSONB)
    old = kept if isinstance(one.type, JSONB) else words_of(kept) if isinstance(one.type, ARRAY) else cast(text, one.type)
    return case((back.c.was.op("?")(name), old), else_=one).label(one.key)
