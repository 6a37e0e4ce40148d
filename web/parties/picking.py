"""The field that names an account: a key chosen from the list, or (without script) the name that was typed."""

from uuid import UUID

from flask import request

from core.base.context import Context
from core.base.errors import Refused
from core.parties import queries


def picked_account(ctx: Context, field: str) -> str | None:
    """The key as text, "" for none; None where the form has no such field. Refuses a name that is not exactly one."""
    key, text = request.form.get(field), request.form.get(f"{field}_text")
    if text is None:
        return key
    text = " ".join(text.split())
    if not text:
        return ""
    if key and queries.account_name(ctx, _key(key)) == text:
        return key
    found = queries.accounts_named(ctx, text)
    if len(found) != 1:
        raise Refused("account_unknown", field=field)
    return str(found[0])


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
