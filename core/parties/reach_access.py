"""Which ways to reach somebody an actor may know and change: those of records that he sees, without hidden fields."""

from collections.abc import Iterable
from contextlib import nullcontext
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, literal, or_, select

from core.base.context import Context
from core.base.errors import NotFound
from core.base.field_rights import check_writes, hidden
from core.base.hiding import GUARDED, unhidden
from core.base.policy import has, require, sees
from core.parties.models import Account, Contact
from core.parties.reach_models import ADDRESS_FIELDS, FIELDS_OF, POINT_KINDS, Affiliation, ContactPoint
from core.parties.restricting import check_free
from infra import addresses, phones

Party = Account | Contact
PARENTS = {"accounts": Account, "contacts": Contact}


def kinds_shown(ctx: Context, room: str) -> tuple[str, ...]:
    """The kinds of points that the actor may know of that room's records."""
    away = hidden(ctx, room)
    return tuple(kind for kind in POINT_KINDS if not away.intersection(FIELDS_OF[kind]))


def knows_all(ctx: Context) -> bool:
    """Is no field that points tell hidden from him? Searches over the points of both rooms ask."""
    return all(len(kinds_shown(ctx, room)) == len(POINT_KINDS) for room in PARENTS)


def parent_of(model: Any, room: str) -> Any:
    """The column that names a record of that room."""
    return model.account_id if room == "accounts" else model.contact_id


def of_party(model: Any, party: Party) -> ColumnElement[bool]:
    """The rows of one record that are not taken away."""
    return and_(parent_of(model, party.ROOM) == party.id, model.deleted_at.is_(None))


def on_seen(ctx: Context, model: Any, rooms: Iterable[str] = tuple(PARENTS)) -> ColumnElement[bool]:
    """Rows of records that the actor sees; of points only the kinds that he may know."""
    found = []
    for room in rooms:
        if has(ctx, f"{room}.read"):
            parent = PARENTS[room]
            there = exists(select(literal(1)).select_from(parent).where(parent.id == parent_of(model, room), parent.deleted_at.is_(None), sees(ctx, parent)))
            found.append(and_(there, model.kind.in_(kinds_shown(ctx, room))) if model is ContactPoint else there)
    return or_(*found) if found else literal(False)


def one(ctx: Context, model: Any, key: UUID, *, deleted: bool = False, room: str | None = None) -> Any:
    """A point or postal address on a record (of that room alone) that the actor sees; NotFound otherwise. Of a point he may know the value:
    whatever is hidden of other records stays out of its way."""
    side = model.deleted_at.is_not(None) if deleted else model.deleted_at.is_(None)
    with unhidden(ctx.session) if model is ContactPoint else nullcontext():
        found = ctx.session.execute(select(model).where(model.id == key, side, on_seen(ctx, model, (room,) if room else tuple(PARENTS))).execution_options(populate_existing=True)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


def one_affiliation(ctx: Context, key: UUID, *, deleted: bool = False) -> Affiliation:
    """A role of a person whom the actor sees at an account that he sees; NotFound otherwise."""
    side = Affiliation.deleted_at.is_not(None) if deleted else Affiliation.deleted_at.is_(None)
    seen = [parent.deleted_at.is_(None) & sees(ctx, parent) & (parent.id == parent_of(Affiliation, room)) for room, parent in PARENTS.items() if has(ctx, f"{room}.read")]
    query = select(Affiliation).where(Affiliation.id == key, side, *(exists(select(literal(1)).where(one)) for one in seen))
    found = ctx.session.execute(query).scalar_one_or_none() if len(seen) == 2 else None
    if found is None:
        raise NotFound()
    return found


def party_of(ctx: Context, row: Any) -> Party:
    """The record that a row hangs on."""
    model, key = (Account, row.account_id) if row.account_id else (Contact, row.contact_id)
    found = ctx.session.execute(select(model).where(model.id == key, model.deleted_at.is_(None), sees(ctx, model))).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


def may_write(ctx: Context, party: Party, fields: Iterable[str]) -> None:
    """Refuse whoever may not edit the record, or not one of these fields of it, and any change of a restricted person."""
    _may_edit(ctx, party)
    check_writes(ctx, party.ROOM, [name for name in fields if name in GUARDED[party.ROOM].fields])


def may_write_address(ctx: Context, party: Party, fields: Iterable[str]) -> None:
    """The same for addresses, whose fields are those of accounts."""
    _may_edit(ctx, party)
    check_writes(ctx, "accounts", ["street" if name == "recipient" else name for name in fields if name in (*ADDRESS_FIELDS, "recipient")])


def _may_edit(ctx: Context, party: Party) -> None:
    require(ctx, f"{party.ROOM}.edit", party)
    check_free(party)


def region_of(ctx: Context, party: Party) -> str | None:
    """The country whose numbers are typed without a +: the account's, else the workspace's by its clock."""
    country = party.country if isinstance(party, Account) else _country_at(ctx, party.account_id)
    return addresses.country_code(country) or phones.country_of_zone(ctx.tenant.timezone)


def _country_at(ctx: Context, account_id: UUID | None) -> str | None:
    if account_id is None or "country" in hidden(ctx, "accounts"):
        return None
    return ctx.session.execute(select(Account.country).where(Account.id == account_id, sees(ctx, Account))).scalar_one_or_none()
