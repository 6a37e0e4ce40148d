"""Files on records: put them there, see the list, fetch one, rename, delete and bring back.

Nothing that a person uploaded is ever shown as a page of ours: the original is only handed out as a file to keep, by another
host and under headers that let nothing in it run (web/files/handing.py), and what is shown is a small copy that we drew
(RELIABILITY X5). Those copies are our own pixels, so they stay here, and a page takes pictures from its own host alone.
"""

from functools import partial
from uuid import UUID

from flask import Blueprint, redirect, request, send_file, url_for

from core.base.context import Context
from core.base.errors import NotFound, Refused
from core.base.policy import require
from core.base.records import find, kinds, path_of
from core.base.words import N_
from core.files import actions, links, queries
from core.files.models import Attachment
from infra import limits, pictures
from web.editing import version_of_form
from web.files.handing import bp as files_host  # noqa: F401 (found here by its kind)
from web.files.handing import closed
from web.files.section import section_values
from web.guard import needs
from web.pages import page, say
from web.words import say_refusal

bp = Blueprint("files", __name__)
bp.room = "files"


def show(kind: str, ctx: Context, id: UUID):
    """The files of a record as a page of its own; for htmx as the part of the record's page that it is."""
    return _section(ctx, find(ctx, kind, id))


def create(kind: str, ctx: Context, id: UUID):
    """Put one or several files there, each by itself: what is refused is named, what is good stays."""
    record = find(ctx, kind, id)
    require(ctx, "files.write")
    limits.hit("uploads", f"{ctx.tenant.id}:{ctx.actor.id}", 300, 60)
    given = [file for file in request.files.getlist("files") if file.filename]
    problems = [] if given else [say_refusal(Refused("required"), ctx.locale)]
    for file in given:
        try:
            with ctx.session.begin_nested():
                actions.add_file(ctx, record, source=file.stream, name=file.filename)
        except Refused as refusal:
            if refusal.status != 422:
                raise
            problems.append(f"{file.filename}: {say_refusal(refusal, ctx.locale)}" if len(given) > 1 else say_refusal(refusal, ctx.locale))
    if problems or request.headers.get("HX-Request"):
        return _section(ctx, record, problems, status=422 if problems else 200)
    return redirect(f"{path_of(kind, id)}#files", code=303)


def _declare() -> None:
    """The routes of every kind that is discussed; a room that declares a kind has them."""
    for name, kind in kinds(discussed=True).items():
        place = f"{kind.path.format(id='<uuid:id>')}/files"
        bp.add_url_rule(place, f"show_{name}", needs(kind.permission)(partial(show, name)), methods=["GET"])
        bp.add_url_rule(place, f"create_{name}", needs("files.write")(partial(create, name)), methods=["POST"])


_declare()


@bp.get("/files/<uuid:id>/content")
@needs("home.read")
def content(ctx: Context, id: UUID):
    """To the file itself, on the host of files. The right to see its record is asked here, each time."""
    answer = redirect(links.link_to(ctx, queries.one_file(ctx, id)), code=303)
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@bp.get("/files/<uuid:id>/thumbnail")
@needs("home.read")
def thumbnail(ctx: Context, id: UUID):
    """The small copy that we drew."""
    path = queries.bytes_of(ctx, queries.one_file(ctx, id).thumb_key)
    return closed(send_file(path, mimetype=pictures.THUMBNAIL, conditional=False), "private, max-age=3600")


@bp.get("/files/<uuid:id>/edit")
@needs("files.write")
def edit(ctx: Context, id: UUID):
    """Another name."""
    attachment = queries.one_file(ctx, id)
    return _form(ctx, attachment, attachment.name, attachment.version)


@bp.post("/files/<uuid:id>")
@needs("files.write")
def update(ctx: Context, id: UUID):
    """Call it otherwise."""
    attachment, name = queries.one_file(ctx, id), request.form.get("name", "")
    try:
        with ctx.session.begin_nested():
            actions.rename_file(ctx, attachment, name, version=version_of_form())
    except Refused as refusal:
        if refusal.status != 422:
            raise
        return _form(ctx, attachment, name, version_of_form(), problem=say_refusal(refusal, ctx.locale), status=422)
    say(ctx, N_("%(name)s saved"), name=attachment.name)
    return _back(attachment)


@bp.post("/files/<uuid:id>/deletion")
@needs("files.write")
def delete(ctx: Context, id: UUID):
    """Take a file away, with a way back."""
    attachment = queries.one_file(ctx, id)
    actions.delete_file(ctx, attachment)
    say(ctx, N_("%(name)s deleted"), undo=url_for("files.restore", id=id), name=attachment.name)
    return _back(attachment)


@bp.post("/files/<uuid:id>/restoration")
@needs("files.write")
def restore(ctx: Context, id: UUID):
    attachment = queries.one_file(ctx, id, deleted=True)
    actions.restore_file(ctx, attachment)
    say(ctx, N_("%(name)s is back"), name=attachment.name)
    return _back(attachment)


def _section(ctx: Context, record, problems: list[str] | None = None, status: int = 200):
    return page("files/show.html", block="section", status=status, record=record, **section_values(ctx, record, problems))


def _form(ctx: Context, attachment: Attachment, name: str, version: int | None, problem: str = "", status: int = 200):
    record = find(ctx, attachment.record_kind, attachment.record_id)
    if not actions.may_change(ctx, attachment, record):
        raise NotFound()
    place = path_of(attachment.record_kind, attachment.record_id)
    return page("files/edit.html", status=status, file=attachment, name=name, version=version, problem=problem, record=record, place=place)


def _back(attachment: Attachment):
    return redirect(f"{path_of(attachment.record_kind, attachment.record_id)}#files", code=303)
