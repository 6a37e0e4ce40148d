"""Merges in words: the fields that differ, what hangs on the records, states."""

from collections.abc import Sequence
from typing import Any

from core.base.context import Context
from core.base.errors import Refused
from core.base.facts import plain
from core.base.words import N_
from core.custom_fields.fields import fields_of
from core.merging import choosing, queries
from core.merging.models import MOVING, Merge
from core.merging.undoing import can_be_undone
from core.parties.words import LABELS
from infra import i18n
from web.bulk.saying import said
from web.custom_fields.saying import said as own_said
from web.words import say_refusal

STATES = {"running": N_("Running"), "done": N_("Done"), "failed": N_("Broke off"), "undoing": N_("Being taken back"), "undone": N_("Taken back")}
HUES = {"running": "blue", "done": "green", "failed": "red", "undoing": "blue", "undone": "grey"}
KINDS = {"account": N_("Accounts"), "contact": N_("Contacts")}
# Table of a child -> what people call its rows.
CHILDREN = {
    "activity": N_("Contact log"), "comment": N_("Comments"), "attachment": N_("Files"), "notification": N_("Notifications"), "follower": N_("Followers"),
    "mailing_recipient": N_("Mailings"), "contact_point": N_("Ways to reach"), "postal_address": N_("Postal address"), "affiliation": N_("Role at a further account"), "personal_fact": N_("Personal facts"),
    "record_share": N_("Shared record"), "stage_change": N_("Stage"), "contact": N_("Contacts"), "account": N_("Accounts below"),
}
OTHER = N_("Other entries")
WHY = {
    "mail": N_("same mail address"), "phone": N_("same phone number"), "name": N_("same name"), "similar_name": N_("similar name"), "birthday": N_("same birthday"),
    "address": N_("same street"), "website": N_("same website"), "vat_id": N_("same VAT or tax number"),
}


def words(ctx: Context) -> dict[str, Any]:
    """What the templates show in words."""
    return {
        "state_names": {name: _(ctx, text) for name, text in STATES.items()}, "state_hues": HUES, "kind_names": {name: _(ctx, text) for name, text in KINDS.items()},
        "moving": MOVING, "why": {name: _(ctx, text) for name, text in WHY.items()}, "undoable": lambda run: can_be_undone(ctx, run),
        "say_failure": lambda failure: say_refusal(Refused(failure["code"], **failure.get("params", {})), ctx.locale),
    }


def differing(ctx: Context, kind: str, records: Sequence[Any]) -> list[dict[str, Any]]:
    """Each field in which the records differ: its values, each with whose it is and whether it would stay if nobody chose."""
    found = []
    for name in queries.differing(ctx, kind, records):
        together = name in choosing.TOGETHER
        options = [] if not together else [{"value": choosing.ALL, "text": _(ctx, N_("Keep all")), "of": "", "on": True}]
        seen: set[str] = set()
        for record in records:
            value = plain(getattr(record, name))
            if value in (None, "", []) and name != "owner_id" or repr(value) in seen:
                continue
            seen.add(repr(value))
            options.append({"value": str(record.id), "text": said(ctx, choosing.room_of(kind), name, value), "of": "" if name == "name" else record.name, "on": False})
        if len(seen) > 1 or together:
            if not together:
                options[0]["on"] = True
            found.append({"name": name, "label": _(ctx, LABELS.get(name, name)), "options": options})
    return found


def custom_differing(ctx: Context, kind: str, records: Sequence[Any]) -> list[dict[str, Any]]:
    """The same for values of one's own fields, key by key."""
    found, owns = [], {one.key: one for one in fields_of(ctx, choosing.room_of(kind))}
    for key in sorted({key for record in records for key in record.custom or {}}):
        values = {repr(record.custom[key]): record for record in reversed(records) if key in (record.custom or {})}
        if len(values) > 1:
            options = [{"value": str(record.id), "text": own_said(ctx, owns[key], record.custom[key]) if key in owns else str(record.custom[key]), "of": record.name, "on": record is next(r for r in records if key in (r.custom or {}))} for record in reversed(values.values())]
            found.append({"name": f"custom.{key}", "label": owns[key].called(ctx.locale) if key in owns else key, "options": options})
    return found


def hanging(ctx: Context, counted: dict[str, tuple[int, int]]) -> list[tuple[str, int, int]]:
    """(what, how many move, how many stay) of what hangs on the records, one line for each kind of thing."""
    found: dict[str, list[int]] = {}
    for name, (moves, stays) in counted.items():
        line = found.setdefault(_(ctx, CHILDREN.get(name.partition(".")[0], OTHER)), [0, 0])
        line[0], line[1] = line[0] + moves, line[1] + stays
    return [(text, *numbers) for text, numbers in found.items()]


def left(ctx: Context, run: Merge) -> list[tuple[str, str, int]]:
    """(what, outcome, how many) of what an undo did not put back."""
    return [(_(ctx, CHILDREN.get(row.child.partition(".")[0], OTHER)), row.outcome, row.rows) for row in queries.left(ctx, run, ("elsewhere", "gone"))]


def kept_fields(ctx: Context, run: Merge) -> list[str]:
    """Fields that an undo left, without those that the actor must not know."""
    known = set(choosing.fields(ctx, run.kind))
    return [_(ctx, LABELS.get(name, name)) for name in run.kept if name in known]


def _(ctx: Context, message: str) -> str:
    return i18n.gettext(ctx.locale, message)
