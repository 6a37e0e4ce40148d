"""What a list's menus "Views" and "Columns" do: save, rename, share, delete, open with, choose columns."""

import json
import re
from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, redirect, request, url_for
from wtforms import SelectField, StringField
from wtforms.validators import InputRequired, Length

from core.base.context import Context
from core.base.errors import Refused
from core.base.field_rights import hidden
from core.base.policy import has, require
from core.base.words import N_
from core.views import actions, queries
from core.views.filtering import where_of
from core.views.grouping import group_of
from core.views.lists import LISTS, chosen_columns, columns_of
from core.views.models import SavedView
from core.views.rules import clean_query
from web.forms import Form
from web.guard import needs
from web.pages import page, say, see_other
from web.parties.history import TITLES
from web.parties.listing import Asked, of_query
from web.words import say_refusal

bp = Blueprint("lists", __name__, url_prefix="/lists")
LONGEST = 20_000


class ViewForm(Form):
    """A view's name, and who finds it."""

    name = StringField(N_("Name"), [InputRequired(), Length(max=60)])
    audience = SelectField(N_("Who finds it"), default="me", validate_choice=False)


@bp.post("/views")
@needs("profile.edit")
def create(ctx: Context):
    """Keep the list as it is under a name, and go on with it."""
    room = _room(ctx)
    state = _sent(ctx, room)
    try:
        with ctx.session.begin_nested():
            view = actions.save_view(ctx, room=room, name=request.form.get("name", ""), query=state.query(), widths=state.widths(ctx), **_audience(request.form.get("audience", "me")))
            ctx.session.flush()
    except Refused as refusal:
        if refusal.status != 422:
            raise
        say(ctx, N_("The view was not saved: %(why)s"), kind="error", why=say_refusal(refusal, ctx.locale))
        return redirect(state.link(), code=303)
    say(ctx, N_("The view %(name)s is saved"), undo=url_for("lists.delete", id=view.id), name=view.name)
    return see_other(f"{room}.index", view=view.id)


@bp.get("/views/<uuid:id>/edit")
@needs("profile.edit")
def edit(ctx: Context, id: UUID):
    """Another name, other people."""
    view = _mine(ctx, id)
    return _form(ctx, view, ViewForm(data={"name": view.name, "audience": str(view.team_id) if view.audience == "team" else view.audience}))


@bp.post("/views/<uuid:id>")
@needs("profile.edit")
def update(ctx: Context, id: UUID):
    """Keep what the list shows now (query), or rename and share."""
    view = _mine(ctx, id)
    if "query" in request.form:
        actions.change_view(ctx, view, query=_sent(ctx, view.room).query())
        say(ctx, N_("The view %(name)s is saved"), name=view.name)
        return see_other(f"{view.room}.index", view=view.id)
    form = ViewForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            actions.change_view(ctx, view, name=form.name.data, **_audience(form.audience.data))
            say(ctx, N_("The view %(name)s is saved"), name=view.name)
            return see_other(f"{view.room}.index", view=view.id)
    return _form(ctx, view, form, status=422)


@bp.post("/views/<uuid:id>/deletion")
@needs("profile.edit")
def delete(ctx: Context, id: UUID):
    view = _mine(ctx, id)
    actions.delete_view(ctx, view)
    say(ctx, N_("The view %(name)s is deleted"), undo=url_for("lists.restore", id=id) if view.user_id == ctx.actor.id else None, name=view.name)
    return see_other(f"{view.room}.index", view="all")


@bp.post("/views/<uuid:id>/restoration")
@needs("profile.edit")
def restore(ctx: Context, id: UUID):
    view = queries.one_view(ctx, id, deleted=True)
    actions.restore_view(ctx, view)
    return see_other(f"{view.room}.index", view=view.id)


@bp.post("/views/<uuid:id>/pin")
@needs("profile.edit")
def pin(ctx: Context, id: UUID):
    """Into one's own side bar."""
    view = _mine(ctx, id)
    try:
        actions.pin(ctx, view)
        say(ctx, N_("%(name)s stands in your side bar"), name=view.name)
    except Refused as refusal:
        say(ctx, say_refusal(refusal, ctx.locale), kind="error")
    return see_other(f"{view.room}.index", view=view.id)


@bp.post("/views/<uuid:id>/pin/deletion")
@needs("profile.edit")
def unpin(ctx: Context, id: UUID):
    """Out of it again."""
    view = _mine(ctx, id)
    actions.unpin(ctx, view)
    say(ctx, N_("%(name)s is out of your side bar"), name=view.name)
    return see_other(f"{view.room}.index", view=view.id)


@bp.post("/default")
@needs("profile.edit")
def default(ctx: Context):
    """Let the list open with a view, or with everything again."""
    room = _room(ctx)
    key = request.form.get("view")
    view = _mine_or_shared(ctx, room, key) if key else None
    actions.open_with(ctx, room, view)
    say(ctx, N_("The list opens with %(name)s from now on") if view else N_("The list opens with everything from now on"), name=view.name if view else "")
    return see_other(f"{room}.index", view=view.id if view else "all")


@bp.post("/columns")
@needs("profile.edit")
def columns(ctx: Context):
    """Show these columns from now on, in the order in which they come, or with one moved up or down; in a saved view until it is left or saved."""
    room = _room(ctx)
    state = _sent(ctx, room)
    chosen = None if request.form.get("usual") else chosen_columns(ctx, room, moved(request.form.getlist("columns")))
    if state.view is not None:
        return redirect(replace(state, columns=chosen, edited=True).link(), code=303)
    actions.choose_columns(ctx, room, chosen)
    return redirect(replace(state, columns=chosen, views=replace(state.views, columns=chosen)).link(), code=303)


@bp.post("/widths")
@needs("profile.edit")
def widths(ctx: Context):
    """A column was made wider or narrower (width: pixels; empty: as wide as what is in it again)."""
    room, name, given = _room(ctx), request.form.get("name", ""), request.form.get("width", "")
    if name != "name" and (name not in columns_of(ctx, room) or name in hidden(ctx, room)):
        raise Refused("unknown_value", field="name")
    if given and not re.fullmatch("[0-9]{1,4}", given):
        raise Refused("not_a_number", field="width")
    key = request.form.get("view")
    actions.set_width(ctx, room, name, int(given) if given else None, _mine_or_shared(ctx, room, key) if key else None)
    return "", 204


def moved(names: list[str]) -> list[str]:
    """The columns in the order that the form had, with the one whose button was pressed (up, down) a place further."""
    for way, step in (("up", -1), ("down", 1)):
        name = request.form.get(way)
        if name in names:
            at = names.index(name)
            names.insert(max(0, at + step), names.pop(at))
    return names


def _sent(ctx: Context, room: str) -> Asked:
    """The list that the page was about when it sent its form (query: JSON). Refuses what the list would refuse."""
    try:
        given = json.loads(request.form.get("query", "{}")[:LONGEST])
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise Refused("bad_request", field="query")
    found = queries.views_of(ctx, room)
    state = of_query(room, clean_query(given), found, view=found.one(request.form.get("view")))
    where_of(ctx, room, state.filters)
    group_of(ctx, room, state.group)
    if state.columns is not None:
        chosen_columns(ctx, room, state.columns)
    return state


def _room(ctx: Context) -> str:
    """Whose list it is about."""
    room = request.form.get("room", "")
    if room not in LISTS:
        raise Refused("unknown_value", field="room")
    require(ctx, f"{room}.read")
    return room


def _mine(ctx: Context, id: UUID) -> SavedView:
    view = queries.one_view(ctx, id)
    require(ctx, f"{view.room}.read")
    return view


def _mine_or_shared(ctx: Context, room: str, key: str) -> SavedView:
    try:
        view = queries.one_view(ctx, UUID(key))
    except ValueError:
        abort(404)
    if view.room != room:
        abort(404)
    return view


def _audience(value: str) -> dict[str, Any]:
    """"me", "everyone", or the key of a team."""
    if value in ("me", "everyone"):
        return {"audience": value}
    try:
        return {"audience": "team", "team_id": UUID(value)}
    except ValueError:
        raise Refused("unknown_value", field="audience") from None


def _form(ctx: Context, view: SavedView, form: ViewForm, status: int = 200):
    shared = [*((str(key), name) for key, name in queries.my_teams(ctx)), ("everyone", N_("Everyone here"))] if has(ctx, "views.share") else []
    form.audience.choices = [("me", N_("Only me")), *shared]
    return page("parties/view.html", status=status, form=form, view=view, list_name=TITLES[view.room])
