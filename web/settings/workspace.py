"""Settings, workspace: the company's name and colour, and what new people start with."""

from flask import Blueprint, url_for

from core.base.context import Context
from core.base.errors import Conflict
from core.base.formats import CHOICES
from core.base.words import N_
from infra import i18n
from tenants import settings
from web.editing import as_loaded, changed, chosen, conflict_page, filled, version_of_form
from web.guard import needs
from web.pages import page, say, see_other
from web.settings.forms import AS_LANGUAGE, HUE_NAMES, LANGUAGES, WorkspaceForm, format_words, labels_of

bp = Blueprint("workspace", __name__, url_prefix="/settings/workspace")


@bp.get("/")
@needs("settings.manage")
def edit(ctx: Context):
    """The form as things stand."""
    return _edit(ctx)


@bp.post("/")
@needs("settings.manage")
def update(ctx: Context):
    """Save what was changed; people see the new name and colour with their next page. Two who edit at once meet."""
    now = settings.workspace(ctx)
    form, was = filled(WorkspaceForm, now)
    if form.validate():
        given = chosen(changed(form, was))
        try:
            with form.attempt(ctx):
                settings.change_workspace(ctx, version=version_of_form(), original=was, **given)
                say(ctx, N_("Workspace saved"))
                return see_other("workspace.edit")
        except Conflict as conflict:
            return _meet(ctx, now, conflict, given, was, labels_of(form))
    return _edit(ctx, form, was, status=422)


def _meet(ctx: Context, now: settings.Stated, conflict: Conflict, given: dict, was: dict, labels: dict):
    """The page on which two changes meet."""
    if conflict.code != "conflict":
        raise conflict
    hues = {str(hue): i18n.gettext(ctx.locale, name) for hue, name in HUE_NAMES.items()}
    return conflict_page(
        ctx, conflict, given, was, title=now.name, action=url_for("workspace.update"), back=url_for("workspace.edit"), labels=labels,
        last=settings.last_change(ctx, conflict.fields), say={"hue": lambda hue: hues.get(str(hue), ""), "locale": dict(LANGUAGES).get} | format_words(AS_LANGUAGE),
    )


def _edit(ctx: Context, form: WorkspaceForm | None = None, was: dict | None = None, status: int = 200):
    now = settings.workspace(ctx)
    was, version = (was, version_of_form()) if was is not None else (as_loaded(WorkspaceForm(), now), now.version)
    lasts = {"company": settings.last_change(ctx, ("name", "hue", "currency")), "people": settings.last_change(ctx, ("locale", "timezone", *CHOICES))}
    form = form or WorkspaceForm(obj=now)
    form.say_choices(AS_LANGUAGE)
    return page("settings/workspace.html", status=status, form=form, was=was, version=version, lasts=lasts)
