"""Ways to reach a record and roles at several accounts: forms in place (htmx) or as pages of their own, below the record's
address; further ones under their own keys."""

from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, request, url_for

from core.base.context import Context
from core.base.errors import Refused
from core.base.policy import require
from core.base.words import N_
from core.parties import marks, queries, reach
from core.parties.reach_access import Party, one, party_of
from core.parties.reach_models import INVALID, POINT_KINDS, ContactPoint, PostalAddress
from core.parties.reach_rules import among
from core.parties.reach_words import INVALID_WORDS, KIND_WORDS
from infra import i18n
from web.editing import version_of_form
from web.guard import needs
from web.pages import page, say
from web.parties.reach_section import (
    AddressForm,
    MarkForm,
    PointForm,
    labels_for,
    offer,
    reach_values,
    said,
    said_label,
    services,
    typed_label,
)

bp = Blueprint("reach", __name__)
ONE = {"accounts": queries.one_account, "contacts": queries.one_contact}


def show(room: str, ctx: Context, id: UUID):
    """The section as a page of its own; for htmx as the part of the record's page that it is."""
    return _section(ctx, ONE[room](ctx, id))


def new_point(room: str, ctx: Context, id: UUID):
    """?kind=mail, phone or messenger."""
    return _point_page(ctx, editable(ctx, room, id), among(POINT_KINDS, request.args.get("kind", "mail"), "kind"), PointForm())


def create_point(room: str, ctx: Context, id: UUID):
    party, form = ONE[room](ctx, id), PointForm(request.form)
    kind = among(POINT_KINDS, request.form.get("kind", ""), "kind")
    with form.attempt(ctx):
        reach.add_point(ctx, party, kind, form.value.data, label=typed_label(ctx, form.label.data), service=form.service.data)
        return _back(ctx, party)
    return _point_page(ctx, party, kind, form, status=422)


def new_address(room: str, ctx: Context, id: UUID):
    return _address_page(ctx, editable(ctx, room, id), AddressForm())


def create_address(room: str, ctx: Context, id: UUID):
    party, form = ONE[room](ctx, id), AddressForm(request.form)
    with form.attempt(ctx):
        reach.add_address(ctx, party, **_address_given(ctx, form))
        return _back(ctx, party)
    return _address_page(ctx, party, form, status=422)


def new_mark(room: str, ctx: Context, id: UUID):
    """Ask why ?value= of ?kind= is no good any more."""
    return _mark_page(ctx, editable(ctx, room, id), MarkForm(), request.args)


def create_mark(room: str, ctx: Context, id: UUID):
    """what: opted_out, opted_in, invalid, valid."""
    party, form, given = ONE[room](ctx, id), MarkForm(request.form), request.form
    value, kind, what = given.get("value", ""), given.get("kind", ""), given.get("what", "")
    acts = {"opted_out": marks.opt_out, "opted_in": marks.opt_in, "valid": marks.mark_valid, "invalid": partial(marks.mark_invalid, reason=given.get("reason", ""), note=given.get("note"))}
    try:
        with ctx.session.begin_nested():
            acts[among(tuple(acts), what, "what")](ctx, party, kind, value)
    except Refused as refusal:
        if refusal.status != 422 or what != "invalid":
            raise
        form.take(refusal)
        return _mark_page(ctx, party, form, given, status=422)
    return _back(ctx, party)


def edit_point(room: str, ctx: Context, id: UUID):
    point = one(ctx, ContactPoint, id, room=room)
    form = PointForm(data={"value": point.value, "label": said_label(ctx, point.label), "service": point.service})
    return _point_page(ctx, _may_edit(ctx, point), point.kind, form, point, version=point.version)


def update_point(room: str, ctx: Context, id: UUID):
    point, form, version = one(ctx, ContactPoint, id, room=room), PointForm(request.form), version_of_form()
    party = party_of(ctx, point)
    with form.attempt(ctx):
        given = said(form) | ({"label": typed_label(ctx, form.label.data)} if "label" in request.form else {})
        reach.edit_point(ctx, point, version=version, **(given if point.kind == "messenger" else {name: value for name, value in given.items() if name != "service"}))
        return _back(ctx, party)
    return _point_page(ctx, party, point.kind, form, point, version=version, status=422)


def delete_point(room: str, ctx: Context, id: UUID):
    return _take_away(ctx, one(ctx, ContactPoint, id, room=room), f"reach.restore_point_{room}")


def restore_point(room: str, ctx: Context, id: UUID):
    return _bring_back(ctx, one(ctx, ContactPoint, id, room=room, deleted=True))


def main_point(room: str, ctx: Context, id: UUID):
    """It and the record's own one change places."""
    point = one(ctx, ContactPoint, id, room=room)
    party, value = party_of(ctx, point), point.value
    reach.make_main(ctx, point)
    say(ctx, N_("%(value)s is the main one now"), value=value)
    return _back(ctx, party)


def place_point(room: str, ctx: Context, id: UUID):
    """One place up, or (down=1) down."""
    point = one(ctx, ContactPoint, id, room=room)
    reach.move_point(ctx, point, up=not request.form.get("down"))
    return _back(ctx, party_of(ctx, point))


def edit_address(room: str, ctx: Context, id: UUID):
    address = one(ctx, PostalAddress, id, room=room)
    names = [item.name for item in AddressForm()]
    form = AddressForm(data={name: getattr(address, name) for name in names} | {"label": said_label(ctx, address.label)})
    return _address_page(ctx, _may_edit(ctx, address), form, address, version=address.version)


def update_address(room: str, ctx: Context, id: UUID):
    address, form, version = one(ctx, PostalAddress, id, room=room), AddressForm(request.form), version_of_form()
    party = party_of(ctx, address)
    with form.attempt(ctx):
        reach.edit_address(ctx, address, version=version, **_address_given(ctx, form))
        return _back(ctx, party)
    return _address_page(ctx, party, form, address, version=version, status=422)


def delete_address(room: str, ctx: Context, id: UUID):
    return _take_away(ctx, one(ctx, PostalAddress, id, room=room), f"reach.restore_address_{room}")


def restore_address(room: str, ctx: Context, id: UUID):
    return _bring_back(ctx, one(ctx, PostalAddress, id, room=room, deleted=True))


def _declare() -> None:
    """The same below accounts and contacts; further values and addresses have keys of their own."""
    for room in ONE:
        below, point, address = f"/{room}/<uuid:id>/reach", f"/{room}/contact-points/<uuid:id>", f"/{room}/addresses/<uuid:id>"
        for path, view, method in (
            (below, show, "GET"), (f"{below}/new", new_point, "GET"), (below, create_point, "POST"), (f"{below}/addresses/new", new_address, "GET"),
            (f"{below}/addresses", create_address, "POST"), (f"{below}/marks/new", new_mark, "GET"), (f"{below}/marks", create_mark, "POST"),
            (f"{point}/edit", edit_point, "GET"), (point, update_point, "POST"), (f"{point}/deletion", delete_point, "POST"), (f"{point}/restoration", restore_point, "POST"),
            (f"{point}/main", main_point, "POST"), (f"{point}/place", place_point, "POST"),
            (f"{address}/edit", edit_address, "GET"), (address, update_address, "POST"), (f"{address}/deletion", delete_address, "POST"), (f"{address}/restoration", restore_address, "POST"),
        ):
            bp.add_url_rule(path, f"{view.__name__}_{room}", needs(f"{room}.read" if view is show else f"{room}.edit")(partial(view, room)), methods=[method])


_declare()


def editable(ctx: Context, room: str, id: UUID) -> Party:
    party = ONE[room](ctx, id)
    require(ctx, f"{room}.edit", party)
    return party


def _may_edit(ctx: Context, row: Any) -> Party:
    party = party_of(ctx, row)
    require(ctx, f"{party.ROOM}.edit", party)
    return party


def _take_away(ctx: Context, row: Any, back: str):
    party = party_of(ctx, row)
    name = KIND_WORDS[row.kind if isinstance(row, ContactPoint) else "address"]
    reach.remove(ctx, row)
    say(ctx, N_("%(what)s removed"), undo=url_for(back, id=row.id), what=i18n.gettext(ctx.locale, name))
    return to_record(party, "reach")


def _bring_back(ctx: Context, row: Any):
    party = party_of(ctx, row)
    reach.restore(ctx, row)
    say(ctx, N_("It is back"))
    return to_record(party, "reach")


def _address_given(ctx: Context, form: AddressForm) -> dict[str, Any]:
    return said(form) | ({"label": typed_label(ctx, form.label.data)} if "label" in request.form else {})


def _form_page(template: str, party: Party, status: int, **values: Any):
    """A form in its place on the record's page, or as a page; refused it stays where it is."""
    answer = page(template, block="form", status=status, record=party, place=f"/{party.ROOM}/{party.id}", **values)
    if status == 422:
        answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = "#reach-form", "innerHTML"
    return answer


def _section(ctx: Context, party: Party, status: int = 200):
    return page("reach/show.html", block="section", status=status, record=party, **reach_values(ctx, party))


def _back(ctx: Context, party: Party):
    """To where the form stood: the section anew for htmx, else the record's page."""
    return _section(ctx, party) if request.headers.get("HX-Request") else to_record(party, "reach")


def to_record(party: Party, anchor: str = "roles"):
    return redirect(f"/{party.ROOM}/{party.id}#{anchor}", code=303)


def _point_page(ctx: Context, party: Party, kind: str, form: PointForm, point: ContactPoint | None = None, *, version: int | None = None, status: int = 200):
    values = {"kind": kind, "point": point, "form": services(ctx, form), "labels": labels_for(ctx, kind), "version": version, "title": i18n.gettext(ctx.locale, KIND_WORDS[kind])}
    return _form_page("reach/point.html", party, status, **values)


def _address_page(ctx: Context, party: Party, form: AddressForm, address: PostalAddress | None = None, *, version: int | None = None, status: int = 200):
    values = {"address": address, "form": form, "labels": labels_for(ctx, "address"), "version": version}
    return _form_page("reach/address.html", party, status, **values)


def _mark_page(ctx: Context, party: Party, form: MarkForm, given: Any, status: int = 200):
    offer(ctx, form.reason, INVALID_WORDS, INVALID if given.get("kind") == "mail" else INVALID[1:])
    return _form_page("reach/mark.html", party, status, form=form, kind=given.get("kind", ""), value=given.get("value", "")[:254])
