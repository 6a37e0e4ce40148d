"""Use cases about accounts and contacts in the order of their life: create, edit, hand over, delete, bring back."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm.attributes import flag_modified

from core.base import editing
from core.base.context import Context
from core.base.editing import cleaned, cleaned_as_was
from core.base.errors import Gathered, Refused
from core.base.facts import record
from core.base.field_rights import check_writes, hidden
from core.base.policy import reach_of, require
from core.custom_fields import values as own
from core.identity.queries import owner_name
from core.notifications.telling import tell_owner
from core.parties.linking import (
    check_account,
    check_number,
    check_parent,
    check_person,
    check_referrer,
    sees_account,
)
from core.parties.models import Account, Contact
from core.parties.origins import OF, stamped, told_fields
from core.parties.pool import check_takeover
from core.parties.restricting import check_free
from core.parties.rules import ACCOUNT_FIELDS, CONTACT_FIELDS, with_mail_norm
from core.parties.tree import hold_parents
from core.tagging.queries import as_spelled


def create_account(ctx: Context, **given: Any) -> Account:
    """A new account; only `name` is needed. It is the actor's own unless `owner_id` says otherwise (None: everyone's)."""
    require(ctx, "accounts.create")
    check_writes(ctx, "accounts", _besides_own(ctx, given))
    wrong = Gathered()
    values = _with_currency(ctx, _new_values(ctx, Account, cleaned(ACCOUNT_FIELDS | own.cleaners(ctx, "accounts"), given, wrong), wrong))
    with wrong.taking():
        check_parent(ctx, None, values.get("parent_id"))
    account = _made(ctx, Account, values, wrong)
    record(ctx, "account.created", account, name=account.name)
    tell_owner(ctx, account)
    return account


def create_contact(ctx: Context, **given: Any) -> Contact:
    """A new contact; only `name` is needed. Refuses an account that the actor does not see as one that is not there."""
    require(ctx, "contacts.create")
    check_writes(ctx, "contacts", _besides_own(ctx, given))
    wrong = Gathered()
    values = _new_values(ctx, Contact, cleaned(CONTACT_FIELDS | own.cleaners(ctx, "contacts"), given, wrong), wrong)
    check_person(ctx, None, values, wrong)
    contact = _made(ctx, Contact, stamped(ctx, values, values), wrong)
    record(ctx, "contact.created", contact, about=(contact.account_id,), name=contact.name)
    tell_owner(ctx, contact)
    return contact


def edit_account(
    ctx: Context, account: Account, *, version: int | None = None, original: Mapping[str, Any] | None = None, **given: Any
) -> Account:
    """Change the given fields. version and original: what the form was loaded with. Where somebody saved meanwhile,
    his other fields stay and mine are added; the same field changed by both raises Conflict with the three values."""
    require(ctx, "accounts.edit", account)
    if given.get("parent_id"):
        hold_parents(ctx)  # before the row's own lock: the other way round two who hang each under the other deadlock
    wrong = Gathered()
    changes = _changes(ctx, account, ACCOUNT_FIELDS, given, version, original, wrong)
    if changes.get("parent_id"):
        with wrong.taking():
            check_parent(ctx, account, changes["parent_id"])
    if "currency" not in hidden(ctx, "accounts") and account.currency is None:  # what is hidden reads as nothing
        changes = _with_currency(ctx, changes)
    _write(ctx, "account.edited", account, changes, wrong)
    return account


def edit_contact(
    ctx: Context, contact: Contact, *, version: int | None = None, original: Mapping[str, Any] | None = None, **given: Any
) -> Contact:
    """Change the given fields; two people at once are merged as in `edit_account`."""
    require(ctx, "contacts.edit", contact)
    check_free(contact)
    wrong = Gathered()
    changes = _changes(ctx, contact, CONTACT_FIELDS, given, version, original, wrong)
    check_person(ctx, contact, changes, wrong)
    changes = stamped(ctx, changes, cleaned(CONTACT_FIELDS, {name: value for name, value in given.items() if name in OF}, wrong), contact)
    _write(ctx, "contact.edited", contact, changes, wrong, about=(changes.get("account_id"), contact.account_id))
    return contact


def _made(ctx: Context, model: Any, values: dict[str, Any], wrong: Gathered) -> Any:
    """The record, with its own fields settled and their unique values taken; refuses all that was found wrong."""
    with wrong.taking():
        check_number(ctx, model, values)
    own.begin(ctx, model, values, wrong)
    made = model(**values)
    ctx.session.add(made)
    own.reserve(ctx, made, {f"custom.{key}": value for key, value in values.get("custom", {}).items()})
    return made


def check_links(ctx: Context, model: type[Account] | type[Contact], values: Mapping[str, Any]) -> None:
    """Refuse what no record may be linked to: an owner who does not work here, an account or parent that the actor does
    not see. For whoever writes many records by one statement; the circle of parents is his to look for."""
    owner_name(ctx, values.get("owner_id"))
    check_account(ctx, values.get("account_id"))
    check_referrer(ctx, None, values.get("referred_by_id"))
    own.check_links(ctx, model.ROOM, values)
    if model is Account and values.get("parent_id") is not None and not sees_account(ctx, values["parent_id"]):
        raise Refused("account_unknown", field="parent_id")


def wrong_values(ctx: Context, room: str, given: Mapping[str, Any]) -> list[Refused]:
    """Which of these values no record of the room would take: for whoever refuses others of them before a use case sees any."""
    wrong = Gathered()
    values = cleaned((ACCOUNT_FIELDS if room == "accounts" else CONTACT_FIELDS) | own.cleaners(ctx, room), given, wrong)
    with wrong.taking():
        owner_name(ctx, values.get("owner_id"))
    with wrong.taking():
        check_parent(ctx, None, values.get("parent_id"))
    check_person(ctx, None, values, wrong)
    return wrong.errors


def change_owner(ctx: Context, party: Account | Contact, owner_id: UUID | None) -> None:
    """Hand a record over to somebody else who works here, or (None) to everyone."""
    kind = party.__tablename__
    require(ctx, f"{kind}s.edit", party)
    if party.owner_id == owner_id:
        return
    check_free(party)
    check_writes(ctx, party.ROOM, ("owner_id",))
    if isinstance(party, Account):
        check_takeover(ctx, party)
    name = owner_name(ctx, owner_id)
    party.owner_id = owner_id
    record(ctx, f"{kind}.owner_changed", party, about=_about(party), owner=name or "", name=party.name)
    tell_owner(ctx, party)


def delete_account(ctx: Context, account: Account) -> None:
    """Put an account into the recycle bin; its people and history stay with it and come back with it."""
    require(ctx, "accounts.delete", account)
    account.deleted_at = ctx.now
    record(ctx, "account.deleted", account, name=account.name)


def delete_contact(ctx: Context, contact: Contact) -> None:
    """Put a contact into the recycle bin."""
    require(ctx, "contacts.delete", contact)
    contact.deleted_at = ctx.now
    record(ctx, "contact.deleted", contact, about=_about(contact), name=contact.name)


def restore_account(ctx: Context, account: Account) -> None:
    """Bring an account back out of the recycle bin."""
    require(ctx, "accounts.delete", account)
    if account.merged_into is not None:
        raise Refused("merged_elsewhere")
    account.deleted_at = None
    record(ctx, "account.restored", account, name=account.name)


def restore_contact(ctx: Context, contact: Contact) -> None:
    """Bring a contact back out of the recycle bin."""
    require(ctx, "contacts.delete", contact)
    if contact.merged_into is not None:
        raise Refused("merged_elsewhere")
    contact.deleted_at = None
    record(ctx, "contact.restored", contact, about=_about(contact), name=contact.name)



def _about(party: Account | Contact) -> tuple[UUID | None, ...]:
    return (party.account_id,) if isinstance(party, Contact) else ()


def _new_values(ctx: Context, model: type[Account] | type[Contact], values: dict[str, Any], wrong: Gathered) -> dict[str, Any]:
    """With the owner settled, and what is missing found wrong."""
    if "name" not in values:
        wrong.add(Refused("required", field="name"))
    with wrong.taking():
        _settle_owner(ctx, model, values)
    return with_mail_norm(as_spelled(ctx, values))


def _settle_owner(ctx: Context, model: type[Account] | type[Contact], values: dict[str, Any]) -> None:
    """Somebody whose records the maker sees, or all. It would be gone from his sight else."""
    whose = reach_of(ctx, model)
    if "owner_id" not in values:
        values["owner_id"] = ctx.actor.owner_id
    elif values["owner_id"] is not None and whose is not None and values["owner_id"] not in whose:
        raise Refused("owner_not_you", field="owner_id")
    elif values["owner_id"] != ctx.actor.id:
        owner_name(ctx, values["owner_id"])


def _with_currency(ctx: Context, values: dict[str, Any]) -> dict[str, Any]:
    """The same values; an amount without its currency is in the workspace's own."""
    bare = values.get("annual_revenue") is not None and not values.get("currency")
    return values | {"currency": ctx.tenant.currency} if bare else values


def _besides_own(ctx: Context, given: Mapping[str, Any]) -> list[str]:
    """The fields of a new record that its maker chose: that it is his own is none."""
    return [name for name in given if name != "owner_id" or str(given[name]) != str(ctx.actor.owner_id)]


def _changes(
    ctx: Context, party: Account | Contact, fields: Mapping, given: Mapping[str, Any], version: int | None, original: Mapping[str, Any] | None, wrong: Gathered
) -> dict[str, Any]:
    """What is to be written, under the row's lock. Where something is wrong nothing will be: the rest is only looked at."""
    check_writes(ctx, party.ROOM, given)
    fields = {**fields, **own.cleaners(ctx, party.ROOM)}
    mine = as_spelled(ctx, cleaned(fields, given, wrong))
    if wrong:
        return {name: value for name, value in mine.items() if value != getattr(party, name)}
    return editing.changes(ctx, party, mine, version=version, original=cleaned_as_was(fields, original))


def _write(ctx: Context, kind: str, party: Account | Contact, changes: dict[str, Any], wrong: Gathered, *, about: tuple[UUID | None, ...] = ()) -> None:
    """Write and tell; refuses all that was found wrong. The owner's change is told as what it is."""
    owner_id = changes.pop("owner_id", party.owner_id)
    if wrong and owner_id != party.owner_id:
        with wrong.taking():
            owner_name(ctx, owner_id)
    if changes or wrong:
        with wrong.taking():
            check_number(ctx, type(party), changes)
        own.check(ctx, party, changes, wrong)
        own.reserve(ctx, party, changes)
        for name, value in with_mail_norm(own.write(party, changes)).items():
            setattr(party, name, value)
        for name in OF.keys() & changes.keys():
            flag_modified(party, name)  # whoever may not see where it was known from overwrites it all the same
        record(ctx, kind, party, about=about, fields=told_fields(changes), name=party.name)
    change_owner(ctx, party, owner_id)
    ctx.session.flush()  # the answer shows the new version
