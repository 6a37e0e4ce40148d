"""A record's history: who changed which field from what to what, and putting one value back."""

from collections.abc import Callable, Mapping
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
from core.custom_fields.fields import fields_of, is_own
from core.identity import queries as people
from core.merging.queries import undoable
from core.parties import queries
from core.parties.origins import OF, ORIGINS
from core.parties.rules import ACCOUNT_FIELDS, CONTACT_FIELDS
from core.parties.words import LABELS
from infra import i18n
from web.custom_fields.saying import label, own_named
from web.custom_fields.saying import said as own_said
from web.editing import shown
from web.filters import country, day, language, number
from web.marks import read_mark, write_mark
from web.pages import page, say, see_other
from web.parties.personal import channel, hours, relief
from web.words import say_refusal

SHOWN = 30
MERGED = ("accounts", "contacts")
IN_WORDS: dict[str, Callable[[Any], str]] = {"preferred_channel": channel, "preferred_hours": hours, "tax_relief": relief}
DAYS = ("birthday", "closes_on", "next_step_on", *(origin.noted_on for origin in ORIGINS.values()))
FIELDS = {"accounts": ACCOUNT_FIELDS, "contacts": CONTACT_FIELDS}
TITLES = {"accounts": N_("Accounts"), "contacts": N_("Contacts")}
# Room -> its labels, and (ctx, field, value) -> the value in words, where they are not those of accounts and contacts.
LABELS_IN: dict[str, Mapping[str, str]] = {}
SAYS_IN: dict[str, Callable[[Context, str, Any], str]] = {}


def history_page(ctx: Context, record: Any):
    """The changes, the newest first."""
    room, mark = record.ROOM, read_mark(request.args.get("before"))
    found = audit.changes_of(ctx, record, before=mark, limit=SHOWN + 1)
    names, last = people.actor_names(ctx), found[SHOWN - 1] if len(found) > SHOWN else None
    older = url_for(f"{room}.history", id=record.id, before=write_mark(last.at, last.id)) if last else ""
    rows = [line for entry in found[:SHOWN] if (line := _line(ctx, record, entry, names))]
    return page("parties/history.html", block="part", record=record, room=room, list_name=TITLES[room], rows=rows, older=older, first=mark is None, merges=undoable(ctx, record) if room in MERGED else [])


def put_value_back(ctx: Context, record: Any, entry_id: UUID, act: Any):
    """One field gets the value again that it had before that change; the change of now is a change like any other."""
    entry, field, room = audit.one_change(ctx, record, entry_id), request.form.get("field", ""), record.ROOM
    changes = _by_field(entry.changes or {}) if entry.action != "delete" else {}  # of a deletion it is the row itself
    if field not in changes or field not in {*FIELDS[room], *(own.name for own in fields_of(ctx, room))}:
        raise Refused("unknown_field", field="field", name=field[:60])
    old, now = changes[field][0], getattr(record, field)
    try:
        with ctx.session.begin_nested():
            act(ctx, record, **{field: _typed(old)} | _known_from(ctx, room, field, changes))
    except Conflict:
        raise
    except Refused as refusal:
        if refusal.status != 422:
            raise
        say(ctx, N_("The value was not put back: %(why)s"), kind="error", why=say_refusal(refusal, ctx.locale))
    else:
        names = people.user_names(ctx) if field == "owner_id" else {}
        words = {"field": label(ctx, room, field, LABELS_IN.get(room, LABELS)), "old": said(ctx, room, field, old, names) or _(ctx, N_("empty")), "now": said(ctx, room, field, now, names)}
        say(ctx, N_("%(field)s is %(old)s again"), **words)
    return see_other(f"{room}.history", id=record.id)


def _known_from(ctx: Context, room: str, field: str, changes: dict[str, Any]) -> dict[str, Any]:
    """In whose words and since when the old value was known; one that somebody entered is entered by whoever puts it back."""
    origin = ORIGINS.get(field) if room == "contacts" else None
    if origin is None or origin.source in protected(ctx, room) or not changes.get(origin.source, [None])[0]:
        return {}
    return {column: _typed(changes[column][0]) for column in origin[:2] if column in changes}


def _line(ctx: Context, record: Any, entry: AuditEntry, names: dict[UUID, str]) -> dict[str, Any] | None:
    """One entry as the page shows it; None where nothing was changed that has a name (a stamp, a key of the search)."""
    changes = _by_field(entry.changes or {}) if entry.action != "delete" else {}  # of a deletion it is the row itself
    what = {"insert": N_("Added"), "delete": N_("Erased")}.get(entry.action)
    if "deleted_at" in changes:
        what = N_("Deleted") if changes["deleted_at"][1] else N_("Brought back")
    owns = {own.name for own in fields_of(ctx, record.ROOM)}
    beyond, editable = protected(ctx, record.ROOM), may(ctx, f"{record.ROOM}.edit", record) and record.deleted_at is None
    fields = [
        {"name": name, "label": label(ctx, record.ROOM, name, LABELS_IN.get(record.ROOM, LABELS)), "old": said(ctx, record.ROOM, name, old, names), "new": said(ctx, record.ROOM, name, new, names), "back": editable and name not in beyond and (name in FIELDS[record.ROOM] or name in owns)}
        for name, (old, new) in changes.items() if (name in FIELDS[record.ROOM] or is_own(name)) and not (name.endswith("_noted_on") and OF.get(name) in changes)
    ] if entry.action == "update" else []
    if not what and not fields:
        return None
    return {"id": entry.id, "at": entry.at, "who": names.get(entry.actor_id, ""), "what": what, "fields": fields}


def _by_field(changes: dict[str, Any]) -> dict[str, Any]:
    """Changes of own values as fields of their own: the audit knows one column."""
    found = {name: both for name, both in changes.items() if name != "custom"}
    old, new = (value if isinstance(value, dict) else {} for value in changes.get("custom", ({}, {})))
    return found | {f"custom.{key}": [old.get(key), new.get(key)] for key in sorted({*old, *new}) if old.get(key) != new.get(key)}


def said(ctx: Context, room: str, name: str, value: Any, names: dict[UUID, str]) -> str:
    """A value as people know it: a name for a key, a date in words."""
    if value in (None, "", []):
        return ""
    if is_own(name):
        own = own_named(ctx, room, name)
        return own_said(ctx, own, value, names or None) if own else shown(value)
    if room in SAYS_IN:
        return SAYS_IN[room](ctx, name, value)
    if name in ("parent_id", "account_id"):
        return queries.account_name(ctx, UUID(str(value))) or _(ctx, N_("An account that you have no access to"))
    if name == "owner_id":
        return names.get(UUID(str(value)), "")
    if name in ("referred_by_id", "contact_id"):
        return queries.contact_name(ctx, UUID(str(value))) or _(ctx, N_("A person that you have no access to"))
    if name in IN_WORDS:
        return IN_WORDS[name](value)
    if name in DAYS:
        return day(value if hasattr(value, "year") else datetime.fromisoformat(value).date())
    if isinstance(value, bool):
        return _(ctx, N_("Yes") if value else N_("No"))
    if name in ("employees", "annual_revenue", "amount", "probability"):
        return number(value)
    return country(value) if name == "country" else language(value) if name == "language" else shown(value)


def _typed(old: Any) -> Any:
    """A kept value as a form would send it."""
    return "" if old is None else str(old) if isinstance(old, int | float) and not isinstance(old, bool) else old



def _(ctx: Context, text: str) -> str:
    return i18n.gettext(ctx.locale, text)
