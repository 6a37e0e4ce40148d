"""What the rented plan allows, as a plain value. Billing makes it at the door; nobody below asks billing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

# What each access state lets a tenant's people do (BILLING 4.2). Effects are what a permission declares.
# "always" is never blocked while there are data (EU Data Act: at least 30 days of retrieval): export, billing page, unsubscribe, consent, data-subject rights, removing users.
ALLOWED = MappingProxyType({
    "trialing": {"read", "write", "send", "always"},
    "active": {"read", "write", "send", "always"},
    "grace": {"read", "write", "send", "always"},
    "over_limit": {"read", "write", "send", "always"},
    "read_only": {"read", "always"},
    "suspended": {"always"},
    "closed": {"always"},
    "purged": set(),
})


@dataclass(frozen=True, slots=True)
class Entitlements:
    """access: a key of ALLOWED. limits: name -> number (absent or None = unlimited). features: names switched on."""

    access: str = "active"
    limits: Mapping[str, int | None] = field(default_factory=dict)
    features: frozenset[str] = frozenset()
    until: object = None

    def allows(self, effect: str) -> bool:
        return effect in ALLOWED[self.access]

    def limit(self, name: str) -> int | None:
        return self.limits.get(name)


UNLIMITED = Entitlements()
