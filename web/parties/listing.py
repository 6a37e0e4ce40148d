"""What the lists of accounts and of contacts share: the filters of their address, chips and links that keep them."""

from typing import Any
from uuid import UUID

from flask import request, url_for

from core.base.context import Context
from core.base.words import N_
from core.identity import queries as people
from core.parties.queries import Filters

KEPT = ("q", "owner", "tag", "kind", "role", "sort")


def asked() -> tuple[Filters, str, str | None]:
    """(filters, order, cursor) of the request; what they may be is checked by the query."""
    args = request.args
    filters = Filters(search=args.get("q"), owner=args.get("owner") or None, tag=args.get("tag") or None, kind=args.get("kind") or None, role=args.get("role") or None)
    return filters, args.get("sort") or "name", args.get("cursor") or None


def link(endpoint: str, **changed: str | None) -> str:
    """The list's address with some of its filters changed; a new filter begins at the first page."""
    values = {name: request.args.get(name) for name in KEPT} | changed
    return url_for(endpoint, **{name: value for name, value in values.items() if value})


def list_values(ctx: Context, endpoint: str, page: Any, filters: Filters, sort: str) -> dict[str, Any]:
    """What a list's template needs beside its rows."""
    names = people.user_names(ctx)
    return {
        "page": page, "filters": filters, "sort": sort, "owners": names, "chips": _chips(endpoint, filters, names),
        "views": [
            {"text": N_("All"), "href": link(endpoint, owner=None), "current": filters.owner is None},
            {"text": N_("Mine"), "href": link(endpoint, owner="me"), "current": filters.owner == "me"},
            {"text": N_("Free"), "href": link(endpoint, owner="pool"), "current": filters.owner == "pool"},
        ],
        "by_name": link(endpoint, sort=None), "by_change": link(endpoint, sort="changed"),
        "next_url": link(endpoint, cursor=page.next) if page.next else None, "prev_url": link(endpoint, cursor=page.prev) if page.prev else None,
        "select_url": link(f"bulk.select_{endpoint.partition('.')[0]}"), "taken_out_url": link(f"bulk.export_{endpoint.partition('.')[0]}"),
        "room": endpoint.partition(".")[0], "clear_url": url_for(endpoint), "list_url": url_for(endpoint),
    }


def _chips(endpoint: str, filters: Filters, names: dict[UUID, str]) -> list[dict]:
    """The filters that are set, each with the address without it."""
    found = []
    if filters.owner not in (None, "me", "pool"):
        name = next((name for key, name in names.items() if str(key) == filters.owner), filters.owner)
        found.append({"text": N_("Owner"), "value": name, "off": link(endpoint, owner=None)})
    for name, text, value in (("role", N_("Role"), {"customer": N_("Customer"), "supplier": N_("Supplier")}), ("kind", N_("Kind"), {"company": N_("Company"), "person": N_("Person")})):
        if getattr(filters, name):
            found.append({"text": text, "value": value.get(getattr(filters, name), ""), "translate": True, "off": link(endpoint, **{name: None})})
    if filters.tag:
        found.append({"text": N_("Tag"), "value": filters.tag, "off": link(endpoint, tag=None)})
    return found
