"""A warning where a workspace is used half as much as before: the sum of everybody's active days in the last 14 days that are over
against the 14 before, where the workspace is (V25). Whoever manages people is told, at most once in each fortnight of the calendar; the operator sees it for as long as it holds."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.adoption import queries
from core.base.context import Context
from core.base.policy import holds
from core.identity import queries as people
from core.identity.models import SignIn
from core.notifications.telling import notify

WINDOW = 14
# Of fewer days a holiday would be a fall.
FEWEST = 10


@dataclass(frozen=True, slots=True)
class Fall:
    """Active days of all people together, in the 14 days before and in the last 14."""

    before: int
    now: int


def sums(ctx: Context) -> Fall:
    """Both sums. Today is not over, so that it is in none of them."""
    today = queries.today(ctx)
    days, middle = queries.days_seen(ctx, today - timedelta(days=2 * WINDOW)), today - timedelta(days=WINDOW)
    query = select(func.count().filter(days.c.day < middle), func.count().filter(days.c.day >= middle)).where(days.c.day < today)
    return Fall(*ctx.session.execute(query.select_from(days)).one())


def fallen(ctx: Context) -> Fall | None:
    """The fall; None while use holds, or was too little to say."""
    found = sums(ctx)
    return found if found.before >= FEWEST and found.now * 2 <= found.before else None


def watch(ctx: Context) -> Fall | None:
    """Tell whoever manages people, where it fell; says whether it did."""
    fall = fallen(ctx)
    if fall is not None:
        managers = [user.id for user in people.users(ctx) if user.state == "active" and holds(people.actor_of(user), "users.manage")]
        notify(ctx, "workspace", managers, by_itself=True, dedupe=f"use:{queries.today(ctx).toordinal() // WINDOW}", say="told.use_fell", before=fall.before, now=fall.now)
    return fall


def is_used(session: Session) -> bool:
    """Was anybody there in the last weeks? Workspaces where nobody ever came get no order."""
    return session.execute(select(SignIn.id).where(SignIn.seen_at > func.now() - timedelta(days=2 * WINDOW)).limit(1)).first() is not None
