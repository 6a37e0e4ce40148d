"""Time and memory of imports: `.venv/bin/python -m tests.core.transfer.measure 10000 100000` prints one line for each size.

Uses the same steps as the worker, in a forked process whose peak memory is read from /proc.
"""

import multiprocessing
import os
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4


def list_of(rows: int) -> bytes:
    """A list of accounts with eight columns, a hundredth of the rows with a mistake."""
    lines = ["name,industry,employees,annual revenue,phone,mail,city,parent"]
    for n in range(rows):
        employees = "many" if n % 100 == 7 else str(n % 5000)
        parent = f"Company {n // 10:06d} Ltd" if n % 20 == 3 else ""
        lines.append(f'Company {n:06d} Ltd,Retail,{employees},"{n * 13 % 1000000}.50",+49 40 {n:07d},office{n}@company{n}.example,Hamburg,{parent}')
    return "\n".join(lines).encode()


SYLLABLES = "ba be bo da de di do fa fe ga go ha he ja jo ka ke ki ko la le li lo ma me mi mo na ne ni no pa pe ra re ri ro sa se si so ta te ti to va ve vi wa ya yo za".split()


def people_of(rows: int, known: list[str]) -> bytes:
    """A list of contacts with names as various as a town's; every tenth is called like somebody of `known`."""
    chance = random.Random(11)
    name = lambda few: "".join(chance.choice(SYLLABLES) for _ in range(few)).title()  # noqa: E731
    lines = ["name,job title,mail,phone,tags"]
    for n in range(rows):
        called = chance.choice(known) if known and n % 10 == 3 else f"{name(chance.choice((2, 3)))} {name(chance.choice((2, 3, 4)))}"
        lines.append(f"{called},Buyer,{called.lower().replace(' ', '.')}.{n}@new{n % 900}.example,+49 41 {n:07d},fair")
    return "\n".join(lines).encode()


def peak_mb() -> float:
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def import_once(house, rows: int, file: Path, kind: str = "accounts") -> dict:
    """Upload, check, run and take back one file; seconds of each, peak memory of this process in MB until it had run."""
    from core.transfer import checking, queries, running, starting, undoing, uploading
    from infra.db import database

    @contextmanager
    def door():
        with house.ctx() as ctx:
            yield ctx

    database().forget()
    with door() as ctx:
        queries.runs(ctx)  # connections and statements warm
    before, cpu, marks = peak_mb(), time.process_time(), [time.monotonic()]
    with door() as ctx:
        run = uploading.receive_file(ctx, kind=kind, source=file.open("rb"), name="list.csv")
        uploading.choose_columns(ctx, run, version=run.version, mapping=run.mapping, mode="create", key_field="name" if kind == "accounts" else "mail")
        uploading.start_check(ctx, run)
        key = run.id
    marks.append(time.monotonic())
    checking.check_file(door, key, 1)
    marks.append(time.monotonic())
    with door() as ctx:
        starting.start_run(ctx, queries.one(ctx, key))
    running.run_import(door, key, 2)
    marks.append(time.monotonic())
    with door() as ctx:
        done = queries.one(ctx, key)
        counts = dict(done.counts)
    cpu, peak = time.process_time() - cpu, peak_mb()
    with door() as ctx:
        undoing.start_undo(ctx, queries.one(ctx, key))
    undoing.undo_import(door, key, 3)
    marks.append(time.monotonic())
    with door() as ctx:
        counts["undone"] = queries.one(ctx, key).counts["undone"]
    upload, check, run, undo = (round(b - a, 2) for a, b in zip(marks, marks[1:], strict=False))
    return {"rows": rows, "upload_s": upload, "check_s": check, "run_s": run, "undo_s": undo, "all_s": round(marks[-2] - marks[0], 2),
            "own_cpu_s": round(cpu, 2), "load": round(os.getloadavg()[0], 1), "peak_mb": round(peak), "more_mb": round(peak - before), "counts": counts}


def measured(house, rows: int, kind: str = "accounts", known: Sequence[str] = ()) -> dict:
    """The same in a process of its own. known: names that the house has, for a list of contacts."""
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "list.csv"
        maker = context.Process(target=lambda: file.write_bytes(list_of(rows) if kind == "accounts" else people_of(rows, list(known))))
        maker.start()
        maker.join()
        child = context.Process(target=lambda: queue.put(import_once(house, rows, file, kind)))
        child.start()
        found = queue.get(timeout=900)
        child.join()
    return found


def main(sizes: list[int]) -> None:
    from infra.config import settings
    from infra.local.stack import Stack
    from tenants import cluster, migration

    with Stack() as env:
        os.environ.update(env, TENDERO_ENV="test", SECRET_KEY="test-secret-" + "x" * 40)
        settings.cache_clear()
        cluster.prepare_cluster(os.environ["DATABASE_ADMIN_URL"])
        migration.migrate_control()
        from tests.support.world import House

        for rows in sizes:
            sys.stdout.write(f"{measured(House(f'm{uuid4().hex[:6]}'), rows)}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [10_000, 100_000])
