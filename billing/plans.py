"""The catalogue as data: plans, their versions, what each grants and costs.

A version once offered is never edited here: add the next one. `load` brings the tables to this file and refuses
an edited version, because subscriptions stand on it.
"""

from dataclasses import dataclass
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
FEATURES = {"seats": "limit"}
NAMES = {"starter": N_("Starter"), "team": N_("Team")}
ABOUT = {"starter": N_("For one person or a small office."), "team": N_("For companies with several people in sales and service.")}


@dataclass(frozen=True)
class Version:
    """One offered version: what it grants, and (currency, interval) -> minor units per seat."""

    plan: str
    rank: int
    n: int
    valid_from: date
    grants: dict[str, int | None]
    per_seat: dict[tuple[str, str], int]


CATALOGUE = (
    Version("starter", 1, 1, date(2026, 1, 1), {"seats": 5},
            {("EUR", "month"): 900, ("EUR", "year"): 9000, ("USD", "month"): 1000, ("USD", "year"): 10000}),
    Version("team", 2, 1, date(2026, 1, 1), {"seats": 50},
            {("EUR", "month"): 1900, ("EUR", "year"): 19000, ("USD", "month"): 2100, ("USD", "year"): 21000}),
)


@dataclass(frozen=True)
class Offer:
    """A plan as the price page shows it. prices: interval -> (price key, money per seat)."""

    code: str
    name: str
    about: str
    version_id: UUID
    seats: int | None
    prices: dict[str, tuple[UUID, Money]]


def load(session: Session) -> None:
    """Enter what this file holds and the tables lack; safe to repeat. Refuses a version that was edited."""
    features = {key: _keep(session, Feature, {"key": key}, {"kind": kind}) for key, kind in FEATURES.items()}
    for version in CATALOGUE:
        plan_id = _keep(session, Plan, {"code": version.plan}, {"name": NAMES[version.plan], "rank": version.rank})
        version_id = _keep(session, PlanVersion, {"plan_id": plan_id, "n": version.n}, {"valid_from": version.valid_from})
        for key, value in version.grants.items():
            row = {"plan_version_id": version_id, "feature_id": features[key], "value": value}
            session.execute(insert(PlanEntitlement).values(**row).on_conflict_do_nothing())
        for (currency, interval), amount in version.per_seat.items():
            _keep_price(session, version, version_id, currency, interval, amount)


def offered(session: Session, currency: str | None = None) -> list[Offer]:
    """The newest public version of each plan with its prices in the seller's (or the given) currency, cheapest first."""
    currency = currency or settings().seller.currency
    query = (
        select(Plan, PlanVersion, Price, PlanEntitlement.value)
        .join(PlanVersion, PlanVersion.plan_id == Plan.id).join(Price, Price.plan_version_id == PlanVersion.id)
        .join(PlanEntitlement, PlanEntitlement.plan_version_id == PlanVersion.id)
        .join(Feature, (Feature.id == PlanEntitlement.feature_id) & (Feature.key == "seats"))
        .where(Plan.public, Plan.archived_at.is_(None), Price.active, Price.currency == currency)
        .order_by(Plan.rank, PlanVersion.n)
    )
    found: dict[str, Offer] = {}
    for plan, version, price, seats in session.execute(query):
        offer = found.get(plan.code)
        if offer is None or offer.version_id != version.id:
            offer = found[plan.code] = Offer(plan.code, plan.name, ABOUT.get(plan.code, ""), version.id, seats, {})
        offer.prices[price.interval] = (price.id, Money.of_minor(price.unit_amount, price.currency))
    return list(found.values())


def offer_of(session: Session, code: str, interval: str) -> tuple[Offer, UUID, Money]:
    """(the offer, price key, price per seat); refuses a plan or interval that is not offered."""
    for offer in offered(session):
        if offer.code == code:
            if interval not in offer.prices:
                raise Refused("unknown_value", field="interval")
            return offer, *offer.prices[interval]
    raise Refused("unknown_value", field="plan")


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


def _keep_price(session: Session, version: Version, version_id: UUID, currency: str, interval: str, amount: int) -> None:
    row = {"plan_version_id": version_id, "currency": currency, "interval": interval, "unit_amount": amount}
    session.execute(insert(Price).values(**row).on_conflict_do_nothing())
    query = select(Price.unit_amount).filter_by(plan_version_id=version_id, currency=currency, interval=interval, active=True)
    if session.execute(query).scalar_one() != amount:
        raise ValueError(f"{version.plan} version {version.n} was offered at another price: add a version instead of editing")
