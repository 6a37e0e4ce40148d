"""Settings, one person: what he can do, for the assignment of leads and for rankings."""

from typing import Any
from uuid import UUID

from flask import Blueprint, request
from wtforms import SelectMultipleField, StringField, widgets
from wtforms.validators import Length

from core.base.context import Context
from core.base.words import N_
from core.identity import queries as people
from core.identity.models import User
from core.products import queries as catalogue
from core.skills import actions, queries
from web.filters import language
from web.forms import Form, keys_of
from web.guard import needs
from web.pages import say, see_other

bp = Blueprint("skills", __name__, url_prefix="/settings")


class SkillsForm(Form):
    """Languages and words stand behind one another with commas."""

    languages = StringField(N_("Languages"), [Length(max=2000)])
    category_ids = SelectMultipleField(N_("Parts of the catalogue"), option_widget=widgets.CheckboxInput(), validate_choice=False)
    words = StringField(N_("Words of your own"), [Length(max=4000)], id="own-words")  # "words" is what the page's scripts say


@bp.post("/members/<uuid:id>/skills")
@needs("users.manage")
def update(ctx: Context, id: UUID):
    """What he can do, and nothing else."""
    from web.settings.people import show_person

    user = people.one_user(ctx, id)
    form = skills_form(ctx, user, request.form)
    if form.validate():
        with form.attempt(ctx):
            actions.set_skills(ctx, user, languages=listed(form.languages.data), category_ids=keys_of(form.category_ids.data or ()), words=listed(form.words.data))
            say(ctx, N_("Skills of %(name)s saved"), name=user.name)
            return see_other("people.show", id=id)
    return show_person(ctx, user, skills=form, status=422)


def listed(text: str | None) -> list[str]:
    """What stands between commas, of whichever script."""
    return [part.strip() for part in (text or "").translate({ord(mark): "," for mark in "，、;；"}).split(",") if part.strip()]


def skills_form(ctx: Context, user: User, sent: Any = None) -> SkillsForm:
    """With what he can do so far, unless something was sent."""
    form = SkillsForm(sent)
    form.category_ids.choices = _categories(ctx)
    if sent is None:
        his = queries.skills_of(ctx, [user.id])[user.id]
        form.languages.data, form.words.data = ", ".join(sorted(language(code) for code in his.languages)), ", ".join(his.words)
        form.category_ids.data = [str(key) for key in his.categories]
    return form


def _categories(ctx: Context) -> list[tuple[str, str]]:
    """Each by its whole path."""
    path: list[str] = []
    found = []
    for one, depth in catalogue.categories(ctx):
        path[depth:] = [one.name]
        found.append((str(one.id), " / ".join(path)))
    return found
