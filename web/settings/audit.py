"""Settings, audit: who changed which field from what to what, and how far the chain that seals it goes."""

import json
from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for

from core.audit import queries as audit
from core.audit.models import AuditEntry
from core.base.context import Context
from core.base.rooms import tables_off
from core.base.words import N_
from core.identity import queries as people
from web.guard import needs
from web.marks import read_mark, write_mark
from web.pages import page

bp = Blueprint("audit", __name__, url_prefix="/settings/audit")
SHOWN, LONGEST = 50, 200
# What a table is called for a person; one that is not here shows its own name.
TABLES = {
    "account": N_("Account"), "contact": N_("Contact"), "contact_point": N_("Way to reach"), "postal_address": N_("Postal address"), "affiliation": N_("Role at a further account"), "reach_mark": N_("Mark of an address or number"), "pool_rules": N_("Shared pool"), "personal_fact": N_("Personal fact"), "activity": N_("Contact log"), "comment": N_("Comment"), "record_share": N_("Shared record"), "attachment": N_("File"), "consent_purpose": N_("Purpose"), "lawful_basis": N_("Lawful basis"), "subject_request": N_("Request about personal data"), "retention": N_("How long things are kept"), "mailing": N_("Mailing"), "import_run": N_("Import"), "export_run": N_("Export"), "bulk_edit": N_("Bulk edit"), "merge_run": N_("Merge"),
    "app_user": N_("Person"), "role": N_("Role"), "user_role": N_("Further role"), "team": N_("Teams"), "team_member": N_("Team member"), "absence": N_("Absence"),
    "mail_change": N_("Change of a mail address"), "invitation": N_("Invitation"), "api_token": N_("API token"), "second_step": N_("Second step"), "passkey": N_("Passkey"), "identity_provider": N_("Single sign-on"), "user_identity": N_("Person's single sign-on"), "sign_in_rules": N_("Sign-in rules"), "suppression": N_("Blocked address"),
    "notification_setting": N_("Notifications"), "mail_wish": N_("Wish for fewer mails"), "workspace": N_("Workspace"), "starter_set": N_("Starter set"), "saved_view": N_("Saved view"), "custom_field": N_("Own field"), "tag": N_("Tag"), "tag_change": N_("Change of a tag"),
}
ACTIONS = {"insert": (N_("Created"), "green"), "update": (N_("Changed"), "blue"), "delete": (N_("Deleted"), "red")}


@bp.get("/")
@needs("audit.read")
def index(ctx: Context):
    """The log by pages, newest first, narrowed by person and kind of record."""
    who, table = _uuid(request.args.get("person")), request.args.get("table") or None
    found = audit.entries(ctx, actor_id=who, table=table, before=read_mark(request.args.get("before")), limit=SHOWN + 1)
    names = people.user_names(ctx)
    more = url_for("audit.index", person=who, table=table, before=write_mark(found[SHOWN - 1].at, found[SHOWN - 1].id)) if len(found) > SHOWN else ""
    return page(
        "settings/audit.html", block="log", rows=[shown(one, names) for one in found[:SHOWN]], more=more, seal=audit.seal_of(ctx), names=names,
        tables={key: text for key, text in TABLES.items() if key not in tables_off(ctx)}, person=who, table=table, actions=ACTIONS, first=not request.args.get("before"),
    )


def shown(entry: AuditEntry, names: dict[UUID, str]) -> dict[str, Any]:
    """One entry as the page shows it: when, who, on what, and (field, before, after) of each change."""
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


def _uuid(value: str | None) -> UUID | None:
    try:
        return UUID(value) if value else None
    except ValueError:
        return None

