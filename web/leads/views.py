"""Leads: list, record page, form, edit in place, judgement, sources, delete and bring back."""

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

from flask import Blueprint, jsonify, request, url_for

from core.activities.rules import parse_when
from core.base.beside import of as beside_record
from core.base.context import Context
from core.base.errors import Conflict, Refused
from core.base.policy import require
from core.base.words import N_
from core.identity import queries as people
from core.leads import actions, clock, judging, queries
from core.leads.models import Lead
from core.leads.rules import FIELDS
from core.leads.words import LABELS
from infra import i18n
from web.custom_fields.forms import own_picked, presets, sections, with_own
from web.editing import WAS, shown, version_of_form
from web.forms import small_int
from web.guard import needs
from web.leads import assignment_api, assignment_settings, clock_settings, conversion, model_settings, score_settings
from web.leads.forms import LeadForm, TouchForm
from web.leads.record import lead_values, said_source, state_pill
from web.mail.section import mail_section
from web.nav import NavItem
from web.pages import page, say, see_other
from web.parties import history as histories
from web.parties.chips import know
from web.parties.edited import form_of, save_edited
from web.parties.forms import typed
from web.parties.list_page import answer_list
from web.parties.listing import PAGES, PARTY
from web.parties.record import FREE, beside, is_for_drawer, properties
from web.parties.record_routes import add_record_routes
from web.words import say_refusal

bp = Blueprint("leads", __name__, url_prefix="/leads")
conversion_bp, score_bp, model_bp, assignment_bp, assignment_api_bp, clock_bp = conversion.bp, score_settings.bp, model_settings.bp, assignment_settings.bp, assignment_api.bp, clock_settings.bp
NAV = [NavItem("leads.index", "user-search", N_("Leads"), "leads.read", key="g l", group="Sales", order=20)]
histories.FIELDS["leads"], histories.TITLES["leads"], histories.LABELS_IN["leads"] = FIELDS, N_("Leads"), LABELS
SEGMENTS = (
    (N_("All"), {"owner": None, "where": ()}), (N_("Inbox"), {"owner": "pool", "where": (("state", "in", "new,working,returned"),)}), (N_("Mine"), {"owner": "me", "where": ()}),
)
PAGES["leads"] = replace(PARTY, segments=SEGMENTS, batch="lead_bulk")
JUDGED = {
    "new": N_("%(name)s is among the new ones again"), "working": N_("%(name)s is being worked on"), "accepted": N_("%(name)s is accepted"), "returned": N_("%(name)s is returned"),
    "disqualified": N_("%(name)s is ruled out"),
}

STEP = ("next_step", "next_step_on")


@bp.get("")
@needs("leads.read")
def index(ctx: Context):
    """The list: filters, columns, views, sums."""
    return answer_list(ctx, "leads", queries.leads)


@bp.get("/sources")
@needs("leads.read")
def sources(ctx: Context):
    """What came of the leads of each source and campaign."""
    return page("leads/sources.html", rows=queries.by_source(ctx), owners=queries.by_owner(ctx), said_source=said_source)


@bp.get("/new")
@needs("leads.create")
def new(ctx: Context):
    """An empty form. Whoever fills it in found the lead himself, unless he says otherwise."""
    form = with_own(ctx, LeadForm)(data=presets(ctx, "leads") | {"name": request.args.get("name", ""), "owner_id": str(ctx.actor.id), "source": said_source("self")})
    return _form(ctx, form)


@bp.post("")
@needs("leads.create")
def create(ctx: Context):
    form = with_own(ctx, LeadForm)(request.form)
    if form.validate():
        with form.attempt(ctx):
            lead = actions.create_lead(ctx, **(_coded(typed(form)) | own_picked(ctx, "leads")))
            say(ctx, N_("%(name)s added"), name=lead.name)
            return see_other("leads.show", id=lead.id)
    return _form(ctx, form, status=422)


@bp.get("/<uuid:id>")
@needs("leads.read")
def show(ctx: Context, id: UUID):
    """The record page; for the drawer only its preview."""
    return _show(ctx, id)


def _show(ctx: Context, id: UUID, problem: str = "", status: int = 200, touch: TouchForm | None = None):
    found = queries.lead_page(ctx, id)
    lead, account_name, contact_name, deal_name, colours = found[:5]
    know(lead.tags, colours)
    lines = properties(ctx, lead, people.user_names(ctx))
    values = lead_values(ctx, lead, lines, whole=not is_for_drawer())
    step = {name: shown(getattr(lead, name)) for name in STEP}
    became = {"account_name": account_name, "contact_name": contact_name, "deal_name": deal_name}
    return page("leads/peek.html" if is_for_drawer() else "leads/show.html", status=status, lead=lead, problem=problem, touch=touch or TouchForm(data=step), step_was=step, mails=mail_section(ctx, lead, beside_record(found).get("mails")), **became, **values, **beside(ctx, lead))


@bp.post("/<uuid:id>/judgement")
@needs("leads.edit")
def judge(ctx: Context, id: UUID):
    """Accept, return with a reason, rule out, take up again. A script gets what became of it, and how to take it back."""
    lead, scripted = queries.one_lead(ctx, id), request.headers.get("Accept", "").startswith("application/json")
    was = lead.version
    try:
        with ctx.session.begin_nested():
            judging.judge(ctx, lead, request.form.get("state", ""), reason=request.form.get("reason"), note=request.form.get("reason_note"), version=version_of_form())
    except (Conflict, Refused) as refusal:
        if refusal.status not in (409, 422):
            raise
        text = say_refusal(refusal, ctx.locale)
        return (jsonify(text=text), refusal.status) if scripted else _show(ctx, id, text, refusal.status)
    undo = url_for("leads.take_back", id=id, version=lead.version) if lead.version != was else None
    if scripted:
        return jsonify(text=i18n.gettext(ctx.locale, JUDGED[lead.state], name=lead.name), version=lead.version, undo=undo, pill=state_pill(ctx, lead.state))
    say(ctx, JUDGED[lead.state], undo=undo, name=lead.name)
    return _to_lead(ctx, id)


@bp.post("/<uuid:id>/contacts")
@needs("leads.edit")
def note_contact(ctx: Context, id: UUID):
    """Somebody was in touch: the clock stops, and what he says of the next step takes the place of the last one, unless somebody else has changed it meanwhile."""
    lead, form = queries.one_lead(ctx, id), TouchForm(request.form)
    if form.validate():
        try:
            with form.attempt(ctx):
                clock.note_contact(ctx, lead, request.form.get("way", ""), form.note.data)
                if form.next_step.data is not None:
                    actions.edit_lead(ctx, lead, version=version_of_form(), original=_step_was(), next_step=form.next_step.data, next_step_on=_day_of(ctx, form))
                say(ctx, N_("Noted: you were in touch with %(name)s"), name=lead.name)
                return _to_lead(ctx, id)
        except Conflict as conflict:
            form.take(conflict)
            return _show(ctx, id, status=409, touch=form)
    return _show(ctx, id, status=422, touch=form)


def _day_of(ctx: Context, form: TouchForm) -> date | None:
    """The day that was written, in words too."""
    typed = (form.next_step_on.data or "").strip()
    return parse_when(typed, ctx.today, field="next_step_on", locale=ctx.locale).day if typed else None


def _step_was() -> dict[str, str]:
    """The step that the form was loaded with."""
    return {name: request.form.get(WAS + name, "") for name in STEP}


@bp.post("/<uuid:id>/judgement/restoration")
@needs("leads.edit")
def take_back(ctx: Context, id: UUID):
    """Undo of the last judgement. version=: at which it left the lead."""
    lead = queries.one_lead(ctx, id)
    judging.put_back(ctx, lead, version=small_int(request.args.get("version")) or 0)
    say(ctx, N_("%(name)s is as it was"), name=lead.name)
    return _to_lead(ctx, id)


add_record_routes(bp, queries.one_lead, fields=FIELDS, edit=actions.edit_lead, delete=actions.delete_lead, restore=actions.restore_lead)


@bp.get("/<uuid:id>/edit")
@needs("leads.edit")
def edit(ctx: Context, id: UUID):
    lead = queries.one_lead(ctx, id)
    require(ctx, "leads.edit", lead)
    form, was = form_of(ctx, LeadForm, lead, next_step_on=lead.next_step_on)
    return _form(ctx, form, lead, was)


@bp.post("/<uuid:id>")
@needs("leads.edit")
def update(ctx: Context, id: UUID):
    """Save what was changed. Somebody else's change of other fields stays; of the same field it is asked about."""
    return save_edited(ctx, queries.one_lead(ctx, id), LeadForm, actions.edit_lead, picked=lambda *_: {}, done=lambda: _to_lead(ctx, id), again=_form)


def _to_lead(ctx: Context, id: UUID):
    """Back to the page, or to the list where the lead went to somebody whose leads one does not see."""
    return see_other("leads.show", id=id) if queries.lead_name(ctx, id) is not None else see_other("leads.index")


def _coded(values: dict[str, Any]) -> dict[str, Any]:
    """The reader's words for "found by himself" are kept as the program's."""
    return values | ({"source": "self"} if values.get("source") == said_source("self") else {})


def _form(ctx: Context, form: LeadForm, lead: Lead | None = None, was: dict[str, str] | None = None, *, status: int = 200, version: int | None = None):
    form.offer("owner_id", [("", FREE), *((str(key), name) for key, name in people.user_names(ctx).items())])
    return page("leads/form.html", status=status, form=form, lead=lead, was=was or {}, own=sections(ctx, form), version=version or (lead.version if lead else None))
