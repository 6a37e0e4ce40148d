"""Use cases of roles that a person has at accounts beside his own: note, edit, take away, bring back. Whoever does not
see the account, or not the person, sees nothing of it; so timelines name neither."""

from typing import Any
from uuid import UUID

from sqlalchemy import exists, literal, select

from core.base import editing
from core.base.context import Context
from core.base.errors import Conflict, NotFound, Refused
from core.base.facts import record
from core.base.field_rights import check_writes
from core.base.policy import require, sees
from core.parties import reach_rules
from core.parties.models import Account, Contact
from core.parties.reach_access import one_affiliation
from core.parties.reach_models import Affiliation
from core.parties.restricting import check_free


def affiliate(ctx: Context, contact: Contact, account_id: UUID | None, **given: Any) -> Affiliation:
    """Note that a person is at this account too (title, department, since, until, is_former). Refuses an account that the
    actor does not see, and one where the person is already."""
    _may_write(ctx, contact, ["account_id", *given])
    editing.hold(ctx, contact)
    seen = select(literal(1)).select_from(Account).where(Account.id == account_id, Account.deleted_at.is_(None), sees(ctx, Account))
    if ctx.session.execute(seen).first() is None:
        raise Refused("account_unknown", field="account_id")
    values = editing.cleaned(reach_rules.AFFILIATION_FIELDS, given)
    reach_rules.check_days(values)
    _check_new(ctx, contact, account_id)
    found = Affiliation(contact_id=contact.id, account_id=account_id, **values)
    ctx.session.add(found)
    ctx.session.flush()  # the page and the answer name it by key
    _tell(ctx, "affiliation.added", contact, found)
    return found


def edit_affiliation(ctx: Context, affiliation: Affiliation, *, version: int | None = None, **given: Any) -> Affiliation:
    """Change the role, its days, or that it is over. Refuses what was changed in another window."""
    contact, affiliation = _held(ctx, affiliation, version)
    values = editing.cleaned(reach_rules.AFFILIATION_FIELDS, given)
    changed = {name: value for name, value in values.items() if value != getattr(affiliation, name)}
    _may_write(ctx, contact, changed)
    reach_rules.check_days({"since": affiliation.since, "until": affiliation.until, **changed})
    for name, value in changed.items():
        setattr(affiliation, name, value)
    if changed:
        ctx.session.flush()  # the answer shows the new version
        _tell(ctx, "affiliation.edited", contact, affiliation)
    return affiliation


def remove_affiliation(ctx: Context, affiliation: Affiliation, *, version: int | None = None) -> None:
    """Take it away as if it had never been; what is over is edited to be former."""
    contact, affiliation = _held(ctx, affiliation, version)
    _may_write(ctx, contact, ["account_id"])
    affiliation.deleted_at = ctx.now
    _tell(ctx, "affiliation.removed", contact, affiliation)


def restore_affiliation(ctx: Context, affiliation: Affiliation) -> None:
    """Bring it back; refused where the person is at that account again."""
    contact = _contact(ctx, affiliation)
    _may_write(ctx, contact, ["account_id"])
    editing.hold(ctx, contact)
    _check_new(ctx, contact, affiliation.account_id)
    affiliation.deleted_at = None
    _tell(ctx, "affiliation.restored", contact, affiliation)


def _held(ctx: Context, affiliation: Affiliation, version: int | None) -> tuple[Contact, Affiliation]:
    contact = _contact(ctx, affiliation)
    require(ctx, "contacts.edit", contact)
    editing.hold(ctx, contact)
    ctx.session.refresh(affiliation)
    affiliation = one_affiliation(ctx, affiliation.id)
    if version is not None and version != affiliation.version:
        raise Conflict("stale")
    return contact, affiliation


def _contact(ctx: Context, affiliation: Affiliation) -> Contact:
    found = ctx.session.execute(select(Contact).where(Contact.id == affiliation.contact_id, Contact.deleted_at.is_(None), sees(ctx, Contact))).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


def _may_write(ctx: Context, contact: Contact, names: Any) -> None:
    """A role is protected with the job title, where somebody is with the account."""
    require(ctx, "contacts.edit", contact)
    check_free(contact)
    check_writes(ctx, "contacts", {"job_title" if name in ("title", "department") else "account_id" for name in names})


def _check_new(ctx: Context, contact: Contact, account_id: UUID) -> None:
    there = exists().where(Affiliation.contact_id == contact.id, Affiliation.account_id == account_id, Affiliation.deleted_at.is_(None))
    if contact.account_id == account_id or ctx.session.execute(select(there)).scalar_one():
        raise Refused("affiliated_there", field="account_id")


def _tell(ctx: Context, kind: str, contact: Contact, affiliation: Affiliation) -> None:
    record(ctx, kind, contact, about=(affiliation.account_id,), name=contact.name)
