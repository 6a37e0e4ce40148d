"""Settings, workspace: the company's name and colour, and what new people start with."""

from flask import Blueprint, request

from core.base.context import Context
from core.base.words import N_
from tenants import settings as workspace
from web.guard import needs
from web.pages import page, say, see_other
from web.settings.forms import WorkspaceForm
from web.settings.sections import sections

bp = Blueprint("workspace", __name__, url_prefix="/settings/workspace")


@bp.get("/")
@needs("settings.manage")
def edit(ctx: Context):
    """The form as things stand."""
    return _edit(ctx, WorkspaceForm(obj=ctx.tenant))


@bp.post("/")
@needs("settings.manage")
def update(ctx: Context):
    """Save; people see the new name and colour with their next page."""
    form = WorkspaceForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            workspace.change_workspace(ctx, name=form.name.data, hue=form.hue.data, locale=form.locale.data, timezone=form.timezone.data)
            say(ctx, N_("Workspace saved"))
            return see_other("workspace.edit")
    return _edit(ctx, form, status=422)


def _edit(ctx: Context, form: WorkspaceForm, status: int = 200):
    return page("settings/workspace.html", status=status, form=form, sections=sections(ctx))
