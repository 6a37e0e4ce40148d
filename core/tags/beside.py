"""Where tags are named beside the records: drafts of mailings and saved views. They follow a rename and a merge, and its undo.

What is kept for the undo: {"mailings": [keys], "views": [keys], "both": {key: [places]}}. both: of what named the two tags already,
where the old one stood: a place among the tags of a draft or the words of the conditions of a view, TAG for a view's own tag.
"""

from collections.abc import Iterable
from itertools import count
from typing import Any
from uuid import UUID

from sqlalchemy import Text, any_, cast, func, literal, or_, select
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, JSONPATH

from core.base.context import Context
from core.mailings.models import Mailing
from core.tagging.queries import folded, folding
from core.views.models import SavedView

TAG = -1


def rename_beside(ctx: Context, old: str, new: str) -> dict[str, Any]:
    """Name `new` where `old` is named, however that is typed there; says where, to take it back."""
    both: dict[str, list[int]] = {}
    drafts = select(Mailing).where(Mailing.state == "draft", literal(old, Text) == any_(cast(Mailing.tags, ARRAY(Text)))).order_by(Mailing.id)
    found = list(ctx.session.execute(drafts.with_for_update()).scalars())
    for draft in found:
        if new in draft.tags:
            both[str(draft.id)] = [draft.tags.index(old)]
        draft.tags = list(dict.fromkeys(new if tag == old else tag for tag in draft.tags))
    views = _views_with(ctx, old)
    words = _same(ctx, {word for view in views for _, word in _named(view.query)}, old)
    for view in views:
        places = [place for place, word in _named(view.query) if word in words]
        if any(word == new for _, word in _named(view.query)):
            both[str(view.id)] = places
        view.query = _renamed(view.query, places, new)
    return {"mailings": [str(draft.id) for draft in found], "views": [str(view.id) for view in views], "both": both}


def take_back_beside(ctx: Context, old: str, new: str, kept: dict[str, Any]) -> None:
    """Name `old` again where it was named and `new` is now; where both were, `new` stays beside it."""
    both = kept.get("both", {})
    for draft in _held(ctx, Mailing, kept.get("mailings", ()), Mailing.state == "draft"):
        places = both.get(str(draft.id))
        if new in draft.tags and old not in draft.tags:
            draft.tags = [*draft.tags[:places[0]], old, *draft.tags[places[0]:]] if places else [old if tag == new else tag for tag in draft.tags]
    for view in _held(ctx, SavedView, kept.get("views", ())):
        places = both.get(str(view.id))
        view.query = _renamed(view.query, [place for place, word in _named(view.query) if word == new and (places is None or place in places)], old)


def _held(ctx: Context, model: Any, keys: Iterable[str], *also: Any) -> list[Any]:
    query = select(model).where(model.id.in_([UUID(key) for key in keys]), *also).order_by(model.id)
    return list(ctx.session.execute(query.with_for_update()).scalars())


def _views_with(ctx: Context, old: str) -> list[SavedView]:
    """The views that name the tag, held."""
    plain, either = (func.jsonb_path_query_array(SavedView.query, cast(path, JSONPATH), type_=JSONB) for path in ("$.where[*]", "$.either[*][*]"))
    each = func.jsonb_array_elements(plain.op("||")(either)).column_valued("each")
    word = func.unnest(func.string_to_array(each.op("->>")(2), ",")).column_valued("word")
    asked = select(literal(1)).where(each.op("->>")(0) == "tags", folding(func.btrim(word)) == folded(old)).correlate(SavedView).exists()
    query = select(SavedView).where(or_(folding(SavedView.query["tag"].astext) == folded(old), asked)).order_by(SavedView.id)
    return list(ctx.session.execute(query.with_for_update()).scalars())


def _named(query: dict[str, Any]) -> list[tuple[int, str]]:
    """(place, word) of every tag that a view names."""
    own = [(TAG, query["tag"])] if query.get("tag") else []
    return own + [(place, word.strip()) for place, (field, word) in enumerate((field, word) for field, _, value in _conditions(query) for word in _words(field, value)) if field == "tags"]


def _words(field: str, value: str) -> list[str]:
    """The value of a condition; of tags each of those that have commas between them."""
    return value.split(",") if field == "tags" else [value]


def _conditions(query: dict[str, Any]) -> list[list[str]]:
    """What must hold, then the alternatives one after the other."""
    return [*(query.get("where") or ()), *(one for group in query.get("either") or () for one in group)]


def _same(ctx: Context, words: Iterable[str], old: str) -> set[str]:
    """Those of the words that are the tag `old`, as the database folds them."""
    given = func.unnest(cast(sorted(words), ARRAY(Text))).column_valued("word")
    return set(ctx.session.execute(select(given).where(folding(given) == folded(old))).scalars()) if words else set()


def _renamed(query: dict[str, Any], places: list[int], word: str) -> dict[str, Any]:
    found = dict(query)
    if TAG in places:
        found["tag"] = word
    place = count()
    said = iter([[field, op, ",".join(word if next(place) in places else one for one in _words(field, value))] for field, op, value in _conditions(query)])
    if found.get("where"):
        found["where"] = [next(said) for _ in found["where"]]
    if found.get("either"):
        found["either"] = [[next(said) for _ in group] for group in found["either"]]
    return found
