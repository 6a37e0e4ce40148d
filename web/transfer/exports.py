"""The contact log and the recipients of a mailing as files; lists that are prepared in the background."""

from functools import partial
from uuid import UUID

from flask import Blueprint, Response, request, url_for

from core.base.context import Context
from core.base.words import N_
from core.mailings import queries as mailings
from core.products import price_lists
from core.transfer import preparing
from core.transfer.exporting import Shape
from core.transfer.models import EXPORTING
from core.transfer.wanted import Wanted
from infra import i18n
from web.guard import needs
from web.pages import page, progress_page, say, see_other
from web.transfer.files import TYPES, sent, wanted_answer
from web.transfer.forms import LogExportForm, in_words
from web.transfer.wording import EXPORT_HUES, EXPORT_NAMES, LIST_NAMES, say_code

bp = Blueprint("exports", __name__)


@bp.get("/activities/exports/new")
@needs("activities.export")
def new(ctx: Context):
    """Which part of the contact log, for a file."""
    return _log_form(ctx, LogExportForm(data={"owner": "me"}))


@bp.post("/activities/exports")
@needs("activities.export", fresh=True, file=True)
def create(ctx: Context):
    """The contact log of an account, of a person, of oneself, of a period; who took it stands in the record."""
    form = LogExportForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            return wanted_answer(ctx, Wanted("activities", log=form.filters()), "log")
    return _log_form(ctx, form, status=422)


@bp.post("/mailings/<uuid:id>/exports")
@needs("mailings.export", fresh=True, file=True)
def create_recipients(ctx: Context, id: UUID):
    """The recipients of a mailing with what became of each; who took them stands in the record."""
    return wanted_answer(ctx, Wanted("recipients", mailing_id=mailings.one(ctx, id).id, state=request.form.get("state", "")), "recipients")


@bp.post("/settings/price-lists/<uuid:id>/exports")
@needs("catalogue.manage", fresh=True, file=True)
def create_price_lines(ctx: Context, id: UUID):
    """The prices of a list, in the form in which they come in again; who took them stands in the record."""
    return wanted_answer(ctx, Wanted("price_lines", list_id=price_lists.one_list(ctx, id).id, shape=Shape(request.form.get("format") or "csv")), "prices")


@bp.get("/exports")
@needs("profile.edit")
def index(ctx: Context):
    """One's own exports that were prepared in the background, the newest first."""
    return page("transfer/exports.html", runs=preparing.mine(ctx), **_words(ctx))


@bp.get("/exports/<uuid:id>")
@needs("profile.edit")
def show(ctx: Context, id: UUID):
    """How far it is; once it is ready, the button that fetches it."""
    return page("transfer/prepared.html", run=preparing.one(ctx, id), **_words(ctx))


@bp.get("/exports/<uuid:id>/progress")
@needs("profile.edit")
def progress(ctx: Context, id: UUID):
    """How far it is, asked again every two seconds; at the end it sends the browser to the button."""
    run = preparing.one(ctx, id)
    return progress_page("transfer/export_progress.html", run.state in EXPORTING, url_for("exports.show", id=id), run=run, **_words(ctx))


@bp.post("/exports/<uuid:id>/downloads")
@needs("profile.edit", fresh=True, file=True)
def create_download(ctx: Context, id: UUID):
    """The file, once; that it was fetched stands in the record (so it is no GET)."""
    run, file = preparing.fetch(ctx, id)
    return sent(file, run.file_name, TYPES[run.format][1])


@bp.post("/exports/<uuid:id>/cancellation")
@needs("profile.edit")
def create_cancellation(ctx: Context, id: UUID):
    """Stop the writing, or throw away what nobody needs any more."""
    preparing.cancel(ctx, id)
    say(ctx, N_("Export stopped"))
    return see_other("exports.index")


def _words(ctx: Context) -> dict:
    """Names of states and lists for the templates."""
    translate = partial(i18n.gettext, ctx.locale)
    return {
        "moving": EXPORTING, "state_names": {state: translate(text) for state, text in EXPORT_NAMES.items()}, "state_hues": EXPORT_HUES,
        "list_names": {kind: translate(text) for kind, text in LIST_NAMES.items()}, "say_code": partial(say_code, ctx),
    }


def _log_form(ctx: Context, form: LogExportForm, *, status: int = 200) -> Response:
    return page("transfer/log_export.html", form=in_words(form, lambda text: i18n.gettext(ctx.locale, text)), status=status)
