"""The worker process: `python -m workers.main [--clock] [queue…]`.

One parent loads everything once and forks a worker for each queue (one queue each: a worker of two queues pops
without a safety net, TENANCY 2); each worker forks a horse for a job. Whoever dies is replaced; whoever outlives
its parent is killed, so no work goes on that nobody watches. SIGTERM: jobs in hand are finished, then it ends.
With --clock it also forks the clock, which so shares the parent's memory (50 MB less than one of its own).
"""

import ctypes
import gc
import logging
import os
import signal
import sys
import time

from rq import Worker
from rq.serializers import JSONSerializer
from sqlalchemy.orm import configure_mappers

from infra import redis, telemetry, telemetry_metrics
from infra.config import ConfigError, settings
from infra.db import database
from workers import alarm, clock, run
from workers.job import load_jobs
from workers.queues import BULK, DEFAULT, MAIL

log = logging.getLogger("tendero.workers")
MONITORING_SECONDS, MAINTENANCE_SECONDS = 10, 30
DRAIN_SECONDS = 25.0
HEALTHY_SECONDS = 30.0
LONGEST_PAUSE = 15.0
CLOCK = "clock"
PR_SET_PDEATHSIG, PR_SET_NAME, PR_SET_CHILD_SUBREAPER = 1, 15, 36
_libc = ctypes.CDLL(None, use_errno=True)


class QueueWorker(Worker):
    """RQ's worker for one queue whose horses die with it and share no connection with it."""

    max_connection_wait_time = 3.0

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        # A horse lives for one job: what it would count is counted here, told through a pipe.
        self.told, run.TELL = os.pipe()
        os.set_blocking(self.told, False)

    def execute_job(self, job, queue):
        super().execute_job(job, queue)
        try:
            lines = os.read(self.told, 65536).decode().splitlines()
        except BlockingIOError:
            lines = ["unknown killed 0"]
        for line in filter(None, lines):
            name, outcome, seconds = line.split()
            telemetry_metrics.job_done(name, outcome, float(seconds))

    def main_work_horse(self, job, queue):
        bind_to_parent(os.getppid(), signal.SIGKILL)
        leave_connections()
        super().main_work_horse(job, queue)

    def perform_job(self, job, queue):
        try:
            return super().perform_job(job, queue)
        finally:
            database().close()


class Crew:
    """The parent's view of its workers: slots, each a queue and the process that serves it now."""

    def __init__(self, queues: list[str]):
        self.slots = [Slot(queue, f"worker-{queue}{n}") for n, queue in enumerate(queues)]
        self.ending = False

    def run(self) -> None:
        """Keep every slot filled until SIGTERM or SIGINT, then drain."""
        _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, self._end)
        watch = alarm.Watch()
        while not self.ending:
            self._bury()
            for slot in self.slots:
                slot.fill()
            watch.look()
            time.sleep(0.1)
        self._drain()

    def _end(self, *_: object) -> None:
        self.ending = True

    def _bury(self) -> None:
        """Take note of the dead. Orphans of a killed worker come to us (subreaper) and are killed with their group."""
        while True:
            try:
                pid, _ = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                break
            for slot in self.slots:
                if slot.pid == pid:
                    slot.died()
        self._kill_orphans()

    def _kill_orphans(self) -> None:
        ours = {slot.pid for slot in self.slots}
        for pid in set(children()) - ours:
            end_group(pid)

    def _drain(self) -> None:
        """Ask all workers to finish what they have; kill what is left when the time is over."""
        for slot in self.slots:
            slot.signal(signal.SIGTERM)
        until = time.monotonic() + DRAIN_SECONDS
        while time.monotonic() < until and any(slot.pid for slot in self.slots):
            self._bury()
            time.sleep(0.05)
        for slot in self.slots:
            for pid in (*children(slot.pid), slot.pid) if slot.pid else ():
                end_group(pid)


class Slot:
    """One worker process that is kept alive."""

    def __init__(self, queue: str, name: str):
        self.queue, self.name, self.pid = queue, name, 0
        self.started, self.due, self.pause = 0.0, 0.0, 0.25

    def fill(self) -> None:
        if self.pid or time.monotonic() < self.due:
            return
        parent, self.started = os.getpid(), time.monotonic()
        self.pid = os.fork()
        if self.pid == 0:
            serve(self.queue, self.name, parent)

    def died(self) -> None:
        lived = time.monotonic() - self.started
        self.pause = 0.25 if lived > HEALTHY_SECONDS else min(self.pause * 2, LONGEST_PAUSE)
        log.warning("worker ended, a new one follows", extra={"queue": self.queue, "pause": self.pause})
        self.pid, self.due = 0, time.monotonic() + self.pause

    def signal(self, sign: signal.Signals) -> None:
        if self.pid:
            os.kill(self.pid, sign)


def serve(queue: str, name: str, parent: int) -> None:
    """A worker's (or the clock's) whole life, in a process and process group of its own; never returns."""
    code = 1
    try:
        os.setpgid(0, 0)
        bind_to_parent(parent, signal.SIGTERM)
        for sign in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sign, signal.SIG_DFL)
        leave_connections()
        telemetry_metrics.take_slot(name)
        _libc.prctl(PR_SET_NAME, name.encode()[:15])  # ps and bin/up tell the processes apart by it
        if queue == CLOCK:
            clock.ClockProcess().run()
        else:
            worker_of(queue).work(logging_level="WARNING")
        code = 0
    except SystemExit as error:
        code = int(error.code or 0)
    except Exception as error:
        log.error("worker of %s ended: %s", queue, run.scrub(error))
    finally:
        os._exit(code)


def worker_of(queue: str) -> QueueWorker:
    """RQ's worker of one queue as we want it."""
    return QueueWorker(
        [queue], connection=redis.connect(settings().redis_url, None), serializer=JSONSerializer, log_job_description=False,
        job_monitoring_interval=MONITORING_SECONDS, maintenance_interval=MAINTENANCE_SECONDS,
    )


def leave_connections() -> None:
    """After a fork: the parent's sockets are the parent's."""
    database().forget()
    redis.client.cache_clear()


def bind_to_parent(parent: int, sign: signal.Signals) -> None:
    """Get `sign` when the parent dies; at once where it is dead already."""
    _libc.prctl(PR_SET_PDEATHSIG, int(sign))
    if os.getppid() != parent:
        os._exit(1)


def children(pid: int | None = None) -> list[int]:
    """Direct children of a process (default: this one)."""
    pid = pid or os.getpid()
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return [int(one) for one in file.read().split()]
    except OSError:
        return []


def end_group(pid: int) -> None:
    """Kill a process with its group, where it leads one."""
    try:
        if os.getpgid(pid) == pid:
            os.killpg(pid, signal.SIGKILL)
        else:
            os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def crew_queues(asked: list[str]) -> list[str]:
    """The queue of each worker to run: those asked for, or all in their configured numbers; "clock" for --clock."""
    counts = {MAIL: settings().mail_workers, DEFAULT: settings().default_workers, BULK: settings().bulk_workers}
    unknown = set(asked) - {*counts, "--clock"}
    if unknown:
        raise ConfigError(f"There is no queue named {sorted(unknown)[0]}: choose among {', '.join(counts)}.")
    clock_too, queues = [CLOCK] if "--clock" in asked else [], [name for name in asked if name in counts]
    return (queues or [queue for queue, count in counts.items() for _ in range(count)]) + clock_too


def main(arguments: list[str]) -> int:
    try:
        queues = crew_queues(arguments)
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    telemetry.start("worker")
    load_jobs()
    configure_mappers()
    # What is loaded by now is shared by all horses; freezing keeps the collector from touching (copying) it.
    gc.collect()
    gc.freeze()
    Crew(queues).run()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
