"""The page of a list, as every room with columns, filters and views has it."""

from collections.abc import Callable
from typing import Any

from flask import request

from core.base.context import Context
from web.pages import page
from web.parties.listing import asked, list_values, one_more, shown_columns


def answer_list(ctx: Context, room: str, find: Callable[..., Any], *, import_url: str | None = None) -> Any:
    """The list: 50 rows, by name or by last change. htmx asks for the list, or (rows=1) for the next rows alone.
    add=, op=, value=: one condition more. find: the room's query of a page of rows; import_url: where a file comes in."""
    state = asked(ctx, room)
    if request.args.get("add"):
        return one_more(ctx, state)
    values = list_values(ctx, state, find(ctx, state.filters, sort=state.sort, cursor=state.cursor, chosen=shown_columns(ctx, state), group=state.group))
    return page("parties/rows.html", **values) if request.args.get("rows") else page(f"{room}/index.html", block="list", import_url=import_url, **values)
