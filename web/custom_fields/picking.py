"""Fields that name an account or a contact: a key chosen from the list, or (without script) the name that was typed."""

from flask import request

from core.base.context import Context
from core.base.errors import Refused
from core.custom_fields.values import linked
from core.parties import queries
from web.forms import keys_of


def picked_link(ctx: Context, kind: str, field: str) -> str | None:
    """The key as text, "" for none; None where the form has no such field. Refuses a name that is not exactly one."""
    key, text = request.form.get(field), request.form.get(f"{field}_text")
    if text is None:
        return key
    text = " ".join(text.split())
    if not text:
        return ""
    keys = keys_of([key or ""])
    if keys and linked(ctx, kind, keys) == dict.fromkeys(keys, text):
        return key
    found = (queries.accounts_named if kind == "account" else queries.contacts_named)(ctx, text)
    if len(found) != 1:
        raise Refused("unknown_value", field=field)
    return str(found[0])
