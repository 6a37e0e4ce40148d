"""By what leads are found: name, company and mail address, of the address only where its reader may know it."""

from typing import Any

from sqlalchemy import ColumnElement, Text, func, literal

from core.base.context import Context
from core.base.field_rights import hidden
from core.base.finding import characters_of, holds
from core.custom_fields.columns import sought_in
from core.leads.models import Lead


def found_by(ctx: Context, typed: str | None) -> ColumnElement[bool] | None:
    """Leads that have every word that was typed; None for no words."""
    own = sought_in(ctx, Lead)
    if "mail" not in hidden(ctx, "leads"):
        return holds(typed, (Lead.sought, *own), characters_of(Lead.__table__.c.sought))
    return holds(typed, (Lead.name_fold, _folded(Lead.company), *own))


def _folded(column: Any) -> ColumnElement[str]:
    return func.lower(func.ext.immutable_unaccent(func.coalesce(column, literal("", Text))), type_=Text)
