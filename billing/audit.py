"""Who changed what about money and access, and why: append-only rows (BILLING 4.1)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from billing.models import BillingAudit
from core.base.facts import plain


def note(
    session: Session, tenant_id: UUID, kind: str, actor: str, action: str, now: datetime, *, before: Any = None, after: Any = None,
    reason: str | None = None, ip: str | None = None,
) -> None:
    """Write one line. kind: user, operator, system, provider."""
    session.add(BillingAudit(
        tenant_id=tenant_id, at=now, actor_kind=kind, actor=actor, action=action, before=plain(before), after=plain(after), reason=reason, ip=ip,
    ))
