"""One page for the queues: their names, time limits and the ladder of retries (HOUSE 24)."""

import random
from datetime import timedelta

from core.base.outbox import MAX_ATTEMPTS, WAITED_FOR
from infra.config import settings

MAIL, DEFAULT, BULK = "mail", "default", "bulk"
# Queue -> seconds after which a job is broken off. Bulk is for imports and exports.
QUEUES = {MAIL: 120, DEFAULT: 300, BULK: 3600}
# What an order may say in a queue's place: that queue, ahead of all that waits there. Somebody sits before the screen until
# this letter is there; a tenant's hundreds of notifications are not in its way.
AHEAD = {WAITED_FOR: MAIL}
# How many orders of one tenant stand before a queue's workers at a time, for each worker: what it does until the relay has looked
# again, and some to spare. MOST keeps what stands there below what the relay reads at once.
SHARES, MOST = {MAIL: 8, DEFAULT: 8, BULK: 2}, 100
# Seconds before the second, third, … attempt; jitter spreads those that failed together.
LADDER = (5, 15, 60, 300, 900, 3600, 3 * 3600)
# Work of a tenant whose subscription withholds it asks again this often, without using up its attempts.
ACCESS_PAUSE = timedelta(minutes=5)


def share(queue: str) -> int:
    """How many orders of one tenant may stand in a queue; the rest waits in PostgreSQL for its turn (workers.turns)."""
    workers = {MAIL: settings().mail_workers, DEFAULT: settings().default_workers, BULK: settings().bulk_workers}
    return min(SHARES[queue] * workers[queue], MOST)


def retry_delay(attempts: int) -> timedelta | None:
    """How long to wait after `attempts` failed ones; None when it is time to park the order."""
    if attempts >= MAX_ATTEMPTS:
        return None
    seconds = LADDER[min(attempts, len(LADDER)) - 1]
    return timedelta(seconds=seconds * random.uniform(0.8, 1.2))  # noqa: S311
