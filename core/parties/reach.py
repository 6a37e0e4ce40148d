"""Use cases of further mails, phones, messengers and addresses, in the order of their life: add, edit, order, make the
main one, take away, bring back. The record's own mail, phone and address stay the main ones.

Whoever changes one holds its record, so that two people never add the same.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, select

from core.base import editing
from core.base.context import Context
from core.base.errors import Conflict, Refused
from core.base.facts import record
from core.base.hiding import unhidden
from core.base.policy import changes, require
from core.base.sets import insert_many
from core.parties import actions, reach_rules
from core.parties.models import Account, Contact
from core.parties.reach_access import (
    PARENTS,
    Party,
    kinds_shown,
    may_write,
    may_write_address,
    of_party,
    one,
    parent_of,
    party_of,
    region_of,
)
from core.parties.reach_models import ADDRESS_FIELDS, FIELDS_OF, ContactPoint, PostalAddress
from core.parties.restricting import free
from infra import addresses, phones

MAIN = {"mail": ("mail",), "phone": ("phone", "mobile"), "messenger": ()}


def add_point(ctx: Context, party: Party, kind: str | None, value: str | None, *, label: str | None = None, service: str | None = None) -> ContactPoint:
    """A further mail address, phone number or messenger of a record. Refuses a value that the record has already
    (`point_there`), and more than twenty of a kind."""
    may_write(ctx, party, FIELDS_OF.get(kind or "", ()))
    editing.hold(ctx, party)
    values = reach_rules.point(kind, value, service, region_of(ctx, party))
    _check_new(ctx, party, kind, values["key"])
    point = ContactPoint(**_parent(party), kind=kind, label=reach_rules.label(label), position=_last(ctx, ContactPoint, party), **values)
    ctx.session.add(point)
    ctx.session.flush()  # the page and the answer name it by key
    _tell(ctx, "reach.added", party, f"further_{kind}")
    return point


def edit_point(ctx: Context, point: ContactPoint, *, version: int | None = None, **given: Any) -> ContactPoint:
    """Change value, label or service. Refuses what `add_point` refuses, and what was changed in another window."""
    party, point = _held(ctx, point, version)
    may_write(ctx, party, FIELDS_OF[point.kind])
    if "label" in given:
        point.label = reach_rules.label(given["label"])
    if "value" in given or "service" in given:
        values = reach_rules.point(point.kind, given.get("value", point.value), given.get("service", point.service), region_of(ctx, party))
        _check_new(ctx, party, point.kind, values["key"], besides=point.id)
        for name, value in values.items():
            setattr(point, name, value)
    if ctx.session.is_modified(point):
        ctx.session.flush()  # the answer shows the new version
        _tell(ctx, "reach.edited", party, f"further_{point.kind}")
    return point


def make_main(ctx: Context, point: ContactPoint) -> None:
    """The point becomes the record's own mail or phone (a mobile number of a person his mobile), and what stood there takes its place.
    Refuses messengers, which have no main one."""
    party, point = _held(ctx, point)
    may_write(ctx, party, FIELDS_OF[point.kind])
    field = main_field(party, point.kind, point.label)
    before, value = getattr(party, field), point.value
    edit = actions.edit_account if isinstance(party, Account) else actions.edit_contact
    _put_aside(ctx, party, point, field, before)
    edit(ctx, party, **{field: value})


def main_field(party: Party, kind: str, label: str) -> str:
    """The record's own field that a point would stand in."""
    if kind == "messenger":
        raise Refused("unknown_value", field="kind")
    return "mobile" if kind == "phone" and label == "mobile" and isinstance(party, Contact) else kind


def _put_aside(ctx: Context, party: Party, point: ContactPoint, field: str, before: str | None) -> None:
    """What was the main one is a further one now, unless it stands there already or there was none."""
    key = reach_rules.key_of(point.kind, before) if before else None
    if key is None or key == point.key or _is_there(ctx, party, point.kind, key, point.id):
        point.deleted_at = ctx.now
    else:
        number = phones.known(before, region_of(ctx, party)) if point.kind == "phone" else None
        point.value, point.key, point.e164, point.label = before, key, number.e164 if number else None, "mobile" if field == "mobile" else "work"
    ctx.session.flush()  # the record's own value is checked against what stands beside it


def move_point(ctx: Context, point: ContactPoint | PostalAddress, *, up: bool) -> None:
    """One place up or down among its like."""
    party, point = _held(ctx, point)
    _may_write(ctx, party, point)
    model = type(point)
    alike = [of_party(model, party), *([ContactPoint.kind == point.kind] if model is ContactPoint else [])]
    order = list(ctx.session.execute(select(model.id).where(*alike).order_by(model.position, model.id)).scalars())
    place = order.index(point.id)
    other = place + (-1 if up else 1)
    if 0 <= other < len(order):
        order[place], order[other] = order[other], order[place]
        for position, key in enumerate(order, 1):
            one(ctx, model, key).position = position
        ctx.session.flush()  # the page shows the new order


def remove(ctx: Context, row: ContactPoint | PostalAddress, *, version: int | None = None) -> None:
    """Take it away; it can be brought back."""
    party, row = _held(ctx, row, version)
    _may_write(ctx, party, row)
    row.deleted_at = ctx.now
    _tell(ctx, "reach.removed", party, _called(row))


def restore(ctx: Context, row: ContactPoint | PostalAddress) -> None:
    """Bring it back; refused where it was added anew meanwhile."""
    party = party_of(ctx, row)
    editing.hold(ctx, party)
    row = one(ctx, type(row), row.id, deleted=True)
    _may_write(ctx, party, row)
    if isinstance(row, ContactPoint):
        _check_new(ctx, party, row.kind, row.key)
    row.deleted_at = None
    _tell(ctx, "reach.restored", party, _called(row))


def add_address(ctx: Context, party: Party, **given: Any) -> PostalAddress:
    """A further postal address (label, recipient, street of up to four lines, postcode, city, region, country). Refuses
    one without street, postcode and city."""
    may_write_address(ctx, party, [name for name, value in given.items() if value])
    editing.hold(ctx, party)
    values = editing.cleaned(reach_rules.ADDRESS_FIELDS, {"label": None, **given})
    reach_rules.check_address(values)
    _check_number(ctx, PostalAddress, party)
    address = PostalAddress(**_parent(party), **values, position=_last(ctx, PostalAddress, party))
    ctx.session.add(address)
    ctx.session.flush()  # the page and the answer name it by key
    _tell(ctx, "reach.added", party, "further_address")
    return address


def edit_address(ctx: Context, address: PostalAddress, *, version: int | None = None, **given: Any) -> PostalAddress:
    """Change the given parts. Refuses what `add_address` refuses, and what was changed in another window."""
    party, address = _held(ctx, address, version)
    values = editing.cleaned(reach_rules.ADDRESS_FIELDS, given)
    changed = {name: value for name, value in values.items() if value != getattr(address, name)}
    may_write_address(ctx, party, changed)
    with unhidden(ctx.session):  # whether it leads somewhere is asked of all of it; nothing is told
        stands = ctx.session.execute(select(*(PostalAddress.__table__.c[name] for name in ADDRESS_FIELDS)).where(PostalAddress.id == address.id)).one()
    reach_rules.check_address({**stands._mapping, **changed})
    for name, value in changed.items():
        setattr(address, name, value)
    if changed:
        ctx.session.flush()  # the answer shows the new version
        _tell(ctx, "reach.edited", party, "further_address")
    return address


def add_many(ctx: Context, room: str, rows: Sequence[Mapping[str, Any]]) -> list[tuple[UUID, UUID]]:
    """Further values of many records at once, for imports: {"record_id", "kind", "value", "label", "service"}. Passed over
    is what its record has already, and what belongs to a record that the actor may not change; what is no address or
    number is refused. Writes no facts: whoever brings many tells of it himself. Gives (record, value) of those that were new."""
    require(ctx, f"{room}.edit")
    for kind in {str(row["kind"]) for row in rows}:
        if kind not in kinds_shown(ctx, room):
            raise Refused("unknown_field", field=kind, name=kind)
    mains = _mains(ctx, room, {row["record_id"] for row in rows})
    default, values = phones.country_of_zone(ctx.tenant.timezone), []
    for position, row in enumerate(rows, 1):
        if row["record_id"] in mains:
            one_ = reach_rules.point(row["kind"], row["value"], row.get("service"), mains[row["record_id"]][1] or default)
            if (row["kind"], one_["key"]) not in mains[row["record_id"]][0]:
                stamped = {"created_at": ctx.now, "updated_at": ctx.now, "created_by": ctx.actor.id, "position": position}
                values.append({parent_of(ContactPoint, room).key: row["record_id"], "kind": row["kind"], "label": reach_rules.label(row.get("label")), **one_, **stamped})
    if not values:
        return []
    statement = insert_many(ContactPoint.__table__, values).on_conflict_do_nothing().returning(parent_of(ContactPoint.__table__.c, room), ContactPoint.__table__.c.id)
    with unhidden(ctx.session):  # a conflict is looked for by the key; nothing is told
        return [tuple(row) for row in ctx.session.execute(statement)]


def _mains(ctx: Context, room: str, keys: set[UUID]) -> dict[UUID, tuple[set[tuple[str, str]], str | None]]:
    """Of the records that the actor may change: (what they have as main ones, their country)."""
    model = PARENTS[room]
    own = [model.mail_norm, model.phone_key] + ([model.mobile_key] if model is Contact else [])
    country = Account.country if model is Account else select(Account.country).where(Account.id == Contact.account_id).scalar_subquery()
    query = select(model.id, country.label("country"), *own).where(model.id.in_(keys), model.deleted_at.is_(None), changes(ctx, model), *([free()] if model is Contact else []))
    with unhidden(ctx.session):  # asked only whether a value is new, and how its number is read
        found = ctx.session.execute(query).all()
    return {row[0]: ({(kind, key) for kind, key in zip(("mail", "phone", "phone"), row[2:], strict=False) if key}, addresses.country_code(row.country)) for row in found}


def _held(ctx: Context, row: Any, version: int | None = None) -> tuple[Party, Any]:
    """(its record, held; the row as it stands now). Refuses one that was changed in another window."""
    party = party_of(ctx, row)
    require(ctx, f"{party.ROOM}.edit", party)
    editing.hold(ctx, party)
    row = one(ctx, type(row), row.id)
    if version is not None and version != row.version:
        raise Conflict("stale")
    return party, row


def _may_write(ctx: Context, party: Party, row: ContactPoint | PostalAddress) -> None:
    if isinstance(row, ContactPoint):
        may_write(ctx, party, FIELDS_OF[row.kind])
    else:
        may_write_address(ctx, party, ADDRESS_FIELDS)


def _check_new(ctx: Context, party: Party, kind: str, key: str, besides: UUID | None = None) -> None:
    """Refuse what the record has already, as a main one or a further one, and one too many."""
    mains = {reach_rules.key_of(kind, value) for field in MAIN[kind] if (value := getattr(party, field, None))}
    if key in mains or _is_there(ctx, party, kind, key, besides):
        raise Refused("point_there", field="value")
    if besides is None:
        _check_number(ctx, ContactPoint, party, ContactPoint.kind == kind)


def _is_there(ctx: Context, party: Party, kind: str, key: str, besides: UUID | None) -> bool:
    others = [ContactPoint.id != besides] if besides else []
    query = select(exists().where(of_party(ContactPoint, party), ContactPoint.kind == kind, ContactPoint.key == key, *others))
    with unhidden(ctx.session):  # the kind was asked before
        return ctx.session.execute(query).scalar_one()


def _check_number(ctx: Context, model: Any, party: Party, *alike: Any) -> None:
    if ctx.session.execute(select(func.count()).select_from(model).where(of_party(model, party), *alike)).scalar_one() >= reach_rules.MOST:
        raise Refused("too_many_points", max=reach_rules.MOST)


def _last(ctx: Context, model: Any, party: Party) -> int:
    return ctx.session.execute(select(func.coalesce(func.max(model.position), 0) + 1).where(of_party(model, party))).scalar_one()


def _parent(party: Party) -> dict[str, UUID]:
    return {f"{party.__tablename__}_id": party.id}


def _called(row: ContactPoint | PostalAddress) -> str:
    return f"further_{row.kind}" if isinstance(row, ContactPoint) else "further_address"


def _tell(ctx: Context, kind: str, party: Party, *fields: str) -> None:
    """On the record's timeline and, of a person, on his account's. Never the value: timelines know no hidden fields."""
    about = (party.account_id,) if isinstance(party, Contact) else ()
    record(ctx, kind, party, about=about, fields=list(fields), name=party.name)
