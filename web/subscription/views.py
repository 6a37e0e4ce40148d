"""The tenant's own subscription: plan, seats, invoices; ordering by bank transfer. Never withheld by the plan itself."""

from uuid import UUID, uuid4

from flask import Blueprint, Response, request

from billing import plans, printing, queries, rates, subscriptions
from billing.port import intent_key
from billing.words import STATES
from core.base import vat
from core.base.context import Context
from core.base.errors import Refused
from core.base.policy import require
from core.base.words import N_
from core.identity import queries as people
from infra import references
from infra.config import settings
from tenants import entry
from web.forms import typed_as
from web.guard import needs
from web.nav import NavItem
from web.pages import page, say, see_other
from web.subscription.forms import BUYER, EndingForm, OrderForm

bp = Blueprint("subscription", __name__, url_prefix="/subscription")
NAV = [NavItem("subscription.show", "credit-card", N_("Subscription"), "billing.manage", group="Workspace", order=95)]


@bp.get("")
@needs("billing.manage")
def show(ctx: Context):
    """Plan, seats, days left, invoices, and the one next step."""
    return _show(ctx, EndingForm())


def _show(ctx: Context, ending: EndingForm, status: int = 200) -> Response:
    with entry.control() as session:
        found = queries.overview(session, ctx.tenant.id)
    partners = ctx.entitlements.limit("partner_seats")
    values = {
        "seats_used": people.seats_taken(ctx), "seats_limit": ctx.entitlements.limit("seats"), "partners_limit": partners,
        "partners_used": people.seats_taken(ctx, partners=True) if partners is not None else 0, "days_left": found.trial_days_left(ctx.now),
    }
    return page(
        "subscription/show.html", status=status, ending=ending, found=found, states=STATES, money_of=printing.Words(ctx.locale).money,
        access=found.access.state if found.access else ctx.entitlements.access, **values,
    )


@bp.get("/plan")
@needs("billing.manage")
def new(ctx: Context):
    """Choose plan, interval and seats, filled with what is known."""
    with entry.control() as session:
        offers, found = plans.offered(session), queries.overview(session, ctx.tenant.id)
    return _form(ctx, OrderForm(data=_prefilled(ctx, found, offers, *people.people_by_seat(ctx))), offers)


@bp.post("/plan")
@needs("billing.manage")
def preview(ctx: Context):
    """What the choice would cost: only the price for htmx, the whole form for the button. Changes nothing."""
    with entry.control() as session:
        offers = plans.offered(session)
    return _form(ctx, OrderForm(request.form), offers)


@bp.post("/orders")
@needs("billing.manage", fresh=True)
def create(ctx: Context):
    """Order: an invoice with the bank details is the answer. Sent twice, it is the same invoice."""
    with entry.control() as session:
        offers = plans.offered(session)
    form = OrderForm(request.form)
    form.offer(offers, ctx.locale)
    key = intent_key(form.key.data)
    if form.validate() and key is not None:
        with form.attempt(ctx):
            require(ctx, "billing.manage")
            used, partners = people.people_by_seat(ctx)
            with entry.control() as session:
                invoice = subscriptions.order_by_transfer(
                    session, ctx.tenant.id, key=key, plan=form.plan.data, interval=form.interval.data, seats=form.seats.data,
                    seats_used=used, partner_seats=form.partner_seats.data or 0, partners_used=partners, buyer=form.buyer(), by=ctx.actor.name, now=ctx.now,
                )
            return see_other("subscription.invoice", id=invoice.id)
    form.key.data = str(key or uuid4())
    return _form(ctx, form, offers, status=422)


@bp.get("/invoices/<uuid:id>")
@needs("billing.manage")
def invoice(ctx: Context, id: UUID):
    """One invoice: where to transfer what, with the code for banking apps, and what came in."""
    with entry.control() as session:
        found, owed, payments = queries.invoice_of(session, ctx.tenant.id, id)
    text = printing.epc(found, owed) if owed else None
    return page(
        "subscription/invoice.html", invoice=found, owed=owed, payments=payments, states=STATES, money_of=printing.Words(ctx.locale).money,
        pay=printing.pay_facts(found, printing.Words(ctx.locale), owed), qr=references.qr_data_uri(text) if text else "",
    )


@bp.get("/invoices/<uuid:id>/pdf")
@needs("billing.manage")
def pdf(ctx: Context, id: UUID):
    """The document itself, always the same bytes."""
    with entry.control() as session:
        queries.invoice_of(session, ctx.tenant.id, id)
    found, content = printing.document(id, ctx.now)
    return pdf_answer(found.number, content)


@bp.post("/cancellation")
@needs("billing.manage", fresh=True)
def cancel(ctx: Context):
    """End the subscription with its period, once the workspace's name was typed."""
    form = EndingForm(request.form)
    if form.validate():
        with form.attempt(ctx):
            typed_as(form.typed.data, ctx.tenant.name)
            with entry.control() as session:
                subscriptions.cancel(session, ctx.tenant.id, by=ctx.actor.name, now=ctx.now)
            say(ctx, N_("The subscription ends with its period. Until then nothing changes."))
            return see_other("subscription.show")
    return _show(ctx, form, status=422)


def pdf_answer(number: str, content: bytes) -> Response:
    """A PDF to keep, under its number."""
    response = Response(content, mimetype="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{number}.pdf"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _form(ctx: Context, form: OrderForm, offers: list[plans.Offer], status: int = 200) -> Response:
    form.offer(offers, ctx.locale)
    by_code, (used, partners) = {offer.code: offer for offer in offers}, people.people_by_seat(ctx)
    return page(
        "subscription/new.html", block="price", status=status, form=form, offers=offers, quote=_quote(form, by_code),
        most=by_code[form.plan.data].seats if form.plan.data in by_code else None, used=used, partners=partners,
    )


def _quote(form: OrderForm, offers: dict[str, plans.Offer]) -> rates.Quote | None:
    """What the choice costs; None while it is not one."""
    offer, seats, further = offers.get(form.plan.data or ""), form.seats.data, form.partner_seats.data or 0
    if offer is None or form.interval.data not in offer.prices or not seats or not 0 < seats <= (offer.seats or seats):
        return None
    items = [(offer.prices[form.interval.data][1], seats)]
    if further:
        try:
            subscriptions.check_partners(further, 0, offer.partners)
        except Refused:
            return None
        items.append((offer.partners.prices[form.interval.data], further))
    return rates.quote(items, settings().seller.vat_id, form.country.data or "", vat.normal_vat_id(form.vat_id.data))


def _prefilled(ctx: Context, found: queries.Overview, offers: list[plans.Offer], used: int, partners: int) -> dict:
    account = found.account
    known = {name: getattr(account, name) or "" for name in BUYER} if account else {"legal_name": ctx.tenant.name, "mail": ctx.actor.mail or ""}
    fitting = next((offer for offer in offers if offer.seats is None or offer.seats >= used), None)
    further = max(partners - fitting.partners.included, 0) if fitting and fitting.partners else 0
    return {**known, "plan": fitting and fitting.code, "interval": "month", "seats": max(used, 1), "partner_seats": further}


