"""What the merge fields of a mail's template hold (their rules: core/post/merge_fields.py)."""

from typing import Any

from core.base.context import Context
from core.base.words import N_
from core.identity.models import User
from core.parties.models import Account, Contact
from core.post.merge_fields import MergeFields

FIELDS = {
    "contact.name": N_("Name of the person"), "contact.greeting": N_("How a letter to the person begins"), "account.name": N_("Name of the account"), "record.name": N_("Name of the record from which you write"),
    "me.name": N_("Your name"), "workspace.name": N_("Name of your company"),
}
MERGE = MergeFields(FIELDS)


def values_of(ctx: Context, record: Any) -> dict[str, Any]:
    """What the fields hold for a record, as far as the actor sees it."""
    contact = record if isinstance(record, Contact) else _seen(ctx, Contact, getattr(record, "contact_id", None))
    account = record if isinstance(record, Account) else _seen(ctx, Account, getattr(record, "account_id", None) or getattr(contact, "account_id", None))
    me = ctx.session.get(User, ctx.actor.id) if ctx.actor.id else None
    name = getattr(contact, "name", None) or (getattr(record, "name", None) if getattr(record, "ROOM", "") == "leads" else None)
    return {
        "contact.name": name, "contact.greeting": getattr(contact, "how_to_address", None) or name, "account.name": getattr(account, "name", None) or getattr(record, "company", None),
        "record.name": getattr(record, "name", None), "me.name": me.name if me else ctx.actor.name, "workspace.name": ctx.tenant.name,
    }


def _seen(ctx: Context, model: Any, key: Any) -> Any:
    from core.base.records import may_open

    found = ctx.session.get(model, key) if key else None
    return found if found is not None and may_open(ctx, found) else None
