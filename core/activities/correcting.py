"""Putting right what an entry of the log says. With whom it was, and the next contact, have ways of their own."""

from collections.abc import Mapping
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import select

from core.activities.actions import happened, one_of
from core.activities.models import DIRECTIONS, KINDS, Activity, Participant
from core.activities.participants import several_come
from core.base import editing
from core.base.context import Context
from core.base.errors import Refused
from core.base.facts import record
from core.base.policy import require
from core.base.text import clean
from core.parties import staging

FIELDS: dict[str, editing.Cleaner] = {
    "kind": lambda value, name: one_of(KINDS, value, name), "body": lambda value, name: clean(value, field=name, max_length=20_000, multiline=True) or "",
    "direction": lambda value, name: one_of(DIRECTIONS, value, name) if value else None, "outcome": lambda value, name: clean(value, field=name), "place": lambda value, name: clean(value, field=name),
}


def correct(ctx: Context, activity: Activity, *, version: int | None = None, original: Mapping[str, Any] | None = None, **given: Any) -> Activity:
    """Change the given of kind, body, direction, outcome, place and happened_at (a moment, or words as in `log_activity`). Two people at once are
    merged as in `core.parties.actions.edit_account`. Refuses what `log_activity` refuses, and of several that take part a kind in which one is alone."""
    require(ctx, "activities.edit", activity)
    editing.hold(ctx, activity)
    fields = FIELDS | {"happened_at": lambda value, _: _moment(ctx, activity, value)}
    changes = editing.changes(ctx, activity, editing.cleaned(fields, given), version=version, original=editing.cleaned_as_was(fields, original))
    _check(ctx, activity, changes)
    if changes:
        for name, value in changes.items():
            setattr(activity, name, value)
        record(ctx, "activity.corrected", activity)
        ctx.session.flush()  # when somebody was in touch follows from it
        staging.follow(ctx, activity.account_id)
    return activity


def _moment(ctx: Context, activity: Activity, given: str | datetime | None) -> datetime:
    """As given; a form shows no seconds, so the same minute is the same moment."""
    if not given:
        raise Refused("required", field="happened_at")
    found = happened(ctx, _iso(given), ctx)
    return activity.happened_at if found.replace(second=0, microsecond=0) == activity.happened_at.replace(second=0, microsecond=0) else found


def _iso(given: str | datetime) -> str | datetime:
    """A moment as the page of two changes sends it; other words as they are."""
    try:
        return datetime.fromisoformat(given) if isinstance(given, str) and "T" in given else given
    except ValueError:
        return given


def _check(ctx: Context, activity: Activity, changes: Mapping[str, Any]) -> None:
    after = SimpleNamespace(**{name: changes.get(name, getattr(activity, name)) for name in ("kind", "body", "next_contact_on", "next_contact_kind")})
    if not after.body and after.next_contact_on is None and after.kind in ("note", "message"):
        raise Refused("activity_empty", field="body")
    if several_come(activity) and not several_come(after) and ctx.session.execute(select(Participant.id).where(Participant.activity_id == activity.id).limit(1)).first():
        raise Refused("participant_alone", field="kind")
