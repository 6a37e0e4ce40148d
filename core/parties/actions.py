"""Use cases about accounts and contacts in the order of their life: create, edit, hand over, delete, bring back."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import func, literal, select, text
from sqlalchemy.orm.attributes import flag_modified

from core.base import editing
from core.base.context import Context
from core.base.editing import cleaned, cleaned_as_was
from core.base.errors import Refused
from core.base.facts import record
from core.base.field_rights import check_writes, hidden
from core.base.policy import reach_of, require, sees
from core.custom_fields import values as own
from core.identity.models import User
from core.notifications.following import begin_to_follow
from core.notifications.telling import notify
from core.parties.models import Account, Contact
from core.parties.origins import OF, check_days, stamped, told_fields
from core.parties.pool import check_takeover
from core.parties.restricting import check_free
from core.parties.rules import ACCOUNT_FIELDS, CONTACT_FIELDS, with_mail_norm
from core.parties.tagging import spelled
from core.parties.tree import hold_parents


def create_account(ctx: Context, **given: Any) -> Account:
    """A new account; only `name` is needed. It is the actor's own unless `owner_id` says otherwise (None: everyone's)."""
    require(ctx, "accounts.create")
    check_writes(ctx, "accounts", _besides_own(ctx, given))
    values = _with_currency(ctx, _new_values(ctx, Account, cleaned(ACCOUNT_FIELDS | own.cleaners(ctx, "accounts"), given)))
    _check_parent(ctx, None, values.get("parent_id"))
    _check_number(ctx, Account, values)
    account = _made(ctx, Account, values)
    record(ctx, "account.created", account, name=account.name)
    _tell_owner(ctx, account)
    return account


def create_contact(ctx: Context, **given: Any) -> Contact:
    """A new contact; only `name` is needed. Refuses an account that the actor does not see as one that is not there."""
    require(ctx, "contacts.create")
    check_writes(ctx, "contacts", _besides_own(ctx, given))
    values = _new_values(ctx, Contact, cleaned(CONTACT_FIELDS | own.cleaners(ctx, "contacts"), given))
    _check_account(ctx, values.get("account_id"))
    _check_referrer(ctx, None, values.get("referred_by_id"))
    _check_number(ctx, Contact, values)
    check_days(ctx, values)
    contact = _made(ctx, Contact, stamped(ctx, values, values))
    record(ctx, "contact.created", contact, about=(contact.account_id,), name=contact.name)
    _tell_owner(ctx, contact)
    return contact


def edit_account(
    ctx: Context, account: Account, *, version: int | None = None, original: Mapping[str, Any] | None = None, **given: Any
) -> Account:
    """Change the given fields. version and original: what the form was loaded with. Where somebody saved meanwhile,
    his other fields stay and mine are added; the same field changed by both raises Conflict with the three values."""
    require(ctx, "accounts.edit", account)
    if given.get("parent_id"):
        hold_parents(ctx)  # before the row's own lock: the other way round two who hang each under the other deadlock
    changes = _changes(ctx, account, ACCOUNT_FIELDS, given, version, original)
    if changes.get("parent_id"):
        _check_parent(ctx, account, changes["parent_id"])
    if "currency" not in hidden(ctx, "accounts") and account.currency is None:  # what is hidden reads as nothing
        changes = _with_currency(ctx, changes)
    _write(ctx, "account.edited", account, changes)
    return account


def edit_contact(
    ctx: Context, contact: Contact, *, version: int | None = None, original: Mapping[str, Any] | None = None, **given: Any
) -> Contact:
    """Change the given fields; two people at once are merged as in `edit_account`."""
    require(ctx, "contacts.edit", contact)
    check_free(contact)
    changes = _changes(ctx, contact, CONTACT_FIELDS, given, version, original)
    check_days(ctx, changes)
    changes = stamped(ctx, changes, cleaned(CONTACT_FIELDS, {name: value for name, value in given.items() if name in OF}), contact)
    _check_account(ctx, changes.get("account_id"))
    _check_referrer(ctx, contact, changes.get("referred_by_id"))
    _write(ctx, "contact.edited", contact, changes, about=(changes.get("account_id"), contact.account_id))
    return contact


def _made(ctx: Context, model: Any, values: dict[str, Any]) -> Any:
    """The record, with its own fields settled and their unique values taken."""
    own.begin(ctx, model, values)
    made = model(**values)
    ctx.session.add(made)
    own.reserve(ctx, made, {f"custom.{key}": value for key, value in values.get("custom", {}).items()})
    return made


def check_links(ctx: Context, model: type[Account] | type[Contact], values: Mapping[str, Any]) -> None:
    """Refuse what no record may be linked to: an owner who does not work here, an account or parent that the actor does
    not see. For whoever writes many records by one statement; the circle of parents is his to look for."""
    _owner_name(ctx, values.get("owner_id"))
    _check_account(ctx, values.get("account_id"))
    _check_referrer(ctx, None, values.get("referred_by_id"))
    own.check_links(ctx, model.ROOM, values)
    if model is Account and values.get("parent_id") is not None and not _sees_account(ctx, values["parent_id"]):
        raise Refused("account_unknown", field="parent_id")


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
    name = _owner_name(ctx, owner_id)
    party.owner_id = owner_id
    record(ctx, f"{kind}.owner_changed", party, about=_about(party), owner=name or "", name=party.name)
    _tell_owner(ctx, party)


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


def _tell_owner(ctx: Context, party: Account | Contact) -> None:
    """Whoever was given a record by somebody else hears of it and follows it."""
    if party.owner_id and party.owner_id != ctx.actor.id:
        begin_to_follow(ctx, party, [party.owner_id])
        notify(ctx, "assigned", [party.owner_id], party)


def _about(party: Account | Contact) -> tuple[UUID | None, ...]:
    return (party.account_id,) if isinstance(party, Contact) else ()


def _new_values(ctx: Context, model: type[Account] | type[Contact], values: dict[str, Any]) -> dict[str, Any]:
    """With the owner settled: somebody whose records the maker sees, or all. It would be gone from his sight else."""
    whose = reach_of(ctx, model)
    if "name" not in values:
        raise Refused("required", field="name")
    if "owner_id" not in values:
        values["owner_id"] = ctx.actor.owner_id
    elif values["owner_id"] is not None and whose is not None and values["owner_id"] not in whose:
        raise Refused("owner_not_you", field="owner_id")
    elif values["owner_id"] != ctx.actor.id:
        _owner_name(ctx, values["owner_id"])
    return with_mail_norm(_spelled(ctx, values))


def _with_currency(ctx: Context, values: dict[str, Any]) -> dict[str, Any]:
    """The same values; an amount without its currency is in the workspace's own."""
    bare = values.get("annual_revenue") is not None and not values.get("currency")
    return values | {"currency": ctx.tenant.currency} if bare else values


def _spelled(ctx: Context, values: dict[str, Any]) -> dict[str, Any]:
    """The same values, with tags as the workspace spells them."""
    return values | {"tags": spelled(ctx, values["tags"])} if values.get("tags") else values


def _besides_own(ctx: Context, given: Mapping[str, Any]) -> list[str]:
    """The fields of a new record that its maker chose: that it is his own is none."""
    return [name for name in given if name != "owner_id" or str(given[name]) != str(ctx.actor.owner_id)]


def _owner_name(ctx: Context, owner_id: UUID | None) -> str | None:
    """Name of an active user; refuses anybody else (`owner_unknown`)."""
    if owner_id is None:
        return None
    name = ctx.session.execute(select(User.name).where(User.id == owner_id, User.state == "active")).scalar_one_or_none()
    if name is None:
        raise Refused("owner_unknown", field="owner_id")
    return name


def _check_account(ctx: Context, account_id: UUID | None) -> None:
    if account_id is not None and not _sees_account(ctx, account_id):
        raise Refused("account_unknown", field="account_id")


def _check_referrer(ctx: Context, contact: Contact | None, referrer_id: UUID | None) -> None:
    """Refuses a referrer who is not seen, and the person himself."""
    if referrer_id is None:
        return
    if contact is not None and referrer_id == contact.id:
        raise Refused("referred_by_self", field="referred_by_id")
    there = select(literal(1)).select_from(Contact).where(Contact.id == referrer_id, Contact.deleted_at.is_(None), sees(ctx, Contact))
    if ctx.session.execute(there).first() is None:
        raise Refused("contact_unknown", field="referred_by_id")


def _sees_account(ctx: Context, account_id: UUID) -> bool:
    query = select(literal(1)).select_from(Account).where(Account.id == account_id, Account.deleted_at.is_(None), sees(ctx, Account))
    return ctx.session.execute(query).first() is not None


def _check_parent(ctx: Context, account: Account | None, parent_id: UUID | None) -> None:
    """Refuses a parent that is not seen and one that stands below the account."""
    if parent_id is None:
        return
    if not _sees_account(ctx, parent_id):
        raise Refused("account_unknown", field="parent_id")
    if account is None:
        return
    above = select(Account.id, Account.parent_id).where(Account.id == parent_id).cte("above", recursive=True)
    above = above.union(select(Account.id, Account.parent_id).where(Account.id == above.c.parent_id))
    if ctx.session.execute(select(func.count()).select_from(above).where(above.c.id == account.id)).scalar_one():
        raise Refused("parent_cycle", field="parent_id")


def _check_number(ctx: Context, model: type[Account] | type[Contact], values: Mapping[str, Any]) -> None:
    """Refuses a number elsewhere that another record has, one in the recycle bin too. Two who bring the same new one
    at once wait for one another."""
    number = values.get("external_id")
    if number is None:
        return
    place = f".{model.__tablename__}.external_id.{number}"
    ctx.session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || :place, 0))"), {"place": place})
    if ctx.session.execute(select(literal(1)).select_from(model).where(model.external_id == number)).first():
        raise Refused("external_id_taken", field="external_id")


def _changes(
    ctx: Context, party: Account | Contact, fields: Mapping, given: Mapping[str, Any], version: int | None, original: Mapping[str, Any] | None
) -> dict[str, Any]:
    """What is to be written, under the row's lock."""
    check_writes(ctx, party.ROOM, given)
    fields = {**fields, **own.cleaners(ctx, party.ROOM)}
    return editing.changes(ctx, party, _spelled(ctx, cleaned(fields, given)), version=version, original=cleaned_as_was(fields, original))


def _write(ctx: Context, kind: str, party: Account | Contact, changes: dict[str, Any], *, about: tuple[UUID | None, ...] = ()) -> None:
    """Write and tell. The owner's change is told as what it is."""
    owner_id = changes.pop("owner_id", party.owner_id)
    if changes:
        _check_number(ctx, type(party), changes)
        own.check(ctx, party, changes)
        own.reserve(ctx, party, changes)
        for name, value in with_mail_norm(own.write(party, changes)).items():
            setattr(party, name, value)
        for name in OF.keys() & changes.keys():
            flag_modified(party, name)  # whoever may not see where it was known from overwrites it all the same
        record(ctx, kind, party, about=about, fields=told_fields(changes), name=party.name)
    change_owner(ctx, party, owner_id)
    ctx.session.flush()  # the answer shows the new version
