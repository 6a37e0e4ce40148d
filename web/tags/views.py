"""Tags: their page in the settings, one tag, a change of it in all records; and what a picker offers."""

from uuid import UUID

from flask import Blueprint, request, url_for
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from core.base.context import Context
from core.base.errors import Refused
from core.base.field_rights import protected
from core.base.policy import may
from core.base.words import N_
from core.identity import queries as people
from core.tagging import queries as tagging
from core.tagging.models import COLOURS, TAGGED, Tag
from core.tagging.rules import LONGEST_TAG
from core.tags import actions, breaking, queries, undoing
from core.tags.models import MOVING, TagChange
from core.tags.words import COLOUR_LABELS
from infra import i18n
from web import long_work
from web.editing import version_of_form
from web.forms import Form
from web.guard import needs
from web.pages import page, say, see_other
from web.words import say_refusal

bp = Blueprint("tags", __name__)
STATES = {
    "running": (N_("Running"), "blue"), "done": (N_("Done"), "green"), "failed": (N_("Broke off"), "red"), "undoing": (N_("Being taken back"), "blue"), "undone": (N_("Taken back"), "grey"),
}
WORDS = {"states": STATES, "moving": MOVING}
TEXTS = ("name", "colour", "description")


class TagForm(Form):
    """A tag: its name, colour, and what it is for."""

    name = StringField(N_("Name"), [InputRequired(), Length(max=LONGEST_TAG)])
    colour = RadioField(N_("Colour"), choices=[(one, COLOUR_LABELS[one]) for one in COLOURS], default="grey")
    description = TextAreaField(N_("What it is for"), [Length(max=300)], render_kw={"rows": 2})


class MergeForm(Form):
    """Into which other tag."""

    into_id = SelectField(N_("Merge into"), validate_choice=False)


@bp.get("/settings/tags/")
@needs("tags.read")
def index(ctx: Context):
    """All tags with how many records have them, and a form for one more."""
    return _index(ctx, TagForm())


@bp.post("/settings/tags/")
@needs("tags.manage")
def create(ctx: Context):
    form = TagForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            tag = actions.create_tag(ctx, **{name: form[name].data for name in TEXTS})
            say(ctx, N_("The tag %(name)s is made"), name=tag.name)
            return see_other("tags.index")
    return _index(ctx, form, status=422)


@bp.get("/tags/options")
@needs("tags.read")
def options(ctx: Context):
    """Tags with these letters, for whoever writes them in a record."""
    return page("tags/options.html", found=tagging.offered(ctx, request.args.get("q", "")))


@bp.get("/settings/tags/<uuid:id>")
@needs("tags.read")
def show(ctx: Context, id: UUID):
    """One tag: who has it; to be renamed, coloured, merged, deleted."""
    tag = queries.one(ctx, id)
    return _show(ctx, tag, TagForm(obj=tag), MergeForm())


@bp.post("/settings/tags/<uuid:id>")
@needs("tags.manage")
def update(ctx: Context, id: UUID):
    """Save it. A new name goes into every record, and has a page that says how far that is."""
    tag, form = queries.one(ctx, id), TagForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            run = actions.edit_tag(ctx, tag, version=version_of_form(), **{name: form[name].data for name in TEXTS})
            return _begun(ctx, run) if run else _saved(ctx, tag)
    return _show(ctx, queries.one(ctx, id), form, MergeForm(), status=422)


@bp.post("/settings/tags/<uuid:id>/merge")
@needs("tags.manage")
def merge(ctx: Context, id: UUID):
    """Every record with it gets the other one instead."""
    tag, form = queries.one(ctx, id), MergeForm(request.form)
    with form.attempt(ctx):
        return _begun(ctx, actions.merge_tag(ctx, tag, _key(form.into_id.data)))
    tag = queries.one(ctx, id)
    return _show(ctx, tag, TagForm(obj=tag), form, status=422)


@bp.post("/settings/tags/<uuid:id>/deletion")
@needs("tags.manage")
def delete(ctx: Context, id: UUID):
    """Out of every record."""
    return _begun(ctx, actions.delete_tag(ctx, queries.one(ctx, id)))


@bp.get("/settings/tags/changes/<uuid:id>")
@needs("tags.read")
def change(ctx: Context, id: UUID):
    """A change in all records: how far it is, what became of it, the way back."""
    run = queries.one_change(ctx, id)
    failure = say_refusal(Refused(run.failure["code"], **run.failure.get("params", {})), ctx.locale) if run.failure else ""
    return page("tags/change.html", run=run, failure=failure, who=people.actor_names(ctx).get(run.actor_id, ""), can_undo=manages(ctx) and undoing.can_be_undone(ctx, run), **WORDS)


@bp.post("/settings/tags/changes/<uuid:id>/undo")
@needs("tags.manage")
def undo(ctx: Context, id: UUID):
    """Take it back."""
    undoing.start_undo(ctx, queries.one_change(ctx, id))
    return see_other("tags.change", id=id)


long_work.add_pages(
    bp, "/settings/tags/changes/<uuid:id>", reads="tags.read", runs="tags.manage", one=queries.one_change, go_on=breaking.go_on, moving=MOVING, template="tags/progress.html",
    words=lambda ctx: WORDS, result="change",
)


# ---- parts of answers ----


def manages(ctx: Context) -> bool:
    """May the actor change tags, and no role of his protects them?"""
    return may(ctx, "tags.manage") and not any("tags" in protected(ctx, room) for room in TAGGED)


def _index(ctx: Context, form: TagForm, status: int = 200):
    found = queries.tags(ctx, limit=queries.MOST)
    used = queries.used(ctx, [tag.name for tag in found])
    return page(
        "tags/index.html", tags=[(tag, used[tag.name]) for tag in found], form=form, manages=manages(ctx), colours=COLOUR_LABELS, all_shown=len(found) < queries.MOST,
        changes=queries.changes(ctx), status=status, **WORDS,
    )


def _show(ctx: Context, tag: Tag, form: TagForm, merging: MergeForm, status: int = 200):
    merging.into_id.choices = [("", i18n.gettext(ctx.locale, N_("Choose a tag"))), *((str(one.id), one.name) for one in queries.tags(ctx) if one.id != tag.id)]
    used = queries.used(ctx, [tag.name])[tag.name]
    return page("tags/show.html", tag=tag, form=form, merging=merging, used=used, manages=manages(ctx), busy=queries.under_way(ctx), colours=COLOUR_LABELS, status=status)


def _begun(ctx: Context, run: TagChange):
    """Few records are changed already, and the list of tags comes back; more go on."""
    if run.state != "done":
        return see_other("tags.change", id=run.id)
    say(ctx, N_("Changed in %(count)s records"), undo=url_for("tags.undo", id=run.id), count=run.changed)
    return see_other("tags.index")


def _saved(ctx: Context, tag: Tag):
    say(ctx, N_("The tag %(name)s is saved"), name=tag.name)
    return see_other("tags.index")


def _key(text: str | None) -> UUID:
    try:
        return UUID(text or "")
    except ValueError:
        raise Refused("tag_unknown", field="into_id") from None
