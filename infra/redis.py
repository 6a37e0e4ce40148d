"""Connections to Redis or Valkey, made from the settings, with short time limits.

Redis holds nothing that can't be rebuilt from PostgreSQL; a caller that can live without it catches
`redis.RedisError` and goes on.
"""

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from infra.config import settings
from infra.once import made_once

CONNECT_SECONDS = 1.0
ANSWER_SECONDS = 2.0


def connect(url: str, answer_seconds: float | None = ANSWER_SECONDS) -> Redis:
    """A client with its own pool. RQ's blocking reads need `answer_seconds=None`; pages keep the short limit.

    Nothing is sent before the first command, so a missing server is noticed there, as RedisError.
    """
    return Redis.from_url(
        url, socket_connect_timeout=CONNECT_SECONDS, socket_timeout=answer_seconds,
        # One retry heals a connection that the server closed; more would hold a page.
        retry=Retry(NoBackoff(), 1), health_check_interval=30,
    )


@made_once
def client() -> Redis:
    """The process's shared client; after a fork call `client.cache_clear()`."""
    return connect(settings().redis_url)
