"""What somebody looked after goes to a colleague, as he leaves: his accounts and contacts as bulk edits, and what he still had to do.
All of it can be taken back."""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Select, func, insert, select

from core.activities.handing import hand_over_open
from core.activities.models import Activity
from core.base import editing
from core.base.context import Context
from core.base.errors import NotFound, Refused
from core.base.facts import record
from core.base.policy import has, may, require, sees_all
from core.bulk import previewing, running, selecting, undoing, wishes
from core.bulk.models import KINDS, BulkEdit
from core.deals.handing import hand_over_open as hand_over_deals
from core.handover.models import HandedNext, HandOver
from core.identity import programs, queries
from core.identity.models import User
from core.leads.handing import hand_over_open as hand_over_leads
from core.parties.queries import Filters
from core.quotes.handing import hand_over_open as hand_over_quotes


@dataclass(slots=True)
class HandedOver:
    """runs: a bulk edit for each kind of record of which he had any, done or under way; open: next contacts that moved; deals, leads, quotes: open
    ones that did; row: by which all of it is taken back, none where there was nothing."""

    runs: list[BulkEdit] = field(default_factory=list)
    open: int = 0
    deals: int = 0
    leads: int = 0
    quotes: int = 0
    row: HandOver | None = None


def hand_over(ctx: Context, leaver: User, successor_id: UUID) -> HandedOver:
    """Give the leaver's accounts, contacts, open deals, leads and quotes and open next contacts to somebody else, as far as the actor changes them. Up to 200
    records of a kind at once, more in the background. Refuses a successor who can't sign in, or is the leaver (`user_unknown`)."""
    require(ctx, "users.disable", leaver)
    successor = queries.one_user(ctx, successor_id)
    if successor.id == leaver.id or successor.state != "active":
        raise Refused("user_unknown", field="successor")
    moved = hand_over_open(ctx, leaver.id, successor.id)
    deals = hand_over_deals(ctx, leaver.id, successor.id)
    leads = hand_over_leads(ctx, leaver.id, successor.id)
    quotes = hand_over_quotes(ctx, leaver.id, successor.id)
    done = HandedOver(open=len(moved), deals=len(deals), leads=len(leads), quotes=len(quotes))
    for kind in KINDS:
        if owned(ctx, kind, leaver.id):
            done.runs.append(_run(ctx, kind, leaver, successor))
    if done.runs or moved or deals or leads or quotes:
        done.row = _remember(ctx, leaver, successor, done.runs, moved, deal_ids=deals, lead_ids=leads, quote_ids=quotes)
    programs.give_what_they_make(ctx, leaver.id, successor.id)
    record(ctx, "user.handed_over", leaver, about=(successor.id,), name=leaver.name, successor=successor.name)
    return done


@dataclass(frozen=True, slots=True)
class TakenBack:
    """runs: bulk edits taken back, done or under way; open: next contacts that are his again; kept: those that stay, because somebody
    dealt with them or gave them to a third."""

    runs: list[BulkEdit]
    open: int
    kept: int


def take_back(ctx: Context, row: HandOver) -> TakenBack:
    """Everything that went over is whose it was, but what others have changed since. Refuses a second time (`handed_back_already`)
    and after 30 days (`bulk_too_late`)."""
    require(ctx, "users.disable")
    editing.hold(ctx, row)
    if row.undone_at is not None:
        raise Refused("handed_back_already")
    if too_late(ctx, row):
        raise Refused("bulk_too_late", days=undoing.KEPT_FOR.days)
    mine = select(HandedNext.activity_id).where(HandedNext.hand_over_id == row.id)
    went = ctx.session.execute(select(func.count()).select_from(mine.subquery())).scalar_one()
    moved = hand_over_open(ctx, row.to_id, row.from_id, only=mine)
    hand_over_deals(ctx, row.to_id, row.from_id, only=row.deal_ids)
    hand_over_leads(ctx, row.to_id, row.from_id, only=row.lead_ids)
    hand_over_quotes(ctx, row.to_id, row.from_id, only=row.quote_ids)
    runs = [undoing.start_undo(ctx, run) for run in ctx.session.execute(select(BulkEdit).where(BulkEdit.id.in_(row.run_ids))).scalars() if undoing.can_be_undone(ctx, run)]
    row.undone_at = ctx.now
    leaver, successor = (queries.one_user(ctx, key) for key in (row.from_id, row.to_id))
    record(ctx, "user.handed_back", leaver, about=(successor.id,), name=leaver.name, successor=successor.name, open=len(moved))
    return TakenBack(runs, len(moved), went - len(moved))


def handed_over(ctx: Context, user_id: UUID) -> list[HandOver]:
    """What somebody handed over, the newest first, as long as it can be taken back; for whoever may."""
    if not (has(ctx, "users.disable") and can_hand_over(ctx)):
        return []
    query = _own(ctx).where(HandOver.from_id == user_id, HandOver.undone_at.is_(None), HandOver.created_at >= ctx.now - undoing.KEPT_FOR)
    return list(ctx.session.execute(query.order_by(HandOver.created_at.desc(), HandOver.id.desc())).scalars())


def one(ctx: Context, key: UUID) -> HandOver:
    """A handing over by its key; NotFound where there is none that the actor may know of."""
    require(ctx, "users.disable")
    found = ctx.session.execute(_own(ctx).where(HandOver.id == key)).scalar_one_or_none()
    if found is None:
        raise NotFound()
    return found


def too_late(ctx: Context, row: HandOver) -> bool:
    return row.created_at < ctx.now - undoing.KEPT_FOR


def can_hand_over(ctx: Context) -> bool:
    """May the actor give others' records to somebody, of each kind?"""
    return may(ctx, "bulk_edits.run") and all(has(ctx, f"{kind}.read") and "owner" in wishes.offered(ctx, kind) for kind in KINDS) and may(ctx, "activities.edit")


def owned(ctx: Context, kind: str, user_id: UUID) -> int:
    """How many records of a kind somebody looks after, as far as the actor sees them."""
    model, where = selecting.MODELS[kind], selecting.WHERE[kind](ctx, Filters(owner=str(user_id)))
    return ctx.session.execute(select(func.count()).select_from(model).where(*where)).scalar_one()


def _own(ctx: Context) -> Select:
    """One's own; whoever sees everybody's entries of the log knows of all."""
    return select(HandOver) if sees_all(ctx, Activity) else select(HandOver).where(HandOver.created_by == ctx.actor.id)


def _remember(ctx: Context, leaver: User, successor: User, runs: list[BulkEdit], moved: list[UUID], **open_: list[UUID]) -> HandOver:
    row = HandOver(from_id=leaver.id, to_id=successor.id, run_ids=[run.id for run in runs], **open_)
    ctx.session.add(row)
    ctx.session.flush()  # what went along names it by key
    if moved:
        ctx.session.execute(insert(HandedNext), [{"hand_over_id": row.id, "activity_id": key} for key in moved])
    return row


def _run(ctx: Context, kind: str, leaver: User, successor: User) -> BulkEdit:
    run = selecting.select_records(ctx, kind, filters=Filters(owner=str(leaver.id)))
    run = previewing.preview(ctx, run, "owner", {"owner_id": str(successor.id)})
    return running.start(ctx, run) if run.counts.get("due") else running.cancel(ctx, run)
