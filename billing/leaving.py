"""Leaving by the clock (BILLING 4.3): whoever is closed for want of payment is told the day, and erased behind it.

The day is at least thirty days after the closing and its letter. Behind it the deletion run of tenants/lifecycle.py
begins with a grace of its own; whoever pays, is made free of charge or is held by an operator meanwhile stays.
"""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from billing import access, audit, letters
from billing.models import AccessState, BillingNotice
from core.base.errors import Refused
from tenants import entry, lifecycle
from tenants.models import Run, Tenant
from tenants.operations import note_act

log = logging.getLogger("tendero.billing")
CLOCK = "clock"
GRACE = timedelta(days=7)
# A wrong clock or a wrong rule must not empty the house in one night.
AT_ONCE = 20


def announce(session: Session, tenant: Tenant, answer: access.Answer, now: datetime) -> bool:
    """Leave the letter that names the day, once for each time that a tenant is closed; False where none is due."""
    state, subscription = session.get(AccessState, tenant.id), access.subscription_of(session, tenant.id)
    if answer.state != "closed" or answer.until is None or subscription is None:
        return False
    return letters.leave(session, tenant.id, subscription.id, _step(session, state, now), now)


def begin_due(now: datetime) -> int:
    """Ask for the deletion of those whose day has come, at most AT_ONCE; returns how many. One failure stops nobody else."""
    with entry.control() as session:
        closed = (Tenant.state == "active", Tenant.access == "closed", Tenant.access_until <= now)
        found = list(session.execute(select(Tenant).where(*closed).order_by(Tenant.access_until, Tenant.id)).scalars())
        session.expunge_all()
    if len(found) > AT_ONCE:
        log.error("more tenants to delete than one walk takes", extra={"due": len(found), "taken": AT_ONCE})
    return sum(_guarded(_begin, tenant, now) for tenant in found[:AT_ONCE])


def keep_settled(now: datetime) -> int:
    """Keep those whose deletion waits though it is due no longer; returns how many."""
    with entry.control() as session:
        waiting = (Run.kind == "delete", Run.state == "waiting", Run.asked_by == CLOCK, Tenant.state == "deleting")
        found = list(session.execute(select(Tenant).join(Run, Run.tenant_id == Tenant.id).where(*waiting)).scalars())
        session.expunge_all()
    return sum(_guarded(_keep, tenant, now) for tenant in found)


def by_hand(session: Session, tenant_id: UUID) -> bool:
    """Did a person ask for the deletion that is under way?"""
    asked = select(Run.id).where(Run.tenant_id == tenant_id, Run.kind == "delete", Run.state.in_(("waiting", "running")), Run.asked_by != CLOCK)
    return session.execute(asked.limit(1)).first() is not None


def erase(run: Run) -> None:
    """The steps of a deletion whose day has come. One that the clock asked for is looked at once more before it begins."""
    if run.asked_by == CLOCK and run.state == "waiting":
        with entry.control() as session:
            tenant = session.get_one(Tenant, run.tenant_id)
            session.expunge(tenant)
        if _keep(tenant, entry.utcnow()):
            return
    lifecycle.erase(run.id)


def _begin(tenant: Tenant, now: datetime) -> bool:
    """Facts first: the stored day may be an hour old. Without its letter, thirty days ago, nothing is deleted."""
    with entry.control() as session:
        answer, state = access.recompute(session, tenant, now), session.get_one(AccessState, tenant.id)
        told = select(BillingNotice.at).where(BillingNotice.tenant_id == tenant.id, BillingNotice.step == _step(session, state, now))
        at = session.execute(told.order_by(BillingNotice.at).limit(1)).scalar_one_or_none()
        due = answer.state == "closed" and answer.until is not None and answer.until <= now
        if not due or at is None or at > now - access.RETRIEVAL:
            return False
    run = lifecycle.ask_deletion(tenant, CLOCK, grace=GRACE)
    _noted(tenant, "tenant.leaving", now, {"run": run.id})
    log.info("deletion asked for by the clock", extra={"tenant": str(tenant.id), "run": str(run.id)})
    return True


def _keep(tenant: Tenant, now: datetime) -> bool:
    with entry.control() as session:
        answer, holds = access.answer_of(session, tenant.id, now)
        state = session.get(AccessState, tenant.id)
        if state is not None and access.deletion_day(answer, access.closed_since(session, state, now), holds) is not None:
            return False
    lifecycle.keep_after_all(tenant, access=answer.state)
    with entry.control() as session:
        access.recompute(session, session.get_one(Tenant, tenant.id), now)
    _noted(tenant, "tenant.kept", now, {"access": answer.state})
    return True


def _noted(tenant: Tenant, action: str, now: datetime, detail: dict) -> None:
    with entry.control() as session:
        note_act(session, CLOCK, action, now, tenant_id=tenant.id, detail=detail)
        audit.note(session, tenant.id, "system", CLOCK, action, now, after=detail)


def _guarded(act, tenant: Tenant, now: datetime) -> bool:
    try:
        return act(tenant, now)
    except Refused as refusal:
        # Somebody was quicker, or it has begun.
        log.warning("leaving of a tenant: %s", refusal.code, extra={"tenant": str(tenant.id)})
    except Exception:
        log.exception("leaving of a tenant failed", extra={"tenant": str(tenant.id)})
    return False


def _step(session: Session, state: AccessState, now: datetime) -> str:
    """Named by the closing: who was closed, paid and is closed again a year later is told again."""
    return f"deletion@{access.closed_since(session, state, now).date().isoformat()}"
