"""A tenant's own host names: entered with a token, served only once the name's owner has shown it in a TXT record."""

import re

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from core.base.errors import NotFound, Refused
from infra import crypto, dns
from infra.config import settings
from tenants import entry, registry
from tenants.models import Domain, Tenant

HOST = re.compile(r"^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$")
LABEL = "_tendero"


def add_domain(tenant: Tenant, host: str) -> tuple[str, str]:
    """(name, text) of the TXT record to make. Refuses what is no host name or lies below our own domain
    (`domain_invalid`), and a name that another workspace has verified (`domain_taken`)."""
    host = host.strip().rstrip(".").lower()
    base = settings().base_domain
    if not HOST.fullmatch(host) or host == base or host.endswith(f".{base}"):
        raise Refused("domain_invalid", field="host")
    with entry.control() as session:
        row = session.execute(select(Domain).where(Domain.host == host).with_for_update()).scalar_one_or_none()
        if row is not None and row.tenant_id != tenant.id:
            if row.verified_at is not None:
                raise Refused("domain_taken", field="host")
            session.delete(row)  # entered by somebody who never showed that it is his
            session.flush()  # before the name is entered anew
            row = None
        if row is None:
            statement = insert(Domain).values(host=host, tenant_id=tenant.id, token=crypto.new_token())
            session.execute(statement.on_conflict_do_nothing())
            row = session.execute(select(Domain).where(Domain.host == host)).scalar_one()
        return f"{LABEL}.{host}", f"tendero-domain={row.token}"


def verify_domain(tenant: Tenant, host: str, *, nameserver: tuple[str, int] | None = None) -> None:
    """Ask for the TXT record and open the name; refuses while it is not there (`domain_unproven`)."""
    with entry.control() as session:
        row = session.execute(select(Domain).where(Domain.host == host.strip().lower(), Domain.tenant_id == tenant.id)).scalar_one_or_none()
        token = row.token if row else None
    if token is None:
        raise NotFound()
    found = dns.txt_records(f"{LABEL}.{host.strip().lower()}", nameserver=nameserver)
    if not any(crypto.same(text.strip(), f"tendero-domain={token}") for text in found):
        raise Refused("domain_unproven", field="host")
    with entry.control() as session:
        session.execute(select(Domain).where(Domain.host == host.strip().lower())).scalar_one().verified_at = entry.utcnow()
    registry.forget()
