"""Rows of a list as cells: what each column shows, and how it is edited where it stands."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import chain
from typing import Any
from uuid import UUID

from flask import g, url_for
from markupsafe import Markup, escape

from core.base import policy
from core.base.context import Context
from core.base.field_rights import protected
from core.base.words import N_
from core.custom_fields.fields import Own
from core.parties.columns import ListColumn, columns_of
from core.parties.models import Account, Contact
from core.parties.words import STAGE_LABELS
from infra import i18n
from web.custom_fields.saying import INPUTS, links_of
from web.custom_fields.saying import cell as own_cell
from web.custom_fields.saying import raw as own_raw
from web.editing import shown
from web.filters import country, day, hue, initials, language, number
from web.parties.chips import hues_of
from web.parties.personal import hours, said_choice, zone

# Columns that can be edited in the list, and the kind of input. Others are edited on the record's page.
EDITED = {
    "phone": "tel", "mobile": "tel", "mail": "email", "birthday": "date", "owner_id": "select",
    **dict.fromkeys((
        "website", "street", "postcode", "city", "region", "country", "industry", "employees", "annual_revenue", "founded_year", "vat_id", "tags", "source",
        "external_id", "job_title", "how_to_address", "language", "preferred_hours", "timezone",
    ), "text"),
}
STAGE_HUES = {"identified": "grey", "selected": "blue", "acquired": "cyan", "developed": "violet", "kept": "green", "loyal": "green", "lost": "red"}
FREE, MOST_TAGS = N_("Everyone"), 3
KINDS = {"company": N_("Company"), "person": N_("Person")}


def lines(ctx: Context, room: str, rows: Sequence[Any], columns: Sequence[str], names: dict[UUID, str]) -> list[tuple[Any, list[Markup]]]:
    """[(row, its cells)] in the order of the columns. A cell that the actor may edit says so."""
    names = names | links_of(ctx, room, rows, columns)
    hues = hues_of(ctx, chain.from_iterable(row.tags for row in rows)) if "tags" in columns else {}
    making = [_maker(ctx, room, name, place, names, hues) for place, name in enumerate(columns)]
    editable, shared = policy.may(ctx, f"{room}.edit"), policy.shared_keys(ctx.actor, Account if room == "accounts" else Contact, writing=True)
    return [(row, [make(row, editable and (row.id in shared or policy.changes_of(ctx, room, row.owner_id))) for make in making]) for row in rows]


def _maker(ctx: Context, room: str, name: str, place: int, names: dict[UUID, str], hues: dict[str, str]) -> Callable[[Any, bool], Markup]:
    """What writes one column's cells: (row, may it be edited) -> a td."""
    listed = columns_of(ctx, room)[name]
    kind, cls, own = listed.shown, class_of(listed, place), listed.own
    if own is not None:
        return _own_maker(ctx, own, cls, names, own.name in protected(ctx, room))
    say = SAYS[kind] if kind in SAYS else partial(_plain, name)
    say = partial(say, names) if kind == "owner" else partial(say, hues) if kind == "tags" else partial(say, name) if kind in BY_NAME else say
    as_it_is = Markup('<td class="{}">{}</td>')
    if EDITED.get(name) is None or name in protected(ctx, room):
        return lambda row, editable: as_it_is.format(cls, say(row))
    edit = Markup('<td class="{}" data-cell="{}" data-kind="{}" data-raw="{}">{}</td>')
    return lambda row, editable: edit.format(cls, name, EDITED[name], shown(getattr(row, name)), say(row)) if editable else as_it_is.format(cls, say(row))


def _own_maker(ctx: Context, own: Own, cls: str, names: dict[UUID, str], beyond: bool) -> Callable[[Any, bool], Markup]:
    """The same for one of the tenant's own fields."""
    as_it_is, edit = Markup('<td class="{}">{}</td>'), Markup('<td class="{}" data-cell="{}" data-kind="{}" data-raw="{}">{}</td>')
    kind = None if beyond or own.kind == "long_text" else INPUTS.get(own.kind)

    def make(row: Any, editable: bool) -> Markup:
        value = getattr(row, own.name)
        said = own_cell(ctx, own, value, names)
        return edit.format(cls, own.name, kind, own_raw(ctx, own, value), said) if editable and kind else as_it_is.format(cls, said)

    return make


def class_of(listed: ListColumn, place: int) -> str:
    """What a column is on a phone, where a row has a name, a state and one fact: the state, the fact, or left out."""
    cls = "state" if listed.shown == "pills" else "key" if place < 2 else "wide"
    numbers = listed.shown in ("number", "amount", "year") or (listed.own is not None and listed.own.kind in ("whole", "decimal", "amount"))
    return f"{cls} num" if numbers else cls


def _plain(name: str, row: Any) -> Any:
    value = getattr(row, name)
    return "" if value is None else value


def _amount(row: Any) -> str:
    return f"{number(row.annual_revenue)} {row.currency or ''}".strip() if row.annual_revenue is not None else ""


def _pills(row: Any) -> Markup:
    pills = [(row.is_customer, "green", N_("Customer")), (row.is_supplier, "violet", N_("Supplier"))]
    return Markup(" ").join(Markup('<span class="pill h-{}">{}</span>').format(colour, _(text)) for is_, colour, text in pills if is_)


def stage_pill(stage: str) -> Markup:
    """A stage as a pill."""
    return Markup('<span class="pill h-{}">{}</span>').format(STAGE_HUES[stage], _(STAGE_LABELS[stage]))


def _tags(hues: dict[str, str], row: Any) -> Markup:
    few = [Markup('<span class="pill h-{}">{}</span>').format(hues.get(tag, "grey"), tag) for tag in row.tags[:MOST_TAGS]]
    return Markup(" ").join([*few, escape(f"+{len(row.tags) - MOST_TAGS}")] if len(row.tags) > MOST_TAGS else few)


def _account(row: Any) -> Markup | str:
    return Markup('<a href="{}">{}</a>').format(url_for("accounts.show", id=row.account_id), row.account_name) if row.account_name else ""


def _owner(names: dict[UUID, str], row: Any) -> str:
    return names.get(row.owner_id) or _(FREE)


SAYS: dict[str, Callable[..., Any]] = {
    "amount": _amount, "pills": _pills, "tags": _tags, "account": _account, "owner": _owner,
    "number": lambda name, row: number(getattr(row, name)), "year": lambda name, row: str(getattr(row, name) or ""),
    "date": lambda name, row: day(getattr(row, name)), "moment": lambda name, row: day(getattr(row, name)),
    "country": lambda name, row: country(getattr(row, name)), "language": lambda name, row: language(getattr(row, name)),
    "yes": lambda name, row: _(N_("Yes")) if getattr(row, name) else "",
    "kind": lambda name, row: _(KINDS[getattr(row, name)]), "stage": lambda name, row: stage_pill(row.stage), "choice": lambda name, row: said_choice(name, getattr(row, name)),
    "hours": lambda name, row: hours(getattr(row, name)), "zone": lambda name, row: zone(getattr(row, name)),
}
BY_NAME = frozenset({"number", "year", "date", "moment", "country", "language", "yes", "kind", "stage", "choice", "hours", "zone"})


def one_cell(ctx: Context, record: Any, name: str, columns: Iterable[str], names: dict[UUID, str]) -> Markup:
    """The cell again after it was edited."""
    place = next((place for place, one in enumerate(columns) if one == name), 9)
    names = names | links_of(ctx, record.ROOM, [record], [name])
    hues = hues_of(ctx, record.tags) if name == "tags" else {}
    return _maker(ctx, record.ROOM, name, place, names, hues)(record, policy.may(ctx, f"{record.ROOM}.edit", record))


def mark(row: Any, room: str) -> Markup:
    """The sign before a name: a company's first letter, a person's initials."""
    text, cls = (row.name[:1].upper(), " sq") if room == "accounts" else (initials(row.name), "")
    return Markup('<span class="ava h-{}{}" aria-hidden="true">{}</span>').format(hue(row.id), cls, text)


def _(text: str) -> str:
    return i18n.gettext(g.get("lang", "en"), text)
