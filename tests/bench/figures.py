"""Figures, how they are timed, and the table and file that they become."""

import gc
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from infra import bootstrap


@dataclass(frozen=True)
class Aim:
    """What a figure shall be: at most `most` or at least `least`, and at most `times` its floor."""

    most: float | None = None
    least: float | None = None
    times: float | None = None

    def missed(self, value: float, ratio: float | None) -> list[str]:
        found = []
        if self.most is not None and value > self.most:
            found.append(f"over {self.most:g}")
        if self.least is not None and value < self.least:
            found.append(f"under {self.least:g}")
        if self.times is not None and ratio is not None and ratio > self.times:
            found.append(f"over {self.times:g}x")
        return found

    def __str__(self) -> str:
        parts = (("<= ", self.most, ""), (">= ", self.least, ""), ("<= ", self.times, "x"))
        return ", ".join(f"{sign}{value:g}{unit}" for sign, value, unit in parts if value is not None) or "-"


@dataclass(frozen=True)
class Figure:
    subject: str
    name: str
    value: float
    unit: str
    p95: float | None
    cpu: float | None
    floor: float | None
    floor_is: str
    ratio: float | None
    aim: str
    verdict: str


@dataclass(frozen=True)
class Timed:
    """Milliseconds of one thing done many times; cpu: of this process alone, which a busy machine hardly changes."""

    median: float
    p95: float
    cpu: float | None = None

    @classmethod
    def of(cls, seconds: list[float], cpu: list[float] | None = None) -> "Timed":
        ordered = sorted(seconds)
        spent = statistics.median(cpu) * 1000 if cpu else None
        return cls(statistics.median(ordered) * 1000, ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))] * 1000, spent)


def race(times: int, *runners: Callable[[], object], warm: int = 3, seconds_at_most: float = 5.0) -> list[Timed]:
    """Times the runners in turn, so that a noisy moment meets all of them; one Timed each. On a slow machine fewer
    rounds than asked for, yet three."""
    for _ in range(warm):
        for run in runners:
            run()
    seconds: list[list[float]] = [[] for _ in runners]
    cpu: list[list[float]] = [[] for _ in runners]
    gc.collect()
    gc.freeze()  # as the servers do once they are loaded
    until = time.monotonic() + seconds_at_most
    for done in range(times):
        if done >= 3 and time.monotonic() > until:
            break
        for n, run in enumerate(runners):
            started, spent = time.perf_counter(), time.process_time()
            run()
            seconds[n].append(time.perf_counter() - started)
            cpu[n].append(time.process_time() - spent)
    return [Timed.of(kept, spent) for kept, spent in zip(seconds, cpu, strict=True)]


def loop_ms() -> float:
    """A fixed piece of arithmetic: how fast this machine is just now."""
    started = time.perf_counter()
    sum(n * n for n in range(1_000_000))
    return (time.perf_counter() - started) * 1000


@dataclass
class Subject:
    """Where one subject puts its figures."""

    name: str
    figures: list[Figure]
    notes: list[str]

    def add(self, name: str, value: float | Timed, unit: str, *, floor: float | Timed | None = None, floor_is: str = "",
            aim: Aim = Aim(), more_is_better: bool = False) -> None:
        p95 = round(value.p95, 2) if isinstance(value, Timed) else None
        cpu = round(value.cpu, 2) if isinstance(value, Timed) and value.cpu is not None else None
        value = value.median if isinstance(value, Timed) else value
        floor = floor.median if isinstance(floor, Timed) else floor
        ratio = None if not floor or not value else (floor / value if more_is_better else value / floor)
        missed = aim.missed(value, ratio)
        verdict = "-" if aim == Aim() else "missed: " + ", ".join(missed) if missed else "held"
        figure = Figure(self.name, name, round(value, 3), unit, p95, cpu, None if floor is None else round(floor, 3), floor_is,
                        None if ratio is None else round(ratio, 2), str(aim), verdict)
        self.figures.append(figure)
        sys.stderr.write(f"  {name.strip()}: {show(figure.value)} {unit}, floor {show(figure.floor)}, {verdict}\n")

    def note(self, text: str) -> None:
        self.notes.append(f"{self.name}: {text}")


@dataclass
class Report:
    """All figures of one run."""

    quick: bool
    figures: list[Figure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)
    # Asked for before the servers' own home takes its place in the environment.
    home: Path = field(default_factory=bootstrap.home)

    def subject(self, name: str) -> Subject:
        return Subject(name, self.figures, self.notes)

    def table(self) -> str:
        """The figures as a person reads them; below it what floors are and what was noted."""
        head = ("", "value", "unit", "p95", "cpu", "floor", "x", "aim", "verdict")
        rows = [(f.name, show(f.value), f.unit, show(f.p95), show(f.cpu), show(f.floor), show(f.ratio), f.aim, f.verdict) for f in self.figures]
        widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
        lines = ["  ".join(cell.ljust(w) if i in (0, 2, 7, 8) else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True))).rstrip()
                 for row in (head, *rows)]
        floors = sorted({f"floor of {f.name}: {f.floor_is}" for f in self.figures if f.floor_is})
        return "\n".join([*lines, "", *floors, *self.notes])

    def write(self, partial: bool) -> Path:
        """bench.json below the home; a part of a run has a file of its own and never replaces a whole one."""
        file = self.home / ("bench-part.json" if partial else "bench.json")
        file.parent.mkdir(parents=True, exist_ok=True)
        content = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"), "seconds": round(time.monotonic() - self.started), "quick": self.quick,
            "machine": {"cpus": os.cpu_count(), "load": os.getloadavg(), "loop_ms": round(loop_ms(), 1)}, "figures": [asdict(one) for one in self.figures], "notes": self.notes,
        }
        file.write_text(json.dumps(content, indent=1))
        return file


def show(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.1f}" if abs(value) >= 100 else f"{value:.2f}"
