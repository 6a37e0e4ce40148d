"""Use cases of date reminders: make, change, delete, bring back."""

from typing import Any
from uuid import UUID

from core.base import editing
from core.base.context import Context
from core.base.errors import NotFound, Refused
from core.base.facts import record
from core.base.policy import require
from core.date_reminders import queries
from core.date_reminders.models import ROOMS, DateReminder
from core.date_reminders.rules import days_before
from core.date_reminders.telling import begin
from core.identity import queries as people
from core.parties.rules import key, tick


def _line(value: Any, field: str) -> str:
    return str(value or "")


FIELDS = {"field": _line, "days_before": days_before, "yearly": tick, "to_owner": tick, "to_followers": tick, "role_id": key, "user_id": key}
USUAL = {"days_before": "7, 0", "yearly": True, "to_owner": True, "to_followers": False, "role_id": None, "user_id": None}


def create_reminder(ctx: Context, *, room: str, **given: Any) -> DateReminder:
    """A new one, followed from the next morning on. Refuses what is no date field of that room, or hidden from the actor, days
    that are none, and one that tells nobody."""
    require(ctx, "date_reminders.manage")
    if room not in ROOMS:
        raise Refused("unknown_value", field="room")
    values = editing.cleaned(FIELDS, {"field": None} | USUAL | given)
    _check(ctx, room, values)
    begin(ctx)
    made = DateReminder(room=room, **values)
    ctx.session.add(made)
    record(ctx, "date_reminder.created", made, field=made.field)
    return made


def edit_reminder(ctx: Context, reminder: DateReminder, *, version: int | None = None, **given: Any) -> DateReminder:
    """Change the given parts; its room stays."""
    require(ctx, "date_reminders.manage", reminder)
    changes = editing.changes(ctx, reminder, editing.cleaned(FIELDS, given), version=version, original=None)
    _check(ctx, reminder.room, {name: changes.get(name, getattr(reminder, name)) for name in FIELDS}, changes.keys())
    for name, value in changes.items():
        setattr(reminder, name, value)
    if changes:
        record(ctx, "date_reminder.edited", reminder, fields=sorted(changes))
    ctx.session.flush()  # the answer shows the new version
    return reminder


def delete_reminder(ctx: Context, reminder: DateReminder) -> None:
    """Nobody is told any more; it can be brought back."""
    require(ctx, "date_reminders.manage", reminder)
    reminder.deleted_at = ctx.now
    record(ctx, "date_reminder.deleted", reminder, field=reminder.field)


def restore_reminder(ctx: Context, reminder: DateReminder) -> None:
    """Bring it back."""
    require(ctx, "date_reminders.manage", reminder)
    begin(ctx)
    reminder.deleted_at = None
    record(ctx, "date_reminder.restored", reminder, field=reminder.field)


def _check(ctx: Context, room: str, values: dict[str, Any], changed: Any = FIELDS) -> None:
    """Somebody is told, of a date; role and person are there. What stays as it was is not asked again."""
    if "field" in changed and values["field"] not in queries.date_fields(ctx, room):
        raise Refused("date_reminder_field", field="field")
    if not (values["to_owner"] or values["to_followers"] or values["role_id"] or values["user_id"]):
        raise Refused("date_reminder_nobody", field="to_owner")
    if "role_id" in changed and values["role_id"] and values["role_id"] not in {one.id for one in people.roles(ctx)}:
        raise Refused("unknown_value", field="role_id")
    if "user_id" in changed and values["user_id"] and not _works_here(ctx, values["user_id"]):
        raise Refused("owner_unknown", field="user_id")


def _works_here(ctx: Context, user_id: UUID) -> bool:
    try:
        return people.one_user(ctx, user_id).state == "active"
    except NotFound:
        return False
