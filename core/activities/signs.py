"""What the contact log says of how far we are with an account."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, cast, func, or_, select

from core.activities.models import Activity
from core.base.context import Context
from core.parties.lifecycle import StageSigns

# A plan is no contact yet: a note that only says when to call.
CONTACTS = ("call", "mail", "message", "visit", "meeting")
MET = ("visit", "meeting")


def from_log(ctx: Context, among: Callable[[Any], ColumnElement[bool]]) -> Select:
    """The first contact, the first that they answered or met us in, and the next one that is planned."""
    day = cast(func.timezone(ctx.timezone, Activity.happened_at), Date)
    answered = or_(Activity.direction == "in", Activity.kind.in_(MET))
    return select(
        Activity.account_id, func.min(day).filter(Activity.kind.in_(CONTACTS)).label("first_contact"), func.min(day).filter(answered).label("answered"),
        func.min(Activity.next_contact_on).filter(Activity.done_at.is_(None)).label("planned"),
    ).where(among(Activity.account_id), Activity.deleted_at.is_(None)).group_by(Activity.account_id)


STAGE_SIGNS = (StageSigns(("first_contact", "answered", "planned"), from_log),)
