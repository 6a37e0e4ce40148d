"""Contacts: list, record page, form, edit in place, delete and bring back."""

from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for

from core.activities import queries as log
from core.base.beside import of as beside_record
from core.base.context import Context
from core.base.errors import NotFound
from core.base.field_rights import hidden, protected
from core.base.policy import may, require
from core.base.words import N_
from core.identity import queries as people
from core.parties import actions, queries
from core.parties.origins import ORIGINS
from core.parties.rules import CONTACT_FIELDS
from web.activities.forms import LogForm
from web.activities.timeline import is_for_more, narrow_of, timeline_values
from web.consent.section import consent_values
from web.custom_fields.forms import own_picked, presets, sections, with_own
from web.deals.section import deals_section
from web.guard import needs
from web.mail.section import mail_section
from web.pages import page, say, see_other
from web.parties.chips import know
from web.parties.edited import form_of, save_edited
from web.parties.forms import ContactForm, typed
from web.parties.known import said as known_from
from web.parties.list_page import answer_list
from web.parties.personal import glance
from web.parties.picking import picked_account, picked_contact
from web.parties.reach_section import reach_values
from web.parties.record import (
    FREE,
    answer_record,
    beside,
    import_url,
    merged_into,
    own_id,
    properties,
)
from web.parties.record_routes import add_record_routes
from web.personal.section import section_values as personal_section
from web.quotes.section import quotes_section

bp = Blueprint("contacts", __name__, url_prefix="/contacts")
DAYS = ("birthday", *(origin.noted_on for origin in ORIGINS.values()))


@bp.get("")
@needs("contacts.read")
def index(ctx: Context):
    """The list: filters, columns, views, sums."""
    return answer_list(ctx, "contacts", queries.contacts, import_url=import_url())


@bp.get("/new")
@needs("contacts.create")
def new(ctx: Context):
    """An empty form; only the name is needed. ?account=: the account that the person is at."""
    account_id = request.args.get("account", "")
    form = with_own(ctx, ContactForm)(data=presets(ctx, "contacts") | {"name": request.args.get("name", ""), "owner_id": str(ctx.actor.id), "account_id": account_id})
    return _form(ctx, form, account_id=own_id("account"))


@bp.post("")
@needs("contacts.create")
def create(ctx: Context):
    form = with_own(ctx, ContactForm)(request.form)
    if form.validate():
        with form.attempt(ctx):
            contact = actions.create_contact(ctx, **(typed(form) | _picked(ctx) | own_picked(ctx, "contacts")))
            say(ctx, N_("%(name)s added"), name=contact.name)
            return see_other("contacts.show", id=contact.id)
    return _form(ctx, form, status=422)


@bp.get("/<uuid:id>")
@needs("contacts.read")
def show(ctx: Context, id: UUID):
    """The record page; for the drawer only its preview, for the timeline only its next entries."""
    try:
        return show_contact(ctx, id)
    except NotFound:
        return merged_into(ctx, "contact", id)


def show_contact(ctx: Context, id: UUID, *, entry: LogForm | None = None, status: int = 200):
    """The page of a person; `entry`: a log entry that was refused, with what was typed."""
    found = queries.contact_page(ctx, id)
    contact, account_name, referrer, colours = found[:4]
    know(contact.tags, colours)
    history = log.timeline(ctx, contact, before=request.args.get("before"), at=request.args.get("at"), show=request.args.get("show") or None, narrow=narrow_of(request.args), glance=not is_for_more())
    values = {"contact": contact, "account_name": account_name, "referrer": referrer, "adds_account": may(ctx, "contacts.edit", contact) and "account_id" not in protected(ctx, "contacts") | hidden(ctx, "contacts"), **timeline_values(ctx, history, url_for("contacts.show", id=id))}
    if is_for_more():
        return page("activities/more.html", **values)
    names, actors = people.all_names(ctx)
    entry = entry or LogForm(data={"kind": request.args.get("log", "note")})
    return answer_record("contacts", contact.name, status=status, lines=properties(ctx, contact, names, actors=actors), referred_note=known_from(ctx, contact, "referred_by_id", actors), glance=glance(ctx, contact), personal=personal_section(ctx, contact), **beside(ctx, contact), **consent_values(ctx, contact), **reach_values(ctx, contact), owners=names, entry=entry, deals=deals_section(ctx, contact, beside_record(found).get("deals")), quotes=quotes_section(ctx, contact, beside_record(found).get("quotes")), mails=mail_section(ctx, contact, beside_record(found).get("mails")), **values)


add_record_routes(bp, queries.one_contact, fields=CONTACT_FIELDS, edit=actions.edit_contact, delete=actions.delete_contact, restore=actions.restore_contact)


@bp.get("/<uuid:id>/edit")
@needs("contacts.edit")
def edit(ctx: Context, id: UUID):
    contact = queries.one_contact(ctx, id)
    require(ctx, "contacts.edit", contact)
    form, was = form_of(ctx, ContactForm, contact, **{name: getattr(contact, name) for name in DAYS})
    return _form(ctx, form, contact, was, account_id=contact.account_id)


@bp.post("/<uuid:id>")
@needs("contacts.edit")
def update(ctx: Context, id: UUID):
    """Save what was changed. Somebody else's change of other fields stays; of the same field it is asked about."""
    return save_edited(ctx, queries.one_contact(ctx, id), ContactForm, actions.edit_contact, picked=_picked, done=lambda: see_other("contacts.show", id=id) if queries.sees_contact(ctx, id) else see_other("contacts.index"), again=_form)


@bp.get("/duplicates")
@needs("contacts.read")
def duplicates(ctx: Context):
    """Up to three records that may be the same; a part below the field, it never blocks."""
    matches = queries.likely_duplicates(ctx, {**request.args.to_dict(), "type": "contact", "id": own_id("_id")})
    return page("parties/duplicates.html", matches=matches, endpoint="contacts.show")


@bp.get("/options")
@needs("contacts.read")
def options(ctx: Context):
    """Options of a field that names a person."""
    return page("parties/options.html", found=queries.quick_contacts(ctx, request.args.get("q", "")), people=True)


def _picked(ctx: Context, was: dict[str, str] | None = None) -> dict[str, str]:
    found = {"account_id": picked_account(ctx, "account_id"), "referred_by_id": picked_contact(ctx, "referred_by_id")}
    return {name: key for name, key in found.items() if key is not None and key != (was or {}).get(name, "")}


def _form(
    ctx: Context, form: ContactForm, contact: Any = None, was: dict[str, str] | None = None, *, status: int = 200, version: int | None = None,
    account_id: UUID | None = None,
):
    names = people.user_names(ctx)
    form.offer("owner_id", [("", FREE), *((str(key), name) for key, name in names.items())])
    account_name = request.form.get("account_id_text") if request.method == "POST" else queries.account_name(ctx, account_id)
    referrer = request.form.get("referred_by_id_text") if request.method == "POST" else queries.contact_name(ctx, contact.referred_by_id if contact else None)
    return page(
        "contacts/form.html", status=status, form=form, contact=contact, was=was or {}, own=sections(ctx, form), account_name=account_name or "", referrer=referrer or "",
        version=version or (contact.version if contact else None),
    )
