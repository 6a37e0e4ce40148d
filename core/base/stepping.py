"""Long work in steps: a run (a record with state and round) that an order of the outbox works on, step by step.

`door()` opens one short transaction with a ctx (workers.job). Each step locks its run first and asks whether it is
still wanted: whoever cancels, or starts it anew, moves state or round, and an older order then finds nothing to do.
"""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Text, cast, exists, select

from core.base.context import Context
from core.base.outbox import Order
from core.base.policy import require, visible

Door = Callable[[], AbstractContextManager[Context]]


def held(ctx: Context, model: Any, run_id: UUID) -> Any:
    """The run under a row lock, as it stands now; None where the actor does not see one. Two deal with it one after the other."""
    query = visible(ctx, model).where(model.id == run_id).with_for_update().execution_options(populate_existing=True)
    return ctx.session.execute(query).scalar_one_or_none()


def turn_of(ctx: Context, model: Any, run_id: UUID, round: int, state: str, *, permission: str) -> Any:
    """The run, locked, if it still wants this order; None after a cancel, a new round, or where it is done. Refuses an
    actor who may not do it any more."""
    run = held(ctx, model, run_id)
    if run is None or run.state != state or run.round != round:
        return None
    require(ctx, permission, run)
    return run


def in_chunks(
    door: Door, model: Any, run_id: UUID, round: int, state: str, *, permission: str, step: Callable[[Context, Any], bool], finish: Callable[[Context, Any], Any] | None = None
) -> None:
    """Work on a run chunk by chunk, each in a transaction of its own, until `step` says that nothing is left; `finish` belongs
    to the last one. Ends where nobody wants it any more. Called again after a crash it goes on behind the last committed chunk."""
    while one_chunk(door, model, run_id, round, state, permission=permission, step=step, finish=finish):
        pass


def one_chunk(
    door: Door, model: Any, run_id: UUID, round: int, state: str, *, permission: str, step: Callable[[Context, Any], bool], finish: Callable[[Context, Any], Any] | None = None
) -> bool:
    """The next chunk of it; False at the end, or where nobody wants it any more."""
    with door() as ctx:
        run = turn_of(ctx, model, run_id, round, state, permission=permission)
        if run is None:
            return False
        more = step(ctx, run)
        if not more and finish is not None:
            finish(ctx, run)
    return more


def in_pages(door: Door, model: Any, run_id: UUID, round: int, state: str, *, permission: str, step: Callable[[Context, Any, Any], Any], after: Any = 0) -> None:
    """Go through what belongs to a run page by page, each in a transaction of its own: `step(ctx, run, after)` gives what the next page
    comes behind, None at the end. A page done again changes nothing, so a crash needs no position."""
    while after is not None:
        with door() as ctx:
            run = turn_of(ctx, model, run_id, round, state, permission=permission)
            after = None if run is None else step(ctx, run, after)


def begin_round(ctx: Context, run: Any, *, at_once: int, later: Callable[[], Any], step: Callable[[Context, Any], bool], finish: Callable[[Context, Any], Any]) -> Any:
    """Begin work on a run: up to `at_once` records here and now, more by the order that `later` leaves for this round. Gives the run."""
    run.round += 1
    ctx.session.flush()  # the order is for this round
    if run.rows_todo > at_once:
        later()
        return run
    while step(ctx, run):
        pass
    return finish(ctx, run)


def given_up(ctx: Context, model: Any, run_id: UUID, round: int, moving: Iterable[str]) -> Any:
    """The run whose order of this round was given up, locked; None where it has moved on meanwhile."""
    run = ctx.session.execute(select(model).where(model.id == run_id).with_for_update()).scalar_one_or_none()
    return run if run is not None and run.round == round and run.state in moving else None


def orphans(ctx: Context, model: Any, jobs: Iterable[str], moving: Iterable[str]) -> list[Any]:
    """The runs that no order works on any more, locked, without those that somebody deals with now."""
    return list(ctx.session.execute(unattended(model, jobs, moving).with_for_update(skip_locked=True)).scalars())


def unattended(model: Any, jobs: Iterable[str], moving: Iterable[str]) -> Select:
    """Runs under way that no order looks after any more (lost, or held after a restore)."""
    alive = Order.state.in_(("waiting", "running"))
    mine = (Order.args["run_id"].astext == cast(model.id, Text), Order.args["round"].astext == cast(model.round, Text))
    return select(model).where(model.state.in_(tuple(moving)), ~exists().where(Order.name.in_(tuple(jobs)), alive, *mine))
