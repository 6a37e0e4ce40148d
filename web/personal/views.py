"""What is known of a person: a section of his page, and the form in which a fact is corrected."""

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, request, url_for

from core.base.context import Context
from core.base.errors import Conflict
from core.base.policy import require
from core.base.words import N_
from core.parties import queries as parties
from core.parties.models import Contact
from core.personal import actions, queries
from core.personal.models import PersonalFact
from core.personal.words import LABELS
from web import editing
from web.editing import as_loaded, changed, chosen, filled, typed_value, version_of_form
from web.guard import needs
from web.pages import page, say
from web.personal.section import FactForm, section_values

bp = Blueprint("personal_facts", __name__)


@bp.get("/contacts/<uuid:id>/personal-facts")
@needs("personal_facts.read")
def show(ctx: Context, id: UUID):
    """The section as a page of its own; for htmx as the part of the person's page that it is."""
    return _section(ctx, parties.one_contact(ctx, id))


@bp.post("/contacts/<uuid:id>/personal-facts")
@needs("personal_facts.write")
def create(ctx: Context, id: UUID):
    """Write something down. What was refused comes back with what was typed."""
    contact, form = parties.one_contact(ctx, id), FactForm(request.form)
    with form.attempt(ctx):
        actions.add_fact(ctx, contact, **{field.name: typed_value(field) for field in form})
        ctx.session.flush()  # the section shows it
        return _section(ctx, contact) if request.headers.get("HX-Request") else _back(id)
    return _section(ctx, contact, form, status=422)


@bp.get("/personal-facts/<uuid:id>/edit")
@needs("personal_facts.write")
def edit(ctx: Context, id: UUID):
    fact = queries.one_fact(ctx, id)
    contact = parties.one_contact(ctx, fact.contact_id)
    require(ctx, "personal_facts.write", contact)
    was = as_loaded(FactForm(), fact)
    return _form(ctx, fact, contact, FactForm(data=was | {"noted_on": fact.noted_on}), was, fact.version)


@bp.post("/personal-facts/<uuid:id>")
@needs("personal_facts.write")
def update(ctx: Context, id: UUID):
    """Save what was changed; the same field changed by two is asked about."""
    fact = queries.one_fact(ctx, id)
    contact = parties.one_contact(ctx, fact.contact_id)
    form, was = filled(FactForm, fact)
    given: dict[str, Any] = {}
    try:
        with form.attempt(ctx):
            given = chosen(changed(form, was))
            actions.edit_fact(ctx, fact, version=version_of_form(), original=was, **given)
            say(ctx, N_("Saved"))
            return _back(contact.id)
    except Conflict as conflict:
        if conflict.code != "conflict":
            raise
        return editing.conflict_page(
            ctx, conflict, given, was, title=contact.name, action=url_for("personal_facts.update", id=id), back=url_for("contacts.show", id=contact.id),
            labels=LABELS, last=editing.last_change(ctx, fact, conflict.fields),
        )
    return _form(ctx, fact, contact, form, was, version_of_form(), status=422)


@bp.post("/personal-facts/<uuid:id>/deletion")
@needs("personal_facts.write")
def delete(ctx: Context, id: UUID):
    """Take it away, with a way back."""
    fact = queries.one_fact(ctx, id)
    actions.delete_fact(ctx, fact)
    say(ctx, N_("Deleted"), undo=url_for("personal_facts.restore", id=id))
    return _back(fact.contact_id)


@bp.post("/personal-facts/<uuid:id>/restoration")
@needs("personal_facts.write")
def restore(ctx: Context, id: UUID):
    fact = queries.one_fact(ctx, id, deleted=True)
    actions.restore_fact(ctx, fact)
    say(ctx, N_("It is back"))
    return _back(fact.contact_id)


def _back(contact_id: UUID):
    return redirect(f"{url_for('contacts.show', id=contact_id)}#personal", code=303)


def _section(ctx: Context, contact: Contact, form: FactForm | None = None, status: int = 200):
    return page("personal/show.html", block="section", status=status, contact=contact, personal=section_values(ctx, contact, form))


def _form(ctx: Context, fact: PersonalFact, contact: Contact, form: FactForm, was: dict[str, str], version: int | None, *, status: int = 200):
    return page("personal/edit.html", status=status, fact=fact, contact=contact, form=form, was=was, version=version)
