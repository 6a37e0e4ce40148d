"""The columns of the lists of accounts and contacts: what can be shown, filtered and sorted by, on pages and by programs."""

from typing import Any

from sqlalchemy import ARRAY, Integer, Text, func, literal

from core.base.columns import Column
from core.parties.beside_models import STAGES
from core.parties.models import CHANNELS, KINDS, RELIEFS, Account, Contact
from core.parties.words import LABELS
from core.tagging.queries import meant
from core.views.lists import MOST_SHOWN, ListColumn, chosen_columns, columns_of, order_of, sortable, usual

__all__ = ["MOST_SHOWN", "ListColumn", "chosen_columns", "columns_of", "order_of", "sortable", "usual"]

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
    "founded_year": _text(Account, "founded_year", "year"), "vat_id": _text(Account, "vat_id"),
    "tax_relief": ListColumn(LABELS["tax_relief"], Column(Account.tax_relief, ops=("eq", "ne", "in", "null"), choices=RELIEFS), "choice", (Account.tax_relief,)), **_shared(Account),
}
CONTACT_COLUMNS: dict[str, ListColumn] = {
    "account": ListColumn(LABELS["account_id"], Column(Contact.account_id, ops=("null",)), "account"),
    "job_title": _text(Contact, "job_title"), "mobile": _text(Contact, "mobile", "phone"), "how_to_address": _text(Contact, "how_to_address"),
    "language": _text(Contact, "language", "language"), "birthday": _text(Contact, "birthday", "date"),
    "preferred_channel": ListColumn(LABELS["preferred_channel"], Column(Contact.preferred_channel, ops=("eq", "ne", "in", "null"), choices=CHANNELS), "choice", (Contact.preferred_channel,)),
    "preferred_hours": _text(Contact, "preferred_hours", "hours"), "timezone": _text(Contact, "timezone", "zone"), **_shared(Contact),
}
COLUMNS = {"accounts": ACCOUNT_COLUMNS, "contacts": CONTACT_COLUMNS}
# What a list shows until somebody chooses otherwise.
USUAL = {"accounts": ("role", "city", "industry", "phone", "owner_id"), "contacts": ("account", "job_title", "mail", "phone", "owner_id")}
UNSORTED = frozenset({"role", "tags", "account", "owner_id", "is_customer", "is_supplier", "kind"})
GROUPED = {
    "accounts": ("owner_id", "stage", "kind", "is_customer", "is_supplier", "city", "country", "industry", "tags", "source", "created_at", "updated_at"),
    "contacts": ("owner_id", "language", "preferred_channel", "tags", "source", "created_at", "updated_at"),
}
MODELS = {"accounts": Account, "contacts": Contact}
