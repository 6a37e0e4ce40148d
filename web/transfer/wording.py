"""Words that the pages of imports share: states, kinds, programs."""

from collections.abc import Mapping
from typing import Any

from core.base.context import Context
from core.base.errors import Refused
from core.base.hiding import OWN
from core.base.words import N_
from core.custom_fields.fields import is_own
from core.transfer import kinds, previewing
from core.transfer.fields import Field, fields_of
from core.transfer.headers import origin_of
from core.transfer.models import MOVING, ImportRun
from infra import i18n
from web.bulk.saying import said
from web.transfer.forms import KIND_NAMES
from web.words import say_refusal

STATE_NAMES = {
    "draft": N_("Not checked yet"), "checking": N_("Being checked"), "checked": N_("Checked"), "running": N_("Running"), "done": N_("Done"),
    "failed": N_("Failed"), "cancelled": N_("Stopped"), "undoing": N_("Being taken back"), "undone": N_("Taken back"),
}
STATE_HUES = {"draft": "grey", "checking": "blue", "checked": "blue", "running": "blue", "done": "green", "failed": "red", "cancelled": "amber", "undoing": "blue", "undone": "grey"}
EXPORT_NAMES = {
    "waiting": N_("Waiting"), "running": N_("Being written"), "ready": N_("Ready"), "fetched": N_("Downloaded"), "failed": N_("Failed"),
    "cancelled": N_("Stopped"), "expired": N_("No longer kept"),
}
EXPORT_HUES = {"waiting": "blue", "running": "blue", "ready": "green", "fetched": "grey", "failed": "red", "cancelled": "amber", "expired": "grey"}
LIST_NAMES = {"accounts": N_("Accounts"), "contacts": N_("Contacts"), "deals": N_("Deals"), "leads": N_("Leads"), "quotes": N_("Quotes"), "activities": N_("Contact log"), "recipients": N_("Recipients"), "audit": N_("Audit"), "products": N_("Products"), "price_lines": N_("Prices of price lists")}
# Where the list of rows that are no records of their own stands.
LISTS_OF = {"price_lines": "prices.index"}
ORIGIN_NAMES = {
    "google": "Google Contacts", "outlook": "Outlook", "hubspot": "HubSpot", "pipedrive": "Pipedrive", "salesforce": "Salesforce", "odoo": "Odoo", "thunderbird": "Thunderbird",
}
FORMAT_NAMES = {"workbook": N_("A workbook"), "vcard": N_("A file of business cards (vCard)"), "ldif": N_("An address book (LDIF)"), "rows": N_("Rows that failed in an earlier import")}


def words(ctx: Context) -> dict:
    """Names of states and kinds for the templates, and codes as sentences."""

    def translate(text: str) -> str:
        return i18n.gettext(ctx.locale, text)

    return {
        "state_names": {state: translate(text) for state, text in STATE_NAMES.items()}, "state_hues": STATE_HUES, "moving": MOVING,
        "lists_of": LISTS_OF, "kind_names": {kind: translate(text) for kind, text in KIND_NAMES.items()}, "say_code": lambda code, params: say_code(ctx, code, params),
    }


def say_code(ctx: Context, code: str, params: dict) -> str:
    """A problem of a cell as a sentence."""
    return say_refusal(Refused(code, **params), ctx.locale)


def origin_name(run: ImportRun) -> str | None:
    """The program that the file seems to come from."""
    return ORIGIN_NAMES.get(origin_of(run.header) or "") if run.format in ("csv", "workbook") else None


def said_changes(ctx: Context, run: ImportRun) -> list[dict[str, Any]]:
    """What the first records would change, as a page shows it."""
    fields, changes = fields_of(ctx, run.kind), previewing.changes(ctx, run)
    known, found = _names(ctx, run, [line for one in changes for line in one.lines]), []
    for one in changes:
        lines = [(_called(ctx, fields, name), *(known.get(name, {}).get(str(value)) or said(ctx, run.kind, name, value) for value in (before, after))) for name, before, after in one.lines]
        found.append({"id": one.id, "name": one.name, "line": one.line, "lines": lines})
    return found


def _names(ctx: Context, run: ImportRun, lines: list[tuple[str, Any, Any]]) -> dict[str, Mapping[str, str]]:
    """Field -> value -> how a page shows it, where it is a word or names a record: each field's names are asked for once."""
    room, met = kinds.of(run), dict[str, set[str]]()
    for name, *values in lines:
        if name in room.targets:
            met.setdefault(name, set()).update(str(value) for value in values if value is not None)
    return {name: {word: i18n.gettext(ctx.locale, text) for word, text in room.targets[name].words.items()} or room.names(ctx, name, values) for name, values in met.items()}


def _called(ctx: Context, fields: Mapping[str, Field], name: str) -> str:
    if name in fields and not is_own(name):
        return i18n.gettext(ctx.locale, fields[name].label)
    return fields[name].label if name in fields else name.removeprefix(OWN).replace("_", " ")
