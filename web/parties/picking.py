"""The field that names an account or a person: a key chosen from the list, or (without script) the name that was typed."""

from collections.abc import Callable
from uuid import UUID

from flask import request

from core.base.context import Context
from core.base.errors import Refused
from core.parties import queries


def picked_account(ctx: Context, field: str) -> str | None:
    """The key as text, "" for none; None where the form has no such field. Refuses a name that is not exactly one."""
    return _picked(ctx, field, queries.account_name, queries.accounts_named, "account_unknown")


def picked_contact(ctx: Context, field: str) -> str | None:
    """The same for a person."""
    return _picked(ctx, field, queries.contact_name, queries.contacts_named, "contact_unknown")


def _picked(ctx: Context, field: str, name_of: Callable, named: Callable, unknown: str) -> str | None:
    key, text = request.form.get(field), request.form.get(f"{field}_text")
    if text is None:
        return key
    text = " ".join(text.split())
    if not text:
        return ""
    if key and name_of(ctx, _key(key)) == text:
        return key
    found = named(ctx, text)
    if len(found) != 1:
        raise Refused(unknown, field=field)
    return str(found[0])


def _key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
