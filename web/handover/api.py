"""Handovers for programs: planned, run, stopped, taken back; what each successor begins with."""

from datetime import date
from typing import Literal
from uuid import UUID

from pydantic import Field

from core.base.context import Context
from core.base.words import N_
from core.handover import giving, planning, queries
from core.handover.run_models import HandoverRun
from web.api import shell

bp = shell.api_blueprint("handover_api")


class RuleIn(shell.Body):
    """conditions: [field, operator, value] as filters of accounts have them; all must hold."""

    to: UUID
    conditions: list[tuple[str, str, str]] = Field(max_length=planning.MOST_CONDITIONS)


class HandoverIn(shell.Body):
    """user_id: whose it is. people: the successors; with rules and by hand the first gets what nothing else names. until: the last day of a temporary one."""

    user_id: UUID
    way: Literal["one", "turn", "rules", "hand"] = "one"
    people: list[UUID] = Field(max_length=planning.MOST_PEOPLE)
    rules: list[RuleIn] = Field(default=[], max_length=planning.MOST_RULES)
    by_hand: dict[UUID, UUID] = Field(default={}, max_length=5000, description="account -> successor")
    until: date | None = None


class HandoverOut(shell.Out):
    """counts: successor -> kind -> records, as planned, of the kinds that the token's user may read. outcomes: outcome -> records."""

    id: UUID
    version: int
    from_id: UUID
    by_id: UUID
    way: str
    state: str
    until: date | None
    counts: dict[str, dict[str, int]]
    outcomes: dict[str, int]
    rows_done: int
    created_at: shell.Moment
    finished_at: shell.Moment | None


class TakenOut(shell.Out):
    """An account that somebody took over. deals: the amounts of its open deals, by currency. first: what to do first, with its figures."""

    account_id: UUID
    name: str
    last_contact_at: shell.Moment | None
    open_promises: int
    next_contact_on: date | None
    open_deals: int
    deals: list[shell.Price]
    open_quotes: int
    first: str


@shell.resource_route(bp, "GET", "/handovers", "handovers.run", answer=HandoverOut, paged=True, summary=N_("List the handovers one may know of, the newest first"))
def list_handovers(ctx: Context):
    return shell.Page([_out(ctx, run) for run in queries.runs(ctx)], None)


@shell.resource_route(bp, "POST", "/handovers", "handovers.run", body=HandoverIn, answer=HandoverOut, status=201, summary=N_("Plan a handover; nothing is given yet"))
def plan_handover(ctx: Context, body):
    rules = [{"to": one.to, "conditions": one.conditions} for one in body.rules]
    return _out(ctx, planning.plan(ctx, body.user_id, way=body.way, people_=body.people, rules=rules, by_hand=body.by_hand, until=body.until))


@shell.resource_route(bp, "GET", "/handovers/<uuid:id>", "handovers.run", answer=HandoverOut, summary=N_("Get a handover, and how far it is"))
def get_handover(ctx: Context, id: UUID):
    return _out(ctx, queries.one(ctx, id))


@shell.resource_route(bp, "POST", "/handovers/<uuid:id>/runs", "handovers.run", answer=HandoverOut, summary=N_("Hand over what was planned"))
def run_handover(ctx: Context, id: UUID):
    return _out(ctx, giving.start(ctx, queries.one(ctx, id)))


@shell.resource_route(bp, "POST", "/handovers/<uuid:id>/cancellations", "handovers.run", answer=HandoverOut, summary=N_("Stop a handover, or throw its plan away"))
def cancel_handover(ctx: Context, id: UUID):
    return _out(ctx, giving.cancel(ctx, queries.one(ctx, id)))


@shell.resource_route(bp, "POST", "/handovers/<uuid:id>/undos", "handovers.run", answer=HandoverOut, summary=N_("Take a handover back"))
def undo_handover(ctx: Context, id: UUID):
    return _out(ctx, giving.start_undo(ctx, queries.one(ctx, id)))


@shell.resource_route(bp, "GET", "/taken-over/<uuid:id>", "accounts.read", answer=TakenOut, paged=True, summary=N_("The accounts that one took over by a handover, what is urgent first"))
def list_taken(ctx: Context, id: UUID):
    run = queries.one_taken(ctx, id)
    return shell.Page([TakenOut(account_id=one.id, name=one.name, last_contact_at=one.last, open_promises=one.promises, next_contact_on=one.next_on, open_deals=one.number, deals=[shell.Price(amount=amount, currency=currency) for currency, amount in sorted(one.deals.items())], open_quotes=one.quotes, first=one.first[0]) for one in queries.taken_over(ctx, run, ctx.actor.id)], None)


def _out(ctx: Context, run: HandoverRun) -> HandoverOut:
    ctx.session.flush()  # the answer names keys and versions that the database gives
    return HandoverOut.of(run).model_copy(update={"counts": queries.counts_of(ctx, run)})
