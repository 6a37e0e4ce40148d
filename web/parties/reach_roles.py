"""A person's roles at accounts beside his own: their forms, on the pages of ways to reach."""

from typing import Any
from uuid import UUID

from flask import request, url_for

from core.base.context import Context
from core.base.errors import Refused
from core.base.policy import require
from core.base.words import N_
from core.parties import affiliations, queries
from core.parties.reach_access import one_affiliation
from web.editing import version_of_form
from web.guard import needs
from web.pages import page, say
from web.parties.picking import picked_account
from web.parties.reach import bp, editable, to_record
from web.parties.reach_section import RoleForm, said


@bp.get("/contacts/<uuid:id>/affiliations/new")
@needs("contacts.edit")
def new_role(ctx: Context, id: UUID):
    return _role_page(ctx, editable(ctx, "contacts", id), RoleForm())


@bp.post("/contacts/<uuid:id>/affiliations")
@needs("contacts.edit")
def create_role(ctx: Context, id: UUID):
    contact, form = queries.one_contact(ctx, id), RoleForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            key = picked_account(ctx, "account_id")
            if not key:
                raise Refused("required", field="account_id")
            affiliations.affiliate(ctx, contact, UUID(key), **_role_given(form))
            return to_record(contact)
    return _role_page(ctx, contact, form, status=422)


@bp.get("/affiliations/<uuid:id>/edit")
@needs("contacts.edit")
def edit_role(ctx: Context, id: UUID):
    role = one_affiliation(ctx, id)
    contact = queries.one_contact(ctx, role.contact_id)
    require(ctx, "contacts.edit", contact)
    return _role_page(ctx, contact, RoleForm(data={name: getattr(role, name) for name in ("title", "department", "since", "until", "is_former")}), role, version=role.version)


@bp.post("/affiliations/<uuid:id>")
@needs("contacts.edit")
def update_role(ctx: Context, id: UUID):
    role, form, version = one_affiliation(ctx, id), RoleForm(request.form), version_of_form()
    contact = queries.one_contact(ctx, role.contact_id)
    if form.validate():
        with form.attempt(ctx):
            affiliations.edit_affiliation(ctx, role, version=version, **_role_given(form))
            return to_record(contact)
    return _role_page(ctx, contact, form, role, version=version, status=422)


@bp.post("/affiliations/<uuid:id>/deletion")
@needs("contacts.edit")
def delete_role(ctx: Context, id: UUID):
    role = one_affiliation(ctx, id)
    affiliations.remove_affiliation(ctx, role)
    say(ctx, N_("Role removed"), undo=url_for("reach.restore_role", id=id))
    return to_record(queries.one_contact(ctx, role.contact_id))


@bp.post("/affiliations/<uuid:id>/restoration")
@needs("contacts.edit")
def restore_role(ctx: Context, id: UUID):
    role = one_affiliation(ctx, id, deleted=True)
    affiliations.restore_affiliation(ctx, role)
    say(ctx, N_("The role is back"))
    return to_record(queries.one_contact(ctx, role.contact_id))


def _role_given(form: RoleForm) -> dict[str, Any]:
    return {name: value for name, value in said(form).items() if name != "account_id"}


def _role_page(ctx: Context, contact: Any, form: RoleForm, role: Any = None, *, version: int | None = None, status: int = 200):
    name = request.form.get("account_id_text", "") if role is None else queries.account_name(ctx, role.account_id)
    return page("reach/role.html", status=status, record=contact, form=form, role=role, version=version, account_name=name)
