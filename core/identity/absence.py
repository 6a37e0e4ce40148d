"""Absence: on the days that somebody is away a deputy sees and changes his own records as if they were his."""

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased

from core.base.context import Context
from core.base.errors import NotFound, Refused
from core.base.facts import record
from core.base.policy import has, require
from core.identity.models import Absence, User

LONGEST_DAYS = 366


def absences(ctx: Context, user_id: UUID | None = None) -> list[tuple[Absence, str, str]]:
    """(absence, who is away, who stands in), of now and later, the next first; of one user or of all."""
    away, deputy = aliased(User), aliased(User)
    query = select(Absence, away.name, deputy.name).join(away, away.id == Absence.user_id).join(deputy, deputy.id == Absence.deputy_id)
    query = query.where(Absence.ends_on >= ctx.today)
    if user_id is not None:
        query = query.where(Absence.user_id == user_id)
    return [tuple(row) for row in ctx.session.execute(query.order_by(Absence.starts_on, Absence.id))]


def plan_absence(ctx: Context, user: User, *, deputy_id: UUID, starts_on: date, ends_on: date) -> Absence:
    """Say when somebody is away and who stands in. Oneself may; for others it takes users.manage. Refuses a period that
    ends before it begins, is over or meets another of the same person, and a deputy who does not sign in."""
    _require(ctx, user.id)
    if ends_on < starts_on:
        raise Refused("ends_before_start", field="ends_on")
    if ends_on < ctx.today:
        raise Refused("days_over", field="ends_on")
    if (ends_on - starts_on).days >= LONGEST_DAYS:
        raise Refused("absence_too_long", field="ends_on", max=LONGEST_DAYS)
    deputy = ctx.session.get(User, deputy_id)
    if deputy is None or deputy.state != "active" or deputy.id == user.id:
        raise Refused("deputy_unknown", field="deputy_id")
    ctx.session.execute(select(User.id).where(User.id == user.id).with_for_update(key_share=True))  # one period at a time
    met = select(Absence.id).where(Absence.user_id == user.id, Absence.starts_on <= ends_on, Absence.ends_on >= starts_on)
    if ctx.session.execute(met).first():
        raise Refused("absence_meets_another", field="starts_on")
    absence = Absence(user_id=user.id, deputy_id=deputy.id, starts_on=starts_on, ends_on=ends_on)
    ctx.session.add(absence)
    record(ctx, "absence.planned", absence, about=(user.id, deputy.id), name=user.name, deputy=deputy.name, starts_on=starts_on, ends_on=ends_on)
    return absence


def one_absence(ctx: Context, absence_id: UUID) -> Absence:
    """An absence that the actor may change: his own, or with users.manage any."""
    found = ctx.session.get(Absence, absence_id)
    if found is None or (found.user_id != ctx.actor.id and not has(ctx, "users.manage")):
        raise NotFound()
    return found


def cancel_absence(ctx: Context, absence: Absence) -> None:
    """Back earlier, or not away at all: the deputy's sight ends with the next request."""
    _require(ctx, absence.user_id)
    user = ctx.session.get_one(User, absence.user_id)
    record(ctx, "absence.cancelled", absence, about=(user.id,), name=user.name)
    ctx.session.delete(absence)


def _require(ctx: Context, user_id: UUID) -> None:
    require(ctx, "profile.edit" if user_id == ctx.actor.id else "users.manage")
