"""One page for the clock: everything that happens by itself (HOUSE 24).

An entry is a job's name and when. What is due becomes an order in an outbox under a key made of its due time, so a
moment is ordered once however many clocks, restarts or jumps of the clock there are. When nothing ran meanwhile,
the latest missed moment is made up for (catch_up) or let go.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.adoption import falling
from core.base.outbox import Order, defer_row
from core.base.rooms import job_waits
from core.bulk import breaking as bulk
from core.bulk import tidying as journals
from core.deals import snapshots
from core.files import actions as attachments
from core.handover import giving as handovers
from core.intake import tidying as enquiries
from core.leads import clock, fitting, model_use, scoring
from core.mailboxes import looking
from core.mailings import running as mailings
from core.merging import breaking as merges
from core.merging import scanning as duplicates
from core.merging import tidying as merge_journals
from core.parties import pool
from core.quotes import expiring
from core.tags import breaking as tag_changes
from core.tags import tidying as tag_journals
from core.transfer import breaking, sweeping
from core.transfer import tidying as imports
from tenants import entry
from tenants.models import Clock, ControlOrder, Tenant
from workers import relay

log = logging.getLogger("tendero.schedule")
# Without catch_up a moment older than this is let go.
TOO_LATE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Entry:
    """every: an interval. at: a time of day, in UTC, or with `local` in each tenant's own zone. each_tenant: an order
    in every active tenant's outbox; with `where` only in those of which it is true."""

    job: str
    every: timedelta | None = None
    at: time | None = None
    each_tenant: bool = False
    local: bool = False
    catch_up: bool = True
    where: Callable[[Session], bool] | None = None


SCHEDULE = (
    Entry("audit.seal", every=timedelta(seconds=60), catch_up=False),
    Entry("audit.verify", at=time(3, 40), each_tenant=True),
    Entry("pool.fill", every=timedelta(seconds=60), catch_up=False),
    Entry("tenants.clear_leftovers", every=timedelta(minutes=10), catch_up=False),
    Entry("runs.resume", every=timedelta(seconds=60), catch_up=False),
    Entry("tenants.measure", at=time(2, 10)),
    Entry("takeout.clear_old", at=time(2, 40)),
    Entry("billing.daily", every=timedelta(hours=1)),
    Entry("mailings.revive", every=timedelta(minutes=5), each_tenant=True, catch_up=False, where=mailings.left_alone),
    Entry("transfer.end_orphans", every=timedelta(minutes=5), each_tenant=True, catch_up=False, where=breaking.left_alone),
    Entry("transfer.tidy", at=time(3, 30), each_tenant=True, local=True, where=imports.has_files),
    Entry("exports.sweep", every=timedelta(minutes=15), each_tenant=True, catch_up=False, where=sweeping.has_any),
    Entry("bulk.end_orphans", every=timedelta(minutes=5), each_tenant=True, catch_up=False, where=bulk.left_alone),
    Entry("handover.end_orphans", every=timedelta(minutes=5), each_tenant=True, catch_up=False, where=handovers.left_alone),
    Entry("bulk.tidy", at=time(3, 50), each_tenant=True, local=True, where=journals.has_journals),
    Entry("enquiries.tidy", at=time(4, 35), each_tenant=True, local=True, where=enquiries.has_any),
    Entry("tags.end_orphans", every=timedelta(minutes=5), each_tenant=True, catch_up=False, where=tag_changes.left_alone),
    Entry("tags.tidy", at=time(3, 52), each_tenant=True, local=True, where=tag_journals.has_journals),
    Entry("deals.keep_forecast", at=time(0, 20), each_tenant=True, local=True, where=snapshots.has_deals),
    Entry("parties.stages", at=time(3, 25)),
    Entry("quotes.expire", at=time(4, 15), each_tenant=True, local=True, where=expiring.has_waiting),
    Entry("parties.pool", at=time(4, 5), each_tenant=True, local=True, where=pool.is_on),
    Entry("merging.end_orphans", every=timedelta(minutes=5), each_tenant=True, catch_up=False, where=lambda session: merges.left_alone(session) or duplicates.left_alone(session)),
    Entry("merging.nightly", at=time(2, 45), each_tenant=True, local=True, where=duplicates.has_records),
    Entry("merging.tidy", at=time(3, 55), each_tenant=True, local=True, where=merge_journals.has_journals),
    Entry("adoption.watch", at=time(4, 15), each_tenant=True, local=True, where=falling.is_used),
    Entry("leads.rescore", at=time(4, 25), each_tenant=True, local=True, where=scoring.has_leads),
    Entry("leads.rechance", at=time(4, 35), each_tenant=True, local=True, where=model_use.is_used),
    Entry("leads.refit", at=time(4, 45), each_tenant=True, local=True, where=fitting.is_due),
    Entry("leads.end_fits", every=timedelta(minutes=5), each_tenant=True, catch_up=False, where=fitting.left_alone),
    Entry("mailboxes.tend", every=timedelta(minutes=1), each_tenant=True, catch_up=False, where=looking.has_due),
    Entry("leads.watch_answers", every=timedelta(minutes=5), each_tenant=True, catch_up=False, where=clock.has_running),
    Entry("identity.prune", at=time(3, 10), each_tenant=True, local=True),
    Entry("notifications.digests", every=timedelta(minutes=15), catch_up=False),
    Entry("briefs.write", every=timedelta(minutes=15), catch_up=False),
    Entry("date_reminders.remind", every=timedelta(minutes=15), catch_up=False),
    Entry("reports.remind", every=timedelta(minutes=15), catch_up=False),
    Entry("notifications.prune", at=time(3, 15), each_tenant=True, local=True),
    Entry("files.tidy", at=time(3, 35), each_tenant=True, local=True, where=attachments.has_deleted),
    Entry("privacy.purge_bins", at=time(3, 55)),
    Entry("control.prune", at=time(3, 20)),
)


def tick(now: datetime, entries: tuple[Entry, ...] = SCHEDULE) -> int:
    """Order what has become due since the last tick; returns how many orders were left."""
    with entry.control() as session:
        marks = dict(session.execute(select(Clock.name, Clock.last_due_at)).all())
        tenants: list[Tenant] | None = None
        pending = [(one, zone) for one in entries for zone in _zones(one, session)]
    left = 0
    for one, zone in pending:
        name = one.job if zone is UTC else f"{one.job}@{zone.key}"
        due = due_moment(one, marks.get(name), now, zone)
        if due is None:
            continue
        if one.each_tenant and tenants is None:
            tenants = _active()
        left += _order_tenants(one, due, now, zone, tenants or []) if one.each_tenant else 0
        left += _mark(one, name, due, now)
    return left


def due_moment(one: Entry, last: datetime | None, now: datetime, zone=UTC) -> datetime | None:
    """The latest moment of an entry that is due and not yet ordered; None when there is none.

    A day's entry that has never run waits for its next day: a new installation does not begin with last night.
    """
    latest = _latest(one, now, zone)
    if last is not None and latest <= last:
        return None
    if last is None and one.at is not None and now - latest > TOO_LATE:
        return None
    if not one.catch_up and now - latest > TOO_LATE:
        return None
    return latest


def _latest(one: Entry, now: datetime, zone) -> datetime:
    """The last moment at or before `now`. A local time that a change of the clock skips or repeats happens once."""
    if one.every is not None:
        step = int(one.every.total_seconds())
        return datetime.fromtimestamp(int(now.timestamp()) // step * step, UTC)
    here = now.astimezone(zone)
    for back in (0, 1):
        moment = datetime.combine(here.date() - timedelta(days=back), one.at, zone).astimezone(UTC)
        if moment <= now:
            return moment
    raise AssertionError("one of two days has passed")


def _zones(one: Entry, session: Session) -> list:
    if not one.local:
        return [UTC]
    names = session.execute(select(Tenant.timezone).where(Tenant.state == "active").distinct()).scalars()
    return [ZoneInfo(name) for name in names]


def _active() -> list[Tenant]:
    with entry.control() as session:
        return relay.active_tenants(session)


def _order_tenants(one: Entry, due: datetime, now: datetime, zone, tenants: list[Tenant]) -> int:
    left = 0
    for tenant in tenants:
        if (one.local and tenant.timezone != zone.key) or job_waits(frozenset(tenant.rooms_off), one.job):
            continue
        try:
            with entry.enter(tenant) as session:
                if one.where is None or one.where(session):
                    left += _order(session, Order, one, due, now)
        except Exception as error:
            # One tenant's failure is one tenant's failure (HOUSE 25); its next moment comes.
            log.error("%s could not be ordered: %s", one.job, type(error).__name__, extra={"tenant": str(tenant.id)})
    return left


def _mark(one: Entry, name: str, due: datetime, now: datetime) -> int:
    """The moment is ordered: written down with the control order itself, or after all tenants have theirs."""
    with entry.control() as session:
        left = 0 if one.each_tenant else _order(session, ControlOrder, one, due, now)
        values = {"name": name, "last_due_at": due}
        session.execute(insert(Clock).values(values).on_conflict_do_update(index_elements=["name"], set_={"last_due_at": due}))
    return left


def _order(session: Session, model, one: Entry, due: datetime, now: datetime) -> int:
    key = f"clock:{due.isoformat()}"
    return defer_row(session, model, one.job, now=now, due_at=None, queue=None, dedupe=key, asked_by=None, args={}) is not None
