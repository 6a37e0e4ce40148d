"""The clock and the post of billing: access of every tenant anew, and its letters, each once."""

import logging
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from billing import access, invoicing, leaving, printing, subscriptions
from billing.letters import letter_of
from billing.models import BillingAccount, Invoice, Subscription
from core.base.context import make_context, system
from core.base.money import Money
from core.post import actions as post
from infra.config import settings
from infra.fonts import FontsFailed
from tenants import entry, registry
from tenants.models import Tenant
from workers.job import Again, control_job
from workers.queues import BULK, MAIL

log = logging.getLogger("tendero.billing")
WALKED = ("active", "moving", "restoring")


@control_job("billing.daily", steps=True, lease=300)
def daily(door) -> dict:
    """Walk all tenants that rent or rented something, then carry through what closing leads to. Also run hourly: nothing
    happens twice. One tenant's failure is logged and the walk goes on."""
    with entry.control() as session:
        rented = select(Subscription.tenant_id).where(Subscription.tenant_id == Tenant.id).exists()
        tenants = list(session.execute(select(Tenant).where(Tenant.state.in_(WALKED), rented).order_by(Tenant.id)).scalars())
    failed = 0
    for tenant in tenants:
        try:
            with entry.control() as session:
                subscriptions.review(session, tenant, entry.utcnow())
        except Exception:
            failed += 1
            log.exception("billing of a tenant failed", extra={"tenant": str(tenant.id)})
    kept, begun = leaving.keep_settled(entry.utcnow()), leaving.begin_due(entry.utcnow())
    return {"tenants": len(tenants), "failed": failed, "deletions": begun, "kept": kept}


@control_job("billing.letter", queue=MAIL, steps=True)
def letter(door, *, tenant_id: str, subject_id: str, step: str) -> None:
    """Hand one letter to the tenant's post room. The dedupe key there makes a second run harmless."""
    tenant = registry.by_id(UUID(tenant_id), fresh=True)
    if tenant is None or tenant.state not in WALKED:
        return
    with entry.control() as session:
        account = access.account_of(session, tenant.id)
        params = letter_params(session, tenant, account, UUID(subject_id))
    if letter_of(step) == "billing_closed":
        if tenant.access != "closed" or tenant.access_until is None:
            return  # paid or held since it was ordered
        params["until"] = params["until"].astimezone(ZoneInfo(account.timezone)).date()
    if step == "invoice_issued":
        _printed(UUID(subject_id))
    with entry.enter(tenant) as session:
        ctx = make_context(session, system("billing"), tenant.ref(), entry.utcnow(), locale=account.locale, timezone=account.timezone)
        post.hand_in(ctx, template=letter_of(step), to=account.mail, to_name=account.legal_name[:200], params=params, dedupe=f"billing:{subject_id}:{step}")


def _printed(invoice_id: UUID) -> None:
    """Print it now, so that it is there when the letter is read; the letter does not wait for fonts."""
    try:
        printing.document(invoice_id, entry.utcnow())
    except printing.FontsComing:
        log.info("the invoice is printed once its fonts are here", extra={"invoice": str(invoice_id)})


@control_job("billing.print", queue=BULK, steps=True, lease=600)
def print_invoice(door, *, invoice_id: str) -> None:
    """Bring the fonts where its text needs them, then print."""
    try:
        printing.document_by_worker(UUID(invoice_id), entry.utcnow())
    except FontsFailed as problem:
        log.error("%s", problem)
        raise Again(str(problem)) from None


def letter_params(session, tenant: Tenant, account: BillingAccount, subject_id: UUID) -> dict:
    """What a letter about a trial or an invoice says."""
    params = {"company": tenant.name, "link": f"{settings().tenant_url(tenant.slug)}/subscription", "since": entry.utcnow(), "until": tenant.access_until}
    invoice = session.get(Invoice, subject_id)
    if invoice is not None:
        owed = invoicing.outstanding(session, invoice) or invoice.gross
        params |= {"number": invoice.number, "amount": Money.of_minor(owed, invoice.currency), "due": invoice.due_on, "reference": invoice.reference}
        params["link"] += f"/invoices/{invoice.id}"
    return params
