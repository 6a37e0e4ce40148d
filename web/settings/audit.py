"""Settings, audit: who changed which field from what to what, who signed in, how far the chain that seals it goes; and as a file."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for

from core.audit import queries as audit
from core.audit.models import AuditEntry
from core.audit.words import SIGN_INS, TABLES
from core.base.context import Context
from core.base.rooms import tables_off
from core.base.words import N_
from core.identity import queries as people
from core.identity import sign_in_log
from core.identity.models import SignInEvent
from core.identity.words import WAYS
from core.transfer.audit_out import AuditFilters
from core.transfer.wanted import Wanted
from web.guard import needs
from web.marks import read_mark, write_mark
from web.pages import page
from web.transfer.files import wanted_answer

bp = Blueprint("audit", __name__, url_prefix="/settings/audit")
SHOWN, LONGEST = 50, 200
ACTIONS = {"insert": (N_("Created"), "green"), "update": (N_("Changed"), "blue"), "delete": (N_("Deleted"), "red"), "signed_in": (N_("Signed in"), "green"), "not_signed_in": (N_("Failed"), "amber")}


@bp.get("/")
@needs("audit.read")
def index(ctx: Context):
    """The log by pages, newest first, narrowed by person and kind of record; sign-ins are one of the kinds."""
    who, table = _asked(request.args)
    found = _found(ctx, who, table, read_mark(request.args.get("before")))
    names = people.actor_names(ctx)
    more = url_for("audit.index", person=who, table=table, before=write_mark(found[SHOWN - 1].at, found[SHOWN - 1].id)) if len(found) > SHOWN else ""
    return page(
        "settings/audit.html", block="log", rows=[shown(one, names) for one in found[:SHOWN]], more=more, seal=audit.seal_of(ctx), names=names,
        tables={SIGN_INS: N_("Sign-in")} | {key: text for key, text in TABLES.items() if key not in tables_off(ctx)}, person=who, table=table, actions=ACTIONS,
        first=not request.args.get("before"),
    )


@bp.post("/exports")
@needs("audit.export", fresh=True, file=True)
def create_export(ctx: Context):
    """The log as it is narrowed now, as a file; who took it stands in the record."""
    who, table = _asked(request.form)
    return wanted_answer(ctx, Wanted("audit", audit=AuditFilters(table or "", who)), "audit")


def _found(ctx: Context, who: UUID | None, table: str | None, before: tuple[datetime, UUID] | None) -> list[AuditEntry | SignInEvent]:
    """One more than is shown, of both logs in one order of time."""
    changes = audit.entries(ctx, actor_id=who, table=table, before=before, limit=SHOWN + 1) if table != SIGN_INS else []
    sign_ins = sign_in_log.events(ctx, user_id=who, before=before, limit=SHOWN + 1) if table in (None, SIGN_INS) else []
    return sorted([*changes, *sign_ins], key=lambda one: (one.at, one.id), reverse=True)[: SHOWN + 1]


def shown(entry: AuditEntry | SignInEvent, names: dict[UUID, str]) -> dict[str, Any]:
    """One entry as the page shows it: when, who, on what, and (field, before, after) of each change; of a sign-in how and from
    which network."""
    if isinstance(entry, SignInEvent):
        action = "signed_in" if entry.succeeded else "not_signed_in"
        return {"at": entry.at, "who": names.get(entry.user_id, ""), "table": SIGN_INS, "action": action, "way": WAYS[entry.way], "network": entry.network, "outside": entry.outside}
    changes = entry.changes or {}
    if entry.action == "delete":
        changes = {field: [value, None] for field, value in changes.items() if value not in (None, "", [], {})}
    fields = [(field.replace("_", " "), plain(old), plain(new)) for field, (old, new) in changes.items() if field not in ("version", "updated_at")]
    return {"at": entry.at, "who": names.get(entry.actor_id, ""), "table": entry.table_name, "row": entry.row_id, "action": entry.action, "fields": fields}


def plain(value: Any) -> str:
    """A value of the record as text, not longer than a cell can bear."""
    if value is None:
        return ""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


def _asked(given: Mapping[str, str]) -> tuple[UUID | None, str | None]:
    """(person, kind of record) that narrow it."""
    return _uuid(given.get("person")), (given.get("table") or "")[:60] or None


def _uuid(value: str | None) -> UUID | None:
    try:
        return UUID(value) if value else None
    except ValueError:
        return None

