"""The page on which a lead becomes an account, a person and a deal: for each what is likely there already, new, or none."""

from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for
from wtforms import DateField, RadioField, SelectField, StringField
from wtforms.validators import Length, Optional

from core.base.context import Context
from core.base.field_rights import hidden, protected
from core.base.policy import has, require
from core.base.words import N_
from core.deals.pipelines import called, working
from core.deals.words import LABELS
from core.leads import converting, known, queries
from core.leads.converting import CREATE, NONE
from core.leads.models import Lead
from core.parties.duplicates import Match
from infra import i18n
from web.editing import version_of_form
from web.forms import Form, small_int
from web.guard import needs
from web.pages import page, say, see_other
from web.parties.forms import SHORT
from web.parties.picking import picked_account, picked_contact

bp = Blueprint("conversion", __name__, url_prefix="/leads")
OF_DEAL = ("amount", "closes_on", "next_step", "next_step_on")
KINDS = {"account": N_("Account"), "contact": N_("Contact"), "deal": N_("Deal")}


class ConversionForm(Form):
    """A choice for each. account_id, contact_id: another one than those that are likely."""

    account = RadioField(N_("Account"), validate_choice=False)
    account_id = StringField(N_("Another account"))
    contact = RadioField(N_("Contact"), validate_choice=False)
    contact_id = StringField(N_("Another contact"))
    deal = RadioField(N_("Deal"), validate_choice=False)
    name = StringField(N_("Name of the deal"), SHORT)
    stage_id = SelectField(N_("Stage"), validate_choice=False)
    amount = StringField(N_("Amount"), [Length(max=30)])
    closes_on = DateField(LABELS["closes_on"], [Optional()])
    next_step = StringField(LABELS["next_step"], SHORT)
    next_step_on = DateField(LABELS["next_step_on"], [Optional()])


@bp.get("/<uuid:id>/conversion")
@needs("leads.edit")
def new(ctx: Context, id: UUID):
    """What is likely there already is chosen; else each is made new."""
    lead = queries.one_lead(ctx, id)
    require(ctx, "leads.edit", lead)
    likely = known.likely(ctx, lead)
    first = lambda found: next((str(one.id) for one in found if one.id), None)  # noqa: E731
    account, contact = first(likely.accounts), first(likely.contacts)
    said = {
        "account": account or (CREATE if lead.company and has(ctx, "accounts.create") else NONE), "contact": contact or (CREATE if has(ctx, "contacts.create") else NONE),
        "deal": CREATE if has(ctx, "deals.create") and working(ctx) else NONE, "name": lead.interest or lead.company or lead.name,
        "next_step": lead.next_step, "next_step_on": lead.next_step_on,
    }
    return _form(ctx, lead, _asking(ctx, data=said), likely)


@bp.post("/<uuid:id>/conversion")
@needs("leads.edit")
def create(ctx: Context, id: UUID):
    """All of it at once, or nothing."""
    lead, form = queries.one_lead(ctx, id), _asking(ctx, request.form)
    if form.validate():
        with form.attempt(ctx):
            account = picked_account(ctx, "account_id") or form.account.data or NONE
            contact = picked_contact(ctx, "contact_id") or form.contact.data or NONE
            deal = {name: form[name].data for name in ("name", "stage_id", *OF_DEAL) if name in form and name in request.form} if form.deal.data == CREATE else None
            converting.convert(ctx, lead, account=account, contact=contact, deal=deal, version=version_of_form())
            say(ctx, N_("%(name)s is converted"), undo=url_for("conversion.undo", id=id, version=lead.version), name=lead.name)
            return see_other("deals.show", id=lead.deal_id) if lead.deal_id else see_other("leads.show", id=id)
    return _form(ctx, lead, form, known.likely(ctx, lead), status=422)


@bp.post("/<uuid:id>/conversion/restoration")
@needs("leads.edit")
def undo(ctx: Context, id: UUID):
    """Undo: what was made goes into the recycle bin, what somebody worked on since stays."""
    lead = queries.one_lead(ctx, id)
    kept = converting.take_back(ctx, lead, version=small_int(request.values.get("version")) or 0)
    if kept:
        say(ctx, N_("%(name)s is no longer converted. Kept, because somebody has worked on it since: %(kept)s."), name=lead.name, kept=", ".join(i18n.gettext(ctx.locale, KINDS[one]) for one in kept))
    else:
        say(ctx, N_("%(name)s is no longer converted"), name=lead.name)
    return see_other("leads.show", id=id)


def _asking(ctx: Context, *args: Any, **values: Any) -> ConversionForm:
    """Without what the actor may not write of a deal, or does not see."""
    form, beyond = ConversionForm(*args, **values), protected(ctx, "deals") | hidden(ctx, "deals") | hidden(ctx, "leads")
    for name in beyond.intersection(OF_DEAL):
        del form[name]
    return form


def _form(ctx: Context, lead: Lead, form: ConversionForm, likely: known.Known, *, status: int = 200):
    _ = lambda text, **params: i18n.gettext(ctx.locale, text, **params)  # noqa: E731
    form.account.choices = _choices(ctx, likely.accounts, "accounts", _(N_("New account: %(name)s"), name=lead.company or lead.name), _(N_("No account")))
    form.contact.choices = _choices(ctx, likely.contacts, "contacts", _(N_("New contact: %(name)s"), name=lead.name), _(N_("No contact")))
    mine = working(ctx) if has(ctx, "deals.create") else []
    form.deal.choices = [*([(CREATE, _(N_("New deal")))] if mine else []), (NONE, _(N_("No deal")))]
    several = len(mine) > 1
    form.stage_id.choices = [(str(one.id), f"{called(way.row, ctx.locale)}: {called(one, ctx.locale)}" if several else called(one, ctx.locale)) for way in mine for one in way.stages if one.kind == "open"]
    away = [text for found, text in ((likely.accounts, N_("An account of another team")), (likely.contacts, N_("A contact of another team"))) if any(one.hidden for one in found)]
    texts = {name: request.form.get(f"{name}_text", "") for name in ("account_id", "contact_id")}
    return page("leads/conversion.html", status=status, lead=lead, form=form, has_deal=bool(mine), away=away, texts=texts)


def _choices(ctx: Context, found: list[Match], room: str, new: str, none: str) -> list[tuple[str, str]]:
    """Those that are likely, a new one, none."""
    there = [(str(one.id), i18n.gettext(ctx.locale, N_("Link to %(name)s"), name=one.name or "")) for one in found if one.id]
    return [*there, *([(CREATE, new)] if has(ctx, f"{room}.create") else []), (NONE, none)]
