"""What an operator does with orders that failed or were parked."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update

from core.base.outbox import Order
from tenants import entry
from tenants.models import ControlOrder
from workers import cli_tenants, relay
from workers.door import CONTROL


def listed(state: str, slug: str | None) -> Iterator[tuple[str, Order]]:
    """(tenant's slug or "control", order) of all places or one, the oldest first."""
    for name, model, opened in _places(slug):
        with opened as session:
            query = select(model).where(model.state == state).order_by(model.created_at).limit(500)
            yield from ((name, row) for row in session.execute(query).scalars())


def retry(slug: str, order_id: UUID) -> bool:
    """Back to waiting with all its attempts; False where there is none that failed or was parked."""
    for _, model, opened in _places(slug):
        with opened as session:
            given_up = (model.id == order_id, model.state.in_(("failed", "parked")))
            # A second ago: the database's clock and ours need not agree to the millisecond.
            fresh = {"state": "waiting", "attempts": 0, "due_at": entry.utcnow() - timedelta(seconds=1), "error": None, "finished_at": None}
            if session.execute(update(model).where(*given_up).values(fresh)).rowcount:
                session.info.setdefault("due", set()).add(fresh["due_at"])
                return True
    return False


def _places(slug: str | None):
    if slug in (None, CONTROL):
        yield CONTROL, ControlOrder, entry.control()
    if slug is None:
        with entry.control() as session:
            tenants = relay.active_tenants(session)
        yield from ((tenant.slug, Order, entry.enter(tenant)) for tenant in tenants)
    elif slug != CONTROL:
        yield slug, Order, entry.enter(cli_tenants.find(slug))
