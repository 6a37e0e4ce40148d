"""A real bin/up in a home of its own: how long it takes, what it holds idle, and what each further tenant adds.

PSS (proportional set size) counts shared pages once over all processes: servers, web, workers, clock, catcher.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from infra.local import process
from tests.bench.figures import Aim
from tests.support.local_stack import LocalStack


def measure(ground, subject) -> None:
    stack = LocalStack()
    try:
        for name in ("bin/up in a new home, all installed", "bin/up, a later run"):
            started = time.monotonic()
            stack.up()
            subject.add(name, time.monotonic() - started, "s", aim=Aim(most=5) if "later" in name else Aim())
            if "new" in name:
                stack.command("down")
        time.sleep(3 if ground.quick else 10)
        held = parts(stack)
        subject.add("whole stack idle", sum(held.values()), "MB", aim=Aim(most=300))
        subject.note("idle by part: " + ", ".join(f"{name} {size:.0f}" for name, size in sorted(held.items(), key=lambda one: -one[1])))
        touch_further(ground, subject, stack)
    finally:
        stack.remove()


def touch_further(ground, subject, stack: LocalStack) -> None:
    """Tenants made beforehand by a process of its own; then a page of each is asked for twice."""
    number = ground.size(60)
    made = subprocess.run([sys.executable, "-m", "tests.bench.tenants_for_memory", str(number)], cwd=process.ROOT, capture_output=True, text=True,
                          env={**os.environ, **stack.environment()}, timeout=170)
    assert made.returncode == 0, made.stderr[-2000:]
    visitors = json.loads(made.stdout)
    port = stack.at["url"].rsplit(":", 1)[1]
    ask(stack, port, visitors[0])
    time.sleep(2)
    before = sum(parts(stack).values())
    for visitor in visitors[1:] * 2:
        ask(stack, port, visitor)
    time.sleep(1)
    # The list of ten tables' worth of catalog entries in each server process that met the tenant.
    subject.add("each further tenant touched", (sum(parts(stack).values()) - before) / (number - 1), "MB", aim=Aim(most=1))


def ask(stack: LocalStack, port: str, visitor: dict) -> None:
    status, _, body = stack.request(f"http://{visitor['host']}:{port}/contacts", cookie=visitor["cookie"])
    assert status == 200, (status, body[:300])


def parts(stack: LocalStack) -> dict[str, float]:
    """PSS in MB by the service that a process belongs to: its own name in up.json, or its ancestor's."""
    names = {pid: name for name, pid in stack.at["pids"].items()}
    found: dict[str, float] = {}
    for pid in stack.pids():
        name = next((names[one] for one in ancestors(pid) if one in names), "other")
        found[name] = found.get(name, 0.0) + pss(pid)
    return found


def ancestors(pid: int) -> list[int]:
    found = []
    while pid > 1:
        found.append(pid)
        try:
            pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            break
    return found


def pss(pid: int) -> float:
    """MB; 0 for a process that has ended meanwhile."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
