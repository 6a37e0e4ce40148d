"""What the lists of accounts and of contacts share: what their address asks for, chips and links that keep it."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from flask import current_app, g, redirect, request, url_for

from core.base import conditions
from core.base.context import Context
from core.base.errors import Refused
from core.base.field_rights import hidden
from core.base.words import N_
from core.identity import queries as people
from core.parties import queries as parties
from core.transfer import queries as imports
from core.views import queries as views
from core.views.actions import may_change
from core.views.filtering import Filters
from core.views.grouping import groupable
from core.views.lists import chosen_columns, columns_of, sortable, usual
from core.views.models import SavedView
from core.views.queries import Views
from infra import i18n
from web.custom_fields.saying import INPUTS
from web.custom_fields.saying import options as own_options
from web.pages import say
from web.parties.cells import FREE, class_of, lines
from web.parties.conditions import as_said, builder, condition_of_args, with_one, without
from web.parties.rows import can_batch, rows
from web.parties.summing import sums
from web.words import say_refusal

NAMED = {"q": "search", "owner": "owner", "tag": "tag", "kind": "kind", "role": "role", "under": "under", "import": "brought"}


@dataclass(frozen=True)
class ListPage:
    """What the page of a room's list shows in its own way. segments: (text, what they change in the address). names: the names of what its
    records name by key. under: what the filter `under` names, and the name of one. batch: the blueprint in which rows are chosen for a bulk edit."""

    segments: tuple[tuple[str, dict[str, Any]], ...]
    names: Callable[[Context], dict[UUID, str]]
    under: tuple[str, Callable[[Context, UUID | None], str | None]]
    owned: bool = True
    tagged: bool = True
    priced: bool = False
    batch: str = "bulk"
    options: Callable[[Context, str], list[tuple[str, str]]] | None = None


OWNED = ((N_("All"), {"owner": None}), (N_("Mine"), {"owner": "me"}), (N_("Free"), {"owner": "pool"}))
PARTY = ListPage(OWNED, people.user_names, (N_("In the tree of"), parties.account_name))
PAGES: dict[str, ListPage] = {"accounts": PARTY, "contacts": PARTY}


@dataclass(frozen=True)
class Asked:
    """A list as it is asked for. columns: chosen in the address, the view or as a habit; None: the usual ones. view: the
    saved one that it began with; edited: it says something else by now. group: the column by which its rows stand together."""

    room: str
    filters: Filters
    sort: str
    columns: tuple[str, ...] | None
    cursor: str | None
    views: Views
    view: SavedView | None = None
    edited: bool = False
    group: str = ""

    @property
    def endpoint(self) -> str:
        return f"{self.room}.index"

    def widths(self, ctx: Context) -> dict[str, int]:
        """Pixels by column. In a view that one may change they are the view's; in others' one's own come first."""
        if self.view is None:
            return dict(self.views.widths)
        return dict(self.view.widths) if may_change(ctx, self.view) else {**self.view.widths, **self.views.widths}

    def query(self) -> dict[str, Any]:
        """What a view keeps of it (core.views.rules)."""
        named = {name: str(value) for name in NAMED.values() if (value := getattr(self.filters, name))}
        found = named | {"where": [list(one) for one in self.filters.where], "either": [[list(one) for one in group] for group in self.filters.either], "sort": "" if self.sort == "name" else self.sort, "group": self.group}
        return {name: value for name, value in found.items() if value} | ({"columns": list(self.columns)} if self.columns is not None else {})

    def link(self, **changed: Any) -> str:
        """The list's address with some of it changed; anything new begins at the first page."""
        return url_for(self.endpoint, **self.args(**changed))

    def args(self, **changed: Any) -> dict[str, str]:
        """All of it as parameters of the address; a view's key alone while nothing is changed."""
        if self.view is not None and not self.edited and not changed.keys() - {"cursor"}:
            return {"view": str(self.view.id)} | {name: value for name, value in changed.items() if value}
        cursor, view = changed.pop("cursor", None), changed.pop("view", self.view and str(self.view.id))
        where, either = changed.pop("where", self.filters.where), changed.pop("either", self.filters.either)
        values = {name: getattr(self.filters, field) for name, field in NAMED.items()} | {"sort": self.sort, "group": self.group} | changed
        found = {name: str(value) for name, value in values.items() if value and (name, value) != ("sort", "name")}
        found |= conditions.as_args(where, either)
        if self.columns is not None and self.columns != self.views.columns:
            found["columns"] = ",".join(self.columns)
        if view or not found:
            found |= {"view": view or "all"} | ({"edited": "1"} if view else {})
        return found | ({"cursor": cursor} if cursor else {})


def asked(ctx: Context, room: str) -> Asked:
    """What the request asks for; what values may be is checked by the query. A list that is asked for nothing opens with
    the view that the person has chosen for that."""
    args, found = request.args, views.views_of(ctx, room)
    says = any(args.get(name) for name in (*NAMED, "sort", "columns", "group")) or any(name.startswith("filter[") for name in args)
    view = found.one(args.get("view") or (None if says else found.default))
    edited = view is not None and args.get("edited") == "1"
    if view is not None and not edited:
        return _still_known(ctx, of_query(room, view.query, found, view=view, cursor=args.get("cursor") or None))
    filters = filters_of(args)
    columns = chosen_columns(ctx, room, args["columns"].split(",")) if args.get("columns") else (found.columns if view is None else _of(view.query))
    return Asked(room, filters, args.get("sort") or "name", columns, args.get("cursor") or None, found, view, edited, args.get("group") or "")


def _still_known(ctx: Context, state: Asked) -> Asked:
    """A view's list; not in groups by a column that is gone, nor in groups or an order by one that is hidden from the actor."""
    away = hidden(ctx, state.room)
    lost = state.group and (state.group not in groupable(ctx, state.room) or state.group in away)
    return replace(state, group="" if lost else state.group, sort="name" if state.sort.removeprefix("-") in away else state.sort)


def filters_of(args: Mapping[str, str]) -> Filters:
    """The filters that an address or a form says."""
    where, either = conditions.of_args(args)
    return Filters(**{field: args.get(name) or None for name, field in NAMED.items()}, where=where, either=either)


def of_query(room: str, query: dict[str, Any], found: Views, **rest: Any) -> Asked:
    """The list that a kept query asks for."""
    filters = Filters(**{field: query.get(field) for field in NAMED.values()}, where=conditions.of_json(query.get("where", ())), either=tuple(conditions.of_json(group) for group in query.get("either", ())))
    return Asked(room, filters, query.get("sort") or "name", _of(query) or found.columns, views=found, **{"cursor": None, "group": query.get("group") or "", **rest})


def _of(query: dict[str, Any]) -> tuple[str, ...] | None:
    return tuple(query["columns"]) if "columns" in query else None


def shown_columns(ctx: Context, state: Asked) -> tuple[str, ...]:
    """The columns to show: what was chosen, without those that are gone or hidden from the actor."""
    known, away = columns_of(ctx, state.room), hidden(ctx, state.room)
    return tuple(name for name in (usual(ctx, state.room) if state.columns is None else state.columns) if name in known and name not in away)


def one_more(ctx: Context, state: Asked):
    """The form "any field" was sent: on to the list with that condition. What it can't be is said there."""
    try:
        one = condition_of_args(ctx, state.room, request.args)
    except Refused as refusal:
        say(ctx, N_("That filter can not be set: %(why)s"), kind="error", why=say_refusal(refusal, ctx.locale))
        one = None
    where, either = with_one(state.filters, one, request.args.get("into", "")) if one else (state.filters.where, state.filters.either)
    return redirect(state.link(where=where, either=either), code=303)


def list_values(ctx: Context, state: Asked, page: Any) -> dict[str, Any]:
    """What a list's template needs: rows as lines of cells, and everything around them."""
    shape, columns = PAGES[state.room], shown_columns(ctx, state)
    names = shape.names(ctx)
    below, heads = sums(ctx, state, page, columns, names)
    return {
        "page": page, "state": state, "filters": state.filters, "sort": state.sort, "owners": names if shape.owned else {}, "shape": shape, "room": state.room, "things": state.room,
        "columns": [_head(ctx, state, name, place, names) for place, name in enumerate(columns)], "sums": below, "can_batch": can_batch(ctx, state.room),
        "table_rows": rows(ctx, state.room, lines(ctx, state.room, page.rows, columns, names), heads, url_for(state.endpoint)),
        "owner_options": [["", _said(FREE)], *([str(key), name] for key, name in names.items())] if shape.owned else None, "kept": _kept(state, names),
        "chips": _chips(ctx, state, names), "segments": _segments(state), "builder": builder(ctx, state.room, len(state.filters.either)), "offered": _offered(ctx, state.room, columns),
        "by_name": state.link(sort="-name" if state.sort == "name" else None), "by_change": state.link(sort="changed"),
        "next_url": state.link(cursor=page.next) if page.next else None, "prev_url": state.link(cursor=page.prev) if page.prev else None,
        "clear_url": url_for(state.endpoint, view="all"), "list_url": url_for(state.endpoint), "export_fields": export_fields(state), "export_url": _where(f"transfer.new_{state.room}_export", columns=",".join(columns), **export_fields(state)), "export_to": _where(f"transfer.export_{state.room}"),
        "groups": _groups(ctx, state), "widths": _widths(ctx, state, columns),
        "around": replace(state, edited=state.view is not None).args(), "saved": {"room": state.room, "query": json.dumps(state.query(), ensure_ascii=False)} | ({"view": str(state.view.id)} if state.view else {}),
        "select_url": _where(f"{shape.batch}.select_{state.room}", **export_fields(state)), "taken_out_url": _where(f"bulk.export_{state.room}", **export_fields(state)), "merge_url": _where(f"merges.choose_{state.room}"),
    }


def _where(endpoint: str, **values: Any) -> str:
    """The address of a page that not every list has; nothing where this one has not."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else ""


def _groups(ctx: Context, state: Asked) -> list[tuple[str, str, bool]]:
    """(label, address, chosen) of every column that the list may be grouped by; the chosen one's address groups no more."""
    away = hidden(ctx, state.room)
    return [(one.label, state.link(group=None if name == state.group else name), name == state.group) for name, one in groupable(ctx, state.room).items() if name not in away]


def _widths(ctx: Context, state: Asked, columns: Iterable[str]) -> dict[str, Any]:
    """What widths.js needs: pixels by column, and what it sends along when one is dragged."""
    kept, shown = state.widths(ctx), ("name", *columns)
    return {"of": {name: kept[name] for name in shown if name in kept}, "room": state.room, "view": str(state.view.id) if state.view else ""}


def export_fields(state: Asked) -> dict[str, str]:
    """What the button "Export" sends along: the list's filters."""
    return {name: value for name, value in replace(state, view=None, edited=False).args(sort=None, group=None).items() if name not in ("view", "columns", "edited")}


def _head(ctx: Context, state: Asked, name: str, place: int, names: dict[UUID, str]) -> dict[str, Any]:
    """A column's heading: where a click sorts to, how it is sorted now, and what its cells may be chosen from."""
    listed = columns_of(ctx, state.room)[name]
    head = {"name": name, "text": listed.label, "cls": class_of(listed, place), "sort_url": None, "sorted": "", "options": None}
    if listed.own is not None and INPUTS.get(listed.own.kind) == "select":
        head["options"] = own_options(ctx, listed.own, names=names)
    elif listed.shown in ("named", "word") and (options := PAGES[state.room].options) is not None:
        head["options"] = options(ctx, name)
    if sortable(state.room, name, listed):
        way = {name: "ascending", f"-{name}": "descending"}.get(state.sort, "")
        head |= {"sort_url": state.link(sort=f"-{name}" if way == "ascending" else name), "sorted": way}
    return head


def _offered(ctx: Context, room: str, shown: Iterable[str]) -> list[tuple[str, str, bool]]:
    """(name, label, chosen) of every column that may be chosen, the chosen ones first and in their order."""
    away, chosen = hidden(ctx, room), list(shown)
    known = columns_of(ctx, room)
    rest = [name for name in known if name not in chosen and name not in away]
    return [(name, known[name].label, name in chosen) for name in (*chosen, *rest)]


def _segments(state: Asked) -> list[dict]:
    plain = state.view is None
    return [
        {"text": text, "href": state.link(**changed, view=None), "current": plain and all(getattr(state.filters, name) == value for name, value in changed.items())}
        for text, changed in PAGES[state.room].segments
    ]


def _kept(state: Asked, names: dict[UUID, str]) -> list[dict]:
    """The saved views with their addresses; of others' whose they are."""
    me = g.ctx.actor.id
    return [
        {"id": view.id, "name": view.name, "href": url_for(state.endpoint, view=view.id), "current": state.view is view, "by": "" if view.user_id == me else names.get(view.user_id, ""),
         "audience": view.audience, "default": state.views.default == view.id}
        for view in state.views.views
    ]


def _chips(ctx: Context, state: Asked, names: dict[UUID, str]) -> list[dict]:
    """The filters that are set, each with the address without it."""
    filters, found = state.filters, []
    if filters.owner not in (None, "me", "pool"):
        name = next((name for key, name in names.items() if str(key) == str(filters.owner)), filters.owner)
        found.append({"text": _said(N_("Owner")), "value": name, "off": state.link(owner=None)})
    for name, text, values in (("role", N_("Role"), {"customer": N_("Customer"), "supplier": N_("Supplier")}), ("kind", N_("Kind"), {"company": N_("Company"), "person": N_("Person")})):
        if getattr(filters, name):
            found.append({"text": _said(text), "value": _said(values.get(getattr(filters, name), "")), "off": state.link(**{name: None})})
    if filters.tag:
        found.append({"text": _said(N_("Tag")), "value": filters.tag, "off": state.link(tag=None)})
    if filters.under:
        text, name_of = PAGES[state.room].under
        found.append({"text": _said(text), "value": name_of(ctx, _uuid(filters.under)) or _said(N_("one out of your sight")), "off": state.link(under=None)})
    if filters.brought:
        found.append({"text": _said(N_("From the import")), "value": imports.one(ctx, _uuid(filters.brought)).file_name, "off": state.link(**{"import": None})})
    found += [_chip(ctx, state, one) for one in filters.where]
    for number, group in enumerate(filters.either):
        found += [_chip(ctx, state, one, number) | {"before": _before(number, place, len(filters.either))} for place, one in enumerate(group)]
    return found


def _before(number: int, place: int, groups: int) -> str:
    """What stands before a condition of an alternative."""
    return "" if place or groups < 2 else _said(N_("or") if number else N_("either"))


def _chip(ctx: Context, state: Asked, one: conditions.Condition, number: int | None = None) -> dict:
    """A condition with the address without it; number: of the alternative that it belongs to."""
    text, value = as_said(ctx, state.room, one)
    where, either = without(state.filters, one, number)
    return {"text": text, "value": value, "off": state.link(where=where, either=either)}


def _uuid(text: Any) -> UUID | None:
    try:
        return UUID(str(text))
    except ValueError:
        return None


def _said(text: str) -> str:
    return i18n.gettext(g.get("lang", "en"), text) if text else ""
