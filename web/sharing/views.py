"""Sharing one record: the form and the list on the page that says who can see it."""

from functools import partial
from uuid import UUID

from flask import Blueprint, redirect, request

from core.base.context import Context
from core.base.records import find, kinds, path_of
from core.base.words import N_
from core.sharing import actions
from web.guard import needs
from web.pages import say
from web.parties.record import sight_page
from web.sharing.section import share_form

bp = Blueprint("sharing", __name__)

def create(kind: str, ctx: Context, id: UUID):
    """Share it."""
    record = find(ctx, kind, id)
    form = share_form(ctx, request.form)
    if form.validate():
        with form.attempt(ctx):
            what, _, key = form.whom.data.partition(":")
            actions.share(ctx, record, **{f"{what}_id": UUID(key)}, level=form.level.data, until=form.until.data)
            say(ctx, N_("%(name)s is shared"), name=record.name)
            return redirect(f"{path_of(kind, id)}/sight", code=303)
    return sight_page(ctx, record, form, status=422)


def _declare() -> None:
    for name, kind in ((name, kind) for name, kind in kinds(discussed=True).items() if kind.shared and hasattr(kind.model, "owner_id")):
        place = kind.path.format(id="<uuid:id>")
        bp.add_url_rule(f"{place}/shares", f"create_{name}", needs("shares.manage")(partial(create, name)), methods=["POST"])


_declare()


@bp.post("/shares/<uuid:id>/revocation")
@needs("shares.manage")
def revoke(ctx: Context, id: UUID):
    """Share it no longer."""
    row = actions.one_share(ctx, id)
    back = f"{path_of(row.record_kind, row.record_id)}/sight"
    actions.end_share(ctx, row)
    say(ctx, N_("It is no longer shared"))
    return redirect(back, code=303)
