"""The brief: what one must know before one speaks with a customer, on one page and on one sheet of paper."""

from uuid import UUID

from flask import Blueprint, Response, url_for

from core.base.context import Context
from core.base.words import N_
from core.briefs import queries
from core.briefs.found import Brief
from core.documents import rendering
from web.briefs import advising, printing
from web.briefs.laying import facts_of, parts_of
from web.guard import needs
from web.install.briefs import brief as kept
from web.pages import page, say, see_other

bp, advising_bp = Blueprint("briefs", __name__), advising.bp
COMING = N_("The fonts for Chinese and Korean are being fetched. Try again in a minute.")
LISTS = {"account": ("accounts", N_("Accounts")), "contact": ("contacts", N_("Contacts"))}


@bp.get("/accounts/<uuid:id>/brief")
@needs("accounts.read")
def show_account(ctx: Context, id: UUID):
    """Of an account; kept for times without a network."""
    return _show(ctx, queries.of_account(ctx, id))


@bp.get("/contacts/<uuid:id>/brief")
@needs("contacts.read")
def show_contact(ctx: Context, id: UUID):
    return _show(ctx, queries.of_contact(ctx, id))


@bp.get("/accounts/<uuid:id>/brief.pdf")
@needs("accounts.read")
def print_account(ctx: Context, id: UUID):
    """The same on one sheet."""
    return _print(ctx, queries.of_account(ctx, id))


@bp.get("/contacts/<uuid:id>/brief.pdf")
@needs("contacts.read")
def print_contact(ctx: Context, id: UUID):
    return _print(ctx, queries.of_contact(ctx, id))


def _show(ctx: Context, found: Brief):
    room, title = LISTS[found.kind]
    wide, narrow = parts_of(ctx, found)
    answer = page(
        "briefs/show.html", brief=True, found=found, facts=facts_of(ctx, found), wide=wide, narrow=narrow, room=room, list_title=title,
        pdf=url_for(f"briefs.print_{found.kind}", id=found.id),
    )
    return kept(answer, found.name)


def _print(ctx: Context, found: Brief):
    try:
        content = printing.pdf(ctx, found)
    except rendering.FontsComing:
        rendering.have_fonts_brought(ctx)
        say(ctx, COMING, kind="error")
        return see_other(f"briefs.show_{found.kind}", id=found.id)
    return Response(content, mimetype="application/pdf", headers={"Content-Disposition": "inline; filename=brief.pdf", "Cache-Control": "private, no-store"})
