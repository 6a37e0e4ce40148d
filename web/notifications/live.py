"""What an open page asks every 20 seconds while it is looked at: how much is unread, and did somebody change the record
that is shown. Nothing new is 204 (DECISIONS 5). To ask is no sign of life: it keeps no session open (web.door)."""

import hashlib
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, Response, jsonify, request

from core.base.context import Context
from core.base.errors import Refused
from core.base.facts import latest_by_others
from core.base.records import find
from core.base.words import N_
from core.notifications.queries import MOST_COUNTED, unread_of
from infra import i18n
from web.filters import ago
from web.guard import needs

bp = Blueprint("live", __name__)
JUST_NOW = timedelta(minutes=1)
SOMEBODY = N_("Somebody")


@bp.get("/_live")
@needs("home.read")
def show(ctx: Context) -> Response:
    """since: the mark of the last answer. kind, id, at: the record that the page shows, and since when."""
    count, newest = unread_of(ctx)
    fact = _changed(ctx)
    mark = hashlib.sha256(f"{count} {newest} {fact.id if fact else ''}".encode()).hexdigest()[:16]
    if request.args.get("since") == mark:
        return Response(status=204)
    shown = "" if not count else f"{MOST_COUNTED - 1}+" if count >= MOST_COUNTED else str(count)
    return jsonify(mark=mark, unread=shown, label=_said(ctx, N_("Unread: %(count)s"), count=shown) if count else "", changed=_chip(ctx, fact) if fact else None)


def _changed(ctx: Context) -> Any:
    """The newest thing that somebody else did to the record since the page was opened; None where nothing, where the
    page shows none, or the actor may not see it (any more)."""
    try:
        since = datetime.fromisoformat(request.args.get("at", "").replace(" ", "+"))
        record = find(ctx, request.args.get("kind", ""), UUID(request.args.get("id", "")))
    except (ValueError, Refused):
        return None
    return latest_by_others(ctx, record.id, since) if since.tzinfo else None


def _chip(ctx: Context, fact: Any) -> dict[str, str]:
    name = fact.actor_name if fact.actor_name not in (None, "system") else _said(ctx, SOMEBODY)
    if ctx.now - fact.at < JUST_NOW:
        text = _said(ctx, N_("Changed by %(name)s just now"), name=name)
    else:
        text = _said(ctx, N_("Changed by %(name)s %(when)s"), name=name, when=ago(fact.at).striptags())
    return {"text": text, "reload": _said(ctx, N_("Reload"))}


def _said(ctx: Context, message: str, **params: Any) -> str:
    return i18n.gettext(ctx.locale, message, **params)
