"""What the lists of accounts and contacts show of the contact log: the last contact and the next one, and of what kind they are."""

from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import Date, Text, case, cast, func, select
from sqlalchemy.orm import aliased

from core.activities.models import Activity
from core.activities.sight import person_seen
from core.activities.words import PLAN_LABELS
from core.base.context import Context
from core.base.words import N_
from core.parties.models import Account, Contact
from core.views.above import MadeColumn

LOG, PLANNED = aliased(Activity), aliased(Activity)  # made once: making an alias costs more than the query
ABOUT = {"accounts": (Account, LOG.account_id), "contacts": (Contact, LOG.contact_id)}


def last_of(value: Callable[[Context], Any], room: str, ctx: Context) -> Any:
    """Something of the entry by which somebody was in touch last."""
    query = _entries(value(ctx), room, ctx).where(LOG.contacted_at.is_not(None))
    return query.order_by(LOG.contacted_at.desc()).limit(1).scalar_subquery()


def next_of(value: Callable[[Context], Any], room: str, ctx: Context) -> Any:
    """Something of the next contact that is still open, whoever is to make it."""
    query = _entries(value(ctx), room, ctx).where(LOG.next_contact_on.is_not(None), LOG.done_at.is_(None))
    return query.order_by(LOG.next_contact_on, LOG.next_contact_at.nulls_last()).limit(1).scalar_subquery()


def _entries(value: Any, room: str, ctx: Context) -> Any:
    """Of the record's entries those that stand on its timeline for the actor: none about a person whom he does not see."""
    model, about = ABOUT[room]
    query = select(value).where(about == model.id, LOG.deleted_at.is_(None)).correlate(model)
    return query if room == "contacts" else query.where(*person_seen(ctx, LOG))


def _is_planned(room: str) -> Any:
    """Has the record an open next contact at all? Few have."""
    model, _ = ABOUT[room]
    about = PLANNED.account_id if room == "accounts" else PLANNED.contact_id
    return model.id.in_(select(about).where(about.is_not(None), PLANNED.next_contact_on.is_not(None), PLANNED.done_at.is_(None), PLANNED.deleted_at.is_(None)))


def _last_day(ctx: Context) -> Any:
    return cast(func.timezone(ctx.timezone, LOG.contacted_at), Date)


def _last_kind(ctx: Context) -> Any:
    """A planned contact that was made is of the kind that was planned; of an older one nobody said."""
    return case((LOG.contacted_at == LOG.done_at, _next_kind(ctx)), else_=LOG.kind)


def _next_day(ctx: Context) -> Any:
    return LOG.next_contact_on


def _next_kind(ctx: Context) -> Any:
    return func.coalesce(LOG.next_contact_kind, func.nullif(LOG.kind, "note"), type_=Text())


def _columns(room: str) -> tuple[MadeColumn, ...]:
    day, kind = {"type": Date(), "shown": "date", "grouped": "month", "permission": "activities.read"}, {"type": Text(), "shown": "choice", "permission": "activities.read", "words": PLAN_LABELS}
    return (
        MadeColumn("last_contact", N_("Last contact"), made=partial(last_of, _last_day, room), **day),
        MadeColumn("last_contact_kind", N_("Kind of the last contact"), made=partial(last_of, _last_kind, room), **kind),
        MadeColumn("next_contact", N_("Next contact"), made=partial(next_of, _next_day, room), rare=_is_planned(room), **day),
        MadeColumn("next_contact_kind", N_("Kind of the next contact"), made=partial(next_of, _next_kind, room), rare=_is_planned(room), **kind),
    )


LISTED = {room: _columns(room) for room in ABOUT}
