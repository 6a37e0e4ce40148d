"""A calendar file as pages: chosen, looked at, brought in."""

from flask import Response, request, url_for
from wtforms import FileField, StringField
from wtforms.validators import Length

from core.activities import calendar_in
from core.activities.words import PLAN_LABELS, WORDS
from core.base.context import Context
from core.base.errors import Refused
from core.base.words import N_
from infra import i18n
from web.forms import Form
from web.pages import page, say, see_other


class CalendarFileForm(Form):
    """A calendar, and with whom its events are that name nobody who is known here."""

    file = FileField(N_("File"))
    who = StringField(N_("With whom, where it names nobody whom you know"), [Length(max=200)])


def look(ctx: Context) -> Response:
    """What would come of the file; nothing is written."""
    form = CalendarFileForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            return show(ctx, form, calendar_in.look(ctx, _content(), form.who.data or ""))
    return show(ctx, form, status=422)


def show(ctx: Context, form: CalendarFileForm, found: calendar_in.Looked | None = None, status: int = 200) -> Response:
    taken = [one for one in found.events if not one.problem] if found else []
    left = [one for one in found.events if one.problem] if found else []
    why = {one.problem: i18n.gettext(ctx.locale, WORDS[one.problem]) for one in left}
    return page(
        "calendar/bring.html", status=status, form=form, found=found, taken=taken[: calendar_in.MOST_AT_ONCE], more=len(taken) - calendar_in.MOST_AT_ONCE, left=left, why=why, kinds=PLAN_LABELS,
    )


def bring(ctx: Context) -> Response:
    """Those that were ticked are next contacts now; the message takes all of them back."""
    made, left = calendar_in.bring_in(ctx, request.form.getlist("take"))
    message = N_("Came in from the file: %(count)s, left out: %(left)s") if left else N_("Came in from the file: %(count)s")
    say(ctx, message, undo=url_for("calendar.take_back", at=ctx.now.isoformat()) if made else None, count=made, left=left)
    return see_other("calendar.show")


def _content() -> bytes:
    given = request.files.get("file")
    if given is None or not given.filename:
        raise Refused("required", field="file")
    return given.stream.read(calendar_in.MOST_BYTES + 1)
