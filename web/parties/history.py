"""A record's history: who changed which field from what to what, and putting one value back."""

from datetime import datetime
from typing import Any
from uuid import UUID

from flask import request, url_for

from core.audit import queries as audit
from core.audit.models import AuditEntry
from core.base.context import Context
from core.base.errors import Conflict, Refused
from core.base.field_rights import protected
from core.base.policy import may
from core.base.words import N_
from core.identity import queries as people
from core.merging.queries import undoable
from core.parties import queries
from core.parties.rules import ACCOUNT_FIELDS, CONTACT_FIELDS
from core.parties.words import LABELS
from infra import i18n
from web.editing import shown
from web.filters import country, day, language, number
from web.marks import read_mark, write_mark
from web.pages import page, say, see_other
from web.parties.personal import channel, hours
from web.words import say_refusal

SHOWN = 30
FIELDS = {"accounts": ACCOUNT_FIELDS, "contacts": CONTACT_FIELDS}


def history_page(ctx: Context, record: Any):
    """The changes, the newest first."""
    room, mark = record.ROOM, read_mark(request.args.get("before"))
    found = audit.changes_of(ctx, record, before=mark, limit=SHOWN + 1)
    names, last = people.user_names(ctx), found[SHOWN - 1] if len(found) > SHOWN else None
    older = url_for(f"{room}.history", id=record.id, before=write_mark(last.at, last.id)) if last else ""
    rows = [line for entry in found[:SHOWN] if (line := _line(ctx, record, entry, names))]
    return page("parties/history.html", block="part", record=record, room=room, rows=rows, older=older, first=mark is None, merges=undoable(ctx, record))


def put_value_back(ctx: Context, record: Any, entry_id: UUID, act: Any):
    """One field gets the value again that it had before that change; the change of now is a change like any other."""
    entry, field, room = audit.one_change(ctx, record, entry_id), request.form.get("field", ""), record.ROOM
    if field not in FIELDS[room] or field not in (entry.changes or {}):
        raise Refused("unknown_field", field="field", name=field[:60])
    old, now = entry.changes[field][0], getattr(record, field)
    try:
        with ctx.session.begin_nested():
            act(ctx, record, **{field: _typed(old)})
    except Conflict:
        raise
    except Refused as refusal:
        if refusal.status != 422:
            raise
        say(ctx, N_("The value was not put back: %(why)s"), kind="error", why=say_refusal(refusal, ctx.locale))
    else:
        names = people.user_names(ctx) if field == "owner_id" else {}
        said = {"field": _(ctx, LABELS[field]), "old": _said(ctx, field, old, names) or _(ctx, N_("empty")), "now": _said(ctx, field, now, names)}
        say(ctx, N_("%(field)s is %(old)s again"), **said)
    return see_other(f"{room}.history", id=record.id)


def _line(ctx: Context, record: Any, entry: AuditEntry, names: dict[UUID, str]) -> dict[str, Any] | None:
    """One entry as the page shows it; None where nothing was changed that has a name (a stamp, a key of the search)."""
    changes = entry.changes or {}
    what = {"insert": N_("Added"), "delete": N_("Erased")}.get(entry.action)
    if "deleted_at" in changes:
        what = N_("Deleted") if changes["deleted_at"][1] else N_("Brought back")
    beyond, editable = protected(ctx, record.ROOM), may(ctx, f"{record.ROOM}.edit", record) and record.deleted_at is None
    fields = [
        {"name": name, "label": _(ctx, LABELS[name]), "old": _said(ctx, name, old, names), "new": _said(ctx, name, new, names), "back": editable and name not in beyond}
        for name, (old, new) in changes.items() if name in FIELDS[record.ROOM]
    ] if entry.action == "update" else []
    if not what and not fields:
        return None
    return {"id": entry.id, "at": entry.at, "who": names.get(entry.actor_id, ""), "what": what, "fields": fields}


def _said(ctx: Context, name: str, value: Any, names: dict[UUID, str]) -> str:
    """A value as people know it: a name for a key, a date in words."""
    if value in (None, "", []):
        return ""
    if name in ("parent_id", "account_id"):
        return queries.account_name(ctx, UUID(str(value))) or _(ctx, N_("An account that you have no access to"))
    if name == "owner_id":
        return names.get(UUID(str(value)), "")
    if name == "referred_by_id":
        return queries.contact_name(ctx, UUID(str(value))) or _(ctx, N_("A person that you have no access to"))
    if name in ("preferred_channel", "preferred_hours"):
        return (channel if name == "preferred_channel" else hours)(value)
    if name == "birthday":
        return day(value if hasattr(value, "year") else datetime.fromisoformat(value).date())
    if isinstance(value, bool):
        return _(ctx, N_("Yes") if value else N_("No"))
    if name in ("employees", "annual_revenue"):
        return number(value)
    return country(value) if name == "country" else language(value) if name == "language" else shown(value)


def _typed(old: Any) -> Any:
    """A kept value as a form would send it."""
    return "" if old is None else str(old) if isinstance(old, int | float) and not isinstance(old, bool) else old



def _(ctx: Context, text: str) -> str:
    return i18n.gettext(ctx.locale, text)
