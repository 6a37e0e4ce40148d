"""The side bar, collected from the rooms: each web room's views.py may hold NAV = [NavItem(...)]."""

from dataclasses import dataclass
from functools import lru_cache

from flask import current_app, g, request, url_for

from core.base import policy
from core.base.words import N_
from infra import i18n

# Groups in their order; "" has no heading.
GROUPS = ("", N_("Sales"), N_("Marketing"), N_("Data"), N_("Workspace"))


@dataclass(frozen=True)
class NavItem:
    """One line of the side bar. text: message id. key: hotkey such as "g a". group: one of GROUPS. order: within it.
    beside: what the sign-in brings along that is counted there (core.identity.queries.beside_sign_in)."""

    endpoint: str
    icon: str
    text: str
    permission: str
    key: str = ""
    group: str = "Sales"
    order: int = 50
    beside: str = ""


@lru_cache
def all_items() -> tuple[NavItem, ...]:
    import importlib.util

    from web.app import web_rooms

    found: list[NavItem] = []
    for room in web_rooms():
        if importlib.util.find_spec(f"web.{room}.views"):
            found += getattr(importlib.import_module(f"web.{room}.views"), "NAV", [])
    return tuple(sorted(found, key=lambda item: (GROUPS.index(item.group), item.order)))


def pinned_views(ctx) -> list[dict]:
    """The views that the person pinned, of lists that he may open; nothing while he looks through another's eyes."""
    sign_in = g.get("sign_in")
    if sign_in is None or g.get("viewing"):
        return []
    return [
        {"href": url_for(f"{room}.index", view=key), "icon": "bookmark", "text": name, "current": request.args.get("view") == key and request.path == url_for(f"{room}.index")}
        for key, room, name in (sign_in.beside or {}).get("pinned") or () if policy.has(ctx, f"{room}.read")
    ]


def counted(name: str) -> int | str:
    """What the sign-in brought along of that; nothing while somebody looks through another's eyes."""
    sign_in = g.get("sign_in")
    return "" if not name or sign_in is None or g.get("viewing") else (sign_in.beside or {}).get(name) or ""


@lru_cache
def path_of(endpoint: str) -> str:
    """Where a page without keys of its own is; every page asks for some forty of them."""
    return url_for(endpoint)


def _is_under(href: str) -> bool:
    """Is the page at hand below that one? Settings are pages of several blueprints."""
    return len(href) > 1 and request.path.startswith(href.rstrip("/") + "/")


def navigation(ctx) -> list[dict]:
    """Groups with the items that this actor may open."""
    groups: dict[str, list[dict]] = {}
    here = (request.endpoint or "").rsplit(".", 1)[0]
    for item in all_items():
        if item.endpoint in current_app.view_functions and policy.has(ctx, item.permission):
            href = path_of(item.endpoint)
            groups.setdefault(item.group, []).append({
                "href": href, "icon": item.icon, "text": i18n.gettext(ctx.locale, item.text), "key": item.key,
                "count": counted(item.beside), "current": item.endpoint.rsplit(".", 1)[0] == here or _is_under(href),
            })
    return [{"title": i18n.gettext(ctx.locale, title) if title else "", "items": items} for title, items in groups.items()]
