"""Settings, print templates: the list, and the editor whose preview is the document itself."""

from uuid import UUID

from flask import Blueprint, Response, request, url_for

from core.base.context import Context
from core.base.errors import NotFound, Refused
from core.base.policy import has
from core.base.words import N_
from core.documents import actions, queries, rendering
from core.documents.models import COLUMNS, TICKS, PrintTemplate
from core.documents.words import LAYOUT_LABELS
from infra import i18n
from web.documents.forms import ALL_LANGUAGES, LogoForm, NewTemplateForm, TemplateForm, form_of
from web.documents.proof import proof, shown_with
from web.editing import version_of_form
from web.files.handing import closed
from web.guard import needs
from web.pages import page, say, see_other

bp = Blueprint("print_templates", __name__, url_prefix="/settings/print-templates")
KINDS = {"pdf": "application/pdf", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
SAVED = N_("%(name)s saved")


@bp.get("/")
@needs("documents.read")
def index(ctx: Context):
    """The templates, and a form for one more."""
    return _index(ctx, NewTemplateForm())


@bp.post("/")
@needs("documents.manage")
def create(ctx: Context):
    form = NewTemplateForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            row = actions.create_template(ctx, name=form.name.data, language=form.language.data, layout=form.layout.data)
            ctx.session.flush()  # its page is named by key
            say(ctx, N_("%(name)s added"), name=row.name)
            return see_other("print_templates.edit", id=row.id)
    return _index(ctx, form, status=422)


@bp.get("/<uuid:id>")
@needs("documents.manage")
def edit(ctx: Context, id: UUID):
    """Its values, and beside them the pages as they are printed."""
    row = queries.one(ctx, id)
    return _edit(ctx, row, form_of(row))


@bp.post("/<uuid:id>")
@needs("documents.manage")
def update(ctx: Context, id: UUID):
    row, form = queries.one(ctx, id), TemplateForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            actions.edit_template(ctx, row, version=version_of_form(), **form.given(row.columns))
            say(ctx, SAVED, name=row.name)
            return see_other("print_templates.edit", id=id)
    return _edit(ctx, queries.one(ctx, id), form, status=422)


@bp.post("/<uuid:id>/preview")
@needs("documents.manage")
def preview(ctx: Context, id: UUID):
    """The pages by the values in the form, without saving them: only the pages for htmx, the whole page for the button."""
    row, form = queries.one(ctx, id), TemplateForm(request.form)
    form.validate()
    return _edit(ctx, row, form, tried=form.given(row.columns))


@bp.post("/<uuid:id>/logo")
@needs("documents.manage")
def change_logo(ctx: Context, id: UUID):
    """Another picture, or with `remove` none."""
    row, form, file = queries.one(ctx, id), LogoForm(request.form), request.files.get("file")
    remove = "remove" in request.form
    if not remove and (file is None or not file.filename):
        form.take(Refused("required", field="file"))
    else:
        with form.attempt(ctx):
            actions.set_logo(ctx, row, None if remove or file is None else file.stream.read(actions.MOST_LOGO_BYTES + 1), field="file")
            say(ctx, SAVED, name=row.name)
            return see_other("print_templates.edit", id=id, _anchor="logo")
    row = queries.one(ctx, id)
    return _edit(ctx, row, form_of(row), logo=form, status=422)


@bp.get("/<uuid:id>/logo.png")
@needs("documents.read")
def show_logo(ctx: Context, id: UUID):
    """The picture itself: our own pixels."""
    content = queries.logo(ctx, queries.one(ctx, id).logo_id)
    if content is None:
        raise NotFound()
    return closed(Response(content, mimetype="image/png"), "private, max-age=3600")


@bp.post("/<uuid:id>/copies")
@needs("documents.manage")
def copy(ctx: Context, id: UUID):
    """One more that looks the same."""
    row = queries.one(ctx, id)
    made = actions.copy_template(ctx, row, actions.name_of_copy(ctx, row))
    ctx.session.flush()  # its page is named by key
    say(ctx, N_("%(name)s added"), name=made.name)
    return see_other("print_templates.edit", id=made.id)


@bp.post("/<uuid:id>/preference")
@needs("documents.manage")
def prefer(ctx: Context, id: UUID):
    """The usual one of its kind and language."""
    row = queries.one(ctx, id)
    actions.prefer_template(ctx, row)
    say(ctx, SAVED, name=row.name)
    return see_other("print_templates.index")


@bp.post("/<uuid:id>/deletion")
@needs("documents.manage")
def delete(ctx: Context, id: UUID):
    """Away with it, with a way back; the last one stays."""
    row, form = queries.one(ctx, id), NewTemplateForm()
    with form.attempt(ctx):
        actions.delete_template(ctx, row)
        say(ctx, N_("%(name)s deleted"), name=row.name, undo=url_for("print_templates.restore", id=id))
        return see_other("print_templates.index")
    return _index(ctx, form, status=422)


@bp.post("/<uuid:id>/restoration")
@needs("documents.manage")
def restore(ctx: Context, id: UUID):
    actions.restore_template(ctx, queries.one(ctx, id, deleted=True))
    say(ctx, N_("It is back"))
    return see_other("print_templates.index")


@bp.get("/<uuid:id>/sample.pdf")
@needs("documents.read")
def sample_pdf(ctx: Context, id: UUID):
    """The document at which one looks, as the customer would get it."""
    row = queries.one(ctx, id)
    try:
        return _file(rendering.pdf(ctx, shown_with(ctx, row), row), "pdf", "inline")
    except rendering.FontsComing:
        rendering.have_fonts_brought(ctx)
        say(ctx, N_("The fonts for Chinese and Korean are being fetched. Try again in a minute."), kind="error")
        return see_other("print_templates.index")


@bp.get("/<uuid:id>/sample.xlsx")
@needs("documents.read")
def sample_xlsx(ctx: Context, id: UUID):
    """The same as a workbook."""
    row = queries.one(ctx, id)
    return _file(rendering.xlsx(ctx, shown_with(ctx, row), row), "xlsx", "attachment")


def _file(content: bytes, kind: str, how: str) -> Response:
    return Response(content, mimetype=KINDS[kind], headers={"Content-Disposition": f"{how}; filename=sample.{kind}", "Cache-Control": "private, no-store"})


def _index(ctx: Context, form: NewTemplateForm, status: int = 200):
    rows = [(row, i18n.LANGUAGES[row.language][0] if row.language else i18n.gettext(ctx.locale, ALL_LANGUAGES), LAYOUT_LABELS[row.layout]) for row in queries.templates(ctx)]
    return page("documents/index.html", status=status, rows=rows, form=form.offer(ctx), manages=has(ctx, "documents.manage"))


def _edit(ctx: Context, row: PrintTemplate, form, *, tried: dict | None = None, logo: LogoForm | None = None, status: int = 200):
    values = {"row": row, "form": form.offer(ctx), "logo": logo or LogoForm(), "version": version_of_form() or row.version, "columns_known": COLUMNS, "ticks_known": TICKS}
    return page("documents/edit.html", block="proof", status=status, **values, **proof(ctx, row, tried))
