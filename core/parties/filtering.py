"""What narrows the lists of accounts and contacts, as SQL: the same for pages, exports, bulk edits and programs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement

from core.base import conditions
from core.base.context import Context
from core.base.errors import Refused
from core.base.policy import sees
from core.parties.columns import ListColumn, columns_of
from core.parties.family import below
from core.parties.finding import found_by, sought_in
from core.parties.models import KINDS, Account, Contact
from core.parties.reach_finding import also_found
from core.parties.tagging import meant

# Filter -> the condition that a room above knows: (ctx, model, key) -> condition.
KNOWN_ABOVE: dict[str, Callable[[Context, Any, UUID], ColumnElement[bool]]] = {}
ROLES = {"customer": Account.is_customer, "supplier": Account.is_supplier}


@dataclass(frozen=True)
class Filters:
    """What narrows a list. owner: a key, "me" or "pool". role: customer or supplier; kind: company or person. under: an
    account in whose tree it is. brought: the import that made or changed it. where: (field, operator, value) of any column (core.parties.columns). either: alternatives of such conditions, one of which
    must hold whole."""

    search: str | None = None
    owner: str | UUID | None = None
    tag: str | None = None
    kind: str | None = None
    role: str | None = None
    under: str | UUID | None = None
    brought: str | UUID | None = None
    where: tuple[conditions.Condition, ...] = ()
    either: conditions.Alternatives = ()

    def __bool__(self) -> bool:
        return any((self.search, self.owner, self.tag, self.kind, self.role, self.under, self.brought, self.where, self.either))


def accounts_where(ctx: Context, filters: Filters) -> list:
    """The conditions of the accounts that the actor sees under these filters; refuses an unknown value."""
    found = [Account.deleted_at.is_(None), sees(ctx, Account), *_narrowed(ctx, Account, filters, *sought_in(ctx, Account))]
    if filters.kind:
        found.append(Account.kind == _known(filters.kind, KINDS, "kind"))
    if filters.role:
        found.append(ROLES[_known(filters.role, ROLES, "role")])
    return found


def contacts_where(ctx: Context, filters: Filters) -> list:
    """The same for contacts; refuses the filters that only accounts have, so that a list and its export never differ."""
    for name in ("kind", "role"):
        if getattr(filters, name):
            raise Refused("unknown_value", field=name)
    return [Contact.deleted_at.is_(None), sees(ctx, Contact), *_narrowed(ctx, Contact, filters, *sought_in(ctx, Contact))]


# Room -> the conditions of its list; rooms above enter their own.
WHERE: dict[str, Callable[[Context, Filters], list]] = {"accounts": accounts_where, "contacts": contacts_where}


def where_of(ctx: Context, room: str, filters: Filters) -> list:
    """The conditions of that list under these filters; refuses what the list would refuse."""
    return WHERE[room](ctx, filters)


def _narrowed(ctx: Context, model: Any, filters: Filters, *further: Any) -> list:
    found = narrowed(ctx, model, filters, found_by(filters.search, model, *further, also=also_found(ctx, model, filters.search)))
    if filters.under:
        found.append((Account.id if model is Account else Contact.account_id).in_(below(ctx, key_of(filters.under, "under"))))
    if filters.brought:
        found.append(KNOWN_ABOVE["brought"](ctx, model, key_of(filters.brought, "import")))
    if filters.tag:
        if not filters.tag.isprintable():
            raise Refused("unknown_value", field="tag")
        found.append(model.tags.overlap(meant(ctx, filters.tag[:200])))
    return found


def narrowed(ctx: Context, model: Any, filters: Filters, search: ColumnElement[bool] | None) -> list:
    """What any list is narrowed by: conditions of its columns, the search, the owner."""
    conditions.check_number(filters.where, filters.either)
    known = columns_of(ctx, model.ROOM) if filters.where or filters.either else {}
    found = [_condition(ctx, known, *one) for one in filters.where]
    found += conditions.any_of(filters.either, partial(_condition, ctx, known))
    if search is not None:
        found.append(search)
    if filters.owner:
        found.append(_owned(ctx, model, filters.owner))
    return found


def key_of(given: str | UUID, field: str) -> UUID:
    try:
        return given if isinstance(given, UUID) else UUID(given)
    except ValueError:
        raise Refused("unknown_value", field=field) from None


def _owned(ctx: Context, model: Any, owner: str | UUID):
    if owner in ("me", "pool"):
        return model.owner_id == ctx.actor.id if owner == "me" else model.owner_id.is_(None)
    return model.owner_id == key_of(owner, "owner")


def _condition(ctx: Context, known: Mapping[str, ListColumn], field: str, op: str, value: str, whole: str = "") -> ColumnElement[bool]:
    whole = whole or f"filter[{field[:60]}][{op[:10]}]"
    if field not in known:
        raise Refused("unknown_field", field=whole, name=field[:60])
    return known[field].column.where(ctx, op, value, whole)


def _known(value: str, known: Any, field: str) -> str:
    if value not in known:
        raise Refused("unknown_value", field=field)
    return value
