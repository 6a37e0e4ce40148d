"""The contact log and the recipients of a mailing as files."""

from uuid import UUID

from flask import Blueprint, Response, request

from core.base.context import Context
from core.mailings import queries as mailings
from core.transfer import exporting
from infra import i18n
from web.guard import needs
from web.pages import page
from web.transfer.files import csv_answer
from web.transfer.forms import LogExportForm, in_words

bp = Blueprint("exports", __name__)


@bp.get("/activities/exports/new")
@needs("activities.export")
def new(ctx: Context):
    """Which part of the contact log, for a file."""
    return _log_form(ctx, LogExportForm(data={"owner": "me"}))


@bp.post("/activities/exports")
@needs("activities.export", fresh=True)
def create(ctx: Context):
    """The contact log of an account, of a person, of oneself, of a period; who took it stands in the record."""
    form = LogExportForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            return csv_answer(f"log-{ctx.today.isoformat()}.csv", lambda file: exporting.take_out_log(ctx, form.filters(), file))
    return _log_form(ctx, form, status=422)


@bp.post("/mailings/<uuid:id>/exports")
@needs("mailings.export", fresh=True)
def create_recipients(ctx: Context, id: UUID):
    """The recipients of a mailing with what became of each; who took them stands in the record."""
    mailing = mailings.one(ctx, id)
    return csv_answer(f"recipients-{ctx.today.isoformat()}.csv", lambda file: exporting.take_out_recipients(ctx, mailing, request.form.get("state", ""), file))


def _log_form(ctx: Context, form: LogExportForm, *, status: int = 200) -> Response:
    return page("transfer/log_export.html", form=in_words(form, lambda text: i18n.gettext(ctx.locale, text)), status=status)
