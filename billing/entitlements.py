"""What a tenant's plan grants, with what was agreed besides: the only answer to "may they?" (HOUSE 2.2)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from billing import plans
from billing.models import EntitlementOverride, Feature, PlanEntitlement, Price, Subscription
from core.base.entitlements import Entitlements
from tenants.models import Tenant


def of(tenant: Tenant) -> Entitlements:
    """The stored answer as the value that core sees; no query."""
    return Entitlements(
        access=tenant.access, limits=tenant.limits or {}, features=frozenset(tenant.features or ()), until=tenant.access_until
    )


def granted(session: Session, tenant_id: UUID, subscription: Subscription | None, now: datetime) -> tuple[dict[str, int | None], set[str]]:
    """(limits, features) of a subscription and the overrides that hold at `now`. Seats, and seats of partners: what is rented,
    with those that come with the plan, never more than the plan has; during the trial what the plan has."""
    if subscription is None:
        return {}, set()
    query = (
        select(Feature.key, Feature.kind, PlanEntitlement.value).join(Feature, Feature.id == PlanEntitlement.feature_id)
        .where(PlanEntitlement.plan_version_id == subscription.plan_version_id)
    )
    rows = session.execute(query).all()
    limits = {key: value for key, kind, value in rows if kind == "limit"}
    features = {key for key, kind, value in rows if kind == "bool" and value}
    if subscription.price_id is not None:
        limits["seats"] = _at_most(subscription.seats_billed, limits.get("seats"))
        partners = plans.partner_price(session, session.get_one(Price, subscription.price_id))
        if partners is not None:
            limits["partner_seats"] = _at_most(partners.included_seats + subscription.partner_seats_billed, limits.get("partner_seats"))
    for key, value in _overrides(session, tenant_id, now):
        limits[key] = value
    return limits, features


def _at_most(rented: int, most: int | None) -> int:
    return rented if most is None else min(most, rented)


def _overrides(session: Session, tenant_id: UUID, now: datetime) -> list[tuple[str, int | None]]:
    query = select(EntitlementOverride.key, EntitlementOverride.value).where(EntitlementOverride.tenant_id == tenant_id)
    query = query.where(or_(EntitlementOverride.valid_to.is_(None), EntitlementOverride.valid_to > now))
    return [(row.key, row.value) for row in session.execute(query.order_by(EntitlementOverride.created_at))]
