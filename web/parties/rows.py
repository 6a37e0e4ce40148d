"""Rows of a list as markup. Put together by hand, as their cells are: fifty rows of a template cost a tenth of the page."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from flask import g
from markupsafe import Markup, escape

from core.base.batches import batches
from core.base.context import Context
from core.base.policy import may
from core.base.words import N_
from infra import i18n
from web.filters import hue, initials

CHOOSE = N_("Choose %(name)s")


def rows(ctx: Context, room: str, lines: Iterable[tuple[Any, Markup]], heads: Mapping[UUID, tuple[Any, Any, Any]], list_url: str) -> Markup:
    """The rows of these lines (web.parties.cells), each group's heading before its first."""
    choose = _choose() if can_batch(ctx, room) else None
    square, where = "" if room == "contacts" else " sq", escape(list_url)
    found = []
    for row, cells in lines:
        if row.id in heads:
            found.append(_head(*heads[row.id], choosing=choose is not None))
        name, letters = escape(row.name), escape(row.name[:1].upper() if square else initials(row.name))
        box = f'<td class="pickcol"><input type="checkbox" name="id" value="{row.id}" aria-label="{choose[0]}{name}{choose[1]}"></td>' if choose else ""
        found.append(
            f'<tr data-id="{row.id}" data-version="{row.version}">{box}<td class="main"><span class="ava h-{hue(row.id)}{square}" aria-hidden="true">{letters}</span>'
            f'<a class="open" href="{where}/{row.id}">{name}</a></td>{cells}</tr>\n'
        )
    return Markup("".join(found))  # noqa: S704 (all of it escaped)


def can_batch(ctx: Context, room: str) -> bool:
    """May anything be done to several of these at once? Then each has its box."""
    if room not in batches():
        return False
    return may(ctx, f"{room}.export") or (may(ctx, "bulk_edits.run") and (may(ctx, f"{room}.edit") or may(ctx, f"{room}.delete")))


def _choose() -> tuple[Markup, Markup]:
    """What stands before and behind a name in the label of its box."""
    before, _, behind = i18n.gettext(g.get("lang", "en"), CHOOSE).partition("%(name)s")
    return escape(before), escape(behind)


def _head(called: Any, number: Any, cells: Any, *, choosing: bool) -> str:
    box = '<td class="pickcol"></td>' if choosing else ""
    return f'<tr class="head">{box}<th scope="rowgroup" class="main">{escape(called)} <span class="mute">{escape(number)}</span></th>{escape(cells)}</tr>\n'
