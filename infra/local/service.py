"""One program that is kept alive: started, watched, started again after a crash, ended with its whole group."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from infra.local import process
from infra.local.process import ROOT

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0
# Whoever lived this long was well: its next crash begins with the short pause again.
HEALTHY_SECONDS = 60.0
END_SECONDS = 10.0


class Service:
    """A child and how to make it anew; `launch` starts one and returns it."""

    def __init__(self, name: str, launch: Callable[[], subprocess.Popen], log: Path):
        self.name = name
        self.launch = launch
        self.log = log
        self.child: subprocess.Popen | None = None
        self.pause = FIRST_PAUSE
        self.started = 0.0
        self.due = 0.0

    def start(self) -> None:
        self.child = self.launch()
        self.started, self.due = time.monotonic(), 0.0

    def revive(self) -> None:
        """Called again and again: notes a crash, and starts the child anew when its pause is over."""
        if self.child is None or self.child.poll() is None:
            return
        now = time.monotonic()
        if not self.due:
            self._note_crash(now)
        elif now >= self.due:
            self.start()

    def _note_crash(self, now: float) -> None:
        """Ends what the crash left of its group and sets when to try again."""
        process.kill_group(self.child)
        self.pause = FIRST_PAUSE if now - self.started > HEALTHY_SECONDS else min(self.pause * 2, LONGEST_PAUSE)
        self.due = now + self.pause
        sys.stderr.write(f"{self.name} ended with {self.child.returncode}; starting it again in {self.pause:.0f} s, see {self.log}.\n")

    def refuse_if_ended(self) -> None:
        """While the stack is starting an ended child is an error, not something to mend."""
        if self.child is not None and self.child.poll() is not None:
            raise process.StartFailed(f"{self.name} ended while starting ({process.last_line(self.log)}): see {self.log}.")

    def ask_to_end(self) -> None:
        if self.child is not None and self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)

    def end(self) -> None:
        if self.child is not None:
            process.stop(self.child, signal.SIGTERM, END_SECONDS)


def python_service(name: str, arguments: Sequence[str], logs: Path, env: Mapping[str, str]) -> Service:
    """A service that is this environment's Python with `arguments`, run from the project root."""
    log = logs / f"{name}.log"
    return Service(name, lambda: process.spawn([sys.executable, *arguments], log, env=env, cwd=ROOT), log)
