"""The clock: relay, sweep and schedule in one process, `python -m workers.clock`. A second one stands by."""

import logging
import signal
import sys
import threading
import time
from collections.abc import Callable

from infra import telemetry
from infra.config import ConfigError, settings
from infra.db import database
from tenants.entry import utcnow
from workers import leader, schedule
from workers.relay import POLL_SECONDS, Relay
from workers.run import scrub
from workers.sweep import sweep

log = logging.getLogger("tendero.clock")
TICK_SECONDS, STANDBY_SECONDS, ALIVE_SECONDS = 1.0, 2.0, 5.0
# A part that has not come round for so long is taken for stuck: no sign of life is given for it.
STUCK_SECONDS = 90.0


class Part:
    """One thing done again and again in a thread of its own; a failure is logged and the next round tries again."""

    def __init__(self, name: str, step: Callable[[], object], pause: float, stop: threading.Event):
        self.name, self.step, self.pause, self.stop = name, step, pause, stop
        self.beat = time.monotonic()
        self.thread = threading.Thread(target=self._run, name=name, daemon=True)
        self.thread.start()

    @property
    def well(self) -> bool:
        return self.thread.is_alive() and time.monotonic() - self.beat < STUCK_SECONDS

    def _run(self) -> None:
        while not self.stop.is_set():
            started, pause = time.monotonic(), self.pause
            try:
                self.step()
                self.beat = time.monotonic()
            except Exception as error:
                log.error("%s failed: %s", self.name, scrub(error))
                pause = min(pause, 2.0)
            self.stop.wait(max(0.05, pause - (time.monotonic() - started)))


class ClockProcess:
    """Leads or stands by until told to end."""

    def __init__(self):
        self.ending = threading.Event()
        self.leader = leader.Leader()
        self.parts: list[Part] = []
        self.halt = threading.Event()

    def run(self) -> None:
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, lambda *_: self.ending.set())
        while not self.ending.is_set():
            try:
                self._round()
            except Exception as error:
                log.error("clock failed: %s", scrub(error))
            self.ending.wait(TICK_SECONDS if self.leader.leads else STANDBY_SECONDS)
        self._resign()
        self.leader.leave()
        database().close()

    def _round(self) -> None:
        if not self.leader.lead():
            self._resign()
            self.leader.challenge(utcnow())
        elif not self.parts:
            self._take_over()

    def _take_over(self) -> None:
        log.info("this is the clock now")
        self.halt = threading.Event()
        relay = Relay()
        self.parts = [
            Part("relay", lambda: relay.tick(utcnow()), POLL_SECONDS, self.halt),
            Part("sweep", lambda: sweep(utcnow()), settings().sweep_seconds, self.halt),
            Part("schedule", lambda: schedule.tick(utcnow()), TICK_SECONDS, self.halt),
        ]
        # Its own part: while one of the others is stuck it keeps silent, and a standby takes over.
        self.parts.append(Part("alive", self._say_alive, ALIVE_SECONDS, self.halt))

    def _say_alive(self) -> None:
        ill = [part.name for part in self.parts[:3] if not part.well]
        if ill:
            log.error("parts of the clock are stuck: %s", ", ".join(ill))
        elif self.leader.leads:
            leader.say_alive(utcnow())

    def _resign(self) -> None:
        self.halt.set()
        for part in self.parts:
            part.thread.join(timeout=10)
        self.parts = []


def main() -> int:
    try:
        settings()
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    telemetry.start("clock")
    ClockProcess().run()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
