"""The port to whoever collects the money (BILLING 3.1). Pages ask for capabilities, never for a provider's name."""

from datetime import datetime
from typing import Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from billing.models import Invoice, Price, Subscription
from tenants.models import Tenant


class Provider(Protocol):
    """One way of paying. Everything takes the control session of the caller and a moment; nothing commits."""

    key: str
    capabilities: frozenset[str]

    def start(self, session: Session, tenant: Tenant, subscription: Subscription, price: Price, seats: int, now: datetime, *, partner_seats: int = 0) -> Invoice:
        """Begin to charge for a plan, and for partners' seats beyond those that come with it; returns what the tenant has to pay first."""

    def change(self, session: Session, subscription: Subscription, price: Price, seats: int, now: datetime, *, partner_seats: int = 0) -> None:
        """Another plan, interval or number of seats from the next period on."""

    def cancel(self, session: Session, subscription: Subscription, now: datetime) -> datetime:
        """End with the running period; returns when that is."""

    def renew(self, session: Session, subscription: Subscription, now: datetime) -> Invoice:
        """Begin the next period; asked by our clock, for providers that do not collect by themselves."""

    def sync(self, session: Session, subscription: Subscription, now: datetime) -> None:
        """Bring our mirror in line with the provider's state; safe to repeat."""


def provider(key: str) -> Provider:
    """The provider with this key; KeyError for one that this installation does not have."""
    from billing.manual import Manual

    return {"manual": Manual()}[key]


CAPABILITIES = frozenset({"auto_collect", "hosted_checkout", "portal", "refunds_api", "native_trials", "tax_engine"})


def intent_key(text: str) -> UUID | None:
    """The idempotency key that a form carried; None for what is not a key."""
    try:
        return UUID(text)
    except (ValueError, AttributeError):
        return None
