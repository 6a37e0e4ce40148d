"""Whose turn it is by the contact plans: accounts whose last contact lies longer back than their plan says and with whom none is planned."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Integer, and_, case, cast, func, literal, select, true

from core.activities.listed import LOG, last_of
from core.activities.models import Activity
from core.base.context import Context
from core.base.errors import Refused
from core.base.hiding import unhidden
from core.base.policy import require, sees
from core.contact_plans.models import ContactPlan
from core.contact_plans.plans import plans
from core.identity.models import User
from core.parties.models import Account
from core.views.filtering import Filters, by_columns, owned

MOST_SHOWN = 100


@dataclass(frozen=True)
class Turn:
    """An account whose turn it is. last_on: the day of the last contact where the reader is, None where there was none; due_on: by which day
    it should have been, counted from then or from the day on which the account was added."""

    account_id: UUID
    name: str
    owner_id: UUID | None
    owner_name: str | None
    last_on: date | None
    due_on: date
    plan: ContactPlan


def turns(ctx: Context, *, owner: str | UUID | None = "me", until: date | None = None, limit: int = MOST_SHOWN) -> list[Turn]:
    """The accounts that the actor sees whose turn it is by that day (None: today), the longest overdue first. owner: as in lists ("me", "pool", a
    key; None: whoever's). Nothing where there are no plans."""
    require(ctx, "activities.read")
    known = {one.id: one for one in plans(ctx)}
    if not known:
        return []
    with unhidden(ctx.session):  # a plan follows what the workspace says of an account, whoever may read it
        query = _query(ctx, list(known.values()), owner, until or ctx.today).limit(limit)
    return [Turn(*row[:-1], known[row[-1]]) for row in ctx.session.execute(query)]


def _query(ctx: Context, known: list[ContactPlan], owner: str | UUID | None, until: date) -> Any:
    fitting = [(plan, _fits(ctx, plan)) for plan in known]
    which = case(*((fits, literal(plan.id)) for plan, fits in fitting), else_=None)
    every = case(*((fits, literal(round(365 / plan.times_a_year), Integer) if plan.times_a_year else None) for plan, fits in fitting), else_=None)
    last = last_of(_day, "accounts", ctx)
    added = cast(func.timezone(ctx.timezone, Account.created_at), Date)
    rows = select(Account.id, Account.name, Account.name_fold, Account.owner_id, last.label("last_on"), added.label("added_on"), cast(every, Integer).label("every"), which.label("plan_id"))
    rows = rows.where(Account.deleted_at.is_(None), sees(ctx, Account), every.is_not(None), ~_planned(ctx), owned(ctx, Account, owner) if owner is not None else true()).subquery()
    due = (func.coalesce(rows.c.last_on, rows.c.added_on) + rows.c.every).label("due_on")
    query = select(rows.c.id, rows.c.name, rows.c.owner_id, User.name, rows.c.last_on, due, rows.c.plan_id).join(User, User.id == rows.c.owner_id, isouter=True)
    return query.where(due <= until).order_by(due, rows.c.name_fold, rows.c.id)


def _fits(ctx: Context, plan: ContactPlan) -> ColumnElement[bool]:
    """Do its conditions hold? Of none where a field is gone by now."""
    try:
        return and_(true(), *by_columns(ctx, "accounts", Filters(where=tuple((one[0], one[1], one[2]) for one in plan.conditions))))
    except Refused:
        return Account.id.is_(None)


def _planned(ctx: Context) -> ColumnElement[bool]:
    """Is a next contact planned with it, whoever is to make it?"""
    planned = select(Activity.id).where(Activity.account_id == Account.id, Activity.next_contact_on.is_not(None), Activity.done_at.is_(None), Activity.deleted_at.is_(None))
    return planned.correlate(Account).exists()


def _day(ctx: Context) -> Any:
    return cast(func.timezone(ctx.timezone, LOG.contacted_at), Date)
