"""Quotes: list, record page, form, edit in place, delete and bring back. The draft: web.quotes.editor; the customer: web.quotes.life, web.quotes.customer."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from flask import Blueprint, request, url_for

from core.approvals import actions
from core.approvals import queries as requests
from core.approvals.words import STATE_LABELS as DECISION_LABELS
from core.base.beside import of as beside_record
from core.base.context import Context
from core.base.errors import Conflict, Refused
from core.base.facts import shown_here, timeline
from core.base.policy import may, require
from core.base.words import N_
from core.deals import queries as deals
from core.identity import queries as people
from core.parties import queries as parties
from core.products import rating
from core.quotes import answering, beginning, drafting, mailing, queries, sending
from core.quotes.approvable import APPROVAL
from core.quotes.rules import FIELDS
from core.quotes.words import FACT_LABELS, LABELS, MAIL_LABELS
from infra import i18n
from web.approvals import saying
from web.custom_fields.forms import OWN_FIELDS, own_picked, presets, sections, with_own
from web.custom_fields.saying import label
from web.forms import keys_of, small_int
from web.guard import needs
from web.mail.section import mail_section
from web.nav import NavItem
from web.pages import page, say, see_other
from web.parties import history as histories
from web.parties.edited import form_of, save_edited
from web.parties.forms import typed
from web.parties.list_page import answer_list
from web.parties.listing import PAGES, PARTY
from web.parties.picking import picked_account, picked_contact
from web.parties.record import FREE, beside, is_for_drawer, properties
from web.parties.record_routes import add_record_routes
from web.quotes import customer, editor, life, papers
from web.quotes.forms import AnswerForm, ApprovalForm, LetterForm, NewQuoteForm, QuoteForm, SendingForm
from web.quotes.showing import document, pill, tax_said
from web.quotes.waiting import standing_of, yes_said
from web.quotes.winning import to_win
from web.words import say_fact, say_refusal

bp = Blueprint("quotes", __name__, url_prefix="/quotes")
editor_bp, life_bp, customer_bp, papers_bp = editor.bp, life.bp, customer.bp, papers.bp
NAV = [NavItem("quotes.index", "file-invoice", N_("Quotes"), "quotes.read", key="g q", group="Sales", order=32)]
histories.FIELDS["quotes"], histories.TITLES["quotes"], histories.LABELS_IN["quotes"] = FIELDS, N_("Quotes"), LABELS
PAGES["quotes"] = replace(PARTY, tagged=False)
SYSTEM, SOMEBODY = N_("The system"), N_("Somebody")
FACTS = 30


@bp.get("")
@needs("quotes.read")
def index(ctx: Context):
    """The list: filters, columns, views, sums."""
    return answer_list(ctx, "quotes", queries.quotes)


@bp.get("/new")
@needs("quotes.create")
def new(ctx: Context):
    """An empty form. deal=, account=, contact=: what it begins with; of a deal all that it says is there."""
    begins = {"name": request.args.get("name", ""), "account_id": request.args.get("account", ""), "contact_id": request.args.get("contact", ""), "deal_id": "", "currency": ctx.tenant.currency}
    for key in keys_of([request.args.get("deal", "")]):
        deal = deals.one_deal(ctx, key)
        begins |= {"name": deal.name, "account_id": str(deal.account_id or ""), "contact_id": str(deal.contact_id or ""), "deal_id": str(deal.id)}
        begins |= {"currency": deal.currency} if deal.currency in rating.currencies(ctx) else {}
    form = with_own(ctx, NewQuoteForm)(data=presets(ctx, "quotes") | begins | {"owner_id": str(ctx.actor.id)})
    return _form(ctx, form)


@bp.post("")
@needs("quotes.create")
def create(ctx: Context):
    """Begin it, and go on with its lines."""
    form = with_own(ctx, NewQuoteForm)(request.form)
    if form.validate():
        with form.attempt(ctx):
            quote = beginning.begin_quote(ctx, **(typed(form) | _picked(ctx) | own_picked(ctx, "quotes")))
            return see_other("quote_draft.edit_lines", id=quote.id)
    return _form(ctx, form, status=422)


@bp.get("/<uuid:id>")
@needs("quotes.read")
def show(ctx: Context, id: UUID):
    """The record page; for the drawer only its preview. version=: another one than the newest."""
    return show_quote(ctx, id)


def show_quote(ctx: Context, id: UUID, *, sending_form: SendingForm | None = None, answer: AnswerForm | None = None, approval: ApprovalForm | None = None, letter: LetterForm | None = None, status: int = 200):
    """The page of a quote; sending_form, answer: what was refused."""
    found = queries.quote_page(ctx, id)
    quote, account_name, contact_name, deal_name = found[:4]
    all_, number = queries.versions(ctx, quote), small_int(request.args.get("version"))
    version = next((one for one in all_ if one.number == number), all_[0])
    shown = document(ctx, quote, version)
    mine, send = may(ctx, "quotes.edit", quote), may(ctx, "quotes.send", quote)
    draft, current = all_[0] if all_[0].state == "draft" else None, next((one for one in all_ if one.state == "sent"), None)
    waits = standing_of(ctx, quote, draft) if version is draft and draft is not None and (mine or send or may(ctx, "quotes.approve", quote)) else None
    decisions = requests.of_record(ctx, APPROVAL.name, quote)
    names = people.user_names(ctx)
    values = {
        "quote": quote, "account_name": account_name, "contact_name": contact_name, "deal_name": deal_name, "versions": all_, "version": version, "doc": shown, "pill": pill, "state_now": answering.state_now(ctx, version),
        "draft": draft, "current": current, "can_edit": mine, "can_send": send, "sending_form": sending_form or SendingForm(data={"valid_until": draft.valid_until if draft else None}), "answer": answer or AnswerForm(), "approval": approval or ApprovalForm(), "letter": letter or LetterForm(data={"to": sending.customer_told(ctx, version).get("mail", "")}), "letters": mailing.letters_of(ctx, quote) if quote.number and send else [], "mail_states": MAIL_LABELS, "ticked": request.form.getlist("option"), "options": [one for one in ([row.line for row in shown.rows] if version is current else queries.lines_of(ctx, current)) if one.choice] if current and send else [], "waits": waits, "decisions": decisions, "approved": yes_said(ctx, quote, waits, decisions) if draft is not None else None, "open_request": next((one for one in decisions if one.state == "waiting"), None), "why": lambda one: saying.reasons(ctx, one), "decision_states": DECISION_LABELS,
        "asked_names": [names[key] for one in decisions if one.state == "waiting" for key in one.asked_ids if key in names], "decides": lambda one: actions.may_decide(ctx, one, quote),
        "link": sending.link_of(ctx, version) if version.token and send else "", "tax_said": lambda one: tax_said(ctx, one), "facts": _facts(ctx, quote), "names": names, "mails": mail_section(ctx, quote, beside_record(found).get("mails")), "to_win": to_win(ctx, quote),
    }
    template = "quotes/peek.html" if is_for_drawer() else "quotes/show.html"
    return page(template, status=status, lines=properties(ctx, quote, values["names"]), **values, **beside(ctx, quote))


add_record_routes(bp, queries.one_quote, fields=FIELDS, edit=drafting.edit_quote, delete=None, restore=drafting.restore_quote)


@bp.get("/<uuid:id>/edit")
@needs("quotes.edit")
def edit(ctx: Context, id: UUID):
    quote = queries.one_quote(ctx, id)
    require(ctx, "quotes.edit", quote)
    form, was = form_of(ctx, QuoteForm, quote)
    return _form(ctx, form, quote, was)


@bp.post("/<uuid:id>")
@needs("quotes.edit")
def update(ctx: Context, id: UUID):
    """Save what was changed. Somebody else's change of other fields stays; of the same field it is asked about."""
    return save_edited(ctx, queries.one_quote(ctx, id), QuoteForm, drafting.edit_quote, picked=_picked, done=lambda: _to_quote(ctx, id), again=_form)


@bp.post("/<uuid:id>/deletion")
@needs("quotes.delete")
def delete(ctx: Context, id: UUID):
    """Into the recycle bin, with a way back on the next page; one that was sent stays, and says so."""
    quote = queries.one_quote(ctx, id)
    try:
        drafting.delete_quote(ctx, quote)
    except Conflict as refusal:
        say(ctx, say_refusal(Refused(refusal.code), ctx.locale), kind="error")
        return see_other("quotes.show", id=id)
    say(ctx, N_("%(name)s deleted"), undo=url_for("quotes.restore", id=id), name=quote.name)
    return see_other("quotes.index")


def _to_quote(ctx: Context, id: UUID):
    """Back to the page, or to the list where the quote was handed to somebody whose quotes one does not see."""
    return see_other("quotes.show", id=id) if queries.quote_name(ctx, id) is not None else see_other("quotes.index")


def _picked(ctx: Context, was: dict[str, str] | None = None) -> dict[str, str]:
    found = {"account_id": picked_account(ctx, "account_id"), "contact_id": picked_contact(ctx, "contact_id")}
    return {name: key for name, key in found.items() if key is not None and key != (was or {}).get(name, "")}


def _facts(ctx: Context, quote: Any) -> list[tuple[Any, Any]]:
    """(moment, sentence) of what happened to the quote, the newest first."""
    rows = ctx.session.execute(timeline(quote.id, limit=FACTS).where(*shown_here(ctx))).scalars()
    return [(row.at, _sentence(ctx, row)) for row in rows]


def _sentence(ctx: Context, row: Any) -> Any:
    actor = i18n.gettext(ctx.locale, SYSTEM if row.actor_name == "system" else SOMEBODY) if row.actor_name in (None, "", "system") else row.actor_name
    words = FACT_LABELS | {"custom": OWN_FIELDS}
    fields = ", ".join(dict.fromkeys(label(ctx, "quotes", name, words) for name in row.params.get("fields", ())))
    return say_fact(row.kind, row.params, ctx.locale, actor=actor, **({"fields": fields} if fields else {}))


def _form(ctx: Context, form: QuoteForm, quote: Any = None, was: dict[str, str] | None = None, *, status: int = 200, version: int | None = None):
    names = people.user_names(ctx)
    form.offer("owner_id", [("", FREE), *((str(key), name) for key, name in names.items())])
    if quote is None:
        form.currency.choices = [(code, code) for code in rating.currencies(ctx)]
    typed_ = request.form if request.method == "POST" else None
    account = typed_.get("account_id_text") if typed_ is not None else parties.account_name(ctx, _key(form.account_id.data))
    contact = typed_.get("contact_id_text") if typed_ is not None else parties.contact_name(ctx, _key(form.contact_id.data))
    deal = deals.deal_name(ctx, _key(form.deal_id.data)) if quote is None else None
    return page(
        "quotes/form.html", status=status, form=form, quote=quote, was=was or {}, own=sections(ctx, form), account_name=account or "", contact_name=contact or "", deal_name=deal or "",
        version=version or (quote.version if quote else None),
    )


def _key(text: str | None) -> UUID | None:
    return next(iter(keys_of([text or ""])), None)
