"""Rows of a list as cells: what each column shows, and how it is edited where it stands."""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
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
from core.parties.models import Account, Contact
from core.parties.reach_access import region_of
from core.parties.words import STAGE_LABELS
from core.views.lists import LISTS, ListColumn, choices_of, columns_of
from infra import addresses, i18n, phones
from web.custom_fields.saying import INPUTS, links_of
from web.custom_fields.saying import cell as own_cell
from web.custom_fields.saying import raw as own_raw
from web.editing import shown
from web.filters import country, day, hue, initials, language, money_of, number, phone, price
from web.parties.chips import hues_of
from web.parties.personal import hours, said_choice, zone

# Columns that can be edited in the list, and the kind of input. Others are edited on the record's page.
EDITED = {
    "phone": "tel", "mobile": "tel", "mail": "email", "birthday": "date", "closes_on": "date", "next_step_on": "date", "owner_id": "select",
    **dict.fromkeys((
        "website", "street", "postcode", "city", "region", "country", "industry", "employees", "annual_revenue", "founded_year", "vat_id", "tags", "source",
        "external_id", "amount", "probability", "next_step", "loss_reason", "job_title", "how_to_address", "language", "preferred_hours", "timezone",
    ), "text"),
}
# The same of rooms that say it themselves.
EDITED_IN: dict[str, dict[str, str]] = {}
STAGE_HUES = {"identified": "grey", "selected": "blue", "acquired": "cyan", "developed": "violet", "kept": "green", "loyal": "green", "lost": "red"}
FREE, MOST_TAGS = N_("Everyone"), 3
KINDS = {"company": N_("Company"), "person": N_("Person")}


def lines(ctx: Context, room: str, rows: Sequence[Any], columns: Sequence[str], names: dict[UUID, str]) -> list[tuple[Any, Markup]]:
    """[(row, its cells)] in the order of the columns. A cell that the actor may edit says so."""
    names = names | links_of(ctx, room, rows, columns)
    hues = hues_of(ctx, chain.from_iterable(row.tags for row in rows)) if "tags" in columns else {}
    making = [_maker(ctx, room, name, place, names, hues) for place, name in enumerate(columns)]
    editable, shared = policy.may(ctx, f"{room}.edit"), policy.shared_keys(ctx.actor, LISTS[room].model, writing=True)
    found, owned = [], hasattr(LISTS[room].model, "owner_id")
    for row in rows:
        mine = editable and (not owned or row.id in shared or policy.changes_of(ctx, room, row.owner_id))
        found.append((row, Markup("".join([make(row, mine) for make in making]))))
    return found


def _maker(ctx: Context, room: str, name: str, place: int, names: dict[UUID, str], hues: dict[str, str]) -> Callable[[Any, bool], Markup]:
    """What writes one column's cells: (row, may it be edited) -> a td."""
    listed = columns_of(ctx, room)[name]
    kind, cls, own, beyond = listed.shown, class_of(listed, place), listed.own, name in protected(ctx, room)
    if own is not None:
        edited = None if beyond or own.kind == "long_text" else INPUTS.get(own.kind)
        return _td(cls, own.name, edited, lambda row: own_raw(ctx, own, getattr(row, own.name)), lambda row: own_cell(ctx, own, getattr(row, own.name), names))
    if listed.words:
        return _td(cls, name, None, lambda row: "", lambda row: word_of(listed, getattr(row, name)))
    if kind in MAKERS:
        return _td(cls, name, None if beyond else EDITED.get(name), lambda row: shown(getattr(row, name)), MAKERS[kind](ctx, name))
    say = SAYS[kind] if kind in SAYS else partial(_plain, name)
    say = partial(_phone, ctx, name) if kind == "phone" else say
    say = partial(say, names, name) if kind == "named" else partial(say, room, name) if kind == "word" else say
    say = partial(say, names) if kind == "owner" else partial(say, hues) if kind == "tags" else partial(say, url_for("accounts.index")) if kind == "account" else partial(say, name) if kind in BY_NAME else say
    return _td(cls, name, None if beyond else EDITED_IN.get(room, EDITED).get(name), (lambda row: shown(plain_number(getattr(row, name)))) if kind == "price" else lambda row: shown(getattr(row, name)), say)


def _td(cls: str, name: str, kind: str | None, raw: Callable[[Any], Any], say: Callable[[Any], Any]) -> Callable[[Any, bool], Markup]:
    """The same from what a cell shows and, where it is edited with an input of that kind, from what stands in the input. Put
    together with what escapes, not by Markup.format, which takes five times as long: a list has hundreds of cells."""
    as_it_is = f'<td class="{escape(cls)}">'
    edit = f'<td class="{escape(cls)}" data-cell="{escape(name)}" data-kind="{escape(kind)}" data-raw="'
    return lambda row, editable: Markup(f'{edit}{escape(raw(row))}">{escape(say(row))}</td>' if editable and kind else f"{as_it_is}{escape(say(row))}</td>")  # noqa: S704 (all of it escaped)


def class_of(listed: ListColumn, place: int) -> str:
    """What a column is on a phone, where a row has a name, a state and one fact: the state, the fact, or left out."""
    cls = "state" if listed.shown in ("pills", "word", "deal_stage") else "key" if place < 2 else "wide"
    numbers = listed.shown in ("number", "amount", "price", "year", "money", "my_share", "percent", "points", "chance", "days") or (listed.own is not None and listed.own.kind in ("whole", "decimal", "amount"))
    return f"{cls} num" if numbers else cls


def word_of(listed: ListColumn, value: str | None) -> str:
    """A value of a choice that a room above makes, in the reader's language."""
    return _(listed.words[value]) if value else ""


def _plain(name: str, row: Any) -> Any:
    value = getattr(row, name)
    return "" if value is None else value


def _phone(ctx: Context, name: str, row: Any) -> str:
    """A number with its country, as the record's page has it."""
    value = getattr(row, name)
    if not value or isinstance(row, Account | Contact):
        return phone(value, region_of(ctx, row) if value else None)
    at = getattr(row, "account_country" if hasattr(row, "account_country") else "country", None)
    return phone(value, addresses.country_code(at) or phones.country_of_zone(ctx.tenant.timezone))


def _amount(name: str, row: Any) -> str:
    value = getattr(row, name)
    return money_of(value, row.currency)


def _price(name: str, row: Any) -> str:
    """A price of one piece: no coin less than its currency has, and as many further places as it was given."""
    value = getattr(row, name)
    return price(value, row.currency) if value is not None else ""


def plain_number(value: Any) -> Any:
    """A number as a person types it: without the zeros that only the column adds."""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value


def _named(names: dict[UUID, str], name: str, row: Any) -> str:
    return names.get(getattr(row, name), "")


def _word(room: str, name: str, row: Any) -> str:
    """A word of a list; as a pill where its room gives the words colours."""
    value = getattr(row, name)
    text, colour = _(choices_of(room, name).get(value, "")), WORD_HUES.get((room, name), {}).get(value)
    return Markup('<span class="pill h-{}">{}</span>').format(colour, text) if colour and text else text


# (room, column) -> value -> colour of its pill.
WORD_HUES: dict[tuple[str, str], dict[str, str]] = {}


def _pills(row: Any) -> Markup:
    pills = [(row.is_customer, "green", N_("Customer")), (row.is_supplier, "violet", N_("Supplier"))]
    return Markup(" ".join(f'<span class="pill h-{colour}">{escape(_(text))}</span>' for is_, colour, text in pills if is_))  # noqa: S704 (escaped)


def stage_pill(stage: str) -> Markup:
    """A stage as a pill."""
    return Markup('<span class="pill h-{}">{}</span>').format(STAGE_HUES[stage], _(STAGE_LABELS[stage]))


def _tags(hues: dict[str, str], row: Any) -> Markup:
    few = [f'<span class="pill h-{escape(hues.get(tag, "grey"))}">{escape(tag)}</span>' for tag in row.tags[:MOST_TAGS]]
    return Markup(" ".join([*few, f"+{len(row.tags) - MOST_TAGS}"] if len(row.tags) > MOST_TAGS else few))  # noqa: S704 (escaped)


def _account(accounts: str, row: Any) -> Markup | str:
    return Markup(f'<a href="{escape(accounts)}/{row.account_id}">{escape(row.account_name)}</a>') if row.account_name else ""  # noqa: S704 (escaped)


def _owner(names: dict[UUID, str], row: Any) -> str:
    return names.get(row.owner_id) or _(FREE)


SAYS: dict[str, Callable[..., Any]] = {
    "amount": _amount, "price": _price, "named": _named, "word": _word, "pills": _pills, "tags": _tags, "account": _account, "owner": _owner,
    "number": lambda name, row: number(getattr(row, name)), "year": lambda name, row: str(getattr(row, name) or ""),
    "date": lambda name, row: day(getattr(row, name)), "moment": lambda name, row: day(getattr(row, name)),
    "country": lambda name, row: country(getattr(row, name)), "language": lambda name, row: language(getattr(row, name)),
    "yes": lambda name, row: _(N_("Yes")) if getattr(row, name) else "",
    "kind": lambda name, row: _(KINDS[getattr(row, name)]), "stage": lambda name, row: stage_pill(row.stage), "choice": lambda name, row: said_choice(name, getattr(row, name)),
    "hours": lambda name, row: hours(getattr(row, name)), "zone": lambda name, row: zone(getattr(row, name)),
}
# Kind of a column -> what makes its writer, for rooms above: (ctx, name) -> (row) -> text.
MAKERS: dict[str, Callable[[Context, str], Callable[[Any], Any]]] = {}
BY_NAME = frozenset({"number", "amount", "price", "year", "date", "moment", "country", "language", "yes", "kind", "stage", "choice", "hours", "zone"})


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
