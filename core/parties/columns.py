"""The columns of the lists of accounts and contacts: what can be shown, filtered and sorted by, on pages and by programs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ARRAY, Integer, String, Text, func, literal

from core.base.columns import Column
from core.base.context import Context
from core.base.errors import Refused
from core.custom_fields.columns import own_columns
from core.custom_fields.fields import Own
from core.parties.beside_models import STAGES
from core.parties.models import CHANNELS, KINDS, Account, Contact
from core.parties.paging import LAST_TEXT, Order
from core.parties.tagging import meant
from core.parties.words import LABELS

LAST_NUMBER = 2**31 - 1  # sorts behind every number: stands for an empty value


@dataclass(frozen=True)
class ListColumn:
    """label: message id. column: what it is filtered by. shown: how its cells are written (text, number, amount, date,
    moment, pills, tags, country, language, owner, account). needs: columns of the record that its cell takes. currency: of an amount, the column
    that says in which. options: what a condition's value is chosen from, where the workspace says that: (key, text)."""

    label: str
    column: Column
    shown: str = "text"
    needs: tuple[Any, ...] = ()
    own: Own | None = None
    order: Callable[[bool], Any] | None = None
    currency: Any = None
    options: Callable[[Context], list[tuple[str, str]]] | None = None


# What tells the country whose numbers are typed without a +; of a contact it is the account's, which every row brings.
HOME: dict[type, tuple[Any, ...]] = {Account: (Account.country,), Contact: ()}


def _shared(model: type[Account] | type[Contact]) -> dict[str, ListColumn]:
    return {
        "phone": ListColumn(LABELS["phone"], Column(model.phone), "phone", (model.phone, *HOME[model])),
        "mail": ListColumn(LABELS["mail"], Column(model.mail), "text", (model.mail,)),
        "owner_id": ListColumn(LABELS["owner_id"], Column(model.owner_id), "owner"),
        "tags": ListColumn(LABELS["tags"], Column(model.tags, words=meant), "tags", (model.tags,)),
        "source": ListColumn(LABELS["source"], Column(model.source), "text", (model.source,)),
        "external_id": ListColumn(LABELS["external_id"], Column(model.external_id), "text", (model.external_id,)),
        "created_at": ListColumn(LABELS["created_at"], Column(model.created_at, sort=True), "moment", (model.created_at,)),
        "updated_at": ListColumn(LABELS["updated_at"], Column(model.updated_at, sort=True), "moment", (model.updated_at,)),
    }


def _text(model: Any, name: str, shown: str = "text") -> ListColumn:
    return ListColumn(LABELS[name], Column(getattr(model, name)), shown, (getattr(model, name),))


ACCOUNT_COLUMNS: dict[str, ListColumn] = {
    "role": ListColumn(LABELS["role"], Column(Account.is_customer, ops=()), "pills"),
    "stage": ListColumn(LABELS["stage"], Column(Account.stage, sort=func.array_position(literal(list(STAGES), ARRAY(Text)), Account.stage, type_=Integer), ops=("eq", "ne", "in"), choices=STAGES), "stage", (Account.stage,)),
    "kind": ListColumn(LABELS["kind"], Column(Account.kind, ops=("eq",), choices=KINDS), "kind", (Account.kind,)),
    "is_customer": ListColumn(LABELS["is_customer"], Column(Account.is_customer), "yes", (Account.is_customer,)),
    "is_supplier": ListColumn(LABELS["is_supplier"], Column(Account.is_supplier), "yes", (Account.is_supplier,)),
    **{name: _text(Account, name) for name in ("city", "postcode", "street", "region")}, "country": _text(Account, "country", "country"),
    "industry": _text(Account, "industry"), "website": _text(Account, "website"),
    "employees": _text(Account, "employees", "number"), "annual_revenue": ListColumn(LABELS["annual_revenue"], Column(Account.annual_revenue), "amount", (Account.annual_revenue, Account.currency), currency=Account.currency),
    "founded_year": _text(Account, "founded_year", "year"), "vat_id": _text(Account, "vat_id"), **_shared(Account),
}
CONTACT_COLUMNS: dict[str, ListColumn] = {
    "account": ListColumn(LABELS["account_id"], Column(Contact.account_id, ops=("null",)), "account"),
    "job_title": _text(Contact, "job_title"), "mobile": _text(Contact, "mobile", "phone"), "how_to_address": _text(Contact, "how_to_address"),
    "language": _text(Contact, "language", "language"), "birthday": _text(Contact, "birthday", "date"),
    "preferred_channel": ListColumn(LABELS["preferred_channel"], Column(Contact.preferred_channel, ops=("eq", "ne", "in", "null"), choices=CHANNELS), "choice", (Contact.preferred_channel,)),
    "preferred_hours": _text(Contact, "preferred_hours", "hours"), "timezone": _text(Contact, "timezone", "zone"), **_shared(Contact),
}
COLUMNS: dict[str, dict[str, ListColumn]] = {"accounts": ACCOUNT_COLUMNS, "contacts": CONTACT_COLUMNS}
# What a list shows until somebody chooses otherwise.
USUAL: dict[str, tuple[str, ...]] = {"accounts": ("role", "city", "industry", "phone", "owner_id"), "contacts": ("account", "job_title", "mail", "phone", "owner_id")}
MOST_SHOWN = 12
UNSORTED = frozenset({"role", "tags", "account", "owner_id", "is_customer", "is_supplier", "kind", "pipeline", "state", "closed_at"})


MODELS: dict[str, Any] = {"accounts": Account, "contacts": Contact}
# Room -> field -> label: what a list's columns and a record's fields are called.
LABELS_OF: dict[str, Mapping[str, str]] = {"accounts": LABELS, "contacts": LABELS}


def take_list(room: str, model: Any, columns: dict[str, ListColumn], usual: tuple[str, ...], labels: Mapping[str, str]) -> None:
    """Let the records of a room above be listed as accounts are: with filters, columns, saved views, sums."""
    MODELS[room], COLUMNS[room], USUAL[room], LABELS_OF[room] = model, columns, usual, labels


def columns_of(ctx: Context, room: str) -> Mapping[str, ListColumn]:
    """Every column of that list: those that all tenants have, and this tenant's own."""
    owns = own_columns(ctx, MODELS[room])
    return COLUMNS[room] | {name: ListColumn(one.own.called(ctx.locale), one.column, "own", (one.json,), one.own, one.order) for name, one in owns.items()}


def usual(ctx: Context, room: str) -> tuple[str, ...]:
    """What the list shows until somebody chooses otherwise."""
    own = [name for name, one in own_columns(ctx, MODELS[room]).items() if one.own.in_list]
    return (*USUAL[room], *own)[:MOST_SHOWN]


def chosen_columns(ctx: Context, room: str, names: Any) -> tuple[str, ...]:
    """The columns by name, each once, in the order given; refuses unknown ones and more than twelve. None: the usual."""
    if names is None:
        return usual(ctx, room)
    found, known = tuple(dict.fromkeys(names)), columns_of(ctx, room)
    if len(found) > MOST_SHOWN or any(name not in known for name in found):
        raise Refused("unknown_value", field="columns")
    return found


def order_of(ctx: Context, room: str, sort: str) -> Order:
    """The order by a column: "city", or "-city" the other way round; empty values come last both ways. Accents and case
    of texts don't count. Refuses what is no column, and columns that have no order."""
    name, down = sort.removeprefix("-"), sort.startswith("-")
    listed = columns_of(ctx, room).get(name)
    if listed is None or not sortable(name, listed):
        raise Refused("unknown_value", field="sort")
    return Order("sort_key", listed.order(down) if listed.order else sortable_by(listed.column, down), down)


def sortable(name: str, listed: ListColumn) -> bool:
    """Has the column an order?"""
    return listed.order is not None if listed.own else name not in UNSORTED


def sortable_by(column: Column, down: bool) -> Any:
    """An expression that is never NULL."""
    expression = column.expression
    if column.sort is not False:
        return column.sort
    if column.kind is str:
        return func.coalesce(func.nullif(func.lower(func.ext.immutable_unaccent(expression)), ""), "" if down else LAST_TEXT, type_=String)
    if column.kind is date:
        return func.coalesce(func.to_char(expression, "YYYY-MM-DD"), "" if down else LAST_TEXT, type_=String)
    last = LAST_NUMBER if column.kind is int else Decimal(LAST_NUMBER) * 10**6
    return func.coalesce(expression, literal(-last if down else last, expression.type), type_=expression.type)
