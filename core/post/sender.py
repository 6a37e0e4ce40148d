"""Who a mail comes from. A tenant writes as <slug>@ the installation's domain, the platform as MAIL_FROM itself."""

import re
from email.utils import parseaddr

from core.base.context import TenantRef
from infra.config import settings

# What a host label may be (tenants.registry.SLUG): nothing in it could end an address or begin a header.
SAFE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
# Local parts that speak for the domain itself (RFC 2142) or that readers take for the landlord's.
NOT_THEIRS = frozenset(
    "abuse admin administrator billing hostmaster info invoices mailer-daemon marketing noc no-reply noreply postmaster root sales security "
    "support tendero usenet uucp webmaster www".split()
)


def platform() -> tuple[str, str]:
    """(name, address) of the landlord."""
    name, address = parseaddr(settings().mail_from)
    return name or "Tendero", address


def address_of(tenant: TenantRef) -> str:
    """The address a tenant's mail comes from; the installation's own where it permits only one sender (MAIL_FROM_EACH)."""
    ours = platform()[1]
    local, _, domain = ours.rpartition("@")
    if settings().mail_from_each == "no" or not SAFE.fullmatch(tenant.slug or ""):
        return ours
    # No slug holds a dot: the longer form is nobody else's, and nobody writes as the landlord.
    return f"{tenant.slug}.workspace@{domain}" if tenant.slug in NOT_THEIRS | {local.lower()} else f"{tenant.slug}@{domain}"
