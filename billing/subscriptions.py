"""What a tenant does about its plan: order it, change it, end it; and what the clock does about it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing import access, audit, leaving, letters, plans
from billing.models import BillingAccount, BillingIntent, Invoice, Price, Subscription
from billing.port import provider
from core.base import vat
from core.base.errors import NotFound, Refused
from core.base.text import clean
from core.identity.rules import normal_mail
from infra.config import settings
from tenants.models import Tenant

INTENT_LIFE = timedelta(days=1)
TRIAL_NOTICES = ((-7, "trial-7"), (-3, "trial-3"), (-1, "trial-1"), (0, "trial+0"), (30, "trial+30"))
DUE_NOTICES = ((3, "due+3"), (10, "due+10"), (20, "due+20"), (45, "due+45"))
# A notice whose day has long passed (the clock stood still) is not sent in a bundle with the later ones.
LATE = timedelta(days=3)
RENEW_AHEAD = timedelta(days=14)


@dataclass(frozen=True)
class Buyer:
    """The billing data as typed."""

    legal_name: str
    address: str
    postcode: str
    city: str
    country: str
    mail: str
    vat_id: str = ""


def order_by_transfer(
    session: Session, tenant_id: UUID, *, key: UUID, plan: str, interval: str, seats: int, seats_used: int, buyer: Buyer, by: str, now: datetime,
    partner_seats: int = 0, partners_used: int = 0,
) -> Invoice:
    """Rent a plan, paid by bank transfer: the invoice that was issued. The same key gives the same invoice. partner_seats: beyond
    those that come with the plan; partners take seats like everybody in a plan that has none for them.

    Refuses a plan that is not offered, more seats than it has (`seats_above_plan`), fewer than are used
    (`seats_below_use`, `partners_below_use`), unreadable billing data by field, and a second order while an invoice is open (`order_open`)."""
    tenant = session.execute(select(Tenant).where(Tenant.id == tenant_id).with_for_update()).scalar_one()
    intent = session.get(BillingIntent, key)
    if intent is not None:
        return _same_order(session, intent, tenant_id)
    offer, price_id, _ = plans.offer_of(session, plan, interval)
    check_seats(seats, seats_used + (0 if offer.partners else partners_used), offer.seats)
    check_partners(partner_seats, partners_used, offer.partners)
    if access.open_invoices(session, tenant_id):
        raise Refused("order_open")
    account = keep_buyer(session, tenant, buyer, now)
    subscription = _orderable(session, tenant_id, account, now)
    price = session.get_one(Price, price_id)
    invoice = provider(account.provider).start(session, tenant, subscription, price, seats, now, partner_seats=partner_seats)
    data = {"plan": plan, "interval": interval, "seats": seats, "partner_seats": partner_seats}
    session.add(BillingIntent(
        id=key, tenant_id=tenant_id, kind="order", data=data, state="done", result_id=invoice.id, created_at=now, expires_at=now + INTENT_LIFE
    ))
    audit.note(session, tenant_id, "user", by, "subscription.ordered", now, after={**data, "invoice": invoice.number})
    access.recompute(session, tenant, now)
    return invoice


def check_seats(seats: int, used: int, limit: int | None) -> None:
    """At least the people who are there, at most what the plan has."""
    if seats < 1:
        raise Refused("unknown_value", field="seats")
    if limit is not None and seats > limit:
        raise Refused("seats_above_plan", field="seats", limit=limit)
    if seats < used:
        raise Refused("seats_below_use", field="seats", used=used)


def check_partners(further: int, used: int, offered: plans.Partners | None) -> None:
    """With those that come with the plan at least the partners who are there, at most what the plan has."""
    if further < 0 or (offered is None and further):
        raise Refused("unknown_value", field="partner_seats")
    if offered is None:
        return
    if offered.most is not None and offered.included + further > offered.most:
        raise Refused("partners_above_plan", field="partner_seats", limit=offered.most - offered.included)
    if offered.included + further < used:
        raise Refused("partners_below_use", field="partner_seats", used=used)


def keep_buyer(session: Session, tenant: Tenant, buyer: Buyer, now: datetime) -> BillingAccount:
    """Store who pays; refuses what cannot stand on an invoice."""
    values = {name: clean(getattr(buyer, name), field=name, max_length=length) for name, length in
              (("legal_name", 140), ("address", 200), ("postcode", 20), ("city", 100))}
    for name in ("legal_name", "address", "city"):
        if not values[name]:
            raise Refused("required", field=name)
    country = (buyer.country or "").upper()
    if not (len(country) == 2 and country.isascii() and country.isalpha()):
        raise Refused("not_a_country", field="country")
    mail, _ = normal_mail(buyer.mail)
    account = access.account_of(session, tenant.id)
    if account is None:
        account = BillingAccount(tenant_id=tenant.id, currency=settings().seller.currency, locale=tenant.locale, timezone=tenant.timezone, created_at=now)
        session.add(account)
    for name, value in values.items():
        setattr(account, name, value)
    account.country, account.mail = country, mail
    account.vat_id = _vat_id(buyer.vat_id, country)
    account.vat_status = "unchecked" if account.vat_id else "none"
    session.flush()  # the invoice names the account by key
    return account


def cancel(session: Session, tenant_id: UUID, *, by: str, now: datetime) -> datetime:
    """End the subscription with its period; returns that day."""
    subscription = _live(session, tenant_id)
    end = provider(subscription.provider).cancel(session, subscription, now)
    audit.note(session, tenant_id, "user", by, "subscription.canceled", now, after={"end": end})
    access.recompute(session, session.get_one(Tenant, tenant_id), now)
    return end


def review(session: Session, tenant: Tenant, now: datetime) -> access.Answer:
    """What the clock does for one tenant: end what was cancelled, renew what runs out, recompute access, leave
    notices. Safe to repeat at any time."""
    session.execute(select(Tenant.id).where(Tenant.id == tenant.id).with_for_update())
    subscription = access.subscription_of(session, tenant.id)
    if subscription is not None and subscription.ended_at is None:
        if subscription.cancel_at is not None and now >= subscription.cancel_at:
            subscription.state, subscription.ended_at = "ended", subscription.cancel_at
        elif subscription.state == "active" and subscription.provider_status == "paid":
            while subscription.period_end <= now + RENEW_AHEAD:
                provider(subscription.provider).renew(session, subscription, now)
        session.flush()  # the access function reads the rows
    answer = access.recompute(session, tenant, now)
    if answer.reason == "comp":
        return answer
    if subscription is not None and subscription.state == "trialing":
        _notices(session, tenant.id, subscription.id, subscription.trial_end, TRIAL_NOTICES, now)
    leaving.announce(session, tenant, answer, now)
    account = access.account_of(session, tenant.id)
    for invoice in access.open_invoices(session, tenant.id):
        _notices(session, tenant.id, invoice.id, access.end_of_day(invoice.due_on, account), DUE_NOTICES, now)
    return answer


def _notices(session: Session, tenant_id: UUID, subject_id: UUID, start: datetime, ladder: tuple, now: datetime) -> None:
    for days, step in ladder:
        at = start + timedelta(days=days)
        if at <= now < at + LATE:
            letters.leave(session, tenant_id, subject_id, step, now)


def _same_order(session: Session, intent: BillingIntent, tenant_id: UUID) -> Invoice:
    """A double click: the order exists. Somebody else's key is not there."""
    if intent.tenant_id != tenant_id or intent.result_id is None:
        raise NotFound()
    return session.get_one(Invoice, intent.result_id)


def _orderable(session: Session, tenant_id: UUID, account: BillingAccount, now: datetime) -> Subscription:
    """The trial that becomes a subscription, or a new row after an ended one."""
    last = access.subscription_of(session, tenant_id)
    if last is not None and last.ended_at is None:
        if last.state != "trialing":
            raise Refused("rented_already")
        return last
    fresh = Subscription(
        tenant_id=tenant_id, plan_version_id=plans.trial_version(session), state="active", seats_billed=1,
        previous_id=last.id if last else None, created_at=now,
    )
    session.add(fresh)
    session.flush()  # the invoice names the subscription by key
    return fresh


def _live(session: Session, tenant_id: UUID) -> Subscription:
    found = access.subscription_of(session, tenant_id)
    if found is None or found.ended_at is not None:
        raise NotFound()
    return found


def _vat_id(typed: str, country: str) -> str | None:
    if not (typed or "").strip():
        return None
    found = vat.normal_vat_id(typed)
    if found is None or (country in vat.STANDARD and vat.country_of(found) != country):
        raise Refused("not_a_vat_id", field="vat_id")
    return found
