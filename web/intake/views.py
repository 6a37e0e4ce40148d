"""Settings: the web forms by which strangers become leads."""

from uuid import UUID

from flask import Blueprint, request, url_for
from markupsafe import escape

from core.base.context import Context
from core.base.words import N_
from core.intake import forms
from core.intake.models import WebForm
from core.intake.results import came_of
from core.intake.words import STATE_LABELS
from infra import i18n
from web.guard import needs
from web.intake import building, held, public, status
from web.intake.building import WebFormForm
from web.pages import page, say, see_other

bp = Blueprint("web_forms", __name__, url_prefix="/settings/forms")
public_bp, status_bp, held_bp, reply_bp = public.bp, status.bp, held.bp, held.reply_bp
GIVEN = (*(name for name in forms.CHECKS if name not in ("fields", "texts")), "redirect_url")
HEIGHT = 760


@bp.get("/")
@needs("forms.manage")
def index(ctx: Context):
    """The forms, with what came by each."""
    found = forms.forms(ctx)
    came = came_of(ctx, [form.id for form in found])
    return page("intake/forms.html", rows=[(form, came[form.id].number, came[form.id].last, i18n.gettext(ctx.locale, STATE_LABELS[form.state])) for form in found])


@bp.get("/new")
@needs("forms.manage")
def new(ctx: Context):
    return _form(ctx, WebFormForm(data=building.loaded(None)), None)


@bp.post("/")
@needs("forms.manage")
def create(ctx: Context):
    return _saved(ctx, None)


@bp.get("/<uuid:id>")
@needs("forms.manage")
def show(ctx: Context, id: UUID):
    """One form, to be changed; its address and what to put into another page."""
    form = forms.one_form(ctx, id)
    return _form(ctx, WebFormForm(data=building.loaded(form)), form)


@bp.post("/<uuid:id>")
@needs("forms.manage")
def update(ctx: Context, id: UUID):
    return _saved(ctx, forms.one_form(ctx, id))


@bp.post("/<uuid:id>/closing")
@needs("forms.manage")
def close(ctx: Context, id: UUID):
    """Nobody sends anything by it from now on."""
    form = forms.one_form(ctx, id)
    forms.close(ctx, form)
    say(ctx, N_("%(name)s is closed"), undo=url_for("web_forms.open", id=id), name=form.name)
    return see_other("web_forms.show", id=id)


@bp.post("/<uuid:id>/deletion")
@needs("forms.manage")
def delete(ctx: Context, id: UUID):
    """Gone, where nothing came by it."""
    form = forms.one_form(ctx, id)
    forms.delete_form(ctx, form)
    say(ctx, N_("%(name)s deleted"), name=form.name)
    return see_other("web_forms.index")


@bp.post("/<uuid:id>/opening")
@needs("forms.manage")
def open(ctx: Context, id: UUID):
    form = forms.one_form(ctx, id)
    forms.close(ctx, form, "open")
    say(ctx, N_("%(name)s is open"), name=form.name)
    return see_other("web_forms.show", id=id)


def _saved(ctx: Context, form: WebForm | None):
    typed = WebFormForm(request.form)
    if typed.validate():
        with typed.attempt(ctx):
            values = {name: typed[name].data or ("never" if name == "confirmed" else None) for name in GIVEN}
            made = forms.save_form(ctx, form, fields=building.typed_fields(ctx), texts=building.typed_texts(), **values)
            say(ctx, N_("%(name)s saved"), name=made.name)
            return see_other("web_forms.show", id=made.id)
    return _form(ctx, typed, form, status=422)


def _form(ctx: Context, typed: WebFormForm, form: WebForm | None, *, status: int = 200):
    building.dress(ctx, typed)
    address = snippet = ""
    if form is not None:
        address, embedded = building.places_of(ctx, form)
        snippet = f'<iframe src="{embedded}" title="{escape(form.name)}" width="100%" height="{HEIGHT}" loading="lazy" referrerpolicy="no-referrer-when-downgrade"></iframe>'
    return page(
        "intake/webform.html", status=status, form=typed, webform=form, rows=building.field_rows(ctx, form), texts=building.texts(form), text_labels=building.TEXT_LABELS, uses=building.USES,
        languages_here=[(code, own) for code, (own, _, _) in i18n.LANGUAGES.items()], address=address, snippet=snippet,
        used=form is not None and forms.is_used(ctx, form), ownerless=form is not None and form.lead_owner_id is not None and forms.owner_of(ctx, form) is None,
    )

