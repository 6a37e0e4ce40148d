"""Answers: a whole page or the block that htmx asked for; redirects; flashes."""

from typing import Any

from flask import Response, current_app, g, make_response, redirect, render_template, request, url_for

from core.base.context import Context
from infra import i18n


def page(template: str, *, block: str | None = None, status: int = 200, **values: Any) -> Response:
    """The page, or only `block` when htmx asks and a block is named. The same URL answers both ways."""
    if block and request.headers.get("HX-Request") and not request.headers.get("HX-History-Restore-Request"):
        text = _render_block(template, block, values)
    else:
        text = render_template(template, **values)
    response = make_response(text, status)
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.add("HX-Request")
    return response


def _render_block(template: str, block: str, values: dict[str, Any]) -> str:
    found = current_app.jinja_env.get_template(template)
    current_app.update_template_context(values)
    return "".join(found.blocks[block](found.new_context(values)))


def see_other(endpoint: str, **values: Any) -> Response:
    """After a change: go and look (303), also under htmx, which follows it."""
    return redirect(url_for(endpoint, **values), code=303)


def progress_page(template: str, moving: bool, result: str, /, **values: Any) -> Response:
    """How far long work is, asked again every two seconds; once it no longer moves, the browser is sent to its result."""
    answer = page(template, **values)
    if not moving:
        answer.headers["HX-Redirect"] = result
    return answer


def quiet(response: Response) -> Response:
    """The address of the page is a key: nobody keeps it, nobody lists it."""
    response.headers.update({"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"})
    return response


def stay(response: Response) -> Response:
    """A form that a script sends (X-Stay) waits on its page until it knows that it was saved: then where to go, in X-Go."""
    if "X-Stay" in request.headers and response.status_code == 303:
        response.status_code = 204
        response.set_data(b"")
        response.headers["X-Go"] = response.headers.pop("Location")
    return response


def say(ctx: Context, message: str, *, undo: str | None = None, kind: str = "done", **params: Any) -> None:
    """Leave a toast for the next page. `message` is a message id (mark it with N_); undo: URL that takes it back by POST."""
    row = g.sign_in
    row.flashes = [*row.flashes, {"text": i18n.gettext(ctx.locale, message, **params), "kind": kind, "undo_url": undo}][-5:]


def take_flashes() -> list[dict[str, Any]]:
    """The toasts waiting for this session; showing takes them away."""
    row = g.get("sign_in")
    if row is None or not row.flashes:
        return []
    waiting, row.flashes = row.flashes, []
    return waiting
