"""Who works on a deal together, and who else wants it: forms on the page of the deal."""

from typing import Any
from uuid import UUID

from flask import Blueprint, request

from core.base.context import Context
from core.base.words import N_
from core.deals import competitors, queries, team
from web.deals.part_forms import MemberForm, RivalForm
from web.deals.showing import show_deal
from web.editing import version_of_form
from web.forms import keys_of
from web.guard import needs
from web.pages import say, see_other

bp = Blueprint("deal_team", __name__, url_prefix="/deals")


@bp.post("/<uuid:id>/members")
@needs("deals.edit")
def create(ctx: Context, id: UUID):
    """Somebody joins; who is in it already has another part or share (member=)."""
    deal, form = queries.one_deal(ctx, id), MemberForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            row = team.add_member(ctx, deal, user_id=next(iter(keys_of([form.user_id.data])), None), role=form.role.data, credit=form.credit.data)
            say(ctx, N_("%(name)s works on it now"), name=queries.member_name(ctx, row.user_id))
            return see_other("deals.show", id=id, _anchor="team")
    return _again(ctx, id, form)


@bp.post("/members/<uuid:id>")
@needs("deals.edit")
def change(ctx: Context, id: UUID):
    """Another part or share."""
    (deal, row), form = team.one_member(ctx, id), MemberForm(request.form)
    with form.attempt(ctx):
        team.change_member(ctx, deal, row, role=form.role.data, credit=form.credit.data, version=version_of_form())
        say(ctx, N_("%(name)s saved"), name=queries.member_name(ctx, row.user_id))
        return see_other("deals.show", id=deal.id, _anchor="team")
    return _again(ctx, deal.id, form)


@bp.post("/members/<uuid:id>/deletion")
@needs("deals.edit")
def delete(ctx: Context, id: UUID):
    deal, row = team.one_member(ctx, id)
    name = queries.member_name(ctx, row.user_id)
    team.remove_member(ctx, deal, row)
    say(ctx, N_("%(name)s works on it no longer"), name=name)
    return see_other("deals.show", id=deal.id, _anchor="team")


@bp.post("/<uuid:id>/competitors")
@needs("deals.edit")
def create_rival(ctx: Context, id: UUID):
    """Somebody else wants it; a new name joins the list of competitors."""
    deal, form = queries.one_deal(ctx, id), RivalForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            competitors.name_in_deal(ctx, deal, named=form.competitor.data, note=form.note.data, took_it=bool(form.took_it.data))
            say(ctx, N_("%(name)s saved"), name=form.competitor.data)
            return see_other("deals.show", id=id, _anchor="rivals")
    return _again(ctx, id, form)


@bp.post("/competitors/<uuid:id>/deletion")
@needs("deals.edit")
def delete_rival(ctx: Context, id: UUID):
    deal, row = competitors.one_of_deal(ctx, id)
    competitors.take_out(ctx, deal, row)
    say(ctx, N_("Taken out"))
    return see_other("deals.show", id=deal.id, _anchor="rivals")


def _again(ctx: Context, id: UUID, form: Any):
    return show_deal(ctx, id, refused=form, status=422)
