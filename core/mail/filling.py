"""Merge fields of templates: a name out of a fixed list, replaced once by text. Nothing in a template or a value is ever evaluated (RELIABILITY X1).

{{ contact.name }} or {{ contact.greeting | Hello }}: the words after the bar stand where the value is empty.
"""

import re
from collections.abc import Mapping
from typing import Any

from core.base.context import Context
from core.base.errors import Refused
from core.base.words import N_
from core.identity.models import User
from core.parties.models import Account, Contact
from core.post.rules import BROKEN

FIELDS = {
    "contact.name": N_("Name of the person"), "contact.greeting": N_("How a letter to the person begins"), "account.name": N_("Name of the account"), "record.name": N_("Name of the record from which you write"),
    "me.name": N_("Your name"), "workspace.name": N_("Name of your company"),
}
PLACEHOLDER = re.compile(r"\{\{[ \t]*([A-Za-z_][A-Za-z0-9_.]{0,60})[ \t]*(?:\|([^{}|\n]{0,60}))?\}\}")
ANY_BRACES = re.compile(r"\{\{(.{0,60}?)\}\}", re.DOTALL)
VALUE_MAX = 200


def check(text: str, *, field: str) -> str:
    """The text itself. Refuses what looks like a merge field and is none (`mail_field_unknown`), before anybody gets it."""
    for braces in ANY_BRACES.finditer(text):
        exact = PLACEHOLDER.fullmatch(braces.group(0))
        if exact is None or exact.group(1) not in FIELDS:
            raise Refused("mail_field_unknown", field=field, name=braces.group(1).strip()[:40])
    return text


def fill(template: str, values: Mapping[str, Any]) -> str:
    """Merge fields replaced, once: a value that looks like a field stays as it is, an unknown name too."""
    return PLACEHOLDER.sub(lambda found: _value(found, values), template)


def fill_line(template: str, values: Mapping[str, Any]) -> str:
    """The same for a subject: what comes in by a value can not begin a new line."""
    return BROKEN.sub(" ", fill(template, values)).strip()


def _value(found: re.Match, values: Mapping[str, Any]) -> str:
    name, instead = found.group(1), found.group(2) or ""
    if name not in FIELDS:
        return found.group(0)
    value = values.get(name)
    return (value.strip() if isinstance(value, str) else "")[:VALUE_MAX] or instead.strip()


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
