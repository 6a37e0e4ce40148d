"""The part of the frame that is the same for everybody with the same language and navigation: rendered once, kept.

Palette, key help and the modules' words are a third of a list page's rendering time; nothing in them belongs to a
person, so the key is what they show: language, links, entries, and the permissions and rooms that the palette's commands follow from.
"""

from flask import current_app
from markupsafe import Markup

from web.commands import commands
from web.settings.sections import sections

MOST = 500
_kept: dict[tuple, Markup] = {}


def _offered(ctx) -> dict:
    """What the palette offers to whoever has these permissions."""
    if ctx is None:
        return {"commands": [], "pages": []}
    return {"commands": commands(ctx), "pages": [page for group in sections(ctx) for page in group["sections"]]}


def shell(values: dict, nav: list, links: dict) -> Markup:
    """The kept part for this page's context and its navigation; rendered anew while templates are being worked on."""
    entries = tuple((item["href"], item["text"], item["icon"], item.get("key")) for group in nav for item in group["items"])
    ctx = values["ctx"]
    key = (values["lang_code"], tuple(sorted(links.items())), entries, (ctx.actor.permissions, ctx.tenant.rooms_off) if ctx else None)
    found = _kept.get(key)
    if found is None or current_app.config["TEMPLATES_AUTO_RELOAD"]:
        found = Markup(current_app.jinja_env.get_template("layouts/_kept.html").render({**values, "nav": nav, "links": links, **_offered(ctx)}))  # noqa: S704 (our own template)
        if len(_kept) >= MOST:
            _kept.clear()
        _kept[key] = found
    return found
