"""Where an order stands and how a job gets at the data: the tenant's outbox or the landlord's."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from billing import entitlements
from core.base.context import Actor, Context, make_context, system
from core.base.outbox import Order
from core.base.rooms import job_waits
from core.identity import queries
from core.identity.models import User
from infra import i18n
from infra.config import settings
from tenants import entry, registry
from tenants.models import ControlOrder, Tenant
from workers.job import GaveUp, Job

CONTROL = "control"


class NoTenant(RuntimeError):
    """A job was to start without saying whose it is."""


@dataclass(frozen=True, slots=True)
class ControlContext:
    """What a job of the landlord gets: an open transaction on the control schema, and the moment."""

    session: Session
    now: datetime
    order_id: UUID


@dataclass(frozen=True, slots=True)
class Asker:
    """Who left an order, and by which API token, if any."""

    user_id: UUID | None
    token_id: UUID | None = None

    def load(self, session: Session, *, narrowed: bool) -> tuple[User, Actor] | None:
        """The person with what he may do now, `narrowed` by the token; None where he, or the token, is gone."""
        if self.user_id is None:
            return None
        if narrowed and self.token_id is not None:
            return queries.token_actor(session, self.token_id, entry.utcnow())
        return queries.load_actor(session, self.user_id, entry.utcnow())


class ControlPlace:
    """The control schema's outbox."""

    model, key, tenant = ControlOrder, CONTROL, None

    def open(self, actor_id: UUID | None = None):
        return entry.control()

    def runs(self, job: Job) -> bool:
        return True

    def went_off(self, job: Job) -> bool:
        return False

    def context(self, session: Session, job: Job, order_id: UUID, asked_by: Asker) -> ControlContext:
        return ControlContext(session, entry.utcnow(), order_id)


class TenantPlace:
    """One tenant's outbox."""

    model = Order

    def __init__(self, tenant: Tenant):
        self.tenant, self.key = tenant, str(tenant.id)

    def open(self, actor_id: UUID | None = None):
        return entry.enter(self.tenant, actor_id=actor_id)

    def runs(self, job: Job) -> bool:
        """Suspended and closed tenants do not work, except for what is declared `always`; nor does a room that is off."""
        if job_waits(frozenset(self.tenant.rooms_off), job.name):
            return False
        return job.always or entitlements.of(self.tenant).allows("read")

    def went_off(self, job: Job) -> bool:
        """Was the job's room switched off while it was at work?"""
        now = registry.by_id(self.tenant.id, fresh=True)
        return now is not None and job_waits(frozenset(now.rooms_off), job.name)

    def context(self, session: Session, job: Job, order_id: UUID, asked_by: Asker) -> Context:
        """The system's context in the language of whoever left the order; or that person's own (as_asker), no wider than the
        token by which he asked."""
        tenant = registry.by_id(self.tenant.id) or self.tenant
        found = asked_by.load(session, narrowed=job.as_asker)
        if job.as_asker and found is None:
            raise GaveUp("the user who asked for it is gone")
        user, actor = found if found else (None, None)
        return make_context(
            session, actor if job.as_asker else system(job.name), tenant.ref(settings().tenant_url(tenant.slug or "")), entry.utcnow(),
            locale=i18n.language(user.locale if user else tenant.locale), timezone=user.timezone if user else tenant.timezone,
            entitlements=entitlements.of(tenant), request_id=str(order_id),
        )


def place_of(tenant_id: str | None) -> ControlPlace | TenantPlace | None:
    """The place that a message names; None where the tenant's data are not there to be worked on now (being moved,
    restored, deleted: the sweep finds the order afterwards). Refuses a message that names none."""
    if not tenant_id:
        raise NoTenant("a job without a tenant does not start")
    if tenant_id == CONTROL:
        return ControlPlace()
    tenant = registry.by_id(UUID(tenant_id), fresh=True)
    if tenant is None:
        raise NoTenant(f"no such tenant: {tenant_id}")
    return TenantPlace(tenant) if tenant.state == "active" else None


@contextmanager
def context_of(place: ControlPlace | TenantPlace, job: Job, order_id: UUID, asked_by: Asker) -> Iterator[Context | ControlContext]:
    """One transaction with the context a job works in: returning commits, raising rolls back."""
    with place.open(asked_by.user_id if job.as_asker else None) as session:
        yield place.context(session, job, order_id, asked_by)
