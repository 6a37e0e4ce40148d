"""A model is fitted to what became of the workspace's own leads: the older ones are learned from, the newest held out to see what it is worth,
beside the rules. It runs as an order, in a child process; whoever cancels it, and whatever kills it, leaves the model in use as it was."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Text, cast, func, literal, select
from sqlalchemy.dialects.postgresql import INTERVAL
from sqlalchemy.orm import Session
from sqlalchemy.orm import defer as later

from core.base.context import Context
from core.base.editing import hold_place
from core.base.errors import Refused, present
from core.base.facts import record
from core.base.outbox import defer
from core.base.policy import require, visible
from core.base.stepping import Door, given_up, held, orphans, turn_of, unattended
from core.custom_fields.fields import alive
from core.leads import features, model_use, scoring
from core.leads.came import as_they_came, told_by
from core.leads.features import Fitted, Looked
from core.leads.model_models import LeadModel
from core.leads.models import ENDED, Lead
from infra.fitting import calling

FIT = "leads.fit"
MOVING = ("running",)
# Below these a model would learn chance. Of 200, 140 are learned from and 60 held out; with 60 of each outcome about 40 of each are learned
# from, the least that Dynamics 365 asks for too (learn.microsoft.com/dynamics365/sales/faq-lead), and 20 of each are left to measure it by.
LEAST_CLOSED, LEAST_EACH = 200, 60
OLDER = 0.7
# More history than this is old history.
MOST_LEADS = 50_000
MONTHLY = "30 days"


@dataclass(frozen=True)
class Enough:
    """How many leads have ended, and how many of them were converted."""

    closed: int
    converted: int

    @property
    def missing(self) -> dict[str, int]:
        """How many more it takes: of all, converted, and not."""
        short = {"closed": LEAST_CLOSED - self.closed, "converted": LEAST_EACH - self.converted, "lost": LEAST_EACH - (self.closed - self.converted)}
        return {name: number for name, number in short.items() if number > 0}


def enough(ctx: Context) -> Enough:
    """Is there history enough? It is counted over the whole workspace, as a model is fitted."""
    found = ctx.session.execute(select(func.count(), func.count().filter(Lead.state == "converted")).where(*_ended())).one()
    return Enough(*found)


def models(ctx: Context, limit: int = 24) -> list[LeadModel]:
    """What was fitted, the newest first; the numbers of each are read where they are asked for."""
    return list(ctx.session.execute(visible(ctx, LeadModel).options(later(LeadModel.model)).order_by(LeadModel.created_at.desc(), LeadModel.id.desc()).limit(limit)).scalars())


def one_model(ctx: Context, model_id: UUID) -> LeadModel:
    """A model; NotFound otherwise."""
    return present(ctx.session.execute(visible(ctx, LeadModel).where(LeadModel.id == model_id)).scalar_one_or_none())


def start(ctx: Context, *, by_clock: bool = False) -> LeadModel:
    """Begin to fit, or give the one under way. Refuses where too few leads have ended."""
    require(ctx, "leads.manage")
    found = enough(ctx)
    if found.missing:
        raise Refused("lead_model_too_few", closed=found.closed, least=LEAST_CLOSED, each=LEAST_EACH)
    hold_place(ctx, "lead.model")
    under_way = ctx.session.execute(visible(ctx, LeadModel).where(LeadModel.state == "running")).scalar_one_or_none()
    if under_way is not None:
        return under_way
    model = LeadModel(round=1, by_clock=by_clock)
    ctx.session.add(model)
    ctx.session.flush()  # the order names it
    record(ctx, "lead_model.started", model)
    defer(ctx, FIT, run_id=model.id, round=model.round)
    return model


def cancel(ctx: Context, model: LeadModel) -> LeadModel:
    """Stop; the child is killed within a second or two, and what is in use stays."""
    require(ctx, "leads.manage")
    model = held(ctx, LeadModel, model.id)
    if model.state != "running":
        raise Refused("lead_model_not_now")
    model.state, model.finished_at = "cancelled", ctx.now
    record(ctx, "lead_model.cancelled", model)
    return model


def is_due(session: Session) -> bool:
    """Was one fitted before, and the last a month ago?"""
    last = select(func.max(LeadModel.created_at)).scalar_subquery()
    return bool(session.execute(select(last < func.now() - cast(literal(MONTHLY, Text), INTERVAL))).scalar_one())


def refit(ctx: Context) -> UUID | None:
    """By the clock: once more, where there is history enough."""
    return start(ctx, by_clock=True).id if not enough(ctx).missing else None


def fit_one(door: Door, run_id: UUID, round: int) -> None:
    """The order: gather, fit in a child without holding a transaction, keep."""
    with door() as ctx:
        run = turn_of(ctx, LeadModel, run_id, round, "running", permission="leads.manage")
        table = gather(ctx) if run is not None else None
    if table is None:
        return
    try:
        found = calling.fit(table.numbers, wanted=lambda share: _wanted(door, run_id, round, share))
    except calling.FitFailed as failure:
        return _fail(door, run_id, round, failure.code)
    with door() as ctx:
        run = turn_of(ctx, LeadModel, run_id, round, "running", permission="leads.manage")
        if run is not None:
            _keep(ctx, run, table, found)


@dataclass(frozen=True)
class Table:
    """What the child gets (infra.fitting.child), and what the columns of it are."""

    fields: list[Looked]
    numbers: dict[str, Any]
    closed: int
    converted: int
    compared: str | None = None  # key of the model in use, which the new one is compared with


def gather(ctx: Context) -> Table:
    """The leads that have ended, as they came, the oldest first; what the rules give each, and what the model in use would."""
    came = as_they_came(*_ended())
    points = told_by(came, scoring.points_at_first(ctx))
    query = select(*(came.c[name] for name in features.READ), came.c.ended, cast(points, Integer).label("rules")).order_by(came.c.created_at.desc(), came.c.id.desc()).limit(MOST_LEADS)
    leads = [row._asdict() for row in ctx.session.execute(query)][::-1]
    older = int(len(leads) * OLDER)
    fields = features.looked_at(leads[:older], _own(ctx))
    outcomes = [int(lead["ended"] == "converted") for lead in leads]
    rivals = {"rules": [lead["rules"] for lead in leads]}
    used = model_use.used(ctx)
    if used is not None:
        fitted = Fitted(used.model)
        rivals["used"] = [fitted.line(features.places(fitted.fields, lead)) for lead in leads]
    numbers = {"sizes": [field.size for field in fields], "rows": [features.places(fields, lead) for lead in leads], "outcomes": outcomes, "rivals": rivals, "ready": ["used"], "older": older}
    return Table(fields, numbers, len(leads), sum(outcomes), str(used.id) if used is not None else None)


def end_given_up(ctx: Context, run_id: UUID, round: int) -> None:
    """The order of this round was given up."""
    run = given_up(ctx, LeadModel, run_id, round, MOVING)
    if run is not None:
        _ended_badly(ctx, run, "broken")


def end_orphans(ctx: Context) -> int:
    """End those that no order works on any more; the clock asks for it."""
    found = orphans(ctx, LeadModel, (FIT,), MOVING)
    for run in found:
        _ended_badly(ctx, run, "broken")
    return len(found)


def left_alone(session: Session) -> bool:
    """Is there one under way that no order looks after?"""
    return session.execute(unattended(LeadModel, (FIT,), MOVING).limit(1)).first() is not None


def _ended() -> tuple[Any, ...]:
    return Lead.deleted_at.is_(None), Lead.state.in_(("converted", *ENDED))


def _own(ctx: Context) -> dict[str, str]:
    """The workspace's own fields that may be looked at: choices, ticks and numbers that say nothing personal."""
    return {one.name: one.kind for one in alive(ctx, "leads") if not one.is_personal and one.kind in features.OWN_WORDS | features.OWN_NUMBERS}


def _wanted(door: Door, run_id: UUID, round: int, share: float) -> bool:
    with door() as ctx:
        run = turn_of(ctx, LeadModel, run_id, round, "running", permission="leads.manage")
        if run is not None:
            run.share = round_down(share)
        return run is not None


def round_down(share: float) -> int:
    """How far it is in per cent, never all before it is done."""
    return max(0, min(99, int(100 * share)))


def _fail(door: Door, run_id: UUID, round: int, code: str) -> None:
    with door() as ctx:
        run = turn_of(ctx, LeadModel, run_id, round, "running", permission="leads.manage")
        if run is not None:
            _ended_badly(ctx, run, code)


def _ended_badly(ctx: Context, run: LeadModel, code: str) -> None:
    run.state, run.failure, run.finished_at = "failed", code, ctx.now
    record(ctx, "lead_model.failed", run)


def _keep(ctx: Context, run: LeadModel, table: Table, found: dict[str, Any]) -> None:
    """What was found, whether it is any better than the rules, and whether it takes the place of the one in use."""
    run.model, run.report = features.kept(table.fields, found["model"]), found["report"] | {"older": table.numbers["older"], "compared": table.compared}
    run.closed, run.converted, run.share = table.closed, table.converted, 100
    run.state, run.verdict, run.finished_at = "done", model_use.verdict(run.report), ctx.now
    record(ctx, "lead_model.fitted", run)
    ctx.session.flush()  # the use below names it
    model_use.follow(ctx, run)
