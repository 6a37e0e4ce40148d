"""Targets: what somebody is to win in a period, and the newest word of a manager on what is expected beyond the deals."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, or_, select

from core.base.context import Context
from core.base.editing import hold_place
from core.base.errors import NotFound, Refused
from core.base.facts import record
from core.base.money import Money
from core.base.policy import require, visible
from core.base.text import clean
from core.deals.models import ForecastAdjustment, SalesTarget
from core.deals.periods import Period
from core.deals.whose import Staff, Whose, check_covered, staff
from core.identity.models import User
from core.parties.rules import amount as amount_of

LONGEST_REASON = 500


@dataclass(frozen=True)
class Aim:
    """What somebody is to win in a period. parts: of how many shorter periods it was added up; 0: it was set as it is."""

    amount: Decimal
    parts: int = 0


def set_target(ctx: Context, whose: Whose, period: Period, amount: Any, *, among: Staff | None = None) -> SalesTarget:
    """What they are to win in that period, in the workspace's own currency; the word before is written over. Refuses people of whom
    the actor does not see all deals."""
    require(ctx, "targets.manage")
    known = among or staff(ctx)
    check_covered(known, whose)
    much = amount_of(amount, "amount")
    if much is None or much <= 0:
        raise Refused("amount_positive", field="amount")
    _hold(ctx)
    row = ctx.session.execute(select(SalesTarget).where(_is(SalesTarget, whose, period))).scalar_one_or_none()
    if row is None:
        ctx.session.add(row := SalesTarget(period=period.kind, begins_on=period.first, user_id=whose.user_id, team_id=whose.team_id, amount=much, currency=ctx.tenant.currency))
    row.amount, row.currency = much, ctx.tenant.currency
    ctx.session.flush()  # the fact names it by key
    record(ctx, "target.set", row, **_told(ctx, known, whose, period), amount=Money(much, ctx.tenant.currency))
    return row


def remove_target(ctx: Context, row: SalesTarget) -> None:
    """Away with it: nothing is said of that period any more."""
    require(ctx, "targets.manage")
    whose, known = Whose(row.user_id, row.team_id), staff(ctx)
    check_covered(known, whose)
    record(ctx, "target.removed", row, **_told(ctx, known, whose, Period(row.begins_on, row.period)))
    ctx.session.delete(row)
    ctx.session.flush()  # the page that follows reads them anew


def adjust(ctx: Context, whose: Whose, period: Period, amount: Any, reason: Any) -> ForecastAdjustment:
    """A manager's word: so much more (or less) is expected than stands in the deals, and why. Zero takes it back; what was said before
    stays as history."""
    require(ctx, "forecasts.adjust")
    known = staff(ctx)
    check_covered(known, whose)
    much, why = amount_of(amount, "amount"), clean(str(reason or ""), field="reason", max_length=LONGEST_REASON)
    if much is None:
        raise Refused("required", field="amount")
    if not why:
        raise Refused("why_needed", field="reason")
    row = ForecastAdjustment(period=period.kind, begins_on=period.first, user_id=whose.user_id, team_id=whose.team_id, amount=much, currency=ctx.tenant.currency, reason=why)
    ctx.session.add(row)
    ctx.session.flush()  # the fact names it by key
    record(ctx, "forecast.adjusted", row, **_told(ctx, known, whose, period), amount=Money(much, ctx.tenant.currency), reason=why)
    return row


def targets(ctx: Context, known: Staff, period: Period) -> dict[Whose, Aim]:
    """What is set for a period, of those whose deals the actor all sees. Where nothing is set for a quarter or year, what is set for
    all of its parts, or theirs, is added up."""
    found: dict[tuple[Whose, Period], Decimal] = {}
    rows = select(SalesTarget.user_id, SalesTarget.team_id, SalesTarget.period, SalesTarget.begins_on, SalesTarget.amount)
    for user_id, team_id, kind, begins_on, amount in ctx.session.execute(rows.where(_in(SalesTarget, period.nested()), SalesTarget.currency == ctx.tenant.currency)):
        found[Whose(user_id, team_id), Period(begins_on, kind)] = amount
    return {whose: aim for whose in {key for key, _ in found} if known.covers(whose) and (aim := _aim(found, whose, period)) is not None}


def adjustments(ctx: Context, known: Staff, period: Period) -> dict[Whose, Decimal]:
    """What managers add for a period, of those whose deals the actor all sees: by the newest word. Where none is said of a quarter or year
    (or was taken back), what is said of its parts is added up."""
    found: dict[tuple[Whose, Period], Decimal] = {}
    query = select(ForecastAdjustment).where(_in(ForecastAdjustment, period.nested()), ForecastAdjustment.currency == ctx.tenant.currency)
    for row in ctx.session.execute(query.order_by(ForecastAdjustment.id)).scalars():
        found[Whose(row.user_id, row.team_id), Period(row.begins_on, row.period)] = row.amount
    return {whose: much for whose in {key for key, _ in found} if known.covers(whose) and (much := _added(found, whose, period))}


def said_of(ctx: Context, whose: Whose, period: Period) -> list[Row]:
    """Every word of managers on that period of theirs, the newest first. For those who see all of their deals."""
    check_covered(staff(ctx), whose)
    return list(ctx.session.execute(_words().where(_is(ForecastAdjustment, whose, period)).order_by(ForecastAdjustment.id.desc()).limit(100)))


def seen(ctx: Context) -> Select:
    """The targets of those whose deals the actor all sees."""
    known = staff(ctx)
    if known.reach is None:
        return visible(ctx, SalesTarget)
    units = [one.id for one in known.units if known.covers(Whose(team_id=one.id))]
    return visible(ctx, SalesTarget).where(or_(SalesTarget.user_id.in_(known.reach), SalesTarget.team_id.in_(units)))


def one_target(ctx: Context, key: UUID) -> SalesTarget:
    """A target of people whose deals the actor all sees; NotFound else."""
    row = ctx.session.get(SalesTarget, key)
    if row is None or not staff(ctx).covers(Whose(row.user_id, row.team_id)):
        raise NotFound()
    return row


def target_of(ctx: Context, whose: Whose, period: Period) -> SalesTarget | None:
    """What is set for exactly that period of theirs."""
    return ctx.session.execute(select(SalesTarget).where(_is(SalesTarget, whose, period))).scalar_one_or_none()


def _aim(found: Mapping[tuple[Whose, Period], Decimal], whose: Whose, period: Period) -> Aim | None:
    """What is set for it, or for all of its parts, or theirs."""
    if (whose, period) in found:
        return Aim(found[whose, period])
    parts = [_aim(found, whose, one) for one in period.parts()]
    if not parts or None in parts:
        return None
    return Aim(sum((one.amount for one in parts), Decimal(0)), sum(one.parts or 1 for one in parts))


def _added(found: Mapping[tuple[Whose, Period], Decimal], whose: Whose, period: Period) -> Decimal:
    return found.get((whose, period)) or sum((_added(found, whose, one) for one in period.parts()), Decimal(0))


def _words() -> Any:
    shown = (ForecastAdjustment.user_id, ForecastAdjustment.team_id, ForecastAdjustment.amount, ForecastAdjustment.currency, ForecastAdjustment.reason, ForecastAdjustment.created_at, User.name.label("who"))
    return select(*shown).join(User, User.id == ForecastAdjustment.created_by, isouter=True)


def _is(model: Any, whose: Whose, period: Period) -> ColumnElement[bool]:
    return and_(_in(model, [period]), model.user_id.is_not_distinct_from(whose.user_id), model.team_id.is_not_distinct_from(whose.team_id))


def _in(model: Any, periods: Iterable[Period]) -> ColumnElement[bool]:
    return or_(*(and_(model.period == one.kind, model.begins_on == one.first) for one in periods))


def _told(ctx: Context, known: Staff, whose: Whose, period: Period) -> dict[str, str]:
    return {"whose": known.called(whose) or ctx.tenant.name, "period": period.key}


def _hold(ctx: Context) -> None:
    """Two who set one target at once wait for one another."""
    hold_place(ctx, "sales_target")
