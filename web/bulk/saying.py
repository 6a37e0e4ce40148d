"""A bulk edit in words: what it does, what stood there before, why records are left out."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from core.base.context import Context
from core.base.errors import Refused
from core.base.words import N_
from core.bulk import queries
from core.bulk.models import MOVING, BulkEdit
from core.bulk.wishes import Wish
from core.identity import queries as people
from core.parties import queries as parties
from core.products.repricing import stepped
from infra import i18n
from web.bulk import repricing
from web.bulk.rooms import PARTIES, ROOMS
from web.custom_fields.saying import label, own_named
from web.custom_fields.saying import said as own_said
from web.filters import country, day, language, number
from web.parties import history
from web.parties.personal import channel, hours, relief
from web.words import say_refusal

STATES = {
    "selected": N_("Chosen"), "previewed": N_("Preview"), "running": N_("Running"), "done": N_("Done"), "failed": N_("Broke off"),
    "cancelled": N_("Stopped"), "undoing": N_("Being taken back"), "undone": N_("Taken back"),
}
HUES = {"selected": "grey", "previewed": "blue", "running": "blue", "done": "green", "failed": "red", "cancelled": "amber", "undoing": "blue", "undone": "grey"}
OPERATIONS = {"change": N_("Change a field"), "owner": N_("Hand over"), "tags": N_("Tags"), "price": N_("Change prices"), "delete": N_("Delete")}
WHY = {
    "same": N_("Already so"), "not_yours": N_("Not yours to change"), "circle": N_("Would stand above themselves"), "too_many_tags": N_("Would have too many tags"),
    "of_lines": N_("Their products make the amount"), "of_parts": N_("Their parts make the price"), "no_price": N_("Have no price of their own"), "unfit": N_("Would not go with what else stands in them"),
    "since": N_("Changed by somebody since the preview"), "gone": N_("Deleted, or out of your sight"), "due": N_("Not reached"),
}
PARTY_KINDS = {"company": N_("Company"), "person": N_("Person")}
# Fields that name a record, and fields whose values are said otherwise than they stand there.
NAMED: dict[str, Callable[..., str | None]] = {"parent_id": parties.account_name, "account_id": parties.account_name, "referred_by_id": parties.contact_name}
SAYS: dict[str, Callable[[Any], str]] = {
    "preferred_channel": channel, "tax_relief": relief, "preferred_hours": hours, "employees": number, "country": country, "language": language, "birthday": lambda value: day(date.fromisoformat(value)),
}
EXAMPLES = 5
EMPTY = "–"


def state_words(ctx: Context) -> dict[str, Any]:
    """Names of states, kinds and operations for the templates, and a failure as a sentence."""
    return {
        "state_names": _all(ctx, STATES), "state_hues": HUES, "kind_names": _all(ctx, {kind: room.title for kind, room in ROOMS.items()}), "operation_names": _all(ctx, OPERATIONS), "moving": MOVING,
        "say_failure": lambda failure: say_refusal(Refused(failure["code"], **failure.get("params", {})), ctx.locale),
    }


def counted(ctx: Context, one_or_more: tuple[str, str], number_: int) -> str:
    """A sentence about one record, or about several."""
    return _(ctx, one_or_more[0]) if number_ == 1 else _(ctx, one_or_more[1]) % {"count": number(number_)}


def operation_words(ctx: Context, run: BulkEdit) -> str:
    """What it does, in a few words."""
    if run.operation == "change":
        return ", ".join(label(ctx, run.kind, name, ROOMS[run.kind].labels) for name in queries.wanted(ctx, run)) or _(ctx, OPERATIONS["change"])
    return _(ctx, OPERATIONS.get(run.operation or "", STATES["selected"]))


def said_wish(ctx: Context, run: BulkEdit) -> list[tuple[str, str]]:
    """(what, new value) of each thing that is to be done."""
    wanted = queries.wanted(ctx, run)
    if run.operation == "tags":
        return [(_(ctx, label), ", ".join(wanted[name])) for name, label in (("add", N_("Tags to add")), ("remove", N_("Tags to remove"))) if wanted.get(name)]
    if run.operation == "price":
        return repricing.said(ctx, wanted) if wanted else []
    return [(label(ctx, run.kind, name, ROOMS[run.kind].labels), said(ctx, run.kind, name, value)) for name, value in wanted.items()]


def left_out(ctx: Context, run: BulkEdit) -> list[tuple[str, int]]:
    """(why, how many) of the records that are not changed."""
    skipped = [name for name in WHY if run.counts.get(name) and (name != "due" or run.state in ("cancelled", "failed"))]
    why = {**WHY, **ROOMS[run.kind].why}
    found = [(_(ctx, why[name]), run.counts[name]) for name in skipped]
    missing = run.counts.get("missing")
    return found + ([(_(ctx, N_("Not there, or out of your sight")), missing)] if missing else [])


def examples(ctx: Context, run: BulkEdit) -> list[dict[str, Any]]:
    """The first few records with what they have and what they will have; nothing once the journal is erased."""
    if run.state != "previewed" or run.operation not in ("change", "owner", "tags", "price"):
        return []
    wanted, found = queries.wanted(ctx, run), []
    wish = Wish(run.kind, "tags", add=tuple(wanted["add"]), remove=tuple(wanted["remove"])) if run.operation == "tags" and wanted else None
    for row in queries.rows(ctx, run, ("due",), limit=EXAMPLES):
        if run.operation == "price":
            found += [_repriced(ctx, row, wanted)] if wanted else []
            continue
        before = {name: value for name, value in row.before.items() if name in wanted or name == "tags"}
        after = {"tags": wish.tags_of(before.get("tags", []))} if wish else wanted
        lines = [(label(ctx, run.kind, name, ROOMS[run.kind].labels), said(ctx, run.kind, name, value), said(ctx, run.kind, name, after.get(name))) for name, value in before.items()]
        found.append({"id": row.record_id, "name": row.name, "lines": lines})
    return found


def _repriced(ctx: Context, row: Any, wanted: dict[str, Any]) -> dict[str, Any]:
    """A product with its price of now and the one that it will have."""
    old, currency = row.before["price"], row.before["currency"]
    line = (label(ctx, "products", "price", ROOMS["products"].labels), repricing.figure(old, currency) or EMPTY, repricing.figure(str(stepped(wanted, row.before)), currency))
    return {"id": row.record_id, "name": row.name, "lines": [line]}


def said(ctx: Context, room: str, name: str, value: Any) -> str:
    """A value of the journal (JSON) as a page shows it."""
    own = own_named(ctx, room, name)
    if own is not None:
        return own_said(ctx, own, value) or EMPTY
    if name == "owner_id":
        return people.user_names(ctx).get(UUID(value), EMPTY) if value else _(ctx, N_("Everyone"))
    if value in (None, "", []):
        return EMPTY
    if room not in PARTIES:
        says = ROOMS[room].says.get(name)
        return says(ctx, value) if says else history.said(ctx, room, name, value, {}) or EMPTY
    if isinstance(value, bool):
        return _(ctx, N_("Yes") if value else N_("No"))
    if isinstance(value, list):
        return ", ".join(value)
    if name in NAMED:
        return NAMED[name](ctx, UUID(value)) or EMPTY
    return _(ctx, PARTY_KINDS[value]) if name == "kind" else SAYS.get(name, str)(value)


def _all(ctx: Context, words: dict[str, str]) -> dict[str, str]:
    return {name: _(ctx, text) for name, text in words.items()}


def _(ctx: Context, message: str) -> str:
    return i18n.gettext(ctx.locale, message)
