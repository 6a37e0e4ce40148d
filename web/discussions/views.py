"""Discussions: the comments on a record, who follows it, whom one may mention. Each kind of record that is discussed has
them below its own page: /accounts/<key>/comments."""

from functools import partial
from uuid import UUID

from flask import Blueprint, redirect, request, url_for

from core.base.context import Context
from core.base.records import find, kinds, path_of
from core.base.words import N_
from core.discussions import actions, queries
from core.discussions.models import Comment
from core.notifications import following
from web.discussions.section import CommentForm, section_values
from web.editing import version_of_form
from web.guard import needs
from web.pages import page, say

bp = Blueprint("discussions", __name__)
bp.room = "discussions"


def show(kind: str, ctx: Context, id: UUID):
    """The discussion of a record as a page of its own; for htmx as the part of the record's page that it is."""
    return _section(ctx, find(ctx, kind, id))


def create(kind: str, ctx: Context, id: UUID):
    """Comment. What was refused comes back with what was typed."""
    record, form = find(ctx, kind, id), CommentForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            comment = actions.add_comment(ctx, record, form.body.data)
            return _section(ctx, record) if request.headers.get("HX-Request") else redirect(f"{path_of(kind, id)}#c-{comment.id}", code=303)
    return _section(ctx, record, form, status=422)


def follow(kind: str, ctx: Context, id: UUID):
    """Hear of it from now on."""
    record = find(ctx, kind, id)
    following.follow(ctx, record)
    return _section(ctx, record) if request.headers.get("HX-Request") else redirect(f"{path_of(kind, id)}#discussion", code=303)


def unfollow(kind: str, ctx: Context, id: UUID):
    """Hear no more of it."""
    record = find(ctx, kind, id)
    following.unfollow(ctx, record)
    return _section(ctx, record) if request.headers.get("HX-Request") else redirect(f"{path_of(kind, id)}#discussion", code=303)


def colleagues(kind: str, ctx: Context, id: UUID):
    """Options behind an @: those who see the record, and those who don't, who can't be chosen."""
    return page("discussions/options.html", found=queries.mentionable(ctx, find(ctx, kind, id), request.args.get("q", "")[:60]))


def _declare() -> None:
    """The routes of every kind that is discussed; a room that declares a kind has them."""
    for name, kind in kinds(discussed=True).items():
        place = kind.path.format(id="<uuid:id>")
        for path, endpoint, method, view, permission in (
            ("comments", "show", "GET", show, kind.permission), ("comments", "create", "POST", create, "comments.write"), ("following", "follow", "POST", follow, "profile.edit"),
            ("unfollowing", "unfollow", "POST", unfollow, "profile.edit"), ("colleagues", "colleagues", "GET", colleagues, "comments.write"),
        ):
            bp.add_url_rule(f"{place}/{path}", f"{endpoint}_{name}", needs(permission)(partial(view, name)), methods=[method])


_declare()


@bp.get("/comments/<uuid:id>/edit")
@needs("comments.write")
def edit(ctx: Context, id: UUID):
    """The text of one's own comment, to change it: in its place, or as a page."""
    comment = queries.one_comment(ctx, id)
    return _form(ctx, comment, CommentForm(data={"body": comment.body}), comment.version)


@bp.post("/comments/<uuid:id>")
@needs("comments.write")
def update(ctx: Context, id: UUID):
    """Say it otherwise."""
    comment, form = queries.one_comment(ctx, id), CommentForm(request.form)
    version = version_of_form()
    if form.validate():
        with form.attempt(ctx):
            actions.edit_comment(ctx, comment, form.body.data, version=version)
            return _back(ctx, comment)
    return _form(ctx, comment, form, version, status=422)


@bp.post("/comments/<uuid:id>/deletion")
@needs("comments.write")
def delete(ctx: Context, id: UUID):
    """Take a comment away, with a way back."""
    comment = queries.one_comment(ctx, id)
    actions.delete_comment(ctx, comment)
    say(ctx, N_("Comment deleted"), undo=url_for("discussions.restore", id=id))
    return redirect(f"{path_of(comment.record_kind, comment.record_id)}#discussion", code=303)


@bp.post("/comments/<uuid:id>/restoration")
@needs("comments.write")
def restore(ctx: Context, id: UUID):
    comment = queries.one_comment(ctx, id, deleted=True)
    actions.restore_comment(ctx, comment)
    say(ctx, N_("The comment is back"))
    return redirect(f"{path_of(comment.record_kind, comment.record_id)}#c-{comment.id}", code=303)


def _section(ctx: Context, record, form: CommentForm | None = None, status: int = 200):
    """The section anew; with `before` only the earlier comments."""
    if request.args.get("before") and request.headers.get("HX-Request"):
        return page("discussions/_comments.html", **section_values(ctx, record))
    return page("discussions/show.html", block="section", status=status, record=record, **section_values(ctx, record, form))


def _form(ctx: Context, comment: Comment, form: CommentForm, version: int | None, status: int = 200):
    actions.may_edit(ctx, comment)
    record = find(ctx, comment.record_kind, comment.record_id)
    return page("discussions/edit.html", block="form", status=status, comment=comment, form=form, version=version, record=record, place=path_of(comment.record_kind, comment.record_id))


def _back(ctx: Context, comment: Comment):
    if request.headers.get("HX-Request"):
        return _section(ctx, find(ctx, comment.record_kind, comment.record_id))
    return redirect(f"{path_of(comment.record_kind, comment.record_id)}#c-{comment.id}", code=303)
