"""Who runs beside whom. Two workers share the tests; what measures time, starves the machine or kills servers runs alone.

Each worker takes the floor for a test, together with others or alone, and a file that runs alone keeps it to its end.
Whoever waits to be alone holds the gate meanwhile: nobody slips in before him.
"""

import fcntl
import os
import tempfile
from pathlib import Path

ALONE = ("tests/faults/", "tests/infra/test_up", "tests/infra/test_local_", "tests/tenants/test_migration", "tests/web/test_hostile_http", "tests/core/transfer/test_reading_files")
# The longest files of the last part of a run: begun last, one worker would be idle to their end.
LONGEST = ("tests/browser/test_sweep.py", "tests/browser/test_hostile_crawl.py")


def runs_alone(path: str) -> bool:
    """Does this test file (its path from the root) want the machine for itself?"""
    return path.startswith(ALONE)


def part_of(path: str, browser: bool) -> tuple[int, bool]:
    """Where in a run this file belongs: what runs alone first, so that nobody waits for a long test to end before it. Browser
    tests last: their workers and clock serve every tenant of the run, and would take the orders that other tests leave lying on
    purpose; of them the longest before the others."""
    return (2 if browser else int(not runs_alone(path)), path not in LONGEST)


class Turns:
    """The turns of one worker. run: what the workers of one run have in common."""

    def __init__(self, run: str):
        folder = Path(tempfile.gettempdir())
        self.gate, self.floor = (os.open(folder / f"tendero-tests-{run}-{name}", os.O_CREAT | os.O_RDWR, 0o600) for name in ("gate", "floor"))
        self.holds: str | None = None

    def take(self, path: str) -> None:
        """Wait for the floor: shared, or for a file that runs alone until nobody else has it."""
        if self.holds == path:
            return
        alone = runs_alone(path)
        fcntl.flock(self.gate, fcntl.LOCK_EX)
        fcntl.flock(self.floor, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        fcntl.flock(self.gate, fcntl.LOCK_UN)
        self.holds = path

    def leave(self, following: str | None) -> None:
        """Give the floor back after a test, unless the same file goes on alone."""
        if self.holds is not None and not (following == self.holds and runs_alone(self.holds)):
            fcntl.flock(self.floor, fcntl.LOCK_UN)
            self.holds = None
