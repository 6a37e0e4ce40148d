"""What narrows the lists of accounts and contacts, as SQL: the same for pages, exports, bulk edits and programs."""

from typing import Any

from core.base.context import Context
from core.base.policy import sees
from core.parties.columns import COLUMNS, GROUPED, MODELS, UNSORTED, USUAL
from core.parties.family import below
from core.parties.finding import found_by, sought_in
from core.parties.models import KINDS, Account, Contact
from core.parties.reach_finding import also_found
from core.parties.words import CHOICE_LABELS
from core.tagging.queries import tagged
from core.views.filtering import KNOWN_ABOVE, Filters, by_columns, key_of, known_value, owned, where_of, without
from core.views.lists import Listed, declare

__all__ = ["KNOWN_ABOVE", "Filters", "where_of"]

ROLES = {"customer": Account.is_customer, "supplier": Account.is_supplier}


def accounts_where(ctx: Context, filters: Filters) -> list:
    """The conditions of the accounts that the actor sees under these filters; refuses an unknown value."""
    narrowed = [Account.deleted_at.is_(None), sees(ctx, Account), *_narrowed(ctx, Account, filters, *sought_in(ctx, Account))]
    if filters.kind:
        narrowed.append(Account.kind == known_value(filters.kind, KINDS, "kind"))
    if filters.role:
        narrowed.append(ROLES[known_value(filters.role, ROLES, "role")])
    return narrowed


def contacts_where(ctx: Context, filters: Filters) -> list:
    """The same for contacts; refuses the filters that only accounts have, so that a list and its export never differ."""
    without(filters, "kind", "role")
    return [Contact.deleted_at.is_(None), sees(ctx, Contact), *_narrowed(ctx, Contact, filters, *sought_in(ctx, Contact))]


def _narrowed(ctx: Context, model: Any, filters: Filters, *further: Any) -> list:
    found = by_columns(ctx, model.ROOM, filters)
    search = found_by(filters.search, model, *further, also=also_found(ctx, model, filters.search))
    if search is not None:
        found.append(search)
    if filters.owner:
        found.append(owned(ctx, model, filters.owner))
    if filters.under:
        found.append((Account.id if model is Account else Contact.account_id).in_(below(ctx, key_of(filters.under, "under"))))
    if filters.brought:
        found.append(KNOWN_ABOVE["brought"](ctx, model, key_of(filters.brought, "import")))
    return [*found, *tagged(ctx, model, filters.tag)]


for _room, _where in (("accounts", accounts_where), ("contacts", contacts_where)):
    declare(Listed(_room, MODELS[_room], COLUMNS[_room], USUAL[_room], _where, UNSORTED, GROUPED[_room], CHOICE_LABELS))
