"""Find a tenant by host or key. Cached in each process for a few seconds; unknown means 404 (fails closed)."""

import re
import threading
import time
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from infra.config import settings
from tenants import entry
from tenants.models import Domain, Tenant

SLUG = re.compile(r"^[a-z][a-z0-9-]{1,38}[a-z0-9]$")
RESERVED = frozenset(
    "www ops files api app admin mail smtp imap ftp static assets cdn status help support docs blog login signup signin "
    "account accounts billing test staging demo-admin root postmaster abuse security webmail ns1 ns2 autodiscover tendero".split()
)
CACHE_SECONDS = 3.0
_cache: dict[str, tuple[float, Tenant | None]] = {}
_lock = threading.Lock()


def by_host(host: str) -> Tenant | None:
    """The tenant that a request's host names: <slug>.<base domain> or a verified domain of its own; else None."""
    return _cached(f"host:{host}", lambda session: _find_by_host(session, host))


def by_id(tenant_id: UUID, *, fresh: bool = False) -> Tenant | None:
    """The tenant with this key, deleted ones included. fresh: read the row now (jobs do)."""
    if fresh:
        forget(f"id:{tenant_id}")
    return _cached(f"id:{tenant_id}", lambda session: session.get(Tenant, tenant_id))


def by_slug(session: Session, slug: str) -> Tenant | None:
    return session.execute(select(Tenant).where(Tenant.slug == slug, Tenant.state != "deleted")).scalar_one_or_none()


def all_tenants(session: Session, *, states: tuple[str, ...] = ("active",)) -> list[Tenant]:
    """Tenants in these states, oldest first."""
    return list(session.execute(select(Tenant).where(Tenant.state.in_(states)).order_by(Tenant.created_at, Tenant.id)).scalars())


def forget(key: str | None = None) -> None:
    """Drop one cached answer, or all (after a change to the directory in this process)."""
    with _lock:
        _cache.clear() if key is None else _cache.pop(key, None)


def _cached(key: str, find) -> Tenant | None:
    now = time.monotonic()
    hit = _cache.get(key)
    if hit and hit[0] > now:
        return hit[1]
    with entry.control() as session:
        found = find(session)
        if found is not None:
            session.expunge(found)
    with _lock:
        if len(_cache) > 10_000:
            _cache.clear()
        _cache[key] = (now + CACHE_SECONDS, found)
    return found


def _find_by_host(session: Session, host: str) -> Tenant | None:
    base = "." + settings().base_domain
    if host.endswith(base):
        label = host[: -len(base)]
        return by_slug(session, label) if SLUG.fullmatch(label) and label not in RESERVED else None
    query = select(Tenant).join(Domain, Domain.tenant_id == Tenant.id)
    query = query.where(Domain.host == host, Domain.verified_at.is_not(None), Tenant.state != "deleted")
    return session.execute(query).scalar_one_or_none()
