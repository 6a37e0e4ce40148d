"""Tags as pills in the workspace's colours."""

from collections.abc import Iterable

from flask import g
from markupsafe import Markup

from core.base.context import Context
from core.tagging import queries as tagging


def hues_of(ctx: Context, words: Iterable[str]) -> dict[str, str]:
    """Tag -> hue of its pill; each asked of the database once a request."""
    known: dict[str, str] = g.setdefault("tag_hues", {})
    missing = set(words) - set(known)
    if missing:
        known.update(dict.fromkeys(missing, "grey") | tagging.colours(ctx, missing))
    return known


def know(words: Iterable[str] | None, colours: dict[str, str] | None) -> None:
    """What was read with the record itself need not be asked of again."""
    g.setdefault("tag_hues", {}).update(dict.fromkeys(words or (), "grey") | (colours or {}))


def chips(ctx: Context, words: list[str]) -> Markup:
    """All of them, one after the other."""
    hues = hues_of(ctx, words)
    return Markup(" ").join(Markup('<span class="pill h-{}">{}</span>').format(hues[word], word) for word in words)
