"""Where tags are named beside the records: drafts of mailings and saved views. They follow a rename and a merge."""

from typing import Any
from uuid import UUID

from sqlalchemy import Text, any_, cast, literal, select
from sqlalchemy.dialects.postgresql import ARRAY

from core.base.context import Context
from core.mailings.models import Mailing
from core.views.models import SavedView


def rename_beside(ctx: Context, old: str, new: str, only: dict[str, Any] | None = None) -> dict[str, list[str]]:
    """Name `new` where `old` is named; says where. only: what that said, to take it back."""
    return {"mailings": _drafts(ctx, old, new, only), "views": _views(ctx, old, new, only)}


def _drafts(ctx: Context, old: str, new: str, only: dict[str, Any] | None) -> list[str]:
    query = select(Mailing).where(Mailing.state == "draft", literal(old, Text) == any_(cast(Mailing.tags, ARRAY(Text)))).order_by(Mailing.id)
    found = list(ctx.session.execute(_among(query, Mailing, "mailings", only).with_for_update()).scalars())
    for draft in found:
        draft.tags = list(dict.fromkeys(new if tag == old else tag for tag in draft.tags))
    return [str(draft.id) for draft in found]


def _views(ctx: Context, old: str, new: str, only: dict[str, Any] | None) -> list[str]:
    named = SavedView.query["tag"].astext == old
    asked = SavedView.query.contains({"where": [["tags", old]]})  # as sets: whatever the operator
    query = select(SavedView).where(named | asked).order_by(SavedView.id)
    found = list(ctx.session.execute(_among(query, SavedView, "views", only).with_for_update()).scalars())
    for view in found:
        view.query = _renamed(view.query, old, new)
    return [str(view.id) for view in found]


def _among(query: Any, model: Any, name: str, only: dict[str, Any] | None) -> Any:
    return query if only is None else query.where(model.id.in_([UUID(key) for key in only.get(name, ())]))


def _renamed(query: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    found = dict(query)
    if found.get("tag") == old:
        found["tag"] = new
    if found.get("where"):
        found["where"] = [[field, op, new if field == "tags" and value == old else value] for field, op, value in found["where"]]
    return found
