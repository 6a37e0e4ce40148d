"""Web forms for programs: they are built, changed, closed and deleted here, with what came of each. Enquiries: web.intake.enquiries_api."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import func

from core.base.context import Context
from core.base.errors import Refused
from core.base.words import N_
from core.intake import forms
from core.intake.models import STATES, WebForm
from core.intake.results import Came, came_of
from core.leads.assigning import readers
from web.api import shell
from web.api.listing import Page
from web.api.shell import Column
from web.intake import enquiries_api
from web.intake.api_bodies import CameOut, WebFormIn, WebFormOut, WebFormPatch
from web.intake.building import places_of

bp, enquiries_bp = shell.api_blueprint("web_forms_api"), enquiries_api.bp
SAME = ("id", "version", "name", "state", "fields", "texts", "source", "campaign", "lead_owner_id", "purpose_id", "confirmed", "hosts", "redirect_url", "created_at", "updated_at")
FORMS = shell.Listing({
    "id": Column(WebForm.id), "name": Column(WebForm.name, sort=func.lower(WebForm.name)), "state": Column(WebForm.state, ops=("eq",), choices=STATES), "source": Column(WebForm.source), "campaign": Column(WebForm.campaign),
    "lead_owner_id": Column(WebForm.lead_owner_id), "purpose_id": Column(WebForm.purpose_id), "created_at": Column(WebForm.created_at, sort=True), "updated_at": Column(WebForm.updated_at, sort=True),
}, default="name")


@shell.resource_route(bp, "GET", "/web-forms", "forms.manage", listing=FORMS, answer=WebFormOut, summary=N_("List web forms, with what came of each"))
def list_web_forms(ctx: Context, asked):
    found = asked.page(ctx, forms.all_forms(ctx))
    return Page(_out(ctx, found.data), found.next_cursor)


def _rest(start: dict[str, Any]) -> tuple[type[WebFormPatch], Any]:
    """What else is wrong where a member has the wrong shape. start: what holds where it is not said."""

    def look(ctx: Context, body: WebFormPatch) -> list[Refused]:
        return forms.wrong_values(ctx, start | _without_state(body))

    return WebFormPatch, look


@shell.resource_route(
    bp, "POST", "/web-forms", "forms.manage", body=WebFormIn, rest=_rest({"hosts": []}), answer=WebFormOut, status=201, summary=N_("Make a web form"),
    description=N_("The answer has its address. Programs that take enquiries themselves bring leads in by POST /leads instead; a form asks for consent and confirmation too."),
)
def create_web_form(ctx: Context, body):
    return _saved(ctx, None, body)


@shell.resource_route(bp, "GET", "/web-forms/<uuid:id>", "forms.manage", answer=WebFormOut, summary=N_("Get a web form, with what came of it"))
def get_web_form(ctx: Context, id: UUID):
    return _out(ctx, [forms.one_form(ctx, id)])[0]


@shell.resource_route(bp, "PATCH", "/web-forms/<uuid:id>", "forms.manage", body=WebFormPatch, rest=_rest({}), answer=WebFormOut, versioned=True, summary=N_("Change, close or open a web form"))
def change_web_form(ctx: Context, id: UUID, version: int, body):
    return _saved(ctx, shell.at_version(ctx, forms.one_form(ctx, id), version, "forms.manage"), body)


@shell.resource_route(
    bp, "DELETE", "/web-forms/<uuid:id>", "forms.manage", status=204, versioned=True, summary=N_("Delete a web form by which nothing came"), description=N_("One by which something came is closed instead: what came stays."),
)
def delete_web_form(ctx: Context, id: UUID, version: int):
    forms.delete_form(ctx, shell.at_version(ctx, forms.one_form(ctx, id), version, "forms.manage"))


def _saved(ctx: Context, form: WebForm | None, body: WebFormPatch) -> WebFormOut:
    given = _without_state(body)
    if given or form is None:
        form = forms.save_form(ctx, form, **given)
    if "state" in body.model_fields_set:
        forms.close(ctx, form, body.state or "")
    ctx.session.flush()  # the answer names the version
    return _out(ctx, [form])[0]


def _without_state(body: WebFormPatch) -> dict[str, Any]:
    return {name: value for name, value in body.given().items() if name != "state"}


def _out(ctx: Context, rows: Iterable[WebForm]) -> list[WebFormOut]:
    """With what came of each and whether somebody has its leads, in one statement each for all of them."""
    found = list(rows)
    came = came_of(ctx, [form.id for form in found])
    there = readers(ctx) if any(form.lead_owner_id for form in found) else {}
    return [_one(ctx, form, came[form.id], form.lead_owner_id is not None and form.lead_owner_id not in there) for form in found]


def _one(ctx: Context, form: WebForm, came: Came, owner_gone: bool) -> WebFormOut:
    address, embedded = places_of(ctx, form)
    own = {name: getattr(form, name) for name in SAME}
    return WebFormOut(**own, address=address, embed_address=embedded if form.hosts else None, owner_gone=owner_gone, came=CameOut.of(came))
