"""The directory as an operator reads it: searched, in pages, with what waits in each tenant's outbox."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from core.base.outbox import Order
from tenants import entry
from tenants.models import ControlOrder, OutboxDue, Tenant

PAGE = 50
SHOWN = ("active", "moving", "restoring", "deleting", "deleted")


class Depth(NamedTuple):
    """Orders of one outbox by state, and when the oldest one became due."""

    waiting: int
    running: int
    failed: int
    parked: int
    oldest_due: datetime | None


def page_of(session: Session, *, search: str = "", before: tuple[datetime, UUID] | None = None, limit: int = PAGE) -> tuple[list[Tenant], bool]:
    """(tenants, whether more follow), the newest company first. search: part of name, slug or schema."""
    moved_in = func.coalesce(Tenant.claimed_at, Tenant.created_at)
    query = select(Tenant).where(Tenant.state.in_(SHOWN))
    for word in search.lower().split()[:5]:
        like = "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        query = query.where(or_(func.lower(Tenant.name).like(like), Tenant.slug.like(like), Tenant.schema_name.like(like)))
    if before:
        query = query.where(func.row(moved_in, Tenant.id) < func.row(*before))
    found = list(session.execute(query.order_by(moved_in.desc(), Tenant.id.desc()).limit(limit + 1)).scalars())
    return found[:limit], len(found) > limit


def mark_of(tenant: Tenant) -> str:
    """Where a page ends, for the link to the next."""
    return f"{(tenant.claimed_at or tenant.created_at).isoformat()}~{tenant.id}"


def read_mark(text: str) -> tuple[datetime, UUID] | None:
    """The place that a link names; None for anything else."""
    at, _, key = text.partition("~")
    try:
        moment = datetime.fromisoformat(at)
        return (moment, UUID(key)) if moment.tzinfo else None
    except ValueError:
        return None


def depth(session: Session, model: type[ControlOrder] | type[Order]) -> Depth:
    """How much lies in the outbox of this session's schema."""
    count = lambda state: func.count().filter(model.state == state)  # noqa: E731
    oldest = func.min(model.due_at).filter(model.state == "waiting")
    row = session.execute(select(count("waiting"), count("running"), count("failed"), count("parked"), oldest)).one()
    return Depth(*row)


def given_up(session: Session, model: type[ControlOrder] | type[Order], limit: int = 50) -> list:
    """Orders that failed or were parked, the newest first."""
    query = select(model).where(model.state.in_(("failed", "parked")))
    return list(session.execute(query.order_by(model.created_at.desc()).limit(limit)).scalars())


def due_hints(session: Session, now: datetime) -> tuple[int, datetime | None]:
    """(tenants with due work that nobody has taken, since when)."""
    query = select(func.count(func.distinct(OutboxDue.tenant_id)), func.min(OutboxDue.due_at)).where(OutboxDue.due_at <= now)
    return tuple(session.execute(query).one())


def outbox_of(tenant: Tenant) -> tuple[Depth, list]:
    """A tenant's own outbox, read in its schema."""
    with entry.enter(tenant) as session:
        return depth(session, Order), given_up(session, Order)


def recently_active(session: Session, limit: int) -> list[Tenant]:
    """Tenants whose outboxes a page can afford to look into."""
    query = select(Tenant).where(Tenant.state == "active").order_by(Tenant.last_activity_at.desc().nulls_last(), Tenant.claimed_at.desc())
    return list(session.execute(query.limit(limit)).scalars())
