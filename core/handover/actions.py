"""What somebody looked after goes to a colleague, as he leaves: his accounts and contacts as bulk edits that can be taken back, and
what he still had to do."""

from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import func, select

from core.activities.handing import hand_over_open
from core.base.context import Context
from core.base.errors import Refused
from core.base.facts import record
from core.base.policy import has, may, require
from core.bulk import previewing, running, selecting, wishes
from core.bulk.models import KINDS, BulkEdit
from core.identity import queries
from core.identity.models import User
from core.parties.queries import Filters


@dataclass(slots=True)
class HandedOver:
    """runs: a bulk edit for each kind of record of which he had any, done or under way; open: next contacts that moved."""

    runs: list[BulkEdit] = field(default_factory=list)
    open: int = 0


def hand_over(ctx: Context, leaver: User, successor_id: UUID) -> HandedOver:
    """Give the leaver's accounts, contacts and open next contacts to somebody else, as far as the actor changes them. Up to 200
    records of a kind at once, more in the background. Refuses a successor who can't sign in, or is the leaver (`user_unknown`)."""
    require(ctx, "users.disable", leaver)
    successor = queries.one_user(ctx, successor_id)
    if successor.id == leaver.id or successor.state != "active":
        raise Refused("user_unknown", field="successor")
    done = HandedOver(open=hand_over_open(ctx, leaver.id, successor.id))
    for kind in KINDS:
        if owned(ctx, kind, leaver.id):
            done.runs.append(_run(ctx, kind, leaver, successor))
    record(ctx, "user.handed_over", leaver, about=(successor.id,), name=leaver.name, successor=successor.name)
    return done


def can_hand_over(ctx: Context) -> bool:
    """May the actor give others' records to somebody, of each kind?"""
    return may(ctx, "bulk_edits.run") and all(has(ctx, f"{kind}.read") and "owner" in wishes.offered(ctx, kind) for kind in KINDS) and may(ctx, "activities.edit")


def owned(ctx: Context, kind: str, user_id: UUID) -> int:
    """How many records of a kind somebody looks after, as far as the actor sees them."""
    model, where = selecting.MODELS[kind], selecting.WHERE[kind](ctx, Filters(owner=str(user_id)))
    return ctx.session.execute(select(func.count()).select_from(model).where(*where)).scalar_one()


def _run(ctx: Context, kind: str, leaver: User, successor: User) -> BulkEdit:
    run = selecting.select_records(ctx, kind, filters=Filters(owner=str(leaver.id)))
    run = previewing.preview(ctx, run, "owner", {"owner_id": str(successor.id)})
    return running.start(ctx, run) if run.counts.get("due") else running.cancel(ctx, run)
