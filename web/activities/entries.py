"""The page on which an entry of the contact log is put right, or taken out."""

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from wtforms.fields.choices import SelectChoice

from core.activities import correcting, queries
from core.activities.models import Activity
from core.activities.words import DIRECTION_LABELS, KIND_LABELS, LABELS
from core.base.context import Context
from core.base.errors import Conflict
from core.base.policy import require
from core.base.words import N_
from infra import i18n
from web import filters
from web.activities.forms import EntryForm
from web.editing import as_loaded, changed, chosen, conflict_page, filled, last_change, version_of_form
from web.guard import needs
from web.pages import page, say
from web.redirects import safe_next

bp = Blueprint("entries", __name__)
TITLE = N_("Edit entry")


@bp.get("/activities/<uuid:id>/edit")
@needs("activities.edit")
def edit(ctx: Context, id: UUID):
    """What it says, to be put right."""
    activity = queries.one_activity(ctx, id)
    require(ctx, "activities.edit", activity)
    was = as_loaded(EntryForm(), activity)
    return _page(ctx, activity, EntryForm(data=was), was, version=activity.version)


@bp.post("/activities/<uuid:id>")
@needs("activities.edit")
def update(ctx: Context, id: UUID):
    """Save what was changed. Somebody else's change of other fields stays; of the same field it is asked about."""
    activity = queries.one_activity(ctx, id)
    form, was = filled(EntryForm, activity)
    if form.validate():
        given: dict[str, Any] = {}
        try:
            with form.attempt(ctx):
                given = chosen(changed(form, was))
                correcting.correct(ctx, activity, version=version_of_form(), original=was, **given)
                say(ctx, N_("Entry saved"))
                return redirect(_next(activity), code=303)
        except Conflict as conflict:
            if conflict.code != "conflict":
                raise
            return _conflict(ctx, activity, conflict, given, was)
    return _page(ctx, activity, form, was, version=version_of_form(), status=422)


def _page(ctx: Context, activity: Activity, form: EntryForm, was: dict[str, str], *, version: int | None, status: int = 200):
    for field in (form.kind, form.direction):
        field.choices = [SelectChoice(one.value, i18n.gettext(ctx.locale, one.label)) for one in field.choices]
    return page("activities/entry.html", status=status, activity=activity, form=form, was=was, version=version, next=_next(activity))


def _conflict(ctx: Context, activity: Activity, conflict: Conflict, given: dict[str, Any], was: dict[str, str]):
    words = lambda labels: lambda value: i18n.gettext(ctx.locale, labels[value]) if value in labels else ""  # noqa: E731
    return conflict_page(
        ctx, conflict, given, was, title=i18n.gettext(ctx.locale, TITLE), action=url_for("entries.update", id=activity.id), back=_next(activity), labels=LABELS,
        last=last_change(ctx, activity, conflict.fields), say={"kind": words(KIND_LABELS), "direction": words(DIRECTION_LABELS), "happened_at": filters.moment},
    )


def _next(activity: Activity) -> str:
    """Where the link was, else the record with which it was."""
    if request.values.get("next"):
        return safe_next(request.values["next"])
    return url_for("accounts.show", id=activity.account_id) if activity.account_id else url_for("contacts.show", id=activity.contact_id)
