"""Search by part of a name: where accounts and contacts keep what `core.base.finding` looks in."""

from typing import Any

from sqlalchemy import ColumnElement, or_

from core.base.context import Context
from core.base.field_rights import hidden
from core.base.finding import characters_of, holds
from core.custom_fields import columns
from core.parties.models import Contact


def found_by(typed: str | None, model: Any, *further: Any, also: ColumnElement[bool] | None = None) -> ColumnElement[bool] | None:
    """Rows of `model` that have every word in their name or in one of the `further` columns, or (also) are found
    otherwise; None for no words."""
    found = holds(typed, (model.name_fold, *further), characters_of(model.__table__.c.name_fold))
    return found if found is None or also is None else or_(found, also)


def sought_in(ctx: Context, model: Any) -> tuple[Any, ...]:
    """What a search looks in beside the name: a contact's mail address, for whom it is not hidden from, and own fields."""
    mail = (Contact.mail_norm,) if model is Contact and "mail" not in hidden(ctx, "contacts") else ()
    return (*mail, *columns.sought_in(ctx, model))
