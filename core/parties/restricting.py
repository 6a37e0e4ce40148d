"""Restriction of processing (GDPR 18): a person's data are kept and not worked with."""

from sqlalchemy import ColumnElement

from core.base.context import Context
from core.base.errors import Refused
from core.base.facts import record
from core.base.policy import require
from core.base.text import clean_needed
from core.parties.models import Contact


def restrict(ctx: Context, contact: Contact, why: str | None) -> None:
    """From now on nothing is changed, sent or taken out of this person until it is lifted."""
    require(ctx, "contacts.edit", contact)
    if contact.restricted_at is not None:
        return
    contact.restricted_at, contact.restricted_why = ctx.now, clean_needed(why, field="why", max_length=300)
    record(ctx, "contact.restricted", contact, about=(contact.account_id,), name=contact.name)
    ctx.session.flush()


def lift(ctx: Context, contact: Contact) -> None:
    """Work with the person's data again."""
    require(ctx, "contacts.edit", contact)
    if contact.restricted_at is None:
        return
    contact.restricted_at = contact.restricted_why = None
    record(ctx, "contact.restriction_lifted", contact, about=(contact.account_id,), name=contact.name)
    ctx.session.flush()


def check_free(contact: object) -> None:
    """Refuses (`contact_restricted`) whoever would change what a restricted person's record says."""
    if getattr(contact, "restricted_at", None) is not None:
        raise Refused("contact_restricted")


def free() -> ColumnElement[bool]:
    """Contacts that may be worked with: for audiences, bulk edits and lists that are taken out."""
    return Contact.restricted_at.is_(None)
