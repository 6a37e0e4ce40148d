"""Long lists written into files, each as the person who asked for it; what is over goes. Never withheld by the plan."""

from uuid import UUID

from core.base.errors import Forbidden
from core.transfer import preparing, sweeping
from workers.job import Why, given_up, job
from workers.queues import BULK


@job(preparing.JOB, queue=BULK, steps=True, always=True, as_asker=True)
def write(door, *, run_id: str, round: int) -> dict:
    """Write a list into its file."""
    return preparing.write_file(door, UUID(run_id), round)


@given_up(preparing.JOB)
def broke_off(ctx, why: Why, *, run_id: str, round: int) -> None:
    """The export has failed and says why. An order that gave up by itself had nobody left to act as."""
    sweeping.end_given_up(ctx, UUID(run_id), round, why.refusal or (Forbidden() if why.state == "failed" else None))


@job("exports.sweep", queue=BULK, always=True)
def sweep(ctx) -> dict:
    """Files whose day is over, exports that lost their order."""
    return sweeping.sweep(ctx)
