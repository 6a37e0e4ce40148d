"""The page of notifications: unread or all, by kind; open one, mark it read or unread, mark all read."""

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, redirect, request, url_for

from core.base.context import Context
from core.base.words import N_
from core.notifications import queries, telling
from core.notifications.saying import code_of, values_of
from core.notifications.words import KIND_NAMES
from web.guard import needs
from web.nav import NavItem
from web.notifications.live import bp as live_bp  # noqa: F401 (found here by its kind)
from web.pages import page, say
from web.redirects import safe_next
from web.words import say_fact

bp = Blueprint("notifications", __name__, url_prefix="/notifications")
NAV = [NavItem("notifications.index", "bell", N_("Notifications"), "home.read", key="g n", group="", order=20)]
# kind -> (icon, hue)
MARKS = {
    "mentioned": ("at", "violet"), "assigned": ("user", "blue"), "commented": ("message", "cyan"), "reminder": ("clock", "amber"), "received": ("mail", "cyan"), "finished": ("circle-check", "green"),
    "joined": ("user-plus", "pink"), "workspace": ("building", "red"),
}


@bp.get("")
@needs("home.read")
def index(ctx: Context):
    """Unread ones first of all; show=all for the read ones too, kind= for one kind."""
    everything, kind = request.args.get("show") == "all", request.args.get("kind") or None
    found = queries.notifications(ctx, unread=not everything, kind=kind, before=request.args.get("before"))
    show = "all" if everything else None
    more = url_for("notifications.index", show=show, kind=kind, before=found.before) if found.before else None
    kinds = [(one, KIND_NAMES[one], url_for("notifications.index", show=show, kind=one)) for one in queries.kinds_here(ctx)]
    return page(
        "notifications/index.html", block="list", rows=found.rows, more=more, everything=everything, kind=kind, first=not request.args.get("before"),
        kinds=[(None, N_("All kinds"), url_for("notifications.index", show=show)), *kinds], marks=MARKS, says=lambda row: said(ctx, row), here=request.full_path.rstrip("?"),
    )


@bp.post("/<uuid:id>/opening")
@needs("profile.edit")
def open(ctx: Context, id: UUID):
    """Read it and go to what it is about."""
    notification = queries.one_notification(ctx, id)
    telling.mark_read(ctx, notification)
    return redirect(_place_of(notification), code=303)


@bp.post("/<uuid:id>/reading")
@needs("profile.edit")
def read(ctx: Context, id: UUID):
    """It is read."""
    telling.mark_read(ctx, queries.one_notification(ctx, id))
    return _row_again(ctx, id)


@bp.post("/<uuid:id>/unreading")
@needs("profile.edit")
def unread(ctx: Context, id: UUID):
    """It is not: to come back to it."""
    telling.mark_unread(ctx, queries.one_notification(ctx, id))
    return _row_again(ctx, id)


@bp.post("/reading")
@needs("profile.edit")
def read_all(ctx: Context):
    """All of them, or all of a kind."""
    kind = request.form.get("kind") or None
    count = telling.mark_all_read(ctx, kind if kind in queries.kinds_here(ctx) else None)
    say(ctx, N_("%(count)s marked as read"), count=count)
    return redirect(safe_next(request.form.get("next") or url_for("notifications.index")), code=303)


def said(ctx: Context, row: Any):
    """A notification as a sentence, names in bold."""
    values = {name: value for name, value in values_of(row.Notification, row.record_title, ctx.locale).items() if name not in ("excerpt", "say", "place")}
    return say_fact(code_of(row.Notification), values, ctx.locale)


def _place_of(notification: Any) -> str:
    """The page of its record; of what has none, where it is to be found."""
    if notification.params.get("say", "").startswith("told.takeout"):
        return url_for("takeout.index")
    return telling.place_of(notification)


def _row_again(ctx: Context, id: UUID) -> Response:
    """The row in its new state for htmx, which asks for the count then; else back to the list."""
    if not request.headers.get("HX-Request"):
        return redirect(safe_next(request.form.get("next") or url_for("notifications.index")), code=303)
    response = page("notifications/_row.html", row=queries.shown(ctx, id), marks=MARKS, says=lambda row: said(ctx, row), here=url_for("notifications.index"))
    response.headers["HX-Trigger"] = "told"
    return response

