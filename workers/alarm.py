"""The dead-man's alert: somebody other than the clock notices that the clock has stopped (fault 20)."""

import logging
import time
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from infra.db import database
from tenants.entry import utcnow
from workers import leader

log = logging.getLogger("tendero.clock")
LOOK_SECONDS = 30.0
LATE = timedelta(minutes=2)


class Watch:
    """Looks every half minute from the workers' parent; says so once, and again when it is well."""

    def __init__(self, every: float = LOOK_SECONDS, late: timedelta = LATE - timedelta(seconds=LOOK_SECONDS)):
        self.every, self.late, self.alarmed = every, late, False
        self._next = time.monotonic() + every

    def look(self) -> bool:
        """Is the clock overdue? Never raises: the workers go on without it."""
        if time.monotonic() < self._next:
            return self.alarmed
        self._next = time.monotonic() + self.every
        try:
            age = leader.age(utcnow())
        except SQLAlchemyError:
            return self.alarmed
        finally:
            # The parent forks workers: it must hold no connection when it does.
            database().close()
        overdue = age is not None and age > self.late
        if overdue and not self.alarmed:
            log.error("the clock has stopped: nothing scheduled happens", extra={"seconds": age.total_seconds()})
        if self.alarmed and not overdue:
            log.warning("the clock runs again")
        self.alarmed = overdue
        return overdue
