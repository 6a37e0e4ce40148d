"""A line in words becomes a plan or an entry: what was understood is shown first, and nothing is saved unseen."""

from typing import Any
from uuid import UUID

from flask import Response, url_for

from core.activities import actions
from core.activities.due import whom
from core.activities.lines import LONGEST, Line, read_line
from core.activities.models import KINDS, PLANS, Activity
from core.activities.rules import When
from core.base.context import Context
from core.base.errors import NotFound, Refused
from core.parties import queries as parties
from web.activities.forms import LineForm, offer
from web.filters import planned
from web.pages import page


def show(ctx: Context, text: str, form: LineForm | None = None, status: int = 200) -> Response:
    """The line with what it means. form: as it was sent, else as the line says."""
    text = text[:LONGEST].replace("\x00", "")
    line = read_line(text, ctx.today, ctx.locale)
    found = whom(ctx, line.who) if line.who else []
    form = form or LineForm(data=_said(text, line))
    offer(form, ctx, found)
    when = planned(line.when.day, line.when.moment(ctx.zone) if line.when.clock else None) if line.when else ""
    return page("activities/new.html", status=status, text=text, form=form if text.strip() else None, understood=line, found=found, when=when)


def save(ctx: Context, form: LineForm) -> Activity:
    """Plan or log what the form says. Refuses a plan without a day, and one with nobody."""
    about = _party(ctx, form.who.data or "")
    if form.was.data == "was":
        kind = form.kind.data if form.kind.data in KINDS else "note"  # a task that was done is no contact
        return actions.log_activity(ctx, kind=kind, body=form.next_contact_note.data, happened_at=form.next_contact.data, **about)
    if not (form.next_contact.data or "").strip():
        raise Refused("activity_empty", field="next_contact")
    return actions.log_activity(
        ctx, kind="note", next_contact=form.next_contact.data, next_contact_note=form.next_contact_note.data, next_contact_minutes=form.next_contact_minutes.data,
        next_contact_kind=form.kind.data if form.kind.data in PLANS else None, **about,
    )


def place_of(activity: Activity) -> str:
    """The page on which it stands."""
    return url_for("contacts.show", id=activity.contact_id) if activity.contact_id else url_for("accounts.show", id=activity.account_id)


def _said(text: str, line: Line) -> dict[str, Any]:
    return {
        "line": text, "was": "was" if line.was else "plan", "kind": line.kind or "call", "next_contact": _typed(line.when), "next_contact_minutes": line.minutes,
        "next_contact_note": line.about[:500],
    }


def _typed(when: When | None) -> str:
    """A day and time as the rules read it again, whatever day it is by then."""
    if when is None:
        return ""
    return f"{when.day.isoformat()} {when.clock:%H:%M}" if when.clock else when.day.isoformat()


def _party(ctx: Context, said: str) -> dict[str, Any]:
    """Whom it is about; somebody whom the actor does not see is nobody."""
    kind, _, key = said.partition(":")
    find = {"contact": parties.one_contact, "account": parties.one_account}.get(kind)
    try:
        return {kind: find(ctx, UUID(key))} if find else {}
    except (ValueError, NotFound):
        raise Refused(f"{kind}_unknown", field="who") from None
