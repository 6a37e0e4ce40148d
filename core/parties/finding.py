"""Search by part of a name: where accounts and contacts keep what `core.base.finding` looks in."""

from typing import Any

from sqlalchemy import ColumnElement

from core.base.finding import characters_of, holds


def found_by(typed: str | None, model: Any, *further: Any) -> ColumnElement[bool] | None:
    """Rows of `model` that have every word in their name or in one of the `further` columns; None for no words."""
    return holds(typed, (model.name_fold, *further), characters_of(model.__table__.c.name_fold))
