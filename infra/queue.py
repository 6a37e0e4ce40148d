"""Put a named order before a worker through RQ. Redis only wakes: nothing here is needed for an order to be done.

A message holds the key of the order and of its tenant, nothing else. When Redis is away or was emptied, the sweep
puts the message again (DECISIONS 3).
"""

import logging
from uuid import UUID

from redis.exceptions import RedisError
from rq import Queue, Retry
from rq.serializers import JSONSerializer

from infra.redis import client

log = logging.getLogger("tendero.queue")
WORK = "workers.run.work"
# RQ's own retry only shortens the wait after a killed horse. Intervals would need RQ's scheduler, whose memory is
# Redis; the ladder of pauses is the outbox's.
RETRY = Retry(max=5)
KEEP_FAILED = 24 * 3600


def job_id(order_id: UUID | str, tenant_id: UUID | str) -> str:
    """One message per order: put twice it is still the same."""
    return f"{tenant_id}_{order_id}"


def place_of(message_id: str) -> str:
    """Whose a message is."""
    return message_id.partition("_")[0]


def put(order_id: UUID | str, tenant_id: UUID | str, queue: str, *, timeout: int = 300) -> bool:
    """Ask for an order to be looked at; False where Redis could not be reached (the sweep will)."""
    return put_many([(order_id, tenant_id)], queue, timeout=timeout) == 1


def put_many(orders: list[tuple[UUID | str, UUID | str]], queue: str, *, timeout: int = 300, ahead: bool = False) -> int:
    """Many at once in one conversation; returns how many were put. ahead: before all that waits there."""
    if not orders:
        return 0
    try:
        into = named(queue)
        data = [
            Queue.prepare_data(
                WORK, args=(str(order), str(tenant)), timeout=timeout, result_ttl=0, failure_ttl=KEEP_FAILED, retry=RETRY,
                job_id=job_id(order, tenant), description=f"order {order}", at_front=ahead,
            )
            for order, tenant in (reversed(orders) if ahead else orders)
        ]
        into.enqueue_many(data)
        return len(data)
    except RedisError as error:
        log.warning("queue not reachable, the sweep will find the work: %s", type(error).__name__)
        return 0


def waiting(queue: str) -> set[str] | None:
    """Ids of the messages that wait for a worker now; None where Redis could not be reached."""
    try:
        return set(named(queue).job_ids)
    except RedisError:
        return None


def named(queue: str) -> Queue:
    """A queue by name. JSON, not pickle: whoever can write to Redis must not be able to run code here."""
    return Queue(queue, connection=client(), serializer=JSONSerializer)
