"""The catalogue as data: plans, their versions, what each grants and costs.

A version once offered is never edited here: add the next one. `load` brings the tables to this file and refuses
an edited version, because subscriptions stand on it.
"""

from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from billing.models import Feature, Plan, PlanEntitlement, PlanVersion, Price
from core.base.errors import Refused
from core.base.money import Money
from core.base.words import N_
from infra.config import settings

TRIAL_PLAN = "team"
TRIAL_DAYS = 14
FEATURES = {"seats": "limit", "partner_seats": "limit"}
NAMES = {"starter": N_("Starter"), "team": N_("Team")}
ABOUT = {"starter": N_("For one person or a small office."), "team": N_("For companies with several people in sales and service.")}


@dataclass(frozen=True)
class Version:
    """One offered version: what it grants at most, and (currency, interval) -> minor units per seat. per_partner: the same for
    a partner's seat beyond `partners`, which come with the plan; empty where partners take seats like everybody."""

    plan: str
    rank: int
    n: int
    valid_from: date
    grants: dict[str, int | None]
    per_seat: dict[tuple[str, str], int]
    partners: int = 0
    per_partner: dict[tuple[str, str], int] = field(default_factory=dict)


CATALOGUE = (
    Version("starter", 1, 1, date(2026, 1, 1), {"seats": 5},
            {("EUR", "month"): 900, ("EUR", "year"): 9000, ("USD", "month"): 1000, ("USD", "year"): 10000}),
    Version("team", 2, 1, date(2026, 1, 1), {"seats": 50},
            {("EUR", "month"): 1900, ("EUR", "year"): 19000, ("USD", "month"): 2100, ("USD", "year"): 21000}),
    # Partners have seats of their own from here on; who rents an earlier version keeps it.
    Version("starter", 1, 2, date(2026, 11, 29), {"seats": 5, "partner_seats": 5},
            {("EUR", "month"): 900, ("EUR", "year"): 9000, ("USD", "month"): 1000, ("USD", "year"): 10000},
            1, {("EUR", "month"): 300, ("EUR", "year"): 3000, ("USD", "month"): 350, ("USD", "year"): 3500}),
    Version("team", 2, 2, date(2026, 11, 29), {"seats": 50, "partner_seats": 50},
            {("EUR", "month"): 1900, ("EUR", "year"): 19000, ("USD", "month"): 2100, ("USD", "year"): 21000},
            3, {("EUR", "month"): 500, ("EUR", "year"): 5000, ("USD", "month"): 550, ("USD", "year"): 5500}),
)


@dataclass(frozen=True)
class Partners:
    """Seats of partners in a plan: how many come with it, how many it has at most, and interval -> money for each further one."""

    included: int
    most: int | None
    prices: dict[str, Money]


@dataclass(frozen=True)
class Offer:
    """A plan as the price page shows it. prices: interval -> (price key, money per seat). partners: none where they take seats
    like everybody."""

    code: str
    name: str
    about: str
    version_id: UUID
    seats: int | None
    prices: dict[str, tuple[UUID, Money]]
    partners: Partners | None = None


def load(session: Session) -> None:
    """Enter what this file holds and the tables lack; safe to repeat. Refuses a version that was edited."""
    features = {key: _keep(session, Feature, {"key": key}, {"kind": kind}) for key, kind in FEATURES.items()}
    for version in CATALOGUE:
        plan_id = _keep(session, Plan, {"code": version.plan}, {"name": NAMES[version.plan], "rank": version.rank})
        version_id = _keep(session, PlanVersion, {"plan_id": plan_id, "n": version.n}, {"valid_from": version.valid_from})
        for key, value in version.grants.items():
            row = {"plan_version_id": version_id, "feature_id": features[key], "value": value}
            session.execute(insert(PlanEntitlement).values(**row).on_conflict_do_nothing())
        for item, prices, included in (("seat", version.per_seat, 0), ("partner_seat", version.per_partner, version.partners)):
            for (currency, interval), amount in prices.items():
                _keep_price(session, version, {"plan_version_id": version_id, "currency": currency, "interval": interval, "item": item}, amount, included)


def offered(session: Session, currency: str | None = None) -> list[Offer]:
    """The newest public version of each plan with its prices in the seller's (or the given) currency, cheapest first."""
    currency = currency or settings().seller.currency
    query = (
        select(Plan, PlanVersion, Price, PlanEntitlement.value)
        .join(PlanVersion, PlanVersion.plan_id == Plan.id).join(Price, Price.plan_version_id == PlanVersion.id)
        .join(PlanEntitlement, PlanEntitlement.plan_version_id == PlanVersion.id)
        .join(Feature, (Feature.id == PlanEntitlement.feature_id) & (Feature.key == Price.item + "s"))
        .where(Plan.public, Plan.archived_at.is_(None), Price.active, Price.currency == currency)
        .order_by(Plan.rank, PlanVersion.n, Price.item.desc())
    )
    found: dict[str, Offer] = {}
    for plan, version, price, most in session.execute(query):
        money, offer = Money.of_minor(price.unit_amount, price.currency), found.get(plan.code)
        if price.item == "seat":
            if offer is None or offer.version_id != version.id:
                offer = found[plan.code] = Offer(plan.code, plan.name, ABOUT.get(plan.code, ""), version.id, most, {})
            offer.prices[price.interval] = (price.id, money)
        else:
            if offer.partners is None:
                offer = found[plan.code] = replace(offer, partners=Partners(price.included_seats, most, {}))
            offer.partners.prices[price.interval] = money
    return list(found.values())


def offer_of(session: Session, code: str, interval: str) -> tuple[Offer, UUID, Money]:
    """(the offer, price key, price per seat); refuses a plan or interval that is not offered."""
    for offer in offered(session):
        if offer.code == code:
            if interval not in offer.prices:
                raise Refused("unknown_value", field="interval")
            return offer, *offer.prices[interval]
    raise Refused("unknown_value", field="plan")


def partner_price(session: Session, price: Price) -> Price | None:
    """What a partner's seat costs beside this price of a seat: same version, currency and interval; also where both are offered
    no longer, because who rents them goes on."""
    query = select(Price).filter_by(plan_version_id=price.plan_version_id, currency=price.currency, interval=price.interval, item="partner_seat")
    return session.execute(query.order_by((Price.active == price.active).desc(), Price.id.desc()).limit(1)).scalar_one_or_none()


def trial_version(session: Session) -> UUID:
    """The version that a trial runs on; loads the catalogue where nobody has."""
    query = (
        select(PlanVersion.id).join(Plan, Plan.id == PlanVersion.plan_id)
        .where(Plan.code == TRIAL_PLAN).order_by(PlanVersion.n.desc()).limit(1)
    )
    found = session.execute(query).scalar_one_or_none()
    if found is None:
        load(session)
        found = session.execute(query).scalar_one()
    return found


def _keep(session: Session, model, key: dict, values: dict) -> UUID:
    session.execute(insert(model).values(**key, **values).on_conflict_do_nothing())
    return session.execute(select(model.id).filter_by(**key)).scalar_one()


def _keep_price(session: Session, version: Version, key: dict, amount: int, included: int) -> None:
    session.execute(insert(Price).values(**key, unit_amount=amount, included_seats=included).on_conflict_do_nothing())
    query = select(Price.unit_amount, Price.included_seats).filter_by(**key, active=True)
    if session.execute(query).one() != (amount, included):
        raise ValueError(f"{version.plan} version {version.n} was offered at another price: add a version instead of editing")
