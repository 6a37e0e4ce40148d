"""The console: tenants, one tenant, what waits in the queues."""

from datetime import datetime, time, timedelta
from uuid import UUID

from flask import Response, abort, g, request, url_for

from billing import access, invoicing, leaving, operations, printing, queries
from billing.models import Invoice
from billing.words import REASONS, STATES
from core.base.context import make_context, system
from core.base.errors import NotFound, Refused
from core.base.money import Money
from core.base.outbox import Order
from core.base.words import N_
from core.identity import networks
from infra import i18n
from tenants import entry, listing, registry
from tenants import operations as people
from tenants.models import Clock, ControlOrder, Tenant
from web.guard import operator
from web.operator.door import OperatorContext
from web.operator.forms import METHOD_WORDS, CompForm, PaymentForm, ReasonForm
from web.operator.sign_in import bp
from web.pages import page, say, see_other

SCHEDULER, STALE = "scheduler", timedelta(seconds=90)
LOOKED_AT = 100
PLACEMENTS = {"active": N_("In its place"), "moving": N_("Moving"), "restoring": N_("Being restored"), "deleting": N_("Being deleted"), "deleted": N_("Deleted")}
ORDER_STATES = {"failed": N_("Failed"), "parked": N_("Parked")}
ACTS = {
    "tenant.suspended": N_("suspended the workspace"), "tenant.resumed": N_("resumed the workspace"), "tenant.comped": N_("made it free of charge"),
    "tenant.leaving": N_("set the day of erasure"), "tenant.kept": N_("kept the workspace after all"), "tenant.networks_lifted": N_("lifted its limits to networks"), "tenant.restored": N_("restored the workspace from a backup"), "invoice.payment": N_("recorded a payment"), "order.retried": N_("retried an order"), "operator.created": N_("added an operator"),
}


@bp.get("/")
@operator("tenants.read")
def index(octx: OperatorContext):
    """All companies, the newest first; search by name, address or schema."""
    search, before = request.args.get("q", "").strip()[:100], listing.read_mark(request.args.get("before", ""))
    tenants, more = listing.page_of(octx.session, search=search, before=before)
    rented = queries.plans_of(octx.session, [tenant.id for tenant in tenants])
    next_url = url_for("operator.index", q=search or None, before=listing.mark_of(tenants[-1])) if more else ""
    return _page("operator/index.html", block="rows", tenants=tenants, rented=rented, q=search, next_url=next_url)


@bp.get("/palette")
@operator("tenants.read")
def palette(octx: OperatorContext):
    """What the command palette finds: companies."""
    tenants, _ = listing.page_of(octx.session, search=request.args.get("q", "").strip()[:100], limit=8)
    return _page("operator/palette.html", tenants=tenants)


@bp.get("/tenants/<uuid:id>")
@operator("tenants.read")
def show(octx: OperatorContext, id: UUID):
    """One company: facts, invoices, holds, what operators did, its outbox."""
    return _show(octx, _tenant(octx, id))


@bp.post("/tenants/<uuid:id>/suspension")
@operator("tenants.suspend")
def suspend(octx: OperatorContext, id: UUID):
    """Hold it suspended; its people can still export and pay."""
    tenant, form = _tenant(octx, id), ReasonForm(request.form)
    if form.validate() and _done(octx, form, lambda: operations.suspend(octx.session, tenant, reason=form.reason.data, by=octx.by, now=octx.now)):
        return _told(octx, tenant, N_("Workspace suspended"))
    return _show(octx, tenant, suspending=form, status=422)


@bp.post("/tenants/<uuid:id>/resumption")
@operator("tenants.suspend")
def resume(octx: OperatorContext, id: UUID):
    """Lift the hold."""
    tenant = _tenant(octx, id)
    operations.resume(octx.session, tenant, by=octx.by, now=octx.now, reason=request.form.get("reason", ""))
    return _told(octx, tenant, N_("Workspace resumed"))


@bp.post("/tenants/<uuid:id>/comp")
@operator("tenants.comp")
def comp(octx: OperatorContext, id: UUID):
    """Free of charge until the end of a day."""
    tenant, form = _tenant(octx, id), CompForm(request.form)
    if form.validate():
        until = datetime.combine(form.until.data + timedelta(days=1), time(), octx.now.tzinfo)
        if _done(octx, form, lambda: operations.comp(octx.session, tenant, until=until, reason=form.reason.data, by=octx.by, now=octx.now)):
            return _told(octx, tenant, N_("Free of charge now"))
    return _show(octx, tenant, comping=form, status=422)


@bp.post("/tenants/<uuid:id>/keeping")
@operator("tenants.keep")
def keep(octx: OperatorContext, id: UUID):
    """Take its deletion back."""
    tenant, form = _tenant(octx, id), ReasonForm(request.form)
    if form.validate() and _done(octx, form, lambda: operations.keep(octx.session, tenant, reason=form.reason.data, by=octx.by, now=octx.now)):
        return _told(octx, tenant, N_("The workspace stays"))
    return _show(octx, tenant, keeping=form, status=422)


@bp.post("/tenants/<uuid:id>/networks")
@operator("tenants.lift")
def lift_networks(octx: OperatorContext, id: UUID):
    """Let its people and API tokens in from anywhere again: the way back for a workspace that has shut itself out."""
    tenant, form = _tenant(octx, id), ReasonForm(request.form)
    if form.validate() and _done(octx, form, lambda: _lift(octx, tenant, form.reason.data)):
        return _told(octx, tenant, N_("Its limits to networks are lifted"))
    return _show(octx, tenant, lifting=form, status=422)


@bp.get("/invoices/<uuid:id>")
@operator("invoices.read")
def invoice(octx: OperatorContext, id: UUID):
    """One invoice with its payments and the form for the next."""
    return _invoice(octx, id)


@bp.post("/invoices/<uuid:id>/payments")
@operator("invoices.record")
def pay(octx: OperatorContext, id: UUID):
    """Enter money that came in; part of it, all of it, or too much."""
    form = _payment_form(octx)
    found = _invoice_row(octx, id)
    if form.validate() and form.amount.data.is_finite() and abs(form.amount.data) < 10**12:
        amount = Money(form.amount.data, found.currency).minor
        if _done(octx, form, lambda: operations.receive(
            octx.session, id, seen=form.seen.data or "", amount=amount, method=form.method.data, received_on=form.received_on.data,
            note=form.note.data, by=octx.by, now=octx.now,
        )):
            registry.forget()
            say(octx, N_("Payment recorded"))
            return see_other("operator.invoice", id=id)
    return _invoice(octx, id, form=form, status=422)


@bp.get("/invoices/<uuid:id>/pdf")
@operator("invoices.read")
def invoice_pdf(octx: OperatorContext, id: UUID):
    """The document as the customer has it."""
    found, content = printing.document(_invoice_row(octx, id).id, octx.now)
    headers = {"Content-Disposition": f'attachment; filename="{found.number}.pdf"', "Cache-Control": "private, no-store"}
    return Response(content, mimetype="application/pdf", headers=headers)


@bp.get("/queues")
@operator("queues.read")
def queues(octx: OperatorContext):
    """What waits, what was given up, and whether the clock runs."""
    alive_at = octx.session.get(Clock, SCHEDULER)
    alive_at = alive_at.alive_at if alive_at else None
    looked_at = listing.recently_active(octx.session, LOOKED_AT)
    places = [(tenant, *_outbox(tenant)) for tenant in looked_at]
    due, since = listing.due_hints(octx.session, octx.now)
    return _page(
        "operator/queues.html", alive_at=alive_at, alive=alive_at is not None and octx.now - alive_at < STALE, due=due, since=since,
        control=listing.depth(octx.session, ControlOrder), given_up=listing.given_up(octx.session, ControlOrder), looked_at=len(looked_at),
        places=[place for place in places if place[1] is None or any(place[1][:4])],
    )


@bp.post("/queues/<place>/<uuid:id>/retry")
@operator("queues.retry")
def retry(octx: OperatorContext, place: str, id: UUID):
    """Give an order all its attempts back. place: "control" or a tenant's key."""
    tenant = None if place == "control" else _tenant(octx, _key(place))
    if tenant is None:
        found = people.try_again(octx.session, ControlOrder, id, octx.now)
    else:
        with entry.enter(tenant) as session:
            found = people.try_again(session, Order, id, octx.now)
    if not found:
        raise NotFound()
    people.note_act(octx.session, octx.by, "order.retried", octx.now, tenant_id=tenant.id if tenant else None, detail={"order": id})
    say(octx, N_("The order waits for a worker again"))
    return see_other("operator.show", id=tenant.id) if tenant else see_other("operator.queues")


def _lift(octx: OperatorContext, tenant: Tenant, typed: str) -> None:
    reason = operations.reason_of(typed)
    with entry.enter(tenant) as session:
        if not networks.lift(make_context(session, system(octx.by), tenant.ref(), octx.now, locale=tenant.locale, timezone=tenant.timezone)):
            raise Refused("networks_lifted_already")
    people.note_act(octx.session, octx.by, "tenant.networks_lifted", octx.now, tenant_id=tenant.id, detail={"reason": reason})


def _show(
    octx: OperatorContext, tenant: Tenant, status: int = 200, suspending: ReasonForm | None = None, comping: CompForm | None = None, keeping: ReasonForm | None = None, lifting: ReasonForm | None = None,
):
    depth, given_up = _outbox(tenant) if tenant.state == "active" else (None, [])
    return _page(
        "operator/show.html", status=status, company=tenant, found=queries.overview(octx.session, tenant.id), depth=depth, given_up=given_up,
        holds=access.holds_of(octx.session, tenant.id, octx.now), acts=people.acts_about(octx.session, tenant.id), act_words=ACTS,
        suspending=suspending or ReasonForm(), comping=comping or CompForm(), by_hand=leaving.by_hand(octx.session, tenant.id), keeping=keeping or ReasonForm(),
        lifting=lifting or ReasonForm(), limited=tenant.state == "active" and _is_limited(tenant),
    )


def _invoice(octx: OperatorContext, id: UUID, form: PaymentForm | None = None, status: int = 200):
    row = _invoice_row(octx, id)
    found, owed, payments = queries.invoice_of(octx.session, row.tenant_id, id)
    if form is None:
        form = _payment_form(octx, amount=Money.of_minor(owed, found.currency).amount, received_on=octx.now.date())
    form.seen.data = str(len(payments))  # what this page shows, also after a refusal
    company = octx.session.get(Tenant, found.tenant_id)
    credit = invoicing.balance(octx.session, found.account_id, found.currency)
    return _page("operator/invoice.html", status=status, invoice=found, owed=owed, payments=payments, company=company, form=form, credit=credit)


def _payment_form(octx: OperatorContext, **data) -> PaymentForm:
    form = PaymentForm(data=data) if data else PaymentForm(request.form)
    form.method.choices = [(method, i18n.gettext(octx.locale, text)) for method, text in METHOD_WORDS.items() if method in invoicing.METHODS]
    return form


def _invoice_row(octx: OperatorContext, id: UUID) -> Invoice:
    found = octx.session.get(Invoice, id)
    if found is None or found.status == "draft":
        raise NotFound()
    return found


def _is_limited(tenant: Tenant) -> bool:
    """Are its people or API tokens held to networks? One whose data cannot be read is not asked."""
    try:
        with entry.enter(tenant) as session:
            return networks.limits(session)
    except Exception:  # noqa: BLE001 (one tenant's failure is one tenant's failure)
        return False


def _outbox(tenant: Tenant) -> tuple:
    """A tenant's outbox; one that cannot be read (on the move, broken) must not take the page away."""
    try:
        return listing.outbox_of(tenant)
    except Exception:  # noqa: BLE001 (one tenant's failure is one tenant's failure)
        return None, []


def _done(octx: OperatorContext, form, act) -> bool:
    """Run a use case in a savepoint; a refusal goes into the form."""
    try:
        with octx.session.begin_nested():
            act()
    except Refused as refusal:
        if refusal.status != 422:
            raise
        form.take(refusal)
        return False
    return True


def _told(octx: OperatorContext, tenant: Tenant, message: str):
    registry.forget()
    say(octx, message)
    return see_other("operator.show", id=tenant.id)


def _tenant(octx: OperatorContext, id: UUID) -> Tenant:
    found = octx.session.get(Tenant, id)
    if found is None or found.state not in listing.SHOWN:
        raise NotFound()
    return found


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        abort(404)


def _page(template: str, **values):
    """A page of the console: its own navigation and way out in the frame."""
    here = (request.endpoint or "").removeprefix("operator.")
    items = [("index", "building", N_("Tenants"), ("index", "show", "invoice")), ("queues", "list-check", N_("Queues"), ("queues",))]
    nav = [{"title": "", "items": [
        {"href": url_for(f"operator.{name}"), "icon": icon, "text": i18n.gettext(g.lang, text), "key": "", "count": "", "current": here in shown}
        for name, icon, text, shown in items
    ]}]
    links = {"home": url_for("operator.index"), "search": url_for("operator.index"), "palette": url_for("operator.palette"), "sign_out": url_for("operator.sign_out")}
    shared = {"states": STATES, "placements": PLACEMENTS, "order_states": ORDER_STATES, "reasons": REASONS, "methods": METHOD_WORDS, "money_of": printing.Words(g.lang).money, "deletion_at": queries.deletion_at}
    return page(template, nav=nav, links=links, operator={"text": i18n.gettext(g.lang, N_("Operator console"))}, **shared, **values)
